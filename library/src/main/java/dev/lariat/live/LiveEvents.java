package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
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
import org.jspecify.annotations.Nullable;

/**
 * A stream of server-sent events (HTML, section 9.2) that reconnects. Whenever its response ends or
 * its connection is lost, it requests the stream again with the {@code Last-Event-ID} of the last
 * event, but not sooner than the server allows, and continues. No event is delivered twice.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="events"}
 *
 * <p>Its owner reads one sequence of messages that includes every change of state, as with a {@link
 * LiveWebSocket}.
 *
 * <p>A response with the status 204 ends the stream, as the standard requires. The policy decides
 * what other statuses do. A response of another type than {@code text/event-stream} is a protocol
 * error. {@code EventOptions.redirects} decides which redirects are followed.
 *
 * <p>You can call all methods from any thread. Methods that block say so.
 */
public final class LiveEvents implements LiveRef, Iterable<ServerSentEvent>, AutoCloseable {
  static {
    Adoption.endsBy(LiveEvents.class, live -> live.live.ended());
  }

  private final LiveOwner owner;
  private final LiveEventStream live;

  /** A live stream that is not opened yet: a value, from which any number can be opened. */
  public static final class Plan {
    private final Endpoints endpoints;
    private final Request request;
    private final String lastId;
    private final EventOptions options;
    private final @Nullable Receiver owner;

    private Plan(
        Endpoints endpoints,
        Request request,
        String lastId,
        EventOptions options,
        @Nullable Receiver owner) {
      this.endpoints = endpoints;
      this.request = request;
      this.lastId = lastId;
      this.options = options;
      this.owner = owner;
    }

    /**
     * {@return this plan, with these options instead of the defaults}
     *
     * @param options the options
     */
    public Plan options(EventOptions options) {
      return new Plan(endpoints, request, lastId, options, owner);
    }

    /**
     * {@return this plan, asking by this request: its method, headers, body and credentials, at the
     * endpoint's target instead of its own} By default it is a {@code GET}. {@code Accept}, {@code
     * Cache-Control} and {@code Last-Event-ID} are added; the first two unless it has them.
     *
     * @param request the request
     * @throws IllegalArgumentException if it has a timeout, a receiver, a credit or a content of
     *     its own, which are the live stream's, or a {@code Last-Event-ID}
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
      return new Plan(endpoints, request, lastId, options, owner);
    }

    /**
     * {@return this plan, going on after the event with this id, as another program run got it from
     * {@link LiveEvents#lastEventId}}
     *
     * @param id the id; empty for none
     * @throws IllegalArgumentException if it holds CR, LF or NUL
     */
    public Plan lastEventId(String id) {
      if (id.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
        throw new IllegalArgumentException(
            "lastEventId: one with CR, LF or NUL, allowed one without");
      }
      return new Plan(endpoints, request, id, options, owner);
    }

    /**
     * {@return this plan, with this receiver as owner: a {@link Mailbox}, whose end ends the live
     * stream, or a receiver that is called on the event loop and must not block} Without one, it
     * has its own mailbox.
     *
     * @param owner the receiver of the messages
     */
    public Plan owner(Receiver owner) {
      return new Plan(endpoints, request, lastId, options, Objects.requireNonNull(owner));
    }

    /**
     * Opens it. Returns at once; everything that happens arrives as messages.
     *
     * @return the handle of the live connection
     * @throws IllegalArgumentException if the platform of the options is none of Lariat's, or not
     *     that of the mailbox
     * @throws IllegalStateException if the mailbox is closed
     */
    public LiveEvents open() {
      LiveEvents opened = new LiveEvents(this);
      opened.owner.begin(opened.live, opened);
      return opened;
    }
  }

  @SuppressWarnings("ThisEscape") // nothing uses it before the owner begins
  private LiveEvents(Plan plan) {
    Machine machine = Machine.of(plan.options.connection());
    this.owner = new LiveOwner(this, machine, plan.owner);
    this.live =
        new LiveEventStream(
            this, plan.options, plan.endpoints, plan.request, plan.lastId, machine, owner.inbox());
  }

  // ---- how one is made

  /**
   * {@return a live stream of this URI, with the default options}
   *
   * @param uri an {@code http} or {@code https} URI with a path
   * @throws IllegalArgumentException if it is not one that an {@link Endpoint} may have
   */
  public static Plan to(String uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a live stream of this URI, with the default options; see {@link #to(String)}}
   *
   * @param uri an {@code http} or {@code https} URI with a path
   */
  public static Plan to(URI uri) {
    return to(Endpoint.of(uri));
  }

  /**
   * {@return a live stream of this endpoint, with the default options}
   *
   * @param endpoint the endpoint
   * @throws IllegalArgumentException if it has a {@code Last-Event-ID}, which is the live stream's
   */
  public static Plan to(Endpoint endpoint) {
    LiveEventStream.checkHeaders(endpoint);
    return to(new LiveLoop.Fixed(endpoint));
  }

  /**
   * {@return a live stream of an endpoint that is determined before every attempt}
   *
   * @param endpoints the endpoints
   */
  public static Plan to(Endpoints endpoints) {
    return new Plan(
        Objects.requireNonNull(endpoints), Request.of("GET", "/"), "", EventOptions.DEFAULT, null);
  }

  /**
   * {@return the live stream of events that a message names: {@code LiveEvents.of(open.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the message is of anything else
   */
  public static LiveEvents of(StreamRef stream) {
    return Handle.of(LiveEvents.class, stream);
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
   * {@return the id that the server gave last, with or after an event that was delivered; empty if
   * none} With it another program run can go on from here.
   */
  public String lastEventId() {
    return live.lastId();
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

  /**
   * Opens the next session, and ends the old one when the server has answered: what the new one
   * sends again is not delivered again, if events have ids. Does nothing while no session is open,
   * or one is being replaced already.
   */
  public void rotate() {
    live.rotate();
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
   * The events of all sessions, as they arrive. Other messages are skipped. It ends when the owner
   * closes this. Where the policy ends it, {@code hasNext} throws a {@link FailedException} with
   * the reason. Otherwise as {@link #messages}.
   */
  @Override
  public Iterator<ServerSentEvent> iterator() {
    return owner.each(message -> message instanceof ServerSentEvent event ? event : null);
  }

  // ---- the end

  /** Ends at once. {@code Gone} reports the end. Does nothing if it has ended. */
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
    return "LiveEvents " + authority();
  }
}
