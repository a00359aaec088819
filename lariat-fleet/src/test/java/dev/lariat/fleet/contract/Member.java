package dev.lariat.fleet.contract;

import dev.lariat.fleet.Placement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node that runs nothing: it leaves a slot as soon as it is asked to, and notes what it is told.
 */
public final class Member implements Placement.Node, AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SLICE = Duration.ofMillis(10); // what it knows changes in silence

  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Long> grants = new HashMap<>(); // of the slots that it has
  private final Map<Integer, Long> last = new HashMap<>(); // of those that it has had too
  private int members; // 0 until it is told
  private String fault = "";
  private String ended = ""; // why; empty while it lives
  private final CompletableFuture<Placement.Membership> membership = new CompletableFuture<>();
  private final boolean overlaps; // every slot
  private final @Nullable Member before; // from which slots come; null if none are prepared
  private final Set<Integer> prepared = new TreeSet<>();
  private final Set<Integer> coming = new TreeSet<>();

  private Member(boolean overlaps, @Nullable Member before) {
    this.overlaps = overlaps;
    this.before = before;
  }

  /** Joins a fleet. */
  public static Member join(Placement placement, int slots) throws IOException {
    return join(placement, slots, new Member(false, null));
  }

  /** Joins a fleet in which every slot overlaps. It never says that it has prepared one. */
  public static Member joinOverlapping(Placement placement, int slots) throws IOException {
    return join(placement, slots, new Member(true, null));
  }

  /** Joins such a fleet, and has each slot prepared as soon as it is to come from this owner. */
  public static Member joinPreparing(Placement placement, int slots, Member before)
      throws IOException {
    return join(placement, slots, new Member(true, before));
  }

  private static Member join(Placement placement, int slots, Member member) throws IOException {
    member.membership.complete(placement.join(slots, member));
    return member;
  }

  @Override
  public void members(int count) {
    change(() -> members = count);
  }

  @Override
  public void taken(int slot, long grant) {
    change(
        () -> {
          if (members == 0) {
            fault = "It takes slot " + slot + " before it is told how many nodes live.";
          }
          if (grant <= last.getOrDefault(slot, 0L)) {
            fault = "Slot " + slot + " has grant " + grant + " after " + last.get(slot) + ".";
          }
          grants.put(slot, grant);
          last.put(slot, grant);
        });
    Thread.startVirtualThread(() -> membership().ready(slot, grant)); // as a fleet does
  }

  @Override
  public void leave(int slot) {
    Thread.startVirtualThread(() -> left(slot)); // as a fleet does: later, on another thread
  }

  @Override
  public void lost(int slot) {
    change(() -> grants.remove(slot));
  }

  @Override
  public void ended(String reason) {
    change(() -> ended = reason);
  }

  /** Waits until it is told that it has ended, and returns why. */
  public String awaitEnd() throws InterruptedException {
    awaitAll("its end", its -> !its.ended.isEmpty());
    return ended;
  }

  /** Whether it was told that it has ended. */
  public boolean hasEnded() {
    lock.lock();
    try {
      return !ended.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean overlaps(int slot) {
    return overlaps;
  }

  @Override
  public void coming(int slot) {
    change(() -> coming.add(slot));
    if (before != null) {
      boolean there = before.holds(slot);
      change(
          () -> {
            fault = there ? fault : "Slot " + slot + " comes from one who does not have it.";
            prepared.add(slot);
          });
      Thread.startVirtualThread(() -> membership().prepared(slot)); // as a fleet does
    }
  }

  @Override
  public void notComing(int slot) {
    change(() -> coming.remove(slot));
  }

  /** Waits until this is so of the slots that are to come, those that it has got included. */
  public void awaitComing(String what, Predicate<Set<Integer>> so) throws InterruptedException {
    awaitAll(what, its -> so.test(its.coming));
  }

  /** The slots that it has prepared, also if it has left them since. */
  public Set<Integer> prepared() {
    lock.lock();
    try {
      return new TreeSet<>(prepared);
    } finally {
      lock.unlock();
    }
  }

  /** Answers with its name and the request. */
  @Override
  public CompletionStage<byte[]> received(byte[] request) {
    String answer = membership().node() + new String(request, StandardCharsets.UTF_8);
    return CompletableFuture.completedFuture(answer.getBytes(StandardCharsets.UTF_8));
  }

  private void left(int slot) {
    Long[] grant = new Long[1];
    change(() -> grant[0] = grants.remove(slot));
    if (grant[0] != null) {
      membership().left(slot, grant[0]);
    }
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this is so of the slots that it has. */
  public void await(String what, Predicate<Set<Integer>> so) throws InterruptedException {
    awaitAll(what, its -> so.test(its.grants.keySet()));
  }

  /** Waits until it is told that so many nodes live. */
  public void awaitMembers(int count) throws InterruptedException {
    awaitAll(count + " members", its -> its.members == count);
  }

  private void awaitAll(String what, Predicate<Member> so) throws InterruptedException {
    lock.lock();
    try {
      long left = LONG.toNanos();
      while (!so.test(this) && left > 0) {
        long slice = Math.min(left, SLICE.toNanos());
        left -= slice - Math.max(0, changed.awaitNanos(slice));
      }
      if (!so.test(this) || !fault.isEmpty()) {
        throw new AssertionError(
            fault + " Awaited: " + what + "; it has " + grants + " among " + members);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The slots that it has. */
  public Set<Integer> slots() {
    lock.lock();
    try {
      return new TreeSet<>(grants.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Whether it has this slot, and its placement confirms it. */
  public boolean holds(int slot) {
    lock.lock();
    try {
      Long grant = grants.get(slot);
      return grant != null && membership().holds(slot, grant);
    } finally {
      lock.unlock();
    }
  }

  public Placement.Membership membership() {
    return membership.join();
  }

  /** Leaves all slots in good order, and then the fleet. */
  @Override
  public void close() {
    membership().leaving();
    slots().forEach(this::left);
    membership().close();
  }
}
