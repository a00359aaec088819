package dev.lariat.fleet;

import dev.lariat.fleet.FeedInfo.State;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.option.Endpoint;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** One live connection of a run; a pair has two. What has no other note is of the slot's thread. */
final class Line {
  final Run run;
  final int number; // 1 or 2
  final Endpoint endpoint; // where it begins
  @Nullable LiveRef live; // set as it opens

  long session; // the newest
  State state = State.CONNECTING;
  Optional<Reason> reason = Optional.empty();

  // Under the lock of its slot.
  private int begun; // how many attempts have begun
  private int seen; // how many of them the slot's thread has seen
  private @Nullable Condition allSeen; // while an attempt waits

  Line(Run run, int number, Endpoint endpoint) {
    this.run = run;
    this.number = number;
    this.endpoint = endpoint;
  }

  /** An attempt begins, and waits until the slot's thread has seen it. */
  void begins(Lock lock) throws InterruptedException {
    lock.lock();
    try {
      begun++;
      while (seen < begun) {
        Condition its = allSeen == null ? lock.newCondition() : allSeen;
        allSeen = its;
        its.await();
      }
      allSeen = null;
    } finally {
      lock.unlock();
    }
  }

  /** The slot's thread sees that an attempt has begun: it has read all that came before. */
  void seesNext(Lock lock) {
    lock.lock();
    try {
      seen++;
      if (allSeen != null) {
        allSeen.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void now(State its, Optional<Reason> why) {
    state = its;
    reason = why;
  }
}
