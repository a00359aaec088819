package dev.lariat.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A line at a terminal that says twice a second how far a measurement is; nothing in a pipe. */
final class Ticker implements AutoCloseable {
  private static final long EVERY = 500; // ms
  private static final String CLEAR = "\r\u001b[K";

  private final Io io;
  private final Contest contest;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;

  Ticker(Io io, Contest contest) {
    this.io = io;
    this.contest = contest;
    Runnable run = io.terminal() ? this::show : () -> {};
    this.thread = Thread.ofVirtual().name("lariat-progress").start(run);
  }

  private void show() {
    try {
      while (!over.await(EVERY, TimeUnit.MILLISECONDS)) {
        io.err().print(CLEAR + contest.progress());
        io.err().flush();
      }
      io.err().print(CLEAR);
      io.err().flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
