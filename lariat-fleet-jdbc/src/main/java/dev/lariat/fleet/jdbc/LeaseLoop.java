package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.Placement;
import dev.lariat.fleet.StandByInfo;
import dev.lariat.fleet.internal.lease.LeaseAct;
import dev.lariat.fleet.internal.lease.LeaseCore;
import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The thread that owns the {@link LeaseCore}, and does nothing else, so that a lease ends in time
 * whatever the database and the rest of the process do.
 */
final class LeaseLoop implements Placement.Membership {
  private static final Duration LONGEST_LEAVING = Duration.ofSeconds(12); // if the thread ends

  private static final Duration NOTICE = // until a stand-by has a slot whose lease is over
      Duration.ofSeconds(3);

  static final Duration MARGIN = Duration.ofMillis(500); // to close what a slot had open

  private final String name;
  private final Duration lease;
  private final Leases leases;
  private final StoreThread store;
  private final Placement.Node node;

  private final Lock lock = new ReentrantLock();
  private final LeaseCore core; // under the lock

  private final BlockingQueue<Fact> facts = new LinkedBlockingQueue<>();
  private final CountDownLatch leaving = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("lariat-fleet-lease").unstarted(this::run);
  private boolean asked; // and not answered, as far as this thread knows
  private boolean failed; // the last request

  /** Something that happened, as the core is told of it. */
  private interface Fact {
    List<LeaseAct> happened(long now);
  }

  LeaseLoop(
      String name,
      int slots,
      Duration lease,
      Leases leases,
      StoreThread store,
      Placement.Node node) {
    this.name = name;
    this.lease = lease;
    this.leases = leases;
    this.store = store;
    this.node = node;
    this.core =
        new LeaseCore(
            name,
            slots,
            lease.toNanos(),
            MARGIN.toNanos(),
            node::overlaps,
            node::standsBy,
            System.nanoTime());
  }

  void begin() {
    thread.start();
  }

  // ---- the membership

  @Override
  public boolean holds(int slot, long grant) {
    lock.lock();
    try {
      return core.holds(slot, grant, System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void ready(int slot, long grant) {
    facts.add(now -> core.ready(slot, grant, now));
  }

  @Override
  public void prepared(int slot) {
    facts.add(now -> core.prepared(slot, now));
  }

  @Override
  public void left(int slot, long grant) {
    facts.add(now -> core.left(slot, grant, now));
  }

  @Override
  public String node() {
    return name;
  }

  @Override
  public Optional<String> owner(int slot) {
    lock.lock();
    try {
      return Optional.ofNullable(core.owner(slot));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StandByInfo standBy(int slot) {
    lock.lock();
    try {
      LeaseTable.Next its = core.standBy(slot);
      return its == null ? StandByInfo.NONE : new StandByInfo(Optional.of(its.node()), its.ready());
    } finally {
      lock.unlock();
    }
  }

  /** Waits until others are prepared for the slots that overlap, but not for long. */
  @Override
  public void leaving() {
    facts.add(core::shutDown);
    try {
      boolean unused = leaving.await(LONGEST_LEAVING.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives the slots back that were left. The others stay leased until their leases are over. */
  @Override
  public void close() {
    facts.add(core::shutDown);
    try {
      boolean left = ended.await(lease.toNanos() / 3, TimeUnit.NANOSECONDS);
      thread.interrupt();
      if (left) {
        thread.join();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    store.close();
  }

  // ---- the thread

  private void run() {
    try {
      while (ended.getCount() > 0) {
        Fact fact = facts.poll(delay(), TimeUnit.NANOSECONDS);
        acts(fact).forEach(this::carryOut);
      }
    } catch (InterruptedException e) {
      // closed, and the database did not answer in time
    }
  }

  private long delay() {
    lock.lock();
    try {
      return core.delay(System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private List<LeaseAct> acts(@Nullable Fact fact) {
    lock.lock();
    try {
      long now = System.nanoTime();
      List<LeaseAct> acts = new ArrayList<>();
      if (fact != null) {
        acts.addAll(fact.happened(now));
      }
      acts.addAll(core.passed(now));
      return acts;
    } finally {
      lock.unlock();
    }
  }

  private void carryOut(LeaseAct act) {
    switch (act) {
      case LeaseAct.Ask(var request) -> ask(request);
      case LeaseAct.Taken(var slot, var term) -> node.taken(slot, term);
      case LeaseAct.Coming(var slot) -> node.coming(slot);
      case LeaseAct.StandBy(var slot) -> node.standBy(slot, longest());
      case LeaseAct.NotComing(var slot) -> node.notComing(slot);
      case LeaseAct.Leave(var slot) -> node.leave(slot);
      case LeaseAct.Lost(var slot) -> node.lost(slot);
      case LeaseAct.Members(var count) -> node.members(count);
      case LeaseAct.Leaving() -> leaving.countDown();
      case LeaseAct.Ended() -> ended.countDown();
    }
  }

  /** How long it may take until a stand-by has the slot: twice as long, if the database is slow. */
  private Duration longest() {
    return lease.multipliedBy(2).plus(NOTICE);
  }

  private void ask(LeaseRequest request) {
    if (asked) {
      store.giveUp(); // the last request is late
    }
    asked = true;
    var unused =
        store
            .ask(sql -> leases.carryOut(request, sql))
            .whenComplete(
                (table, failure) -> facts.add(now -> answered(request, table, failure, now)));
  }

  /** On the thread. */
  private List<LeaseAct> answered(
      LeaseRequest request, @Nullable LeaseTable table, @Nullable Throwable failure, long now) {
    if (core.awaits(request.number())) {
      asked = false;
    }
    if (failure != null && !failed) {
      node.storeFailed(failure);
    } else if (failure == null && failed) {
      node.storeRecovered();
    }
    failed = failure != null;
    return table != null
        ? core.answered(request.number(), table, now)
        : core.failed(request.number(), now);
  }
}
