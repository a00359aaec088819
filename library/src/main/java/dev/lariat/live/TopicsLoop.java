package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.topics.Socket;
import dev.lariat.internal.topics.Stage;
import dev.lariat.internal.topics.Stage.Sent;
import dev.lariat.internal.topics.Subscriptions;
import dev.lariat.internal.transport.Alarm;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule;
import dev.lariat.option.TopicRule.Meaning;
import dev.lariat.option.TopicRule.Subscription;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of {@link Topics}. It brings to its {@link Subscriptions} what happens, turn by
 * turn, and does what they decide. All sockets of a {@code Topics} live on one loop, so nothing
 * here is shared; {@link #post} leads there from any thread.
 *
 * <p>What readers are told in a turn is handed over at its end, one batch for each reader.
 */
final class TopicsLoop implements Stage<TopicReader, SocketSession> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  final Machine machine;
  private final LiveRef ref; // of what has no socket
  private final Loop loop;
  private final Ground ground; // where the connections of the sockets come from
  private final LiveWebSocket.Plan plan;
  private final TopicRule rule;
  private final TopicOptions options;
  private final @Nullable Inbox control; // for what belongs to no topic; null if nobody reads it
  private final Subscriptions<TopicReader, SocketSession> subscriptions;
  private final Map<Socket<TopicReader, SocketSession>, Upstream> upstreams = new LinkedHashMap<>();
  private Set<TopicReader> touched = new LinkedHashSet<>(); // were told something in this turn
  private final Alarm alarm;
  private final CompletableFuture<Reason> ended = new CompletableFuture<>();
  private @Nullable Reason end; // why it ends; null while it lives
  private boolean turning; // whether a turn is in progress
  private long unread;
  private long dropped;
  private volatile String authority = "(no endpoint yet)"; // of the newest socket
  private volatile boolean closed; // whether it takes no more readers

  @SuppressWarnings("ThisEscape") // nothing happens before the first reader
  TopicsLoop(
      LiveRef ref,
      LiveWebSocket.Plan plan,
      TopicRule rule,
      TopicOptions options,
      Ground ground,
      @Nullable Inbox control) {
    this.machine = ground.machine();
    this.ref = ref;
    this.ground = ground;
    this.rule = rule;
    this.options = options;
    this.control = control;
    Neighbours neighbours = ground.join();
    this.loop = neighbours == null ? machine.nextLoop() : neighbours.loop();
    this.plan = plan.on(loop);
    this.subscriptions = new Subscriptions<>(options, this);
    this.alarm = new Alarm(loop, () -> turn(() -> subscriptions.elapsed(now())));
  }

  // ---- turns

  long now() {
    return loop.now();
  }

  /** Runs this on the loop, soon; from any thread. Does nothing after the end. */
  void post(Runnable body) {
    if (!ended.isDone()) { // otherwise it would start a thread for the loop
      loop.execute(() -> turn(body));
    }
  }

  /** Runs this on the loop. An exception ends all of it, and nothing else. */
  void turn(Runnable body) {
    if (turning) { // a socket tells something within a turn of this
      body.run();
      return;
    }
    turning = true;
    try {
      body.run();
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "The topics of " + authority + " failed.", e);
      end(new Reason.Fault(e), false);
    } finally {
      turning = false;
    }
    settle();
  }

  private void settle() {
    while (!touched.isEmpty()) {
      Set<TopicReader> all = touched;
      touched = new LinkedHashSet<>();
      all.forEach(TopicReader::flush);
    }
    upstreams.values().forEach(Upstream::settle);
    if (!ended.isDone()) {
      alarm.set(subscriptions.deadline(), now());
    }
  }

  /** This reader was told something in this turn. */
  void touched(TopicReader reader) {
    touched.add(reader);
  }

  /** Wakes the reader of this inbox, if it waits. */
  void wake(Inbox inbox) {
    if (inbox.sleeps()) {
      loop.wakeSoon(inbox);
    }
  }

  // ---- what its user asks; from any thread

  void open(TopicReader reader) {
    loop.execute( // even after the end, for the reader must be told
        () ->
            turn(
                () -> {
                  if (end == null) {
                    subscriptions.open(reader, reader.topic(), now());
                  } else {
                    ended(reader, end);
                  }
                }));
  }

  void close(TopicReader reader) {
    post(() -> subscriptions.close(reader, now()));
  }

  /**
   * Ends all of it.
   *
   * @param cleanly whether the sockets say goodbye
   */
  void end(boolean cleanly) {
    closed = true;
    post(() -> end(new Reason.OwnerClosed(), cleanly));
  }

  /** Whether it takes no more readers. */
  boolean isClosed() {
    return closed;
  }

  String authority() {
    return authority;
  }

  /** Completes when it has ended, with why. */
  CompletableFuture<Reason> ended() {
    return ended;
  }

  /** Completes when what runs on the loop now is over. */
  CompletableFuture<?> turnOver() {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    loop.execute(() -> over.complete(true));
    return over;
  }

  /** How it stands, as the loop sees it. */
  CompletableFuture<TopicsInfo> info() {
    CompletableFuture<TopicsInfo> info = new CompletableFuture<>();
    if (loop.isCurrent()) {
      info.complete(inspect());
    } else {
      loop.execute(() -> info.complete(inspect()));
    }
    return info;
  }

  private TopicsInfo inspect() {
    return new TopicsInfo(
        upstreams.values().stream().map(Upstream::info).toList(),
        subscriptions.topics(),
        subscriptions.lingering(),
        subscriptions.readers(),
        unread,
        dropped);
  }

  // ---- the end; on the loop

  private void end(Reason reason, boolean cleanly) {
    closed = true;
    if (end == null) {
      end = reason;
      subscriptions.end(reason);
    }
    for (Upstream upstream : List.copyOf(upstreams.values())) {
      if (cleanly) {
        upstream.live().shutdown();
      } else {
        upstream.live().close();
      }
    }
    finish();
  }

  /** Lets go of the loop when the last socket has ended. */
  private void finish() {
    if (end != null && upstreams.isEmpty() && !ended.isDone()) {
      alarm.cancel();
      ended.complete(end);
      ground.left(ref);
      loop.release();
    }
  }

  /** A socket has ended. */
  void gone(Socket<TopicReader, SocketSession> socket) {
    upstreams.remove(socket);
    finish();
  }

  // ---- what arrives; on the loop

  /** Which socket has which topic. */
  Subscriptions<TopicReader, SocketSession> subscriptions() {
    return subscriptions;
  }

  /** What a frame means by the user's rule; whatever that throws comes out of here. */
  Meaning read(WebSocketFrame message) {
    return Objects.requireNonNull(rule.read(message.frame()), "meaning");
  }

  /**
   * Passes on what belongs to no topic.
   *
   * @return where it was put; null if nobody reads it
   */
  @Nullable Inbox control(Message message) {
    if (control != null) {
      control.put(new Message[] {message}, 1);
      wake(control);
    }
    return control;
  }

  /** A message of a topic has arrived that nobody reads. */
  void unread() {
    unread++;
  }

  /** A message was dropped. */
  void dropped() {
    dropped++;
  }

  // ---- what the subscriptions decide

  @Override
  public void connect(Socket<TopicReader, SocketSession> socket) {
    Upstream upstream = new Upstream(this, socket, plan);
    upstreams.put(socket, upstream);
    authority = upstream.live().authority();
  }

  @Override
  public void disconnect(Socket<TopicReader, SocketSession> socket) {
    upstream(socket).live().shutdown();
  }

  private Upstream upstream(Socket<TopicReader, SocketSession> socket) {
    return Objects.requireNonNull(upstreams.get(socket), "upstream");
  }

  @Override
  public Sent subscribe(
      Socket<TopicReader, SocketSession> socket, SocketSession session, List<String> topics) {
    return send(socket, session, rule.subscribe(topics));
  }

  @Override
  public Sent unsubscribe(
      Socket<TopicReader, SocketSession> socket, SocketSession session, List<Subscription> topics) {
    try {
      return send(socket, session, rule.unsubscribe(topics));
    } catch (Throwable e) { // whatever a user's code throws
      loop.execute(() -> session.turn(() -> session.fail(new Reason.HandlerThrew(e))));
      return Sent.ENDED; // the next session subscribes nothing that nobody reads
    }
  }

  private Sent send(
      Socket<TopicReader, SocketSession> socket, SocketSession session, List<Frame> frames) {
    frames.forEach(LiveWebSocket::refuseClose);
    try {
      if (frames.isEmpty() || session.socket().trySend(frames.toArray(Frame[]::new))) {
        return Sent.YES;
      }
    } catch (FailedException e) { // its connection has terminated
      return Sent.ENDED;
    }
    Core.get()
        .gate(session.socket())
        .whenRoom(() -> post(() -> subscriptions.room(socket, session, now())));
    return Sent.LATER;
  }

  @Override
  public void open(TopicReader reader, Socket<TopicReader, SocketSession> socket) {
    Open open = upstream(socket).open();
    authority = open.stream().authority();
    reader.tell(new Open(reader, open.session(), open.subprotocol(), open.headers()));
  }

  @Override
  public void gap(TopicReader reader, int attempt, Duration delay, Reason reason) {
    reader.tell(new Waiting(reader, attempt, delay, reason, false));
  }

  @Override
  public void ended(TopicReader reader, Reason reason) {
    reader.tell(new Gone(reader, reason));
  }

  @Override
  public long pace(long now) {
    try {
      return options.pace().map(budget -> Math.max(0, budget.take(now))).orElse(0L);
    } catch (Throwable e) { // whatever a user's code throws
      LOG.log(Level.ERROR, "The budget of the topics of " + authority + " threw.", e);
      return 0;
    }
  }
}
