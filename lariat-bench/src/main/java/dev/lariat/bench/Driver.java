package dev.lariat.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps one connection busy, and counts what it does. */
abstract class Driver {
  private static final int MAX_SAMPLES = 1 << 22; // of all drivers together

  static volatile boolean measuring;
  private static volatile String wrong;

  private final AtomicLong count = new AtomicLong(); // written by one thread at a time
  private final long[] samples;
  private int sampled;
  private long last;

  Driver(Workload workload) {
    samples = new long[workload.isLatency() ? MAX_SAMPLES / workload.drivers() : 0];
  }

  abstract void start();

  final long count() {
    return count.getOpaque();
  }

  /** Counts, and returns how many there were before. */
  final long add(long n) {
    long before = count.getPlain();
    count.setOpaque(before + n);
    return before;
  }

  /** Takes the time since the one before, where that is wanted. */
  final void sample() {
    if (samples.length == 0) {
      return;
    }
    long now = System.nanoTime();
    if (measuring && sampled < samples.length) {
      samples[sampled++] = now - last;
    }
    last = now;
  }

  final long[] samples() {
    return Arrays.copyOf(samples, sampled);
  }

  /** Tells what came that should not have: the run is worth nothing. */
  static void wrong(String what) {
    wrong = what;
  }

  static void check() {
    if (wrong != null) {
      throw new IllegalStateException(wrong);
    }
  }
}
