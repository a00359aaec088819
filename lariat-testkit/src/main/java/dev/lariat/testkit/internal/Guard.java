package dev.lariat.testkit.internal;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock around a piece of code. Nobody waits for anything else inside it. A virtual thread that
 * waits for it keeps no carrier thread, on Java 21 too, as a {@code synchronized} block would.
 */
public final class Guard {
  private final Lock lock = new ReentrantLock();

  /** Runs this while no other thread is inside. */
  public void run(Runnable code) {
    lock.lock();
    try {
      code.run();
    } finally {
      lock.unlock();
    }
  }

  /** Computes this while no other thread is inside. */
  public <T extends @Nullable Object> T get(Supplier<T> code) {
    lock.lock();
    try {
      return code.get();
    } finally {
      lock.unlock();
    }
  }
}
