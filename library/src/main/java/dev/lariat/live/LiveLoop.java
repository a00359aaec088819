package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.RetryAfter;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.entrance.Redirection;
import dev.lariat.internal.live.Life;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.SparseQueue;
import dev.lariat.internal.transport.Alarm;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Bytes;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Waiting;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.Limits;
import dev.lariat.option.LiveOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a live connection. It brings to its {@link Life} what happens, turn by turn,
 * and does what the life decides. The states are the life's; this class has threads, timers and
 * sessions.
 *
 * <p>All of it runs on one event loop, on which the connections of its sessions live, too; {@link
 * #post} leads there from any thread. The user's search for an endpoint and the user's opening step
 * run on threads of their own. They come back by {@code post}, with the number of the search or
 * with the session, so a late answer finds that nobody wants it any more. What other threads ask is
 * answered by {@code authority}, {@code session} and {@code failure}: the loop alone writes them,
 * and they are volatile.
 *
 * @param <S> a session
 */
abstract class LiveLoop<S extends LiveSession<S, ?>> implements Life.Stage<S> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private static final int REMEMBERED = 100; // origins, of all that a user's search may name

  final LiveRef ref;
  final Machine machine;
  final Loop loop;
  final @Nullable Neighbours neighbours; // with whom connections are shared; null if with nobody
  final @Nullable Pooling pooling; // the client whose connections it uses; null without one
  private final Ground ground; // who knows them
  final Inbox inbox; // where everything is told
  private final LiveOwner owner; // whose that is
  final Life<S> life; // decides
  private final Endpoints endpoints; // the user's search, or Fixed
  private final CompletableFuture<Reason> ended = new CompletableFuture<>(); // why it has ended
  private List<CompletableFuture<Long>> awaitingOpen = List.of(); // who waits for a session

  private final SparseQueue<S> alive = new SparseQueue<>(); // their connections have not ended
  private @Nullable S carrier; // the session whose messages are told; null without one

  private volatile String authority = "(no endpoint yet)"; // of the newest endpoint
  private volatile long session; // the number of the session that carries traffic; 0 without one
  private volatile Optional<Reason> failure = Optional.empty(); // why it last had to wait
  private Optional<Login> login = Optional.empty(); // how the endpoint at loginAt wants to log in
  private @Nullable URI loginAt; // the origin that "login" is for; null before the first
  private Map<String, Reason> withoutHttp2; // the origins that must be asked by HTTP/1.1: why
  private @Nullable Thread searcher; // the thread of the newest search; null without one
  private final Alarm alarm; // calls the life at its deadline, or before

  /**
   * A live connection that has not started.
   *
   * @param given where it runs; null for a loop of its own. Those who share connections have one
   *     loop in any case
   */
  @SuppressWarnings("ThisEscape") // the life does nothing before it is started
  LiveLoop(
      LiveRef ref,
      LiveOptions options,
      Endpoints endpoints,
      Ground ground,
      @Nullable Loop given,
      LiveOwner owner) {
    this.ref = ref;
    this.machine = ground.machine();
    this.owner = owner;
    this.inbox = owner.inbox(); // first, for it may refuse
    this.ground = ground;
    this.pooling = ground.pooling();
    this.neighbours = ground.join();
    if (neighbours != null) {
      this.loop = neighbours.loop();
    } else if (given != null) {
      given.retain();
      this.loop = given;
    } else {
      this.loop = machine.nextLoop();
    }
    this.withoutHttp2 = neighbours == null ? Map.of() : neighbours.withoutHttp2();
    this.endpoints = endpoints;
    if (endpoints instanceof Fixed(var endpoint)) {
      authority = endpoint.uri().getRawAuthority();
    }
    this.life = new Life<>(ref, options, machine.random(), this);
    this.alarm = new Alarm(loop, () -> turn(() -> life.elapsed(now())));
  }

  /** One attempt, and room for the one request that waits until it has succeeded. */
  static ConnectionOptions once(ConnectionOptions options) {
    Limits limits = options.limits();
    ConnectionOptions once = options.retry(Backoff.NEVER);
    return limits.heldCommands() == 0 ? once.limits(limits.heldCommands(1)) : once;
  }

  // ---- turns

  /** Starts the first attempt. */
  void start() {
    ground.enter(ref, new OfClient());
    post(
        () -> {
          if (!ended.isDone()) { // its client was closed at once
            life.start(now());
          }
        });
  }

  /** What its client tells it, on any thread. */
  private final class OfClient implements Pooling.Member {
    @Override
    public void leave() {
      LiveLoop.this.leave();
    }

    @Override
    public void close() {
      LiveLoop.this.close();
    }

    @Override
    public void told(Notice notice) {
      whileItLives(
          () ->
              alive.stream()
                  .filter(session -> session.isOn(notice.connection()))
                  .toList()
                  .forEach(session -> session.toldOfClient(notice)));
    }
  }

  long now() {
    return loop.now();
  }

  /** Lets go of the loop, on which nothing more of this will run. */
  final void release() {
    ground.left(ref); // first: nobody must join a loop that is released
    loop.release();
  }

  /** Runs this on the loop, soon; from any thread. */
  void post(Runnable body) {
    loop.execute(() -> turn(body));
  }

  /** Runs this on the loop. An exception ends this live connection, and nothing else. */
  void turn(Runnable body) {
    try {
      body.run();
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "The live connection to " + authority + " failed.", e);
      life.fault(e);
    }
    alarm.set(life.deadline(), now());
  }

  // ---- what the owner asks; from any thread

  void rotate() {
    whileItLives(() -> life.rotate(now()));
  }

  void retryNow() {
    whileItLives(() -> life.retryNow(now()));
  }

  void leave() {
    whileItLives(() -> life.leave(now()));
  }

  void close() {
    whileItLives(life::close);
  }

  /** Posts nothing after the end: that would start a thread for the loop. */
  final void whileItLives(Runnable body) {
    if (!ended.isDone()) {
      post(body);
    }
  }

  // ---- how it stands; from any thread

  String authority() {
    return authority;
  }

  /** Mostly, a connection has the same name: then one copy is enough. */
  final void isNamedBy(Connection connection) {
    String its = connection.authority();
    if (its.equals(authority)) {
      authority = its;
    }
  }

  long session() {
    return session;
  }

  /** Why no session carries traffic, if none does and there was an attempt. */
  Optional<Reason> failure() {
    return session > 0 ? Optional.empty() : failure;
  }

  /**
   * Why no session carries traffic: why the last one ended or the last attempt failed, or else how
   * far the first attempt has come. Waits for a moment; from any thread but the loop.
   */
  Optional<Reason> whyNotOpen() {
    if (session > 0 || failure.isPresent() || ended.isDone()) {
      return failure();
    }
    CompletableFuture<Optional<Reason>> soFar = new CompletableFuture<>();
    loop.execute(
        () -> {
          S candidate = life.candidate();
          Optional<Reason> own = life.soFar(now());
          if (own.isPresent() || candidate == null) {
            soFar.complete(own);
          } else {
            candidate.soFar().thenAccept(soFar::complete);
          }
        });
    return Await.briefly(soFar, machine);
  }

  /** Completes when it has ended, with why. */
  CompletableFuture<Reason> ended() {
    return ended;
  }

  /** Completes when what runs on the loop now, and what was posted to it before, is over. */
  CompletableFuture<?> turnOver() {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    loop.execute(() -> over.complete(true));
    return over;
  }

  /** Completes with the number of the session that carries traffic, once there is one. */
  CompletableFuture<Long> open() {
    CompletableFuture<Long> open = new CompletableFuture<>();
    post(
        () -> {
          Reason reason = ended.getNow(null);
          if (reason != null) {
            open.completeExceptionally(new FailedException(reason));
          } else if (session > 0) {
            open.complete(session);
          } else {
            if (awaitingOpen.isEmpty()) {
              awaitingOpen = new ArrayList<>(1);
            }
            awaitingOpen.removeIf(CompletableFuture::isDone); // those who gave up waiting
            awaitingOpen.add(open);
          }
        });
    return open;
  }

  // ---- what the life decides

  /** An endpoint that needs no search. */
  record Fixed(Endpoint endpoint) implements Endpoints {
    @Override
    public Endpoint next(int attempt, Optional<Reason> last) {
      return endpoint;
    }
  }

  @Override
  public void search(long search, int attempt, Optional<Reason> last) {
    if (endpoints instanceof Fixed(var endpoint)) {
      post(() -> found(search, endpoint));
      return;
    }
    searcher =
        machine.start(
            "lariat-endpoint",
            () -> {
              try {
                Endpoint next = Objects.requireNonNull(endpoints.next(attempt, last), "endpoint");
                searched(() -> found(search, next));
              } catch (Throwable e) { // whatever a user's code throws
                searched(() -> life.notFound(search, new Reason.EndpointThrew(e), now()));
              }
            });
  }

  /** Posts the outcome of the search on this thread, of which nothing is kept. */
  private void searched(Runnable outcome) {
    Thread thread = Thread.currentThread();
    post(
        () -> {
          if (searcher == thread) {
            searcher = null;
          }
          outcome.run();
        });
  }

  private void found(long search, Endpoint endpoint) {
    authority = endpoint.uri().getRawAuthority();
    S connecting;
    try {
      connecting = begin(approach(endpoint));
    } catch (RuntimeException e) { // what it says does not fit the options
      life.notFound(search, new Reason.EndpointThrew(e), now());
      return;
    }
    if (!life.found(search, connecting)) {
      end(connecting);
    }
  }

  /** The way of an attempt to this endpoint, through redirects and challenges. */
  abstract Approach approach(Endpoint endpoint);

  /** What is known of how this endpoint wants to see the credentials, if there are any. */
  final Optional<Login> login(Endpoint endpoint, Optional<Credentials> ofTheOptions) {
    Optional<Credentials> credentials = endpoint.credentials().or(() -> ofTheOptions);
    if (credentials.isEmpty()) {
      loginAt = null;
      login = Optional.empty();
      return login;
    }
    URI origin = endpoint.uri().resolve("/");
    boolean same =
        login.isPresent()
            && origin.equals(loginAt)
            && credentials.filter(login.get()::isFor).isPresent();
    if (!same) {
      loginAt = origin;
      login = credentials.map(Login::eager);
    }
    return login;
  }

  /** What a session needs of the options of a client's connection. */
  abstract ConnectionOptions ofSession(ConnectionOptions options);

  /**
   * A session that begins to connect next; answered by the life's {@code connected} or {@code
   * lost}, and not before that.
   */
  abstract S connect(Approach approach);

  private S begin(Approach approach) {
    S session = connect(approach);
    session.begin();
    alive.add(session);
    return session;
  }

  /** The sessions whose connections have not terminated. */
  final Collection<S> alive() {
    return alive;
  }

  /**
   * A session is refused: the attempt goes on by another one, or it has failed.
   *
   * @return whether it goes on, and the session has ended
   */
  final boolean goesOn(S session, Approach approach, Response refusal) {
    boolean leadsOn = approach.leadsOn(refusal);
    if (leadsOn) {
      goesOn(session, approach);
    }
    return leadsOn;
  }

  /**
   * What a session asks for cannot be had by HTTP/2: the attempt goes on by HTTP/1.1, if the
   * options allow it.
   *
   * @return whether it goes on, and the session has ended
   */
  final boolean fallsBack(S session, Approach approach, Reason why) {
    boolean fallsBack = approach.fallsBack(why);
    if (fallsBack) {
      goesOn(session, approach);
    }
    return fallsBack;
  }

  /** The attempt goes on by another session in place of this one, which ends. */
  final void goesOn(S session, Approach approach) {
    end(session); // first: the next may be another stream of the same connection
    S next;
    try {
      next = begin(approach);
    } catch (RuntimeException e) { // it leads to what no connection can be opened to
      String why = "no connection can be opened: " + e.getMessage();
      lost(session, Redirection.refused(approach.uri(), why).reason());
      return;
    }
    if (!life.goesOn(session, next)) {
      end(next);
    }
  }

  /** Notes that this origin is asked by HTTP/1.1, if these options list it beside HTTP/2. */
  final boolean fallsBack(String origin, ConnectionOptions options, Reason why) {
    if (!Fallback.isPossible(options.protocols())) {
      return false;
    }
    if (withoutHttp2.size() == REMEMBERED) {
      withoutHttp2.clear();
    } else if (withoutHttp2.isEmpty() && neighbours == null) {
      withoutHttp2 = new HashMap<>(2); // before, a constant
    }
    withoutHttp2.put(origin, why);
    return true;
  }

  /** Why this origin is asked by HTTP/1.1 although HTTP/2 is listed too; null if it is not. */
  final @Nullable Reason whyByHttp1(String origin) {
    return withoutHttp2.get(origin);
  }

  /** The options of a connection to this origin. */
  final ConnectionOptions spoken(String origin, ConnectionOptions options) {
    return withoutHttp2.containsKey(origin) ? Fallback.withoutHttp2(options) : options;
  }

  @Override
  public void giveUpSearch() {
    if (searcher != null) {
      searcher.interrupt();
      searcher = null;
    }
  }

  @Override
  public void tell(Message message) {
    if (message instanceof Waiting waiting && !waiting.open()) {
      failure = Optional.of(waiting.reason());
    }
    tell(new Message[] {message}, 1);
  }

  final void tell(Message[] batch, int count) {
    if (count > 0) {
      inbox.put(batch, count);
    }
    if (inbox.sleeps()) {
      loop.wakeSoon(inbox);
    }
  }

  /** Why an answer of this status opens no session. */
  final Reason.Status status(int status, Headers headers) {
    Optional<Duration> retryAfter =
        headers.first("retry-after").flatMap(value -> RetryAfter.parse(value, machine.now()));
    return new Reason.Status(status, retryAfter, headers, Bytes.EMPTY);
  }

  /** The owner is full: what the server does not say meanwhile is not its fault. */
  final void whenRoom(Runnable action) {
    turn(() -> life.unread(true, now()));
    inbox.whenRoom(
        () -> {
          action.run();
          post(() -> life.unread(false, now()));
        });
  }

  // ---- sessions

  @Override
  public final void carry(S next, long number) {
    session = number;
    awaitingOpen.forEach(waiter -> waiter.complete(number));
    awaitingOpen = List.of();
    LiveSession.Acceptance answer = next.acceptance();
    tell(new Open(ref, number, answer.subprotocol(), answer.headers()));
    carrier = next;
    next.carry();
    if (next.hasEnded()) { // it has ended while it was held
      ended(next);
    } else {
      sendBy(next);
    }
  }

  @Override
  public final void end(S session) {
    session.end();
    ended(session);
  }

  /** A session has ended by itself. */
  final void lost(S session, Reason reason) {
    ended(session);
    life.lost(session, reason, now());
  }

  /** A session has ended, and carries no traffic any more. */
  void ended(S ended) {
    if (ended == carrier) {
      carrier = null;
      session = 0;
    }
  }

  /** The connection of a session has terminated, or its stream of a shared one has ended. */
  final void terminated(S session) {
    alive.remove(session);
  }

  /** Ends the session that carries traffic now, soon: whoever calls may be in a turn of it. */
  final void endSession(Reason reason) {
    S now = carrier;
    if (now != null) {
      post(() -> now.fail(reason));
    }
  }

  /** Closes the connections of all sessions. */
  final void closeAll() {
    alive.forEach(LiveSession::closeConnection);
  }

  @Override
  public void over(Reason reason) {
    session = 0;
    if (ended.complete(reason)) {
      owner.ended();
      release();
    }
    awaitingOpen.forEach(waiter -> waiter.completeExceptionally(new FailedException(reason)));
    awaitingOpen = List.of();
    alarm.cancel();
    tell(new Gone(ref, reason));
  }
}
