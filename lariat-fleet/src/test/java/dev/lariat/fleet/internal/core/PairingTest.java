package dev.lariat.fleet.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Single situations, and then many random ones. */
class PairingTest {
  private static final long MS = 1_000_000;
  private static final long PATIENCE = 1000 * MS;

  private final Pairing<String> pairing = new Pairing<>(1000, PATIENCE, 100, 10_000);
  private final List<String> written = new ArrayList<>();
  private long now = Long.MAX_VALUE - 10 * MS; // the clock may overflow

  @Test
  void theFirstThatBringsAnEventCounts() {
    bothOpenAfter("1");
    bring(1, "2", "3");
    bring(2, "2", "3", "4");
    bring(1, "4", "5");
    expect("2", "3", "4", "5");
    assertThat(pairing.ahead(1)).isEqualTo(4); // with the first one
    assertThat(pairing.ahead(2)).isEqualTo(1);
    assertThat(pairing.duplicates()).isEqualTo(4);
  }

  @Test
  void whenOneIsLostTheOtherGoesOnWithoutAGapHoweverFarBehindItIs() {
    bothOpenAfter("1");
    bring(1, "2", "3", "4", "5");
    lost(1);
    bring(2, "2", "3", "4", "5", "6", "7");
    expect("2", "3", "4", "5", "6", "7");
  }

  @Test
  void aNewSessionThatIsAheadIsHeldUntilTheOtherOneHasCaughtUp() {
    bothOpenAfter("1");
    lost(1);
    pairing.opened(1);
    bring(1, "5", "6"); // it cannot resume
    expect();
    bring(2, "2", "3", "4");
    expect("2", "3", "4");
    bring(2, "5");
    expect("5", "6");
    bring(1, "7");
    bring(2, "6", "7", "8");
    expect("7", "8");
  }

  @Test
  void aNewSessionThatResumesIsHeldForNoTimeIfTheOtherOneIsAhead() {
    bothOpenAfter("1");
    lost(1);
    bring(2, "2", "3");
    pairing.opened(1);
    bring(1, "2", "3", "4");
    expect("2", "3", "4");
  }

  @Test
  void whatIsHeldIsWrittenWhenTheOtherOneIsLost() {
    bothOpenAfter("1");
    lost(1);
    pairing.opened(1);
    bring(1, "5", "6");
    lost(2);
    expect("5", "6");
    bring(1, "7");
    expect("7");
  }

  @Test
  void whatIsHeldIsWrittenWhenItsOwnSessionIsLost() {
    bothOpenAfter("1");
    lost(1);
    pairing.opened(1);
    bring(1, "5", "6");
    lost(1);
    expect("5", "6");
    bring(2, "2", "3", "4", "5", "6", "7"); // late, and not lost
    expect("2", "3", "4", "7");
  }

  @Test
  void nothingIsHeldLongerThanThePatience() {
    bothOpenAfter("1");
    lost(1);
    pairing.opened(1);
    bring(1, "5");
    now += 400 * MS;
    bring(1, "6");
    assertThat(pairing.delay(now)).isEqualTo(600 * MS);
    now += 600 * MS;
    assertThat(pairing.delay(now)).isZero();
    written.addAll(pairing.passed(now));
    expect("5", "6");
    assertThat(pairing.delay(now)).isEqualTo(Long.MAX_VALUE);
    bring(1, "7");
    expect("7");
  }

  @Test
  void notMoreIsHeldThanTheLimitOfEventsOrOfBytes() {
    bothOpenAfter("1");
    lost(1);
    pairing.opened(1);
    for (int i = 100; i < 199; i++) {
      bring(1, Integer.toString(i));
    }
    expect();
    bring(1, "199");
    assertThat(written).hasSize(100);
    written.clear();
    lost(2);
    pairing.opened(2);
    written.addAll(pairing.arrived(2, "300", "300", 9_999, now));
    expect();
    written.addAll(pairing.arrived(2, "301", "301", 1, now));
    expect("300", "301");
  }

  @Test
  void eventsWithTheSameIdentityInOneSessionAreAllWritten() {
    bothOpenAfter("1");
    bring(1, "7", "7", "7"); // as three trades of one millisecond
    bring(2, "7", "7");
    lost(1);
    bring(2, "7", "7", "8");
    expect("7", "7", "7", "7", "8");
  }

  @Test
  void aSessionThatBeginsBeforeWhatIsKnownBringsNothingTwice() {
    bothOpenAfter("1");
    bring(1, "2", "3", "4");
    lost(1);
    lost(2);
    pairing.opened(1);
    bring(1, "2", "3", "4", "5"); // the server goes back a little, as by time
    expect("2", "3", "4", "5");
  }

  @Test
  void whatOneNeverHadComesFromTheOther() {
    bothOpenAfter("1");
    bring(2, "2", "3");
    bring(1, "4"); // its server has left out two
    bring(2, "4", "5");
    expect("2", "3", "4", "5");
  }

  @Test
  void onlyTheWindowIsRemembered() {
    Pairing<String> small = new Pairing<>(3, PATIENCE, 100, 10_000);
    small.opened(1);
    for (String id : List.of("1", "2", "3", "4")) {
      assertThat(small.arrived(1, id, id, 1, now)).containsExactly(id);
    }
    small.opened(2);
    assertThat(small.arrived(2, "2", "2", 1, now)).isEmpty();
    assertThat(small.arrived(2, "1", "1", 1, now)).containsExactly("1"); // forgotten
  }

  @Test
  void longIdentitiesAreToldApart() {
    String most = "x".repeat(4000);
    bothOpenAfter("1");
    bring(1, most + "1", most + "2");
    bring(2, most + "1", most + "2");
    expect(most + "1", most + "2");
  }

  // ---- many random situations

  /** A connection to a server that cannot resume. Where a session begins is chance. */
  private static final class Line {
    final int number;
    long next; // the next event that it will have
    boolean open;

    Line(int number) {
      this.number = number;
    }
  }

  /** If no connection is lost while the other one still has to catch up, the order is kept. */
  @Test
  void asLongAsOneOfBothIsThereNothingIsLostOrTwiceOrInTheWrongOrder() {
    IntStream.range(0, 2000).parallel().forEach(seed -> new PairingTest().play(seed, false));
  }

  @Test
  void whateverHappensWhatHasArrivedIsWrittenOnce() {
    IntStream.range(0, 2000).parallel().forEach(seed -> new PairingTest().play(seed, true));
  }

  private void play(int seed, boolean wild) {
    Random random = new Random(seed);
    Line[] lines = {new Line(1), new Line(2)};
    Set<String> arrived = new TreeSet<>();
    long published = 0;
    for (Line line : lines) {
      open(line, 1);
    }
    for (int step = 0; step < 400; step++) {
      int what = random.nextInt(20);
      Line line = lines[random.nextInt(2)];
      Line other = lines[2 - line.number];
      boolean even = Math.max(line.next, other.next) <= written.size() + 1;
      if (what == 0 && line.open && (wild || (other.open && even))) {
        line.open = false;
        lost(line.number);
      } else if (what == 1 && !line.open) {
        // it may begin after what the other one has brought so far, which is then on its way
        open(line, Math.max(1, Math.min(published + 1, other.next + random.nextInt(30) - 10)));
      } else if (what == 2 && wild) {
        now += 700 * MS;
        written.addAll(pairing.passed(now));
      } else if (what < 8) {
        published += random.nextInt(4);
      } else if (line.open) {
        for (int i = random.nextInt(12); i > 0 && line.next <= published; i--) {
          bring(arrived, line);
        }
      }
    }
    for (Line line : lines) {
      while (line.open && line.next <= published) {
        bring(arrived, line);
      }
      if (wild) {
        lost(line.number);
      }
    }
    if (wild) {
      assertThat(written).as("seed " + seed).containsExactlyInAnyOrderElementsOf(arrived);
    } else {
      assertThat(written)
          .as("seed " + seed)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, published).mapToObj(Long::toString).toList());
    }
  }

  private void open(Line line, long next) {
    line.open = true;
    line.next = next;
    pairing.opened(line.number);
  }

  private void bring(Set<String> arrived, Line line) {
    String event = Long.toString(line.next++);
    arrived.add(event);
    bring(line.number, event);
  }

  // ---- the stage

  private void bothOpenAfter(String event) {
    pairing.opened(1);
    bring(1, event);
    pairing.opened(2);
    bring(2, event);
    expect(event);
  }

  private void bring(int connection, String... events) {
    for (String event : events) {
      written.addAll(pairing.arrived(connection, event, event, 1, now));
    }
  }

  private void lost(int connection) {
    written.addAll(pairing.lost(connection));
  }

  private void expect(String... events) {
    assertThat(written).containsExactly(events);
    written.clear();
  }
}
