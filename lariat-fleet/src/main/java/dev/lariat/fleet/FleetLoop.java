package dev.lariat.fleet;

import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.internal.core.Act;
import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.Waiting;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a fleet. One of them owns the {@link FleetCore}, gives it the facts that the
 * others report, and carries out its acts. A second one speaks to the store of positions, which may
 * block. Each slot has one more, in its {@link Tenure}.
 */
final class FleetLoop implements Placement.Node {
  private static final Logger LOG = System.getLogger("dev.lariat.fleet");
  private static final int MOST_FACTS = 1000; // before their acts are carried out

  final FleetOptions options;
  final Sink sink;
  private final PositionStore positions;
  private final FleetCore core;
  final Dispatch dispatch;
  private volatile Placement.@Nullable Membership membership; // null until the node has joined

  private final BlockingQueue<Fact> facts = new LinkedBlockingQueue<>();
  private final BlockingQueue<Runnable> storeTasks = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofVirtual().name("lariat-fleet").unstarted(this::run);
  private final Thread storeThread =
      Thread.ofVirtual().name("lariat-fleet-store").unstarted(this::runStore);
  private final CountDownLatch ended = new CountDownLatch(1);

  // Of the fleet's thread.
  private final Map<String, Feed> feeds = new HashMap<>();
  private final Map<Integer, Tenure> tenures = new HashMap<>();
  private final Set<Integer> claims = new HashSet<>(); // to make together
  private final Set<Integer> reads = new HashSet<>(); // to make together
  private final List<Tenure> begun = new ArrayList<>(); // whose first feeds are being opened

  private final Map<Integer, Duration> standBys = new HashMap<>(); // and how long each holds

  private final Map<Integer, Set<String>> overlapping = new ConcurrentHashMap<>(); // by slot
  private final Map<Integer, Set<String>> standing = new ConcurrentHashMap<>(); // by slot

  // What info() shows.
  private final Map<String, FeedInfo> feedInfos = new ConcurrentHashMap<>();
  private final Map<Integer, Long> epochs = new ConcurrentHashMap<>();
  private final Map<Integer, Instant> unwritten = new ConcurrentHashMap<>(); // by slot
  private final LongAdder written = new LongAdder();
  private volatile int members = 1;
  private volatile @Nullable String endedBecause; // null while this node lives

  private volatile boolean closing;

  final List<FleetListener> listeners = new CopyOnWriteArrayList<>();
  private final Lock telling = new ReentrantLock();

  /** Something that happened, as the core is told of it. */
  private interface Fact {
    List<Act> happened(long now);
  }

  FleetLoop(PositionStore positions, Sink sink, FleetOptions options) {
    this.positions = positions;
    this.sink = sink;
    this.options = options;
    this.dispatch = new Dispatch(options);
    options.listener().ifPresent(listeners::add);
    this.core =
        new FleetCore(
            options.slots(),
            options.saveInterval().toNanos(),
            options.closing().toNanos(),
            this::holds);
  }

  void begin(Placement.Membership its) {
    membership = its;
    thread.start();
    storeThread.start();
  }

  // ---- what others report

  @Override
  public void members(int count) {
    members = count;
    if (options.budget().orElse(null) instanceof FleetBudget shared) {
      shared.members(count);
    }
  }

  @Override
  public boolean overlaps(int slot) {
    return overlapping.containsKey(slot);
  }

  @Override
  public void coming(int slot) {
    facts.add(now -> core.coming(slot));
  }

  @Override
  public boolean standsBy(int slot) {
    return standing.containsKey(slot);
  }

  @Override
  public void standBy(int slot, Duration longest) {
    facts.add(
        now -> {
          standBys.put(slot, longest);
          return core.standBy(slot);
        });
  }

  @Override
  public void notComing(int slot) {
    facts.add(now -> core.notComing(slot));
  }

  @Override
  public void taken(int slot, long grant) {
    dispatch.taken(slot, grant);
    facts.add(now -> core.taken(slot, grant));
  }

  @Override
  public void leave(int slot) {
    facts.add(now -> core.leave(slot, now));
  }

  @Override
  public void lost(int slot) {
    dispatch.lost(slot);
    facts.add(now -> core.lost(slot));
  }

  @Override
  public void ended(String reason) {
    endedBecause = reason;
    if (!closing) {
      facts.add(now -> List.of(new Act.Tell(new FleetEvent.NodeEnded(joined().node(), reason))));
    }
  }

  @Override
  public void storeFailed(Throwable cause) {
    facts.add(now -> List.of(new Act.Tell(new FleetEvent.StoreFailed(cause))));
  }

  @Override
  public void storeRecovered() {
    facts.add(now -> List.of(new Act.Tell(new FleetEvent.StoreRecovered())));
  }

  @Override
  public CompletionStage<byte[]> received(byte[] request) {
    return dispatch.received(request, this::holds);
  }

  CompletableFuture<SendResult> send(String feed, Frame frame) {
    return dispatch.send(feed, frame, joined());
  }

  private Placement.Membership joined() {
    return Objects.requireNonNull(membership, "a fleet is open");
  }

  void put(Feed feed) {
    feedInfos.computeIfAbsent(
        feed.id(), id -> FeedInfo.elsewhere(id, FleetCore.slotOf(id, options.slots())));
    Optional<StandByInfo> standBy = Optional.of(StandByInfo.NONE).filter(no -> feed.standsBy());
    inform(feed, info -> info.standingBy(standBy));
    facts.add(
        now -> {
          boolean same = feed.equals(feeds.put(feed.id(), feed)) && !isGone(feed);
          has(overlapping, feed.id(), feed.overlaps());
          has(standing, feed.id(), feed.standsBy());
          return same ? List.of() : core.put(feed.id(), feed.overlaps(), feed.standsBy());
        });
  }

  private void has(Map<Integer, Set<String>> slots, String feed, boolean does) {
    slots.compute(
        FleetCore.slotOf(feed, options.slots()),
        (slot, before) -> {
          Set<String> its = before == null ? new HashSet<>() : new HashSet<>(before);
          boolean unused = does ? its.add(feed) : its.remove(feed);
          return its.isEmpty() ? null : its;
        });
  }

  private boolean isGone(Feed feed) {
    FeedInfo info = feedInfos.get(feed.id());
    return info != null && info.state() == FeedInfo.State.GONE;
  }

  void remove(String id) {
    feedInfos.remove(id);
    facts.add(
        now -> {
          feeds.remove(id);
          has(overlapping, id, false);
          has(standing, id, false);
          return core.remove(id);
        });
  }

  void connecting(Feed feed) {
    Instant now = Instant.now();
    inform(feed, info -> info.without(FeedInfo.State.CONNECTING, Optional.empty(), now));
  }

  void open(Feed feed, long session) {
    Instant now = Instant.now();
    inform(feed, info -> info.opened(now));
    tell(new FleetEvent.FeedOpen(feed.id(), session));
  }

  /** Each feed of this slot has been opened, or tried. */
  void ready(int slot, long grant) {
    joined().ready(slot, grant);
  }

  /** Each feed of this slot that overlaps has been opened, or tried, before the slot comes. */
  void prepared(int slot) {
    joined().prepared(slot);
  }

  /** A run that was opened before this node had its slot goes on, or has to begin anew. */
  void settled(Run run, boolean goesOn) {
    facts.add(now -> core.settled(run.number, goesOn));
  }

  /**
   * A session has begun after this position, as its server says.
   *
   * @param asked where it should have begun; empty if nothing was known
   */
  void begins(Tenure tenure, Feed feed, Optional<String> asked, String position) {
    inform(feed, info -> info.at(position));
    asked.ifPresent(its -> tell(new FleetEvent.PositionSkipped(feed.id(), its, position)));
    Map<String, String> reached = Map.of(feed.id(), position);
    facts.add(now -> core.written(tenure.slot, tenure.epoch(), reached, now));
  }

  /** The connections of a pair stand otherwise, or may. */
  void paired(Run run) {
    inform(run.feed, info -> info.paired(run.pairInfo()));
  }

  void waiting(Feed feed, Waiting waiting) {
    Instant now = Instant.now();
    Optional<Reason> why = Optional.of(waiting.reason());
    inform(feed, info -> info.without(FeedInfo.State.WAITING, why, now));
    tell(
        new FleetEvent.FeedWaiting(
            feed.id(), waiting.attempt(), waiting.delay(), waiting.reason()));
  }

  /** The sink is about to get these events, the oldest that it does not have. */
  void writing(Batch batch) {
    unwritten.put(batch.slot(), batch.events().getFirst().at());
  }

  /** The sink has them, or they are dropped. */
  void wrote(int slot) {
    unwritten.remove(slot);
  }

  void written(Batch batch) {
    written.add(batch.events().size());
    Map<String, FeedEvent> newest = new HashMap<>();
    Map<String, String> reached = new HashMap<>();
    for (FeedEvent event : batch.events()) {
      newest.put(event.feed(), event);
      event.position().ifPresent(position -> reached.put(event.feed(), position));
    }
    newest.forEach(
        (feed, event) ->
            feedInfos.computeIfPresent(
                feed,
                (id, info) -> info.written(event.at(), Optional.ofNullable(reached.get(feed)))));
    if (!reached.isEmpty()) {
      facts.add(now -> core.written(batch.slot(), batch.epoch(), reached, now));
    }
  }

  /** The sink knows a newer epoch of the slot. */
  void refused(int slot, long epoch) {
    facts.add(now -> core.refused(slot, epoch, now));
  }

  void gone(Run run, Reason reason) {
    boolean asked = run.holds() || reason instanceof Reason.OwnerClosed;
    facts.add(
        now -> {
          inform(
              run.feed,
              info ->
                  asked
                      ? info.ended(FeedInfo.State.ELSEWHERE, Optional.empty())
                      : info.ended(FeedInfo.State.GONE, Optional.of(reason)));
          return core.gone(run.number, reason, now);
        });
  }

  private void inform(Feed feed, UnaryOperator<FeedInfo> change) {
    feedInfos.computeIfPresent(feed.id(), (id, info) -> change.apply(info));
  }

  boolean holds(int slot, long grant) {
    Placement.Membership its = membership;
    return its != null && its.holds(slot, grant);
  }

  FleetInfo info() {
    Placement.Membership its = joined();
    Map<Integer, String> owners = new HashMap<>();
    for (int slot = 0; slot < options.slots(); slot++) {
      String owner = its.owner(slot).orElse(null);
      if (owner != null) {
        owners.put(slot, owner);
      }
    }
    List<FeedInfo> feeds =
        feedInfos.values().stream()
            .map(info -> info.standingBy(info.standBy().map(none -> its.standBy(info.slot()))))
            .sorted(Comparator.comparing(FeedInfo::id))
            .toList();
    Optional<Instant> oldest = unwritten.values().stream().min(Comparator.naturalOrder());
    Optional<String> why = Optional.ofNullable(endedBecause);
    int living = why.isPresent() ? 0 : members;
    return new FleetInfo(its.node(), living, why, epochs, owners, written.sum(), oldest, feeds);
  }

  void tell(FleetEvent event) {
    if (listeners.isEmpty()) {
      return;
    }
    telling.lock();
    try {
      listeners.forEach(listener -> tell(listener, event));
    } finally {
      telling.unlock();
    }
  }

  private static void tell(FleetListener listener, FleetEvent event) {
    try {
      listener.happened(event);
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.ERROR, "The listener threw. The fleet goes on.", e);
    }
  }

  // ---- the fleet's thread

  private void run() {
    try {
      while (ended.getCount() > 0) {
        long delay = core.delay(System.nanoTime());
        List<Act> acts = new ArrayList<>();
        Fact fact = facts.poll(delay, TimeUnit.NANOSECONDS);
        for (int more = MOST_FACTS; fact != null; more--) {
          acts.addAll(fact.happened(System.nanoTime()));
          fact = more > 0 ? facts.poll() : null;
        }
        acts.addAll(core.passed(System.nanoTime()));
        acts.forEach(this::carryOut);
        begun.forEach(Tenure::begun);
        begun.clear();
        claim();
        read();
      }
    } catch (InterruptedException e) {
      // the fleet was closed, and did not end within its time
    }
  }

  private void carryOut(Act act) {
    switch (act) {
      case Act.Claim(var slot) -> claims.add(slot);
      case Act.Read(var slot) -> reads.add(slot);
      case Act.Hold(var slot) -> {
        Tenure held = tenures.get(slot);
        Tenure tenure = held == null ? begin(slot) : held;
        tenure.prepares();
        begun.add(tenure);
      }
      case Act.Begin(var slot, var epoch, var grant) -> {
        Tenure held = tenures.get(slot);
        Tenure tenure = held == null ? begin(slot) : held;
        tenure.claimed(epoch, grant);
        epochs.put(slot, epoch);
        begun.add(tenure);
      }
      case Act.Settle(var slot, var number, var position) -> tenure(slot).settle(number, position);
      case Act.Open(var slot, var epoch, var number, var feed, var position) ->
          open(tenure(slot), number, feed, position, epoch == 0);
      case Act.Close(var slot, var number, var atOnce) -> tenure(slot).close(number, atOnce);
      case Act.Stop(var slot, var epoch) -> tenure(slot).stop();
      case Act.Finish(var slot, var epoch) -> {
        tenure(slot).finish();
        tenures.remove(slot);
        epochs.remove(slot);
      }
      case Act.Save(var all) -> storeTasks.add(() -> save(all));
      case Act.Release(var slot, var epoch) -> storeTasks.add(() -> release(slot, epoch));
      case Act.Left(var slot, var grant) -> {
        dispatch.left(slot, grant);
        Placement.Membership its = membership;
        if (its != null) {
          its.left(slot, grant);
        }
      }
      case Act.Tell(var event) -> tell(event);
      case Act.Ended() -> ended.countDown();
    }
  }

  private Tenure begin(int slot) {
    Tenure tenure = new Tenure(slot, this);
    tenures.put(slot, tenure);
    tenure.start();
    return tenure;
  }

  private Tenure tenure(int slot) {
    Tenure tenure = tenures.get(slot);
    if (tenure == null) {
      throw new IllegalStateException("slot " + slot + " has no tenure");
    }
    return tenure;
  }

  private void open(
      Tenure tenure, long number, String id, @Nullable String position, boolean early) {
    Feed feed = feeds.get(id);
    if (feed == null) {
      throw new IllegalStateException(id + " is not configured");
    }
    Run run =
        early
            ? Run.early(number, feed, position, longest(feed, tenure.slot))
            : new Run(number, feed, position);
    if (position != null && !early) {
      inform(feed, info -> info.at(position));
    }
    try {
      tenure.open(run);
    } catch (RuntimeException e) { // what it says does not fit together
      gone(run, Run.notOpened(e));
    }
  }

  /** How old what is held of a feed may be, in nanoseconds. */
  private long longest(Feed feed, int slot) {
    Duration its = standBys.get(slot);
    return feed.standsBy() && its != null
        ? its.plus(options.saveInterval()).toNanos()
        : Long.MAX_VALUE;
  }

  // ---- the store's thread

  private void read() {
    if (!reads.isEmpty()) {
      Set<Integer> all = Set.copyOf(reads);
      reads.clear();
      storeTasks.add(() -> read(all));
    }
  }

  private void read(Set<Integer> slots) {
    try {
      Map<Integer, Map<String, String>> answer = positions.positions(slots);
      for (int slot : slots) {
        Map<String, String> its = answer.getOrDefault(slot, Map.of());
        facts.add(now -> core.read(slot, its));
      }
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.DEBUG, "Positions could not be read, so feeds move without an overlap.", e);
      slots.forEach(slot -> facts.add(now -> core.readFailed(slot, now)));
    }
  }

  private void claim() {
    if (!claims.isEmpty()) {
      Set<Integer> all = Set.copyOf(claims);
      claims.clear();
      storeTasks.add(() -> claim(all));
    }
  }

  private void claim(Set<Integer> slots) {
    try {
      Map<Integer, Claimed> answer = positions.claim(slots);
      answer.forEach(
          (slot, its) -> facts.add(now -> core.claimed(slot, its.epoch(), its.positions())));
    } catch (Throwable e) { // whatever a user's code throws
      slots.forEach(slot -> facts.add(now -> core.claimFailed(slot, e, now)));
    }
  }

  private void save(List<Saving> all) {
    try {
      Set<Integer> refused = positions.save(all);
      facts.add(now -> core.saved(refused, now));
    } catch (Throwable e) { // whatever a user's code throws
      facts.add(now -> core.saveFailed(e, now));
    }
  }

  private void release(int slot, long epoch) {
    try {
      positions.released(slot, epoch);
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.ERROR, "The store threw as a slot was released. The fleet goes on.", e);
    }
  }

  private void runStore() {
    try {
      while (true) {
        storeTasks.take().run();
      }
    } catch (InterruptedException e) {
      // the fleet has ended
    }
  }

  // ---- the end

  void shutDown() {
    closing = true;
    if (membership != null) {
      membership.leaving();
    }
    facts.add(core::shutDown);
  }

  /** Waits until nothing runs any more. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends what still runs, and waits for it, but not for long: it may be in the user's code. */
  void abandon() throws InterruptedException {
    thread.interrupt();
    thread.join();
    tenures.values().forEach(Tenure::abandon);
    storeThread.interrupt();
    Placement.Membership its = membership;
    if (its != null) {
      its.close();
    }
    storeThread.join(Duration.ofSeconds(1));
    long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    for (Tenure tenure : tenures.values()) {
      tenure.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
  }
}
