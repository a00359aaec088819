package dev.lariat.internal.transport;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One timer for all deadlines of its owner, who calls it on the loop only. It may run before the
 * owner's deadline: one that moves away, as keepalive's does all the time, leaves the timer where
 * it is. So the owner looks at its deadlines when the alarm runs, and sets it anew.
 */
public final class Alarm implements Runnable {
  private static final long NEVER = Long.MAX_VALUE;

  private final Loop loop;
  private final Runnable elapsed;
  private @Nullable Future<?> timer; // null if none is set
  private long at = NEVER; // when the timer runs; NEVER if none is set

  /**
   * An alarm that is not set.
   *
   * @param elapsed called on the loop when the timer runs; the alarm is not set then
   */
  public Alarm(Loop loop, Runnable elapsed) {
    this.loop = loop;
    this.elapsed = elapsed;
  }

  /** Runs at this time at the latest; {@link Long#MAX_VALUE} changes nothing. */
  public void set(long deadline, long now) {
    if (deadline >= at) {
      return;
    }
    cancel();
    at = deadline;
    timer = loop.later(this, Math.max(0, deadline - now));
  }

  /** Does not run, unless it is set again. */
  public void cancel() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
      at = NEVER;
    }
  }

  /** Called by the timer. */
  @Override
  public void run() {
    timer = null;
    at = NEVER;
    elapsed.run();
  }
}
