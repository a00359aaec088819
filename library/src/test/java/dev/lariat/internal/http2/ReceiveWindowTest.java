package dev.lariat.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How the window of a stream is opened again, and when it grows. */
class ReceiveWindowTest {
  private static final int SIZE = 1000;
  private static final int MOST = 8000;
  private static final long ROUND_TRIP = 100;

  private final ReceiveWindow window = new ReceiveWindow(SIZE, MOST, 0);

  /** Octets come and are told at once. */
  private int passes(int octets, long now, long roundTrip) {
    assertThat(window.take(octets)).isTrue();
    return window.giveBack(octets, now, roundTrip);
  }

  @Test
  void itIsOpenedAgainByHalves() {
    assertThat(passes(499, 1000, ROUND_TRIP)).isZero();
    assertThat(passes(1, 1000, ROUND_TRIP)).isEqualTo(500);
    assertThat(window.left()).isEqualTo(SIZE);
  }

  @Test
  void itDoublesWhenHalfOfItComesAndIsToldWithinTwoRoundTrips() {
    assertThat(passes(500, 2 * ROUND_TRIP, ROUND_TRIP)).isEqualTo(500 + 1000);
    assertThat(window.left()).isEqualTo(2 * SIZE);
    assertThat(passes(999, 3 * ROUND_TRIP, ROUND_TRIP)).isZero();
    assertThat(passes(1, 4 * ROUND_TRIP, ROUND_TRIP)).isEqualTo(1000 + 2000);
  }

  @Test
  void itDoesNotGrowWhenThatTakesLonger() {
    assertThat(passes(500, 2 * ROUND_TRIP + 1, ROUND_TRIP)).isEqualTo(500);
  }

  @Test
  void itGrowsToItsLargestSizeAndNoFurther() {
    long now = 0;
    for (int half = 500; half < MOST; half *= 2) {
      now += ROUND_TRIP;
      passes(half, now, ROUND_TRIP);
    }
    assertThat(window.left()).isEqualTo(MOST);
    assertThat(passes(MOST / 2, now + 1, ROUND_TRIP)).isEqualTo(MOST / 2);
  }

  @Test
  void itDoesNotGrowWhileTheRoundTripIsUnknown() {
    assertThat(passes(500, 0, 0)).as("in the turn in which the stream began").isEqualTo(500);
    assertThat(passes(500, 0, 0)).isEqualTo(500);
  }

  @Test
  void itDoesNotGrowForAReaderThatTakesAFullWindowAtOnceNowAndThen() {
    for (long now = 1000; now < 10_000; now += 1000) {
      assertThat(window.take(SIZE)).isTrue();
      assertThat(window.giveBack(500, now, ROUND_TRIP)).isEqualTo(500);
      assertThat(window.giveBack(500, now, ROUND_TRIP)).isEqualTo(500);
    }
  }
}
