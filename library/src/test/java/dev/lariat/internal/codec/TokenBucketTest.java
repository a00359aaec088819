package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NEVER = Long.MAX_VALUE; // while nothing is read

  private final TokenBucket bucket = new TokenBucket();
  private long now = 1000 * SECOND;

  TokenBucketTest() {
    bucket.at(now, 0);
  }

  private void passes(long nanos) {
    now += nanos;
    bucket.at(now, 0);
  }

  /** How often something useless may still come, at this moment. */
  private int left() {
    for (int i = 0; ; i++) {
      try {
        bucket.spend(Bound.USELESS_FRAMES);
      } catch (Violation v) {
        assertThat(v.reason()).isEqualTo(new Reason.Limit(Bound.USELESS_FRAMES, 1000));
        assertThat(v.code()).isEqualTo(1008);
        bucket.earn(); // what was one too many
        return i;
      }
    }
  }

  @Test
  void whatWasKeptIsLookedAtBeforeTheUnreadTimeCounts() {
    passes(SECOND);
    assertThat(left()).isEqualTo(1000);
    now += 100 * SECOND;
    bucket.at(now, Long.MAX_VALUE); // for what was kept, while nothing is read
    now += 1;
    bucket.at(now, now); // it is read again
    assertThat(left()).isBetween(9_999, 10_001);
  }

  @Test
  void aThousandMayComeAtOnce() {
    assertThat(left()).isEqualTo(1000);
    assertThat(left()).isZero();
  }

  @Test
  void aHundredASecondMayComeAfterThat() {
    left();
    passes(SECOND);
    assertThat(left()).isEqualTo(100);
    passes(SECOND / 100 - 1);
    assertThat(left()).isZero();
    passes(1);
    assertThat(left()).isOne();
  }

  @Test
  void aDayOfSilenceEarnsNoMoreThanTheCapacity() {
    passes(86_400 * SECOND);
    assertThat(left()).isEqualTo(1000);
  }

  @Test
  void whatCarriesSomethingEarnsOne() {
    left();
    bucket.earn();
    bucket.earn();
    assertThat(left()).isEqualTo(2);
  }

  @Test
  void nothingEarnsMoreThanTheCapacity() {
    bucket.earn();
    bucket.fill();
    assertThat(left()).isEqualTo(1000);
    bucket.fill();
    assertThat(left()).isEqualTo(1000);
  }

  @Test
  void whatCountsTwiceSpendsTwo() throws Violation {
    bucket.spend(Bound.EMPTY_EVENTS, 998);
    assertThat(left()).isEqualTo(2);
  }

  /** A day's heartbeats wait in the socket then. */
  @Test
  void theTimeThatNothingWasReadEarnsWithoutABound() {
    left();
    now += 86_400 * SECOND;
    bucket.at(now, now);
    assertThat(left()).isEqualTo(8_640_000);
    passes(SECOND);
    assertThat(left()).isEqualTo(100);
  }

  @Test
  void theTimeThatNothingWasReadEarnsOnce() {
    left();
    bucket.at(now + SECOND, NEVER); // a straggler, while it is not read
    bucket.at(now + 3 * SECOND, now + 2 * SECOND);
    bucket.at(now + 4 * SECOND, now + 2 * SECOND);
    assertThat(left()).isEqualTo(400); // each second once, that before the straggler too
  }
}
