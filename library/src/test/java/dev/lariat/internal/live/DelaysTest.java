package dev.lariat.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Healing;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DelaysTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Reason LOST = new Reason.Reset("test");
  private static final Healing HEALING =
      Healing.DEFAULT.spread(SECOND.multipliedBy(4)).longestRetryAfter(SECOND.multipliedBy(60));

  private final Delays delays = new Delays(HEALING, new SplittableRandom(1));

  private static Reason status(Duration retryAfter) {
    return new Reason.Status(503, Optional.of(retryAfter), Headers.EMPTY, Bytes.EMPTY);
  }

  @Test
  void theFirstWaitAfterALossIsDrawnFromTheSpread() {
    assertThat(delays.afterLoss(SECOND.multipliedBy(30), 1, LOST))
        .isBetween(Duration.ZERO, HEALING.spread());
    assertThat(delays.afterLoss(SECOND.multipliedBy(30), 2, LOST))
        .isEqualTo(SECOND.multipliedBy(30));
  }

  @Test
  void theServersWishIsALeastUpToItsLimit() {
    assertThat(delays.atLeast(SECOND, LOST)).isEqualTo(SECOND);
    assertThat(delays.atLeast(SECOND, status(SECOND.multipliedBy(9))))
        .isEqualTo(SECOND.multipliedBy(9));
    assertThat(delays.atLeast(SECOND, status(Duration.ofDays(1))))
        .isEqualTo(HEALING.longestRetryAfter());
    delays.patience(SECOND.multipliedBy(20));
    assertThat(delays.atLeast(SECOND, LOST)).isEqualTo(SECOND.multipliedBy(20));
    assertThat(delays.afterLoss(SECOND, 1, LOST)).isEqualTo(SECOND.multipliedBy(20));
  }

  @Test
  void theWaitAfterAGoodEndIsShortAndSpread() {
    assertThat(delays.afterGoodEnd(SECOND.multipliedBy(30)))
        .isBetween(HEALING.shortestWait(), HEALING.spread());
    delays.patience(SECOND.multipliedBy(10));
    assertThat(delays.afterGoodEnd(SECOND))
        .isBetween(SECOND.multipliedBy(10), SECOND.multipliedBy(14));
  }

  @Test
  void withoutASpreadTheBackoffSaysHowLong() {
    Delays plain = new Delays(HEALING.spread(Duration.ZERO), new SplittableRandom(1));
    assertThat(plain.afterLoss(SECOND.multipliedBy(30), 1, LOST))
        .isEqualTo(SECOND.multipliedBy(30));
    assertThat(plain.afterGoodEnd(SECOND.multipliedBy(30))).isEqualTo(SECOND.multipliedBy(30));
  }
}
