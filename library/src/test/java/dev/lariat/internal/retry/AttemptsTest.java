package dev.lariat.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private static final Reason LOST = new Reason.Closed();
  private static final RandomGenerator LOWEST = () -> 0L;

  @Test
  void drawsEachDelayBetweenZeroAndItsFullLength() {
    Attempts backoff = new Attempts(Backoff.DEFAULT, new SplittableRandom(1));
    double full = 0.5;
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.next(LOST).orElseThrow())
          .isBetween(Duration.ZERO, Duration.ofNanos((long) (Math.min(full, 60) * 1e9)));
      full *= 2;
    }
  }

  @Test
  void drawsOverTheWholeCapWhenItHasWaitedLong() {
    Attempts backoff = new Attempts(Backoff.DEFAULT, new SplittableRandom(2));
    Duration shortest = Duration.ofDays(1);
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 2000; i++) {
      Duration delay = backoff.next(LOST).orElseThrow();
      if (i > 20) {
        shortest = delay.compareTo(shortest) < 0 ? delay : shortest;
        longest = delay.compareTo(longest) > 0 ? delay : longest;
      }
    }
    assertThat(shortest).isLessThan(Duration.ofSeconds(1));
    assertThat(longest).isGreaterThan(Duration.ofSeconds(59));
  }

  @Test
  void beginsTheBackoffBehindAnImmediateFirstAttempt() {
    Backoff retry = Backoff.DEFAULT.immediate(true).jitter(false);
    Attempts backoff = new Attempts(retry, LOWEST);
    assertThat(backoff.next(LOST)).contains(Duration.ZERO);
    assertThat(backoff.next(LOST)).contains(Duration.ofMillis(500));
    assertThat(backoff.next(LOST)).contains(Duration.ofSeconds(1));
  }

  @Test
  void neverEndsWhenItMayGoOnForEver() {
    Attempts backoff = new Attempts(Backoff.DEFAULT.jitter(false), LOWEST);
    for (int i = 0; i < 5000; i++) { // far past the point where the exponent overflows
      assertThat(backoff.next(LOST)).isPresent();
    }
    assertThat(backoff.next(LOST)).contains(Duration.ofSeconds(60));
  }

  @Test
  void fallsBackOnItsOwnDelayWhenTheUsersScheduleThrows() {
    for (Exception thrown :
        List.of(new IllegalStateException("the user's"), new IOException("unchecked in Kotlin"))) {
      Backoff retry =
          Backoff.DEFAULT
              .jitter(false)
              .schedule(
                  (attempt, reason) -> {
                    throw AttemptsTest.<RuntimeException>unchecked(thrown);
                  });
      assertThat(new Attempts(retry, LOWEST).next(LOST)).contains(Duration.ofMillis(500));
    }
  }

  @SuppressWarnings("unchecked") // the compiler is to believe it
  private static <E extends Exception> E unchecked(Exception any) throws E {
    throw (E) any;
  }

  @Test
  void asksTheUsersScheduleInPlaceOfTheNumberOfAttempts() {
    Backoff retry = Backoff.NEVER.schedule((attempt, reason) -> Optional.of(Duration.ofSeconds(1)));
    assertThat(new Attempts(retry, LOWEST).next(LOST)).contains(Duration.ofSeconds(1));
  }

  @Test
  void takesADelayPastAYearForAYear() {
    Backoff retry =
        Backoff.DEFAULT.schedule((attempt, reason) -> Optional.of(Duration.ofDays(1_000_000)));
    assertThat(new Attempts(retry, LOWEST).next(LOST)).contains(Duration.ofDays(365));
  }

  @Test
  void takesANegativeDelayForNone() {
    Backoff retry =
        Backoff.DEFAULT.schedule((attempt, reason) -> Optional.of(Duration.ofSeconds(-1)));
    assertThat(new Attempts(retry, LOWEST).next(LOST)).contains(Duration.ZERO);
  }
}
