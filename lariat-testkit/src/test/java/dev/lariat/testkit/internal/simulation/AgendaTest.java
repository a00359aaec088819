package dev.lariat.testkit.internal.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The simulated clock, and what happens at which time. */
class AgendaTest {
  private final Agenda agenda = new Agenda();
  private final List<String> happened = new ArrayList<>();

  private void at(long time, String what) {
    agenda.at(time, () -> happened.add(what + " at " + agenda.now()));
  }

  @Test
  void eventsHappenInTheOrderOfTheirTimesThenInThatOfTheirArrival() {
    at(7, "last");
    at(5, "first");
    at(5, "second");
    assertThat(agenda.next()).isEqualTo(5);

    agenda.happen();
    assertThat(happened).as("time has not passed").isEmpty();
    agenda.jump(5);
    agenda.happen();
    assertThat(happened).containsExactly("first at 5", "second at 5");
    agenda.jump(agenda.next());
    agenda.happen();
    assertThat(happened).last().isEqualTo("last at 7");
    assertThat(agenda.next()).isEqualTo(Agenda.NEVER);
  }

  @Test
  void anEventOfThePastHappensNowBehindThoseThatWait() {
    agenda.jump(5);
    at(5, "due");
    at(3, "late");
    agenda.happen();
    assertThat(happened).containsExactly("due at 5", "late at 5");
  }

  @Test
  void whatAnEventAsksForNowHappensNow() {
    agenda.at(0, () -> at(0, "asked for"));
    agenda.happen();
    assertThat(happened).containsExactly("asked for at 0");
  }

  @Test
  void theClockDoesNotGoBack() {
    agenda.jump(5);
    agenda.jump(3);
    assertThat(agenda.now()).isEqualTo(5);
    assertThat(agenda.ticker().nanoTime()).isEqualTo(5);
  }

  @Test
  void aTimeThatIsTooFarAwayIsNever() {
    agenda.jump(5);
    assertThat(agenda.after(Agenda.NEVER - 6)).isEqualTo(Agenda.NEVER - 1);
    assertThat(agenda.after(Agenda.NEVER - 5)).isEqualTo(Agenda.NEVER);
    assertThat(agenda.after(Agenda.NEVER)).isEqualTo(Agenda.NEVER);
  }
}
