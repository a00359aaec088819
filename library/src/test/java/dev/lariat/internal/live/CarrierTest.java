package dev.lariat.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.option.Rotation;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The times of a carrier. What a life makes of them, LifeTest shows. */
class CarrierTest {
  private static final long NEVER = Life.NEVER;
  private static final RandomGenerator LOWEST = () -> 0L;
  private static final Rotation ROTATION =
      Rotation.DEFAULT
          .maxAge(Duration.ofSeconds(1))
          .quiet(Duration.ofNanos(10))
          .settle(Duration.ofNanos(100))
          .drain(Duration.ofMillis(1));

  private final Carrier<String> carrier = new Carrier<>("session", ROTATION, LOWEST, 1000);

  @Test
  void itIsReplacedAtNineTenthsOfItsAgeAtTheEarliest() {
    assertThat(carrier.rotateAt()).isEqualTo(1000 + 900_000_000);
    assertThat(carrier.deadline(NEVER)).isEqualTo(carrier.rotateAt());
    carrier.cancelRotateAt();
    assertThat(carrier.deadline(NEVER)).isEqualTo(NEVER);
    assertThat(carrier.age(1300)).isEqualTo(300);
  }

  @Test
  void silenceCountsFromWhatWasHeardLast() {
    assertThat(carrier.silenceEnd(NEVER)).isEqualTo(NEVER);
    assertThat(carrier.silenceEnd(7)).isEqualTo(1007);
    carrier.heard(1005);
    assertThat(carrier.silenceEnd(7)).isEqualTo(1012);
    carrier.unread(true, 1006);
    assertThat(carrier.silenceEnd(7)).as("it is not read").isEqualTo(NEVER);
    carrier.unread(false, 1100);
    assertThat(carrier.silenceEnd(7)).isEqualTo(1107);
  }

  @Test
  void aRestEndsWithQuietOrWithItsTime() {
    carrier.rest(2000);
    assertThat(carrier.rests()).isTrue();
    assertThat(carrier.silenceEnd(7)).isEqualTo(NEVER);
    assertThat(carrier.quietEnd()).isEqualTo(2010);
    carrier.stirred(2095);
    assertThat(carrier.quietEnd()).isEqualTo(2100);
    assertThat(carrier.hasRested(2099)).isFalse();
    assertThat(carrier.hasRested(2100)).isTrue();
  }

  @Test
  void theTimeOfARestStandsStillWhileNothingIsRead() {
    carrier.rest(2000);
    carrier.unread(true, 2020);
    assertThat(carrier.quietEnd()).isEqualTo(NEVER);
    carrier.unread(false, 2520);
    assertThat(carrier.quietEnd()).isEqualTo(2530);
    assertThat(carrier.hasRested(2599)).isFalse();
    assertThat(carrier.hasRested(2600)).isTrue();
  }

  @Test
  void aCarrierThatWasFullBeforeItsRestLosesOnlyTheTimeOfTheRest() {
    carrier.unread(true, 1000);
    carrier.rest(2000);
    carrier.unread(false, 2010);
    assertThat(carrier.hasRested(2109)).isFalse();
    assertThat(carrier.hasRested(2110)).isTrue();
  }

  @Test
  void aGoodbyeEndsTheRestAndHasATime() {
    carrier.rest(2000);
    carrier.drain(2005);
    assertThat(carrier.rests()).isFalse();
    assertThat(carrier.drains()).isTrue();
    assertThat(carrier.drainEnd()).isEqualTo(1_002_005);
    assertThat(carrier.silenceEnd(7)).isEqualTo(NEVER);
    carrier.drainBy(1_002_090);
    assertThat(carrier.drainEnd()).isEqualTo(1_002_005);
    carrier.drainBy(2010);
    assertThat(carrier.drainEnd()).isEqualTo(2010);
  }

  @Test
  void itCarriesOnAfterARest() {
    carrier.rest(2000);
    carrier.endRest();
    assertThat(carrier.rests()).isFalse();
    assertThat(carrier.quietEnd()).isEqualTo(NEVER);
    assertThat(carrier.silenceEnd(7)).isEqualTo(1007);
  }
}
