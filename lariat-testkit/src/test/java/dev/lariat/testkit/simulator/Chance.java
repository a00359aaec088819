package dev.lariat.testkit.simulator;

import java.time.Duration;
import java.util.SplittableRandom;

/** What a seed decides. */
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** True once in so many times. */
  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** One of both. */
  boolean half() {
    return random.nextBoolean();
  }

  /** From the least to the most, both included. */
  int number(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** Between two times; short ones as likely as long ones. */
  Duration time(Duration least, Duration most) {
    double ratio = (double) most.toNanos() / least.toNanos();
    return Duration.ofNanos((long) (least.toNanos() * Math.pow(ratio, random.nextDouble())));
  }

  Duration millis(int least, int most) {
    return time(Duration.ofMillis(least), Duration.ofMillis(most));
  }

  @SafeVarargs
  final <T> T oneOf(T... all) {
    return all[random.nextInt(all.length)];
  }
}
