package dev.lariat.client;

import dev.lariat.internal.entrance.Pooling;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Notice;
import dev.lariat.message.StreamRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The live connections that use a {@link Pool}: they end with it. On any thread. */
final class Lives {
  private final Lock lock = new ReentrantLock();
  private final Map<StreamRef, Pooling.Member> members = new HashMap<>(); // under the lock
  private boolean closed; // under the lock
  private final CompletableFuture<Boolean> gone = new CompletableFuture<>();

  /**
   * Adds one.
   *
   * @throws IllegalStateException if the pool is closed
   */
  void join(LiveRef ref, Pooling.Member member) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("client: a closed one, allowed an open one");
      }
      members.put(ref, member);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the pool is closed. */
  boolean areClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  void left(LiveRef ref) {
    boolean last;
    lock.lock();
    try {
      members.remove(ref);
      last = closed && members.isEmpty();
    } finally {
      lock.unlock();
    }
    if (last) {
      gone.complete(true);
    }
  }

  /** Gives the news of a connection to those whom they concern. */
  void told(Notice notice) {
    List<Pooling.Member> concerned;
    lock.lock();
    try {
      if (notice.detail() instanceof Notice.PingAcknowledged(var stream, var roundTrip)) {
        Pooling.Member whose = members.get(stream);
        concerned = whose == null ? List.of() : List.of(whose);
      } else {
        concerned = List.copyOf(members.values());
      }
    } finally {
      lock.unlock();
    }
    concerned.forEach(member -> member.told(notice));
  }

  /**
   * Ends all of them by this, and lets no more in.
   *
   * @return completes when the last one has ended
   */
  CompletableFuture<?> end(Consumer<Pooling.Member> how) {
    List<Pooling.Member> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(members.values());
    } finally {
      lock.unlock();
    }
    all.forEach(how);
    if (all.isEmpty()) {
      gone.complete(true);
    }
    return gone;
  }
}
