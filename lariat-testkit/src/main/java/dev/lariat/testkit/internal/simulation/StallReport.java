package dev.lariat.testkit.internal.simulation;

import java.time.Duration;

/**
 * What ends a simulation before its time: an exception that tells who waits for what, and where.
 */
final class StallReport {
  private static final int FRAMES = 8; // of a thread that waits

  private final Roster roster;
  private final Loops loops;
  private final Trace trace;
  private final Failures failures;

  StallReport(Roster roster, Loops loops, Trace trace, Failures failures) {
    this.roster = roster;
    this.loops = loops;
    this.trace = trace;
    this.failures = failures;
  }

  /** For a thread that keeps running, and with it the simulation. */
  IllegalStateException restless(Worker worker, String how) {
    return of("Thread " + worker + " " + how + " at" + stack(worker.thread, Integer.MAX_VALUE));
  }

  /** For what this sentence says; it has no full stop yet. */
  IllegalStateException of(String what) {
    StringBuilder message = new StringBuilder(what).append(".\n");
    message.append("The driver waits for ").append(roster.driver().waitsFor()).append(".\n");
    for (Roster.Wait wait : roster.waits()) {
      message.append("Thread ").append(wait.who()).append(' ').append(wait.how());
      if (wait.until() != Agenda.NEVER) {
        message.append(" until ").append(Duration.ofNanos(wait.until()));
      }
      message.append(", at").append(stack(wait.who().thread, FRAMES)).append('\n');
    }
    for (String its : loops.waits()) {
      message.append("An event loop waits for ").append(its).append(".\n");
    }
    message.append(trace.whereItStands());
    IllegalStateException stall = new IllegalStateException(message.toString());
    failures.take().forEach(failure -> stall.addSuppressed(failure.thrown()));
    return stall;
  }

  /** The frames of a thread that are not the simulation's own. */
  private static String stack(Thread thread, int most) {
    StringBuilder lines = new StringBuilder();
    int count = 0;
    for (StackTraceElement frame : thread.getStackTrace()) {
      boolean known =
          frame.getClassName().startsWith(StallReport.class.getPackageName())
              || frame.getClassName().startsWith("java.lang.VirtualThread")
              || frame.getClassName().startsWith("java.util.concurrent.locks.LockSupport");
      if (!known && count++ < most) {
        lines.append("\n    ").append(frame);
      }
    }
    return lines.toString();
  }
}
