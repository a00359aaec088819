package dev.lariat.it.soak;

import dev.lariat.FailedException;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * A thread that is interrupted at random moments, once at a time. It sees how each interrupt is
 * met: a call throws an {@code InterruptedException} and the thread's status is clear, or it throws
 * a {@code FailedException} and the status is set; a call that returns leaves the status as it was.
 */
final class Victim implements Runnable {
  /** What the thread does, again and again. */
  interface Task {
    /** Does it once; it must come back within seconds. */
    void play(Victim victim) throws Exception;

    /** Ends what it has opened, and checks what has become of it. */
    void end() throws Exception;
  }

  private static final Duration SOON = Duration.ofSeconds(10);

  private final String name;
  private final Task task;
  private final Ledger ledger;
  private final Thread thread;
  private volatile boolean pending; // it was interrupted, and has not noticed
  private volatile boolean finishing;

  Victim(String name, Task task, boolean virtual, Ledger ledger) {
    this.name = name;
    this.task = task;
    this.ledger = ledger;
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    this.thread = builder.name("victim " + name).unstarted(this);
  }

  String name() {
    return name;
  }

  Thread thread() {
    return thread;
  }

  /** Interrupts it, unless it has not noticed the last time. From one thread only. */
  void interrupt() {
    if (!pending && !finishing) {
      thread.interrupt();
      pending = true;
    }
  }

  /** It stops, and is not interrupted any more; by the thread that interrupts. */
  void finish() {
    finishing = true;
  }

  @Override
  public void run() {
    try {
      while (!finishing) {
        task.play(this);
        ledger.count(name);
      }
    } catch (Throwable e) {
      ledger.complain(name, e);
    }
    finishing = true; // whoever interrupts may just be about to
    try {
      Part.pause(Duration.ofMillis(50));
    } catch (InterruptedException e) {
      // the last one
    }
    try {
      task.end();
    } catch (Throwable e) {
      ledger.complain(name, e);
    }
  }

  void complain(String what) {
    ledger.complain(name + ": " + what);
  }

  /**
   * Calls what blocks.
   *
   * @return whether it came back by itself, and not because of an interrupt
   */
  boolean calls(Callable<?> blocking) throws Exception {
    try {
      blocking.call();
      if (pending && !Thread.currentThread().isInterrupted()) {
        complain("a call that returned has cleared the status");
        pending = false;
      }
      noticed();
      return true;
    } catch (InterruptedException e) {
      if (Thread.currentThread().isInterrupted()) {
        complain("the status is set behind an InterruptedException");
      }
      met();
      return false;
    } catch (FailedException e) {
      if (!(e.reason() instanceof Reason.BadState(var operation, var state)
          && state.contains("interrupted"))) {
        noticed();
        throw e;
      }
      if (!Thread.interrupted()) {
        complain("the status is clear behind a FailedException for an interrupt");
      }
      met();
      return false;
    }
  }

  /** The interrupt came while nothing waited; it is over. */
  private void noticed() {
    if (Thread.interrupted()) {
      awaitPending();
      ledger.count("interrupts beside a wait");
    }
  }

  private void met() {
    awaitPending();
    ledger.count("interrupts of a wait");
    ledger.count(name + " interrupted");
  }

  private void awaitPending() {
    long end = Part.in(SOON);
    while (!pending) { // the other thread is about to say so
      if (System.nanoTime() > end) {
        complain("nobody has interrupted it");
        return;
      }
      Thread.yield();
    }
    pending = false;
  }
}
