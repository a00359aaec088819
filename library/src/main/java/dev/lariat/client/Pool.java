package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolListener;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.pool.Act;
import dev.lariat.internal.pool.PoolCore;
import dev.lariat.internal.pool.Wish;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.GuardedTrace;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Slots;
import dev.lariat.internal.retry.Attempts;
import dev.lariat.internal.transport.Alarm;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Terminated;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * The connections of a {@link Client}, which lead to {@link Place}s. A {@link PoolCore} decides,
 * under the lock, step by step. No thread waits for the lock to take a step: it leaves its step to
 * the thread that has the lock. So no event loop stands still, with all of its connections, because
 * a thread within got no processor. What is decided is carried out after the lock is let go, on the
 * thread that has taken the step: a loop, mostly, whose connection has room again, and which then
 * begins the next request itself.
 *
 * <p>Each connection makes one attempt to connect, and never reconnects. So nothing connects to an
 * origin that nobody asks for.
 */
final class Pool implements Source {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final int BATCH = 32; // steps, before what they have led to is carried out
  private static final int FEW = 16; // origins that are known although nobody asks for them
  private static final Duration WITHOUT_POLICY = Duration.ofSeconds(1);

  private volatile PoolOptions options; // written under the lock
  private final Machine machine;
  private final Loop loop; // of the timer
  private final Alarm alarm; // used on that loop
  private final CompletableFuture<Boolean> over = new CompletableFuture<>();
  private final Lives lives = new Lives();

  private final Lock lock = new ReentrantLock();
  private final Queue<LongConsumer> steps = new ConcurrentLinkedQueue<>(); // not taken yet

  /** By their numbers. Changed under the lock, and read without it: once for each request. */
  private final Map<Long, Connection> connections = new ConcurrentHashMap<>();

  private final Map<Place, Way> ways = new ConcurrentHashMap<>();

  private final Set<PoolListener> culprits = ConcurrentHashMap.newKeySet(); // who threw

  // under the lock
  private final PoolCore<Place, Want<?>> core;
  private long armed = Long.MAX_VALUE; // when the timer runs at the latest

  /** How an origin is reached. */
  private static final class Way {
    final PoolOptions rules;
    final ConnectionOptions how;
    final Attempts attempts;
    final Set<Long> links = new HashSet<>(); // under the lock; what was opened in this way
    volatile boolean withoutHttp2; // since the server demands it
    volatile boolean old; // since there are newer options

    Way(PoolOptions rules, ConnectionOptions how, Attempts attempts) {
      this.rules = rules;
      this.how = how;
      this.attempts = attempts;
    }

    ConnectionOptions options() {
      ConnectionOptions own = how.retry(Backoff.NEVER);
      return withoutHttp2 ? Fallback.withoutHttp2(own) : own;
    }
  }

  Pool(PoolOptions options) {
    this.options = options;
    this.machine = Machine.of(options.connection());
    this.core = new PoolCore<>(options.total(), machine.random(), !options.listeners().isEmpty());
    this.loop = machine.nextLoop();
    this.alarm = new Alarm(loop, this::elapsed);
  }

  @Override
  public Machine machine() {
    return machine;
  }

  /** The live connections that use it, which end with it. */
  Lives lives() {
    return lives;
  }

  /** Completes when it is closed, and all of its connections have ended. */
  CompletableFuture<Boolean> over() {
    return over;
  }

  // ---- what is wanted

  /**
   * The thread waits where its response will arrive. So one that waits for a connection is not
   * woken by it, but by the response, and runs once less.
   */
  @Override
  public Begun begin(
      HttpUri uri, Request request, Mailbox mailbox, Duration left, boolean fresh, Trace trace) {
    Inbox inbox = Core.get().inbox(mailbox, machine);
    Want<Exchange> want =
        wanted(
            uri,
            left,
            fresh ? Wish.FRESH : Wish.ANYWHERE,
            on -> Core.get().call(on, Coalescing.on(on, uri, request), mailbox, trace));
    want.begun()
        .whenComplete(
            (begun, failure) -> {
              if (failure != null) {
                inbox.wake();
              }
            });
    want(want);
    Want.Begun<Exchange> begun =
        await(
            want,
            left,
            () -> Core.get().await(mailbox, Await.nanos(left), want.begun()::isDone),
            Exchange::cancel);
    return new Begun(begun.stream(), begun.reused());
  }

  /** How a request with a trace begins on a connection. */
  @FunctionalInterface
  interface Beginning<T> {
    T on(Connection connection, Request request, Trace trace);
  }

  /**
   * Waits until a request of this thread has begun.
   *
   * @param cancel what ends it if the thread is interrupted meanwhile
   */
  <T> T get(HttpUri uri, Request request, Duration left, Beginning<T> begin, Consumer<T> cancel) {
    Trace trace = trace(uri, request.method());
    return get(uri, left, Wish.SHARED, trace, on -> begin.on(on, request, trace), cancel);
  }

  /** Opens a WebSocket there. */
  WebSocket webSocket(HttpUri uri, Duration left, WebSocketOptions how) {
    Trace trace = trace(uri, "GET");
    Function<Connection, WebSocket> begin =
        on -> Core.get().webSocket(on, uri.target(), how, trace);
    return get(uri, left, Wish.OWN, trace, begin, WebSocket::close);
  }

  private Trace trace(HttpUri uri, String method) {
    return GuardedTrace.begin(optionsOf(uri), uri, method, uri.target(), null);
  }

  private <T> T get(
      HttpUri uri,
      Duration left,
      Wish wish,
      Trace trace,
      Function<Connection, T> begin,
      Consumer<T> cancel) {
    Want<T> want = wanted(uri, left, wish, begin);
    try {
      want(want);
      return await(want, left, () -> {}, cancel).stream();
    } catch (FailedException e) {
      trace.failed(e.reason());
      throw e;
    }
  }

  private <T> Want<T> wanted(HttpUri uri, Duration left, Wish wish, Function<Connection, T> begin) {
    return new Want<>(
        Place.of(uri), wish, deadline(left), (connection, link, reused) -> begin.apply(connection));
  }

  /** How a thread waits at first. */
  private interface Wait {
    void run() throws InterruptedException;
  }

  private <T> Want.Begun<T> await(Want<T> want, Duration left, Wait first, Consumer<T> cancel) {
    CompletableFuture<Want.Begun<T>> begun = want.begun();
    if (!begun.isDone()) {
      machine.refuseToBlock("request", "use a method that returns a future");
      try {
        first.run();
        Await.on(begun, Long.MAX_VALUE, machine);
      } catch (InterruptedException e) {
        cancel(want);
        begun.thenAccept(its -> cancel.accept(its.stream())); // it may have begun meanwhile
        throw Await.interrupted("request");
      }
    }
    try {
      return begun.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case FailedException failed -> throw new FailedException(within(failed.reason(), left));
        case RuntimeException misuse -> throw misuse;
        case null, default -> throw e;
      }
    }
  }

  /** Why there is no connection, with the time that the user has named. */
  static Reason within(Reason reason, Duration left) {
    return reason instanceof Reason.Timeout late
        ? new Reason.Timeout(late.step(), left, late.last())
        : reason;
  }

  /** When it is too late for what may take so long. */
  long deadline(Duration left) {
    long nanos = Await.nanos(left);
    return nanos == Long.MAX_VALUE ? nanos : loop.now() + nanos;
  }

  /** Begins it as soon as a connection takes it. */
  void want(Want<?> want) {
    decide(now -> core.want(want.place, rules(want.place), want, want.deadline, want.wish, now));
  }

  /** It is not wanted any more. */
  void cancel(Want<?> want) {
    decide(now -> core.cancel(want.place, want, now));
  }

  /** What was granted there is not begun. */
  void unused(long link) {
    decide(now -> core.unused(link, now));
  }

  /** This connection has ended, which is still to be told. */
  void broken(long link) {
    decide(unused -> core.broken(link));
  }

  /** What was granted there is not begun, and nothing new shall be. */
  void renew(long link) {
    decide(
        now -> {
          core.renew(link);
          core.unused(link, now);
        });
  }

  /**
   * Opens connections to an origin until there are so many.
   *
   * @throws FailedException if it is closed
   */
  void warm(HttpUri uri, int number) {
    Place place = Place.of(uri);
    if (lives.areClosed()) {
      throw new FailedException(new Reason.BadState("warm", "the client is closed"));
    }
    decide(now -> core.warm(place, rules(place), number, now));
  }

  /** Opens connections with these options of TLS, and begins nothing new on those with others. */
  void renew(Tls tls) {
    decide(
        unused -> {
          PoolOptions its = options;
          options = its.connection(its.connection().tls(tls));
          ways.entrySet()
              .removeIf(
                  known -> {
                    HttpUri origin = known.getKey().origin();
                    boolean changes =
                        origin.secure()
                            && known.getKey().apart().isEmpty()
                            && !its.origins().containsKey(origin.origin());
                    if (changes) {
                      known.getValue().old = true;
                      known.getValue().links.forEach(core::renew);
                    }
                    return changes;
                  });
        });
  }

  @Override
  public void repeated(HttpUri uri) {
    decide(unused -> core.repeated(Place.of(uri)));
  }

  @Override
  public boolean misdirected(HttpUri uri, Begun begun) {
    Connection wrong = begun.exchange().connection();
    decide(
        unused ->
            connections.forEach(
                (link, connection) -> {
                  if (connection == wrong) {
                    core.misdirected(Place.of(uri), link);
                  }
                }));
    return true;
  }

  @Override
  public boolean hasEnded(HttpUri uri) {
    return false;
  }

  @Override
  public boolean hasOthers() {
    return true;
  }

  @Override
  public boolean keepsCookies(HttpUri uri) {
    return optionsOf(uri).cookies().isPresent();
  }

  @Override
  public Source another() {
    return this;
  }

  /** A call is over, and the pool goes on. */
  @Override
  public void close() {}

  /** The rules of this origin, for the core; under the lock. */
  private PoolOptions rules(Place place) {
    if (ways.size() > 2 * core.origins() + FEW) {
      ways.keySet().removeIf(known -> !core.knows(known));
    }
    return way(place).rules;
  }

  @Override
  public ConnectionOptions optionsOf(HttpUri uri) {
    return rules(uri).connection();
  }

  /** The options with which connections to this origin are opened. Its URL decides about TLS. */
  ConnectionOptions opening(HttpUri origin) {
    ConnectionOptions its = optionsOf(origin);
    return origin.secure() ? its : its.tls(Optional.empty());
  }

  private PoolOptions rules(HttpUri origin) {
    Map<String, PoolOptions> those = options.origins();
    return those.isEmpty() ? options : those.getOrDefault(origin.origin(), options);
  }

  /** The options of its connections, as far as no URL decides: without TLS. */
  ConnectionOptions options() {
    return options.connection().tls(Optional.empty());
  }

  /** How this place is reached. */
  private Way way(Place place) {
    return ways.computeIfAbsent(
        place,
        key -> {
          PoolOptions rules = rules(key.origin());
          ConnectionOptions how = key.apart().orElseGet(() -> opening(key.origin()));
          return new Way(rules, how, new Attempts(rules.connection().retry(), machine.random()));
        });
  }

  // ---- deciding, and carrying out

  /**
   * What steps have led to.
   *
   * @param over whether nothing is left of the pool when this has been carried out
   */
  private record Decided(List<Act<Place, Want<?>>> acts, boolean over) {}

  private void decide(LongConsumer step) {
    steps.add(step);
    decide();
  }

  /**
   * Takes the steps that are there, unless another thread has the lock. That one looks again when
   * it has let go, so no step is forgotten.
   */
  private void decide() {
    while (!steps.isEmpty() && lock.tryLock()) {
      Decided decided;
      try {
        decided = takeSteps(BATCH);
      } finally {
        lock.unlock();
      }
      carryOut(decided);
    }
  }

  /** Takes the steps that are there, but no more than this; under the lock. */
  private Decided takeSteps(int most) {
    long now = loop.now();
    LongConsumer step = steps.poll();
    for (int taken = 1; step != null; taken++) {
      step.accept(now);
      step = taken < most ? steps.poll() : null;
    }
    arm();
    return new Decided(core.take(), core.isOver());
  }

  private void arm() {
    long deadline = core.deadline();
    if (deadline < armed && !core.isOver()) {
      armed = deadline;
      loop.execute(() -> alarm.set(deadline, loop.now()));
    }
  }

  private void elapsed() {
    decide(
        now -> {
          armed = Long.MAX_VALUE;
          core.elapsed(now);
        });
  }

  private void carryOut(Decided decided) {
    decided.acts().forEach(this::carryOut);
    if (decided.over() && over.complete(true)) {
      loop.execute(alarm::cancel);
      loop.release();
    }
  }

  private void carryOut(Act<Place, Want<?>> act) {
    switch (act) {
      case Act.Dial<Place, Want<?>>(var place, var link) -> dial(place, link);
      case Act.Grant<Place, Want<?>>(var want, var link, var reused, var waited) ->
          grant(want, link, reused);
      case Act.Refuse<Place, Want<?>>(var want, var why, var last, var waited) ->
          want.fails(refusal(want, why, last, waited));
      case Act.Late<Place, Want<?>>(var want, var link, var last, var waited) ->
          whyNotUp(link, last)
              .thenAccept(why -> want.fails(refusal(want, Act.Why.LATE, Optional.of(why), waited)));
      case Act.Retire<Place, Want<?>>(var link, var cause) -> {
        Connection connection = connections.get(link);
        if (connection != null) { // otherwise whoever opens it finds that it is not wanted
          connection.shutdown();
        }
      }
      case Act.Seek<Place, Want<?>>(var place) ->
          Coalescing.sought(place, rules(place.origin()), machine)
              .thenAccept(where -> decide(now -> core.sought(place, where, now)));
      case Act.Tell<Place, Want<?>>(var event) -> tell(event);
    }
  }

  private void tell(PoolEvent event) {
    for (PoolListener listener : options.listeners()) {
      try {
        listener.event(event);
      } catch (Throwable e) { // a user's code
        if (culprits.add(listener)) {
          LOG.log(Level.ERROR, "A listener of a pool threw at " + event + ".", e);
        }
      }
    }
  }

  private void grant(Want<?> want, long link, boolean reused) {
    Connection connection = connections.get(link);
    Want.Outcome outcome =
        connection == null ? Want.Outcome.TOO_LATE : want.beginsOn(connection, link, reused);
    switch (outcome) {
      case BEGUN -> {}
      case TOO_LATE -> {
        decide(
            now ->
                core.again(
                    want.place, rules(want.place), want, want.deadline, want.wish, link, now));
      }
      case MISTAKE -> unused(link);
    }
  }

  /** Why this connection is not established yet, or that reason if it does not know. */
  private CompletableFuture<Reason> whyNotUp(long link, Reason otherwise) {
    Connection connection = connections.get(link);
    return connection == null
        ? CompletableFuture.completedFuture(otherwise)
        : Core.get()
            .door(connection)
            .ask(actor -> actor.inspect().whyNotUp())
            .thenApply(why -> why.orElse(otherwise));
  }

  private FailedException refusal(Want<?> want, Act.Why why, Optional<Reason> last, long waited) {
    return switch (why) {
      case FULL -> {
        Reason full = new Reason.Limit(Reason.Bound.POOL_WAITING, way(want.place).rules.waiting());
        yield last.map(more -> new FailedException(full, more))
            .orElseGet(() -> new FailedException(full));
      }
      case LATE ->
          new FailedException(
              new Reason.Timeout(Reason.Step.CHECKOUT, Duration.ofNanos(waited), last));
      case FAILED -> new FailedException(last.orElseThrow()); // the dial's, which there always is
      case CLOSED -> new FailedException(new Reason.BadState("request", "the client is closed"));
    };
  }

  // ---- connections

  private void dial(Place place, long link) {
    Loop its = machine.nextLoop();
    Way way = way(place);
    Connection connection;
    try {
      connection =
          Core.get()
              .open(
                  place.origin().authority(),
                  place.origin().secure(),
                  way.options(),
                  its,
                  message -> told(way, link, message));
    } catch (RuntimeException | Error e) { // options that this machine cannot fulfil
      Reason why = e instanceof FailedException failed ? failed.reason() : new Reason.Fault(e);
      decide(now -> core.gone(link, why, true, WITHOUT_POLICY.toNanos(), now));
      return;
    } finally {
      its.release(); // the connection has its own hold on it
    }
    decide(
        unused -> {
          if (core.isWanted(link)) {
            connections.put(link, connection);
            way.links.add(link);
            tellRoom(connection, place, way, link);
          } else {
            connection.shutdown();
          }
        });
  }

  /** Has the connection tell how many streams it takes, from now on. */
  private void tellRoom(Connection connection, Place place, Way way, long link) {
    Core.get().door(connection).post(new Command.SetSlots(slots(place, way, link)));
  }

  /** Tells the core how a connection stands. */
  private Slots slots(Place place, Way way, long link) {
    return new Slots() {
      @Override
      public void established(Protocol protocol, Supplier<Peer> peer) {
        PoolOptions rules = way.rules;
        if (rules.coalesce()) {
          Coalescing.reached(place, rules, protocol, peer.get())
              .ifPresent(what -> decide(unused -> core.reached(link, what)));
        }
      }

      @Override
      public void told(Protocol protocol, long ended, long credit, boolean last, long idle) {
        decide(now -> core.told(link, protocol, ended, credit, last || way.old, idle, now));
      }
    };
  }

  /** A connection tells its owner something; only its end matters to the pool. */
  private void told(Way way, long link, Message message) {
    if (message instanceof Notice notice) {
      lives.told(notice);
    }
    if (!(message instanceof Terminated end)) {
      return;
    }
    Reason why = Actor.lastFailure(end.reason());
    decide(
        now -> {
          connections.remove(link);
          way.links.remove(link);
          way.withoutHttp2 |= Fallback.isRequired(why);
          Duration delay = way.attempts.next(why).orElse(WITHOUT_POLICY);
          if (core.isEstablished(link)) {
            way.attempts.restart();
          }
          core.gone(link, why, isFailure(why), delay.toNanos(), now);
          if (core.isOver()) {
            ways.clear();
          }
        });
  }

  private static boolean isFailure(Reason why) {
    return !(why instanceof Reason.Closed
        || why instanceof Reason.OwnerClosed
        || why instanceof Reason.KeepAlive
        || why instanceof Reason.Cancelled);
  }

  // ---- the end, and how it stands

  /** Refuses what waits and what comes, and ends each connection when its responses have. */
  void shutdown() {
    CompletableFuture<?> gone = lives.end(Pooling.Member::leave);
    decide(core::refuse);
    gone.thenRun(() -> decide(core::close)); // until then they have something to say
  }

  /** Ends all at once. */
  void end() {
    lives.end(Pooling.Member::close);
    decide(core::close);
    decide(unused -> connections.values().forEach(Connection::close));
  }

  /** How it stands now, after all that this thread has told it. */
  PoolInfo info() {
    Decided decided;
    PoolInfo info;
    lock.lock();
    try {
      decided = takeSteps(Integer.MAX_VALUE);
      info = core.info(loop.now());
    } finally {
      lock.unlock();
    }
    carryOut(decided);
    decide(); // what was left meanwhile
    return info;
  }
}
