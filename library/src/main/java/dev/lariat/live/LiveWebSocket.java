package dev.lariat.live;

import dev.lariat.ClientRef;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.entrance.Values;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Silence;
import dev.lariat.option.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that reconnects. Whenever its connection is lost, or the server temporarily refuses
 * it, it opens a new session, runs your opening step, and continues.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="feed"}
 *
 * <p>Its owner reads one sequence of messages that includes every change of state: {@code
 * Connecting}, {@code Open} with the number of the session, {@code Waiting} with the delay and the
 * reason, and {@code Gone} when it has ended for good.
 *
 * <p>If there is no session, messages that you send wait in an {@link Outbox}. Received messages
 * arrive between the {@code Open} of their session and the next change of state, so you can see
 * where there may be a gap. Lariat never delivers a message twice, and sends none twice unless you
 * set the outbox to do so. A written message can be lost with its session; {@link
 * Outbox#acknowledge} makes sure that it arrives.
 *
 * <p>You can call all methods from any thread. Methods that block say so.
 */
public final class LiveWebSocket implements LiveRef, Iterable<Frame>, AutoCloseable {
  static {
    Adoption.endsBy(LiveWebSocket.class, live -> live.live.ended());
  }

  private final LiveOwner owner;
  private final LiveSocket live;

  /**
   * Your opening step, which runs in every new session before Lariat sends your messages: to log
   * in, to subscribe or to resume. It runs on a separate virtual thread, so it may block. The
   * thread is interrupted when {@code live.opening} ends or the session ends.
   */
  @FunctionalInterface
  public interface Step {

    /**
     * Opens this session. If it throws, the session ends with {@code OpeningThrew}, and another
     * attempt follows by the retry policy.
     *
     * @param session the session
     * @throws Exception if the session cannot be opened; the exception is the reason of the failure
     */
    void run(Session session) throws Exception;
  }

  /**
   * A plan for a live WebSocket. It is an immutable value, from which you can open any number of
   * live WebSockets.
   */
  public static final class Plan {
    private final Endpoints endpoints;
    private final @Nullable Step step;
    private final LiveOptions options;
    private final @Nullable SharedConnections connections;
    private final @Nullable ClientRef client;
    private final @Nullable Receiver owner;
    private final @Nullable Loop loop; // null for the next one of the machine

    private Plan(
        Endpoints endpoints,
        @Nullable Step step,
        LiveOptions options,
        @Nullable SharedConnections connections,
        @Nullable ClientRef client,
        @Nullable Receiver owner,
        @Nullable Loop loop) {
      this.endpoints = endpoints;
      this.step = step;
      this.options = options;
      this.connections = connections;
      this.client = client;
      this.owner = owner;
      this.loop = loop;
    }

    /** The options. */
    LiveOptions options() {
      return options;
    }

    /** The opening step, if there is one. */
    @Nullable Step step() {
      return step;
    }

    /** Where its connections come from. */
    Ground ground() {
      return Ground.of(options.connection(), connections, client);
    }

    /** Whether it has an owner. */
    boolean isOwned() {
      return owner != null;
    }

    /** This plan, on this loop. */
    Plan on(Loop loop) {
      return new Plan(endpoints, step, options, connections, client, owner, loop);
    }

    /**
     * {@return this plan, with this opening step}
     *
     * @param step the step
     */
    public Plan onOpen(Step step) {
      return new Plan(
          endpoints, Objects.requireNonNull(step), options, connections, client, owner, loop);
    }

    /**
     * {@return this plan, with these options instead of the defaults}
     *
     * @param options the options
     */
    public Plan options(LiveOptions options) {
      return new Plan(endpoints, step, options, connections, client, owner, loop);
    }

    /**
     * {@return this plan, with sessions that are streams of these connections} By default, each
     * session has a connection for itself.
     *
     * @param connections the connections, which it shares with others that name the same object
     */
    public Plan connections(SharedConnections connections) {
      return new Plan(
          endpoints, step, options, Objects.requireNonNull(connections), client, owner, loop);
    }

    /**
     * {@return this plan, with sessions that use the connections of this client} Over HTTP/2, a
     * session is a stream of a connection that also carries the client's requests, if the server
     * allows that. Otherwise it has a connection for itself, which counts for {@code
     * pool.connections} until it ends. A new session waits for its turn like a request, for at most
     * the timeout of the client.
     *
     * <p>The cookies, proxies, TLS and other options are those of {@code pool.connection}. The
     * credentials of the client are shown to the origins that they are for. What an {@code
     * Endpoint} has goes before. When the client is shut down or closed, so is this.
     *
     * @param client a {@code dev.lariat.client.Client}
     */
    public Plan client(ClientRef client) {
      return new Plan(
          endpoints, step, options, connections, Objects.requireNonNull(client), owner, loop);
    }

    /**
     * {@return this plan, with this receiver as owner} If it is a {@link Mailbox}, closing the
     * mailbox shuts the live WebSocket down. Lariat calls any other receiver on the event loop, so
     * it must not block. Without an owner, the live WebSocket has its own mailbox.
     *
     * @param owner the receiver of the messages
     */
    public Plan owner(Receiver owner) {
      return new Plan(
          endpoints, step, options, connections, client, Objects.requireNonNull(owner), loop);
    }

    /**
     * Opens a live WebSocket. Returns immediately. Everything that happens arrives as messages.
     *
     * @return the handle of the live connection
     * @throws IllegalArgumentException if the platform of the options is not one of Lariat's, or
     *     not that of the mailbox or of the shared connections. If connections are shared, also if
     *     {@code connection.protocols} does not contain {@code HTTP_2}. With a client, also if
     *     {@code live.connection} is not the default, or if connections are shared as well
     * @throws IllegalStateException if the mailbox or the client is closed
     */
    public LiveWebSocket open() {
      LiveWebSocket opened = new LiveWebSocket(this);
      opened.owner.begin(opened.live, opened);
      return opened;
    }
  }

  @SuppressWarnings("ThisEscape") // nothing uses it before the owner begins
  private LiveWebSocket(Plan plan) {
    Ground ground = plan.ground();
    this.owner = new LiveOwner(this, ground.machine(), plan.owner);
    LiveOptions its = plan.options.connection(ground.options(plan.options.connection()));
    this.live = new LiveSocket(this, its, plan.endpoints, plan.step, ground, plan.loop, owner);
  }

  // ---- how one is made

  /**
   * {@return a plan for a live WebSocket to this URI, with the default options}
   *
   * @param uri a {@code ws} or {@code wss} URI with a path
   * @throws IllegalArgumentException if an {@link Endpoint} may not have this URI
   */
  public static Plan to(String uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a plan for a live WebSocket to this URI, with the default options; see {@link
   * #to(String)}}
   *
   * @param uri a {@code ws} or {@code wss} URI with a path
   */
  public static Plan to(URI uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a plan for a live WebSocket to this endpoint, with the default options}
   *
   * @param endpoint the endpoint
   */
  public static Plan to(Endpoint endpoint) {
    return to(new LiveLoop.Fixed(endpoint));
  }

  /**
   * {@return a plan for a live WebSocket to an endpoint that your function returns before every
   * attempt}
   *
   * @param endpoints the endpoints
   */
  public static Plan to(Endpoints endpoints) {
    return new Plan(
        Objects.requireNonNull(endpoints), null, LiveOptions.DEFAULT, null, null, null, null);
  }

  /**
   * {@return the live WebSocket that a message names: {@code LiveWebSocket.of(open.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the stream is not a {@code LiveWebSocket}
   */
  public static LiveWebSocket of(StreamRef stream) {
    return Handle.of(LiveWebSocket.class, stream);
  }

  // ---- sending

  /**
   * Sends frames, in this order. An open session sends them, at most {@code sendQueue} bytes at a
   * time. Otherwise they wait in the outbox, whose {@code overflow} decides what happens when it is
   * full. If a frame is dropped, a {@code Rejected} message with the reason arrives. If a frame was
   * on its way when the session was lost, the reason is {@code Unconfirmed}.
   *
   * @param frames the frames, in their order
   * @throws IllegalArgumentException if one is a close frame (use {@link #shutdown(Close)} or
   *     {@link #rotate}), or if a text has an unpaired surrogate
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if there is no room and {@code overflow} is {@code FAIL}, if the wait
   *     for room timed out, if the thread was interrupted while it waited, or if this live
   *     connection has ended; the frames before the one that failed are sent
   */
  public void send(Frame... frames) {
    for (Frame frame : frames) {
      refuseClose(frame);
    }
    for (Frame frame : frames) {
      live.outbox().send(frame, null);
    }
  }

  /**
   * Sends a frame like {@link #send}, but only if it can do so without blocking and without an
   * error.
   *
   * @param frame the frame
   * @return whether the frame was accepted; this is always true if the outbox drops messages
   * @throws IllegalArgumentException as for {@code send}
   * @throws FailedException if this live connection has ended
   */
  public boolean trySend(Frame frame) {
    refuseClose(frame);
    return live.outbox().trySend(frame);
  }

  /**
   * Sends a frame like {@link #send}, and returns an object that shows its state. No {@code
   * Rejected} is delivered then.
   *
   * @param frame the frame
   * @return the state of the frame
   * @throws IllegalArgumentException as for {@code send}
   * @throws IllegalStateException as for {@code send}
   * @throws FailedException as for {@code send}
   */
  public Delivery deliver(Frame frame) {
    refuseClose(frame);
    Delivery delivery = new Delivery();
    live.outbox().send(frame, delivery);
    return delivery;
  }

  static void refuseClose(Frame frame) {
    if (frame instanceof Close) {
      throw new IllegalArgumentException(
          "frame: "
              + frame
              + ", allowed text, binary, ping and pong: a session is not the user's"
              + " to close");
    }
  }

  // ---- changes while it lives

  /**
   * Opens the next session, runs its opening step, and uses it to send from then on. The old
   * session receives until it is quiet, as {@code live.rotation} defines. Then Lariat closes it.
   * Its end comes before the {@code Open} of the new session. If an attempt fails, the old session
   * stays open, and another attempt follows. Does nothing if no session is open, or if a rotation
   * is already in progress.
   */
  public void rotate() {
    live.rotate();
  }

  /**
   * Ends the present wait, and begins the next attempt at once: after a {@code Waiting}, when you
   * know that the server is there again, or when a person asks for it. Returns immediately. {@code
   * Connecting} reports the attempt. It counts like any other, so the next delay is as long as it
   * would have been.
   *
   * <p>This also ends a wait that the server has asked for, with {@code Retry-After} for example,
   * because you ask for the attempt explicitly. Do not call it in a loop. A {@code healing.budget}
   * stays in force: an attempt that it does not grant yet waits for its turn. Does nothing if this
   * does not wait for its next attempt, or waits for the budget.
   */
  public void retryNow() {
    live.retryNow();
  }

  /**
   * Changes how a dead peer is detected, in the current session and in later ones.
   *
   * @param keepalive when pings are sent
   */
  public void keepalive(Keepalive keepalive) {
    Objects.requireNonNull(keepalive, "keepalive");
    live.post(() -> live.keepalive(keepalive));
  }

  /**
   * Changes how long a server may accept no byte while bytes wait for it, in the current session
   * and in later ones.
   *
   * @param limit 1 ms to 365 days
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it shares its connection, which has one {@code timeouts.write}
   *     for all
   */
  public void writeTimeout(Duration limit) {
    Timeouts.DEFAULT.write(limit); // checks it
    if (live.neighbours != null || live.pooling != null) {
      throw new IllegalStateException(
          "the connection is shared: set timeouts.write in the options of all that share it");
    }
    live.post(() -> live.writeTimeout(limit));
  }

  /**
   * Changes the rule about silence, in the current session and in later ones.
   *
   * @param silence the rule; empty for none
   */
  public void silence(Optional<Silence> silence) {
    Objects.requireNonNull(silence, "silence");
    live.post(() -> live.silence(silence));
  }

  /** Ends the session that carries traffic, for this reason, which its owner finds in it. */
  void endSession(Reason reason) {
    live.endSession(reason);
  }

  // ---- how it stands

  /** The host and port of the newest endpoint, or a description if there is none yet. */
  @Override
  public String authority() {
    return live.authority();
  }

  /** {@return the number of the open session; 0 if none is open} */
  public long session() {
    return live.session();
  }

  /**
   * Waits until a session is open. A failed attempt does not end the wait.
   *
   * @param timeout the longest time to wait
   * @return the number of the session
   * @throws FailedException if the wait times out, or if this live connection has ended, with the
   *     reason
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public long awaitOpen(Duration timeout) throws InterruptedException {
    return owner.awaitOpen(live, timeout);
  }

  // ---- reading

  /**
   * {@return the mailbox that owns this live connection}
   *
   * @throws IllegalStateException if the owner is a receiver of another kind
   */
  public Mailbox mailbox() {
    return owner.mailbox();
  }

  /**
   * {@return every message as it arrives; {@code Gone} is the last} The iterator waits for
   * messages. Use only one at a time; a new one continues after the previous one. Its {@code
   * hasNext} throws a {@link FailedException} if the thread is interrupted while it waits.
   *
   * @throws IllegalStateException if this does not have its own mailbox, or on an event loop of
   *     Lariat's
   */
  public Iterable<Message> messages() {
    return owner.messages();
  }

  /**
   * The frames of all sessions, as they arrive, without other messages. The iteration ends when you
   * close this live connection. If it ends for another reason, {@code hasNext} throws a {@link
   * FailedException} with that reason. In all other respects it is like {@link #messages}.
   */
  @Override
  public Iterator<Frame> iterator() {
    return owner.each(
        message -> message instanceof WebSocketFrame(var stream, var frame) ? frame : null);
  }

  /**
   * {@return a publisher of the frames of all sessions, by the rules of Reactive Streams} If nobody
   * asks for more, the mailbox fills, and then Lariat stops reading from the server. The subscriber
   * is called on a virtual thread, so it may block. There is one subscriber at a time; use no
   * iteration beside it. If the subscription is cancelled, the live connection continues, and the
   * next subscriber gets what comes next. When you close the live connection, the subscriber
   * completes. If it ends for another reason, the subscriber gets a {@link FailedException} with
   * that reason.
   *
   * @throws IllegalStateException if this does not have its own mailbox
   */
  public Flow.Publisher<Frame> publish() {
    return owner.publish(
        message -> message instanceof WebSocketFrame(var stream, var frame) ? frame : null);
  }

  /**
   * {@return the text messages of all sessions as values, as they arrive} Iterate over it as over
   * this object itself: {@code for (Tick tick : feed.texts(json(Tick.class)))}.
   *
   * <p>If a text is not a value of the type, {@code hasNext} throws a {@link FailedException} with
   * {@code Unreadable}. So does a binary message. The live connection stays open: the same iterator
   * or a new one continues with the next message.
   *
   * @param <T> the type of the values
   * @param codec the codec of a text
   */
  public <T> Iterable<T> texts(BodyCodec<T> codec) {
    return values(new Values<>(codec, null));
  }

  /**
   * {@return the text messages of all sessions as values like {@link #texts(BodyCodec)}, without
   * the messages that cannot be read}
   *
   * @param <T> the type of the values
   * @param codec the codec of a text
   * @param skipped is called for each message that cannot be read, in the thread that iterates. If
   *     it throws, {@code hasNext} throws that
   */
  public <T> Iterable<T> texts(BodyCodec<T> codec, Consumer<Reason.Unreadable> skipped) {
    return values(new Values<>(codec, Values.skipping(skipped)));
  }

  private <T> Iterable<T> values(Values<T> values) {
    return () ->
        owner.each(
            message ->
                message instanceof WebSocketFrame(var stream, var frame)
                    ? values.frame(frame, this)
                    : null);
  }

  // ---- the end

  /**
   * Ends cleanly, within {@code timeouts.closing}. It accepts no more messages, sends those that
   * wait if a session is open, and closes with code 1001. {@code Gone} reports the end. Does
   * nothing if it has ended.
   */
  public void shutdown() {
    live.leave();
  }

  /**
   * Ends cleanly like {@link #shutdown()}, but closes with this frame, whose code and text tell the
   * server why. Does nothing if it has ended, or if a shutdown is already in progress.
   *
   * @param goodbye the close frame; {@link Close#EMPTY} has no code
   */
  public void shutdown(Close goodbye) {
    live.leave(Objects.requireNonNull(goodbye, "goodbye"));
  }

  /**
   * Ends at once, without a close handshake. Messages that wait are dropped. {@code Gone} reports
   * the end. Does nothing if it has ended.
   */
  @Override
  public void close() {
    live.close();
  }

  /**
   * Waits until it has ended: its sessions are closed, {@code Gone} is delivered, and none of its
   * tasks runs any more. This method does not end it. Call {@link #close} or {@link #shutdown}
   * first.
   *
   * @param timeout the longest time to wait
   * @return whether it has ended within that time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    return owner.awaitTermination(live, timeout);
  }

  /** The authority, for logs. */
  @Override
  public String toString() {
    return "LiveWebSocket " + authority();
  }
}
