package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
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
 * stand between the {@code Open} of their session and the next change of state, so you can see
 * where there may be a gap. Lariat itself never delivers a message twice, and sends none twice
 * unless you set the outbox to do so. A message that was written can be lost with its session;
 * {@link Outbox#acknowledge} makes sure that it arrives.
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
   * What is done on every fresh connection, before anything of the owner's is sent: to log in, to
   * subscribe, to resume. It runs on its own virtual thread, which may block, and which is
   * interrupted when {@code live.opening} is over or the session has ended.
   */
  @FunctionalInterface
  public interface Step {

    /**
     * Opens this session. The session ends if it throws, as {@code OpeningThrew}, and another
     * attempt is made by the policy.
     *
     * @param session the session
     * @throws Exception what you throw is the reason of the failure
     */
    void run(Session session) throws Exception;
  }

  /** A live WebSocket that is not opened yet: a value, from which any number can be opened. */
  public static final class Plan {
    private final Endpoints endpoints;
    private final @Nullable Step step;
    private final LiveOptions options;
    private final @Nullable Receiver owner;

    private Plan(
        Endpoints endpoints, @Nullable Step step, LiveOptions options, @Nullable Receiver owner) {
      this.endpoints = endpoints;
      this.step = step;
      this.options = options;
      this.owner = owner;
    }

    /**
     * {@return this plan, with this step to run before a session carries traffic}
     *
     * @param step the step
     */
    public Plan onOpen(Step step) {
      return new Plan(endpoints, Objects.requireNonNull(step), options, owner);
    }

    /**
     * {@return this plan, with these options instead of the defaults}
     *
     * @param options the options
     */
    public Plan options(LiveOptions options) {
      return new Plan(endpoints, step, options, owner);
    }

    /**
     * {@return this plan, with this receiver as owner: a {@link Mailbox}, whose end shuts the live
     * WebSocket down, or a receiver that is called on the event loop and must not block} Without
     * one, it has its own mailbox.
     *
     * @param owner the receiver of the messages
     */
    public Plan owner(Receiver owner) {
      return new Plan(endpoints, step, options, Objects.requireNonNull(owner));
    }

    /**
     * Opens it. Returns at once; everything that happens arrives as messages.
     *
     * @return the handle of the live connection
     * @throws IllegalArgumentException if the platform of the options is none of Lariat's, or not
     *     that of the mailbox
     * @throws IllegalStateException if the mailbox is closed
     */
    public LiveWebSocket open() {
      LiveWebSocket opened = new LiveWebSocket(this);
      opened.owner.begin(opened.live, opened);
      return opened;
    }
  }

  @SuppressWarnings("ThisEscape") // nothing uses it before the owner begins
  private LiveWebSocket(Plan plan) {
    Machine machine = Machine.of(plan.options.connection());
    this.owner = new LiveOwner(this, machine, plan.owner);
    this.live =
        new LiveSocket(this, plan.options, plan.endpoints, plan.step, machine, owner.inbox());
  }

  // ---- how one is made

  /**
   * {@return a live WebSocket to this URI, with the default options}
   *
   * @param uri a {@code ws} or {@code wss} URI with a path
   * @throws IllegalArgumentException if it is not one that an {@link Endpoint} may have
   */
  public static Plan to(String uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a live WebSocket to this URI, with the default options; see {@link #to(String)}}
   *
   * @param uri a {@code ws} or {@code wss} URI with a path
   */
  public static Plan to(URI uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a live WebSocket to this endpoint, with the default options}
   *
   * @param endpoint the endpoint
   */
  public static Plan to(Endpoint endpoint) {
    return to(new LiveLoop.Fixed(endpoint));
  }

  /**
   * {@return a live WebSocket to an endpoint that is determined before every attempt}
   *
   * @param endpoints the endpoints
   */
  public static Plan to(Endpoints endpoints) {
    return new Plan(Objects.requireNonNull(endpoints), null, LiveOptions.DEFAULT, null);
  }

  /**
   * {@return the live WebSocket that a message names: {@code LiveWebSocket.of(open.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the message is of anything else
   */
  public static LiveWebSocket of(StreamRef stream) {
    return Handle.of(LiveWebSocket.class, stream);
  }

  // ---- sending

  /**
   * Sends frames, in this order. While a session is open they go out by it, at most {@code
   * sendQueue} bytes at a time; otherwise they wait in the outbox, whose rule says what happens
   * when it is full. A frame that is dropped is answered by a {@code Rejected} message with the
   * reason, and so is one that was on its way when the session was lost, by {@code Unconfirmed}.
   *
   * @param frames the frames, in their order
   * @throws IllegalArgumentException if one is a close frame, for which there are {@link #shutdown}
   *     and {@link #rotate}, or if a text holds an unpaired surrogate
   * @throws IllegalStateException if it would have to block an event loop of Lariat's
   * @throws FailedException if there is no room and the outbox says {@code FAIL}, if there was none
   *     in time, if the thread was interrupted while it waited, or if this has ended; the frames
   *     before the one that failed are sent all the same
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
   * Sends a frame as {@link #send} does if that is possible without blocking and without an error.
   *
   * @param frame the frame
   * @return whether it was taken; if the outbox drops messages, it always is
   * @throws IllegalArgumentException as {@code send}
   * @throws FailedException if this has ended
   */
  public boolean trySend(Frame frame) {
    refuseClose(frame);
    return live.outbox().trySend(frame);
  }

  /**
   * Sends a frame as {@link #send} does, and returns a handle that shows what becomes of it. No
   * {@code Rejected} is delivered then.
   *
   * @param frame the frame
   * @return what becomes of the frame
   * @throws IllegalArgumentException as {@code send}, as are the others
   * @throws IllegalStateException as {@code send}
   * @throws FailedException as {@code send}
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
   * Opens the next session, runs its opening step, and sends by it from then on. The old session
   * receives until it is quiet, as {@code live.rotation} says; then this side closes it. Its end
   * comes before the new session's {@code Open}. Does nothing while no session is open, or one is
   * being replaced already. An attempt that fails leaves the old session open, and is made again.
   */
  public void rotate() {
    live.rotate();
  }

  /**
   * Changes how a dead peer is found, on this session and those to come.
   *
   * @param keepalive when pings are sent
   */
  public void keepalive(Keepalive keepalive) {
    Objects.requireNonNull(keepalive, "keepalive");
    live.post(() -> live.keepalive(keepalive));
  }

  /**
   * Changes how long a server may take none of the bytes that wait for it, on this session and
   * those to come.
   *
   * @param limit 1 ms to 365 days
   * @throws IllegalArgumentException if it is out of range
   */
  public void writeTimeout(Duration limit) {
    Timeouts.DEFAULT.write(limit); // checks it
    live.post(() -> live.writeTimeout(limit));
  }

  /**
   * Changes the rule on silence, on this session and those to come; empty for none.
   *
   * @param silence how long a silence may last; empty for no limit
   */
  public void silence(Optional<Silence> silence) {
    Objects.requireNonNull(silence, "silence");
    live.post(() -> live.silence(silence));
  }

  // ---- how it stands

  /** The host and port of the newest endpoint; words, before there is one. */
  @Override
  public String authority() {
    return live.authority();
  }

  /** {@return the number of the session that is open; 0 while none is} */
  public long session() {
    return live.session();
  }

  /**
   * Waits until a session is open. Attempts that fail do not end the wait.
   *
   * @param timeout the longest time to wait
   * @return its number
   * @throws FailedException if none was open in time, or this has ended, with why
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public long awaitOpen(Duration timeout) throws InterruptedException {
    return owner.awaitOpen(live, timeout);
  }

  // ---- reading

  /**
   * {@return the mailbox that owns this}
   *
   * @throws IllegalStateException if the owner is a receiver of another kind
   */
  public Mailbox mailbox() {
    return owner.mailbox();
  }

  /**
   * {@return every message as it arrives, {@code Gone} last} The iterator waits; only one may be
   * used at a time, and a new one goes on where the last one stopped. Its {@code hasNext} throws a
   * {@link FailedException} when the thread is interrupted while it waits.
   *
   * @throws IllegalStateException if this does not have its own mailbox, or on an event loop of
   *     Lariat's
   */
  public Iterable<Message> messages() {
    return owner.messages();
  }

  /**
   * The frames of all sessions, as they arrive. Other messages are skipped. It ends when the owner
   * closes this. Where the policy ends it, {@code hasNext} throws a {@link FailedException} with
   * the reason. Otherwise as {@link #messages}.
   */
  @Override
  public Iterator<Frame> iterator() {
    return owner.each(
        message -> message instanceof WebSocketFrame(var stream, var frame) ? frame : null);
  }

  // ---- the end

  /**
   * Takes nothing more, sends what waits if a session is open, closes with code 1001, and ends,
   * within {@code timeouts.closing}. {@code Gone} reports the end. Does nothing if it has ended.
   */
  public void shutdown() {
    live.leave();
  }

  /**
   * Ends at once, without a close handshake: what waits is dropped. {@code Gone} reports the end.
   * Does nothing if it has ended.
   */
  @Override
  public void close() {
    live.close();
  }

  /**
   * Waits until it has ended: its sessions are closed, {@code Gone} was delivered, and nothing of
   * it runs any more. Does not end it; {@link #close} comes first.
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
