package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Connecting;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The state line, as time passes. */
final class StandingTest {
  private static final LiveRef REF = () -> "example";
  private static final Reason BROKEN = new Reason.Ended();

  private Moment now = new Moment(0, LocalTime.NOON);
  private final Standing standing = new Standing(now);

  private void pass(long millis) {
    Duration time = Duration.ofMillis(millis);
    now = new Moment(now.nanos() + time.toNanos(), now.clock().plus(time));
  }

  private String line(int width) {
    return standing.line(now, width, true).toString();
  }

  private Optional<Standing.Gap> opens(long session) {
    return standing.happened(new Open(REF, session, Optional.empty(), Headers.EMPTY), now);
  }

  private void fails(int attempt, long delay, Reason reason) {
    standing.happened(new Waiting(REF, attempt, Duration.ofMillis(delay), reason, false), now);
  }

  @Test
  void anOpenSessionSaysSinceWhenAndWhatHasPassed() {
    assertThat(line(80)).isEqualTo("connecting  first attempt");
    pass(1000);
    opens(1);
    assertThat(line(80)).isEqualTo("open  since 12:00:01  in 0  out 0  session 1");
    standing.sent(new Text("a"), now);
    pass(15);
    assertThat(standing.received(new Text("b"), now)).contains(Duration.ofMillis(15));
    assertThat(standing.received(new Text("c"), now)).isEmpty();
    standing.happened(
        new Notice(REF, new Notice.PingAcknowledged(REF, Duration.ofMillis(12))), now);
    assertThat(line(80)).isEqualTo("open  since 12:00:01  ping 12.0 ms  in 2  out 1  session 1");
    assertThat(standing.lasts()).isEmpty();
  }

  @Test
  void aLossCountsDownToEachAttemptAndEndsWithItsGap() {
    opens(1);
    pass(5000);
    fails(1, 2500, BROKEN);
    assertThat(line(80)).isEqualTo("down  attempt 1 in 3 s  down for 0 s  " + Words.of(BROKEN));
    assertThat(standing.lasts()).contains(Duration.ofSeconds(1));
    pass(1000);
    assertThat(line(40)).isEqualTo("down  attempt 1 in 2 s  down for 1 s");
    pass(1500);
    standing.happened(new Connecting(REF, 1, false), now);
    assertThat(line(80)).startsWith("connecting  attempt 1  down for 2 s  ");
    Reason refused = new Reason.Refused(List.of("[::1]:81"));
    fails(2, 61_000, refused);
    assertThat(line(100)).startsWith("down  attempt 2 in 61 s  ").endsWith(Words.of(refused));
    pass(61_000);
    assertThat(opens(2)).contains(new Standing.Gap(Duration.ofMillis(63_500), Words.of(BROKEN)));
    assertThat(line(80)).isEqualTo("open  since 12:01:08  in 0  out 0  session 2");
    assertThat(standing.stats(now))
        .contains(
            "Losses     1, 1 min 4 s without a session in all", "Time       1 min 8 s, session 2");
  }

  @Test
  void aRotationIsNoGap() {
    opens(1);
    standing.happened(new Connecting(REF, 0, true), now);
    standing.happened(new Waiting(REF, 1, Duration.ofSeconds(1), BROKEN, true), now);
    assertThat(line(80)).startsWith("open  ");
    assertThat(opens(2)).isEmpty();
  }

  @Test
  void aLineIsNeverWiderThanTheTerminal() {
    opens(1);
    fails(1, 2000, BROKEN);
    assertThat(line(20)).isEqualTo("down  attempt 1 in …");
    assertThat(line(3)).isEqualTo("dow");
    for (int width = 1; width < 100; width++) {
      assertThat(line(width)).hasSizeLessThanOrEqualTo(width);
    }
  }
}
