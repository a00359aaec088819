package dev.lariat.internal.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;
import java.security.SecureRandom;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A loop without a thread. What other threads post waits, in a queue that they may use at once, and
 * runs with the timers that are due when the test says {@link #run}.
 */
public final class StillLoop {
  private final EmbeddedChannel home;
  private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
  private final Loop loop;

  /** A loop whose time this ticker tells. */
  public StillLoop(Ticker ticker) {
    this.home = EmbeddedChannel.builder().ticker(ticker).build();
    this.loop = new Loop(new Still(), ticker, new SecureRandom());
  }

  /** The loop itself. */
  public Loop loop() {
    return loop;
  }

  /** Carries out everything that is due now, and what that posts; on the test's thread. */
  public void run() {
    do {
      for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
        task.run();
      }
      home.runPendingTasks();
    } while (!posted.isEmpty() || home.hasPendingTasks()); // timers that are due at once, too
  }

  private final class Still implements Loop.Runner {
    @Override
    public EventLoop netty() {
      return home.eventLoop();
    }

    @Override
    public boolean isCurrent() {
      return true; // whoever runs it is its thread
    }

    @Override
    public void execute(Runnable task) {
      posted.add(task);
    }

    @Override
    public void retain() {}

    @Override
    public void release() {}
  }
}
