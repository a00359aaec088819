package dev.lariat.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C ends the command, which has some time to say how far it came. */
final class Interrupt implements AutoCloseable {
  private static final int PATIENCE = 5; // seconds

  private final Runnable end;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread interrupted = new Thread(this::interrupt, "lariat-interrupted");

  /** Ctrl-C interrupts this thread. */
  Interrupt() {
    this(Thread.currentThread()::interrupt);
  }

  /** Ctrl-C does this. */
  Interrupt(Runnable end) {
    this.end = end;
    Runtime.getRuntime().addShutdownHook(interrupted);
  }

  private void interrupt() {
    end.run();
    try {
      boolean _ = over.await(PATIENCE, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // the process ends now
    }
  }

  @Override
  public void close() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(interrupted);
    } catch (IllegalStateException e) {
      // it runs, which is why this ends
    }
  }
}
