package dev.lariat.live;

import dev.lariat.ClientRef;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.entrance.Values;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Content;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Request;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of server-sent events (HTML living standard, section 9.2) that reconnects. Whenever its
 * response ends or its connection is lost, it requests the stream again with the {@code
 * Last-Event-ID} of the last event, but not sooner than the server allows, and continues. No event
 * is delivered twice.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="events"}
 *
 * <p>Its owner reads one sequence of messages that includes every change of state, as with a {@link
 * LiveWebSocket}.
 *
 * <p>A response with the status 204 ends the stream, as the standard requires. The classifier
 * decides about other statuses. A response that is not of the type {@code text/event-stream} is a
 * protocol error. {@code EventOptions.redirects} decides which redirects are followed.
 *
 * <p>You can call all methods from any thread. Methods that block say so.
 */
public final class LiveEvents implements LiveRef, Iterable<ServerSentEvent>, AutoCloseable {
  static {
    Adoption.endsBy(LiveEvents.class, live -> live.live.ended());
  }

  private final LiveOwner owner;
  private final LiveEventStream live;

  /**
   * A plan for a live stream. It is an immutable value, from which you can open any number of
   * streams.
   */
  public static final class Plan {
    private final Endpoints endpoints;
    private final Request request;
    private final String lastId;
    private final EventOptions options;
    private final @Nullable SharedConnections connections;
    private final @Nullable ClientRef client;
    private final @Nullable Receiver owner;

    private Plan(
        Endpoints endpoints,
        Request request,
        String lastId,
        EventOptions options,
        @Nullable SharedConnections connections,
        @Nullable ClientRef client,
        @Nullable Receiver owner) {
      this.endpoints = endpoints;
      this.request = request;
      this.lastId = lastId;
      this.options = options;
      this.connections = connections;
      this.client = client;
      this.owner = owner;
    }

    /**
     * {@return this plan, with these options instead of the defaults}
     *
     * @param options the options
     */
    public Plan options(EventOptions options) {
      return new Plan(endpoints, request, lastId, options, connections, client, owner);
    }

    /**
     * {@return this plan, with sessions that are streams of these connections} By default, each
     * session has a connection for itself.
     *
     * @param connections the connections, which it shares with others that name the same object
     */
    public Plan connections(SharedConnections connections) {
      return new Plan(
          endpoints, request, lastId, options, Objects.requireNonNull(connections), client, owner);
    }

    /**
     * {@return this plan, with sessions that use the connections of this client} Over HTTP/2, a
     * session is a stream of a connection that also carries the client's requests. Over HTTP/1.1,
     * it has a connection for itself, which counts for {@code pool.connections} until it ends. See
     * {@link LiveWebSocket.Plan#client}.
     *
     * @param client a {@code dev.lariat.client.Client}
     */
    public Plan client(ClientRef client) {
      return new Plan(
          endpoints, request, lastId, options, connections, Objects.requireNonNull(client), owner);
    }

    /**
     * {@return this plan, with the method, headers, body and credentials of this request} The
     * endpoint's target replaces that of the request. By default the request is a {@code GET}.
     * Lariat adds {@code Last-Event-ID}, and also {@code Accept} and {@code Cache-Control} if the
     * request does not have them.
     *
     * @param request the request
     * @throws IllegalArgumentException if the request has a timeout, a receiver, a credit, a
     *     content or a {@code Last-Event-ID}, which the live stream sets
     */
    public Plan request(Request request) {
      request.headers().requireSendable();
      boolean own =
          request.timeout().isPresent()
              || request.replyTo().isPresent()
              || request.credit() != Request.UNLIMITED
              || !request.content().equals(Content.PLAIN)
              || request.headers().contains("last-event-id");
      if (own) {
        throw new IllegalArgumentException(
            "request: one with a timeout, replyTo, credit, content or Last-Event-ID, allowed one"
                + " without");
      }
      return new Plan(endpoints, request, lastId, options, connections, client, owner);
    }

    /**
     * {@return this plan, which continues after the event with this id} An earlier run of your
     * program can get the id from {@link LiveEvents#lastEventId}.
     *
     * @param id the id; empty for none
     * @throws IllegalArgumentException if it contains CR, LF or NUL
     */
    public Plan lastEventId(String id) {
      if (id.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
        throw new IllegalArgumentException(
            "lastEventId: one with CR, LF or NUL, allowed one without");
      }
      return new Plan(endpoints, request, id, options, connections, client, owner);
    }

    /**
     * {@return this plan, with this receiver as owner} If it is a {@link Mailbox}, closing the
     * mailbox ends the live stream. Lariat calls any other receiver on the event loop, so it must
     * not block. Without an owner, the live stream has its own mailbox.
     *
     * @param owner the receiver of the messages
     */
    public Plan owner(Receiver owner) {
      return new Plan(
          endpoints, request, lastId, options, connections, client, Objects.requireNonNull(owner));
    }

    /**
     * Opens a live stream. Returns immediately. Everything that happens arrives as messages.
     *
     * @return the handle of the live connection
     * @throws IllegalArgumentException if the platform of the options is not one of Lariat's, or
     *     not that of the mailbox or of the shared connections. If connections are shared, also if
     *     {@code connection.protocols} does not contain {@code HTTP_2}. With a client, also if
     *     {@code events.connection} is not the default, or if connections are shared as well
     * @throws IllegalStateException if the mailbox or the client is closed
     */
    public LiveEvents open() {
      LiveEvents opened = new LiveEvents(this);
      opened.owner.begin(opened.live, opened);
      return opened;
    }
  }

  @SuppressWarnings("ThisEscape") // nothing uses it before the owner begins
  private LiveEvents(Plan plan) {
    Ground ground = Ground.of(plan.options.connection(), plan.connections, plan.client);
    this.owner = new LiveOwner(this, ground.machine(), plan.owner);
    EventOptions its = plan.options.connection(ground.options(plan.options.connection()));
    this.live =
        new LiveEventStream(this, its, plan.endpoints, plan.request, plan.lastId, ground, owner);
  }

  // ---- how one is made

  /**
   * {@return a plan for a live stream from this URI, with the default options}
   *
   * @param uri an {@code http} or {@code https} URI with a path
   * @throws IllegalArgumentException if an {@link Endpoint} may not have this URI
   */
  public static Plan to(String uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a plan for a live stream from this URI, with the default options; see {@link
   * #to(String)}}
   *
   * @param uri an {@code http} or {@code https} URI with a path
   */
  public static Plan to(URI uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a plan for a live stream from this endpoint, with the default options}
   *
   * @param endpoint the endpoint
   * @throws IllegalArgumentException if it has a {@code Last-Event-ID}, which the live stream sets
   */
  public static Plan to(Endpoint endpoint) {
    LiveEventStream.checkHeaders(endpoint);
    return to(new LiveLoop.Fixed(endpoint));
  }

  /**
   * {@return a plan for a live stream from an endpoint that your function returns before every
   * attempt}
   *
   * @param endpoints the endpoints
   */
  public static Plan to(Endpoints endpoints) {
    return new Plan(
        Objects.requireNonNull(endpoints),
        Request.of("GET", "/"),
        "",
        EventOptions.DEFAULT,
        null,
        null,
        null);
  }

  /**
   * {@return the live stream that a message names: {@code LiveEvents.of(open.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the stream is not a {@code LiveEvents}
   */
  public static LiveEvents of(StreamRef stream) {
    return Handle.of(LiveEvents.class, stream);
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
   * {@return the last id that the server sent with or after a delivered event; empty if there is
   * none} A later run of your program can continue from it.
   */
  public String lastEventId() {
    return live.lastId();
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

  /**
   * Opens the next session, and ends the old one when the server has answered. If events have ids,
   * Lariat does not deliver an event again that the new session repeats. Does nothing if no session
   * is open, or if a rotation is already in progress.
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
   * <p>This also ends a wait that the server has asked for, with {@code Retry-After} or with {@code
   * retry} in its events, because you ask for the attempt explicitly. Do not call it in a loop. A
   * {@code healing.budget} stays in force: an attempt that it does not grant yet waits for its
   * turn. Does nothing if this does not wait for its next attempt, or waits for the budget.
   */
  public void retryNow() {
    live.retryNow();
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
   * The events of all sessions, as they arrive, without other messages. The iteration ends when you
   * close this live connection. If it ends for another reason, {@code hasNext} throws a {@link
   * FailedException} with that reason. In all other respects it is like {@link #messages}.
   */
  @Override
  public Iterator<ServerSentEvent> iterator() {
    return owner.each(message -> message instanceof ServerSentEvent event ? event : null);
  }

  /**
   * {@return a publisher of the events of all sessions, by the rules of Reactive Streams} If nobody
   * asks for more, the mailbox fills, and then Lariat stops reading from the server. The subscriber
   * is called on a virtual thread, so it may block. There is one subscriber at a time; use no
   * iteration beside it. If the subscription is cancelled, the live connection continues, and the
   * next subscriber gets what comes next. When you close the live connection, the subscriber
   * completes. If it ends for another reason, the subscriber gets a {@link FailedException} with
   * that reason.
   *
   * @throws IllegalStateException if this does not have its own mailbox
   */
  public Flow.Publisher<ServerSentEvent> publish() {
    return owner.publish(message -> message instanceof ServerSentEvent event ? event : null);
  }

  /**
   * {@return the data of the events of all sessions as values, as they arrive} Iterate over it as
   * over this object itself: {@code for (Tick tick : feed.events(json(Tick.class)))}. Events of all
   * types are read. If their types differ in form, iterate over the events instead, and call the
   * codec for their data.
   *
   * <p>If the data of an event is not a value of the type, {@code hasNext} throws a {@link
   * FailedException} with {@code Unreadable}. The live connection stays open: the same iterator or
   * a new one continues with the next event.
   *
   * @param <T> the type of the values
   * @param codec the codec of the data
   */
  public <T> Iterable<T> events(BodyCodec<T> codec) {
    return values(new Values<>(codec, null));
  }

  /**
   * {@return the data of the events of all sessions as values like {@link #events(BodyCodec)},
   * without the events that cannot be read}
   *
   * @param <T> the type of the values
   * @param codec the codec of the data
   * @param skipped is called for each event that cannot be read, in the thread that iterates. If it
   *     throws, {@code hasNext} throws that
   */
  public <T> Iterable<T> events(BodyCodec<T> codec, Consumer<Reason.Unreadable> skipped) {
    return values(new Values<>(codec, Values.skipping(skipped)));
  }

  private <T> Iterable<T> values(Values<T> values) {
    return () ->
        owner.each(
            message -> message instanceof ServerSentEvent event ? values.event(event, this) : null);
  }

  // ---- the end

  /** Ends at once. {@code Gone} reports the end. Does nothing if it has ended. */
  @Override
  public void close() {
    live.close();
  }

  /**
   * Waits until it has ended: its sessions are closed, {@code Gone} is delivered, and none of its
   * tasks runs any more. This method does not end it. Call {@link #close} first.
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
    return "LiveEvents " + authority();
  }
}
