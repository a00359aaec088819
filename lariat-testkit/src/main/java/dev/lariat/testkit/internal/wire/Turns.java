package dev.lariat.testkit.internal.wire;

import dev.lariat.internal.transport.Machine;
import dev.lariat.testkit.internal.Guard;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets threads work by turns. A thread that has its turn may take it again, and gives it up while
 * it reads. One thread reads at a time, for all. A thread that is alone needs no turn.
 */
final class Turns {
  private final Machine machine;

  private final Guard guard = new Guard(); // of all that follows

  /** Whose turn it is, and how often it has taken it. */
  private @Nullable Thread current;

  private int taken;
  private boolean reading;

  /** How often somebody has read. */
  private long readings;

  /** Who waits for a turn. */
  private final Set<Thread> waiting = new LinkedHashSet<>(1);

  /** Who waits until somebody has read. */
  private final Set<Thread> listening = new LinkedHashSet<>(1);

  Turns(Machine machine) {
    this.machine = machine;
  }

  /** Something that is done, and gives nothing. */
  interface Deed {
    void take() throws IOException;
  }

  /** Does this when it is the caller's turn. */
  <T extends @Nullable Object> T take(Peer.Reading<T> work) throws IOException {
    enter(1);
    try {
      return work.read();
    } finally {
      leave(1);
    }
  }

  /** Does this when it is the caller's turn. */
  void done(Deed deed) throws IOException {
    this.<@Nullable Void>take(
        () -> {
          deed.take();
          return null;
        });
  }

  /** Whether somebody reads. */
  boolean isReading() {
    return guard.get(() -> reading);
  }

  /** Reads this, while others have their turns; nobody reads yet. */
  <T extends @Nullable Object> T read(Peer.Reading<T> work) throws IOException {
    guard.run(() -> reading = true);
    int held = leaveAll();
    try {
      return work.read();
    } finally {
      enter(held);
      List<Thread> all =
          guard.get(
              () -> {
                reading = false;
                readings++;
                return List.copyOf(listening);
              });
      all.forEach(machine::unpark);
    }
  }

  /** Waits until somebody has read, while others have their turns; for so long at the most. */
  void awaitReading(long nanos) throws IOException {
    Thread me = Thread.currentThread();
    long before = guard.get(() -> readings);
    int held = leaveAll();
    try {
      if (guard.get(() -> noted(listening, me, reading && readings == before))) {
        machine.park("a frame of HTTP/2", nanos);
      }
    } finally {
      guard.run(() -> listening.remove(me));
      enter(held);
    }
    Peer.refuseInterrupt();
  }

  private void enter(int times) {
    Thread me = Thread.currentThread();
    boolean interrupted = false; // whose turn it is will leave soon in any case
    while (times > 0 && !guard.get(() -> took(me, times))) {
      machine.park("its turn on a connection", Long.MAX_VALUE);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      me.interrupt();
    }
  }

  private boolean took(Thread me, int times) {
    if (noted(waiting, me, current != null && current != me)) {
      return false;
    }
    current = me;
    taken += times;
    return true;
  }

  /** Whether this thread waits, and is noted as one that does. */
  private static boolean noted(Set<Thread> all, Thread me, boolean waits) {
    if (waits) {
      all.add(me);
    } else {
      all.remove(me);
    }
    return waits;
  }

  private int leaveAll() {
    int held = guard.get(() -> current == Thread.currentThread() ? taken : 0);
    leave(held);
    return held;
  }

  private void leave(int times) {
    List<Thread> all =
        guard.get(
            () -> {
              taken -= times;
              if (taken > 0) {
                return List.of();
              }
              current = null;
              return List.copyOf(waiting);
            });
    all.forEach(machine::unpark);
  }
}
