package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicOptions.Overflow;
import dev.lariat.option.TopicRule;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Many readers of the topics of one server, over as few {@link LiveWebSocket}s as possible. Each
 * topic is subscribed once, however many readers it has.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="topics"}
 *
 * <p>The first reader of a topic subscribes it. When the last one has closed, the topic stays
 * subscribed for {@code topics.linger}, and then it is unsubscribed. A new topic goes to the socket
 * with the most topics that has room for one more. If all have {@code topics.perSocket} topics,
 * another socket opens. A socket without topics closes; topics do not move from one socket to
 * another.
 *
 * <p>A socket heals like any {@code LiveWebSocket}. Its opening step, after yours, subscribes its
 * topics again. A {@link TopicReader} reports the gap: it delivers {@code Waiting}, and then {@code
 * Open} when its topic is subscribed again. In a rotation both sessions are subscribed for a
 * moment, so there is no gap, but a reader can get the same update twice: once before its {@code
 * Open}, and once after. If a socket ends for good, the readers of its topics end with its reason.
 * If you open such a topic again, another socket opens.
 *
 * <p>All sockets of a {@code Topics} use one event loop, so it uses one processor at most. You can
 * call all methods from any thread.
 */
public final class Topics implements AutoCloseable {
  static {
    Adoption.endsBy(Topics.class, topics -> topics.loop.ended());
  }

  private final TopicsLoop loop;
  private final TopicOptions options;

  /**
   * A plan for {@link Topics}. It is an immutable value, from which you can open any number of
   * them.
   */
  public static final class Plan {
    private final LiveWebSocket.Plan sockets;
    private final TopicRule rule;
    private final TopicOptions options;
    private final @Nullable Receiver control;

    private Plan(
        LiveWebSocket.Plan sockets,
        TopicRule rule,
        TopicOptions options,
        @Nullable Receiver control) {
      this.sockets = sockets;
      this.rule = rule;
      this.options = options;
      this.control = control;
    }

    /**
     * {@return this plan, with these options instead of the defaults}
     *
     * @param options the options
     */
    public Plan options(TopicOptions options) {
      return new Plan(sockets, rule, Objects.requireNonNull(options), control);
    }

    /**
     * {@return this plan, with this receiver of everything that belongs to no topic} It gets {@code
     * Connecting}, {@code Open}, {@code Waiting} and {@code Gone} of each socket, frames whose
     * meaning is not a topic's message, and the values of a subprotocol handler. If it is a {@link
     * Mailbox}, closing it shuts the {@code Topics} down, and while it is full, Lariat reads no
     * socket that has a message for it. Without one, nobody gets these messages.
     *
     * @param control the receiver
     */
    public Plan control(Receiver control) {
      return new Plan(sockets, rule, options, Objects.requireNonNull(control));
    }

    /**
     * Opens the topics. The first socket opens with the first reader.
     *
     * @return the handle
     * @throws IllegalArgumentException as for {@link LiveWebSocket.Plan#open}
     * @throws IllegalStateException if the mailbox for control messages, or the client of the
     *     sockets, is closed
     */
    public Topics open() {
      return new Topics(this);
    }
  }

  @SuppressWarnings("ThisEscape") // nothing uses it before it is adopted
  private Topics(Plan plan) {
    Ground ground = plan.sockets.ground();
    Receiver control = plan.control;
    LiveRef ref = new Control();
    this.options = plan.options;
    this.loop =
        new TopicsLoop(
            ref,
            plan.sockets,
            plan.rule,
            plan.options,
            ground,
            control == null ? null : LiveOwner.inbox(control, ref, ground.machine()));
    Adoption.Hold hold = Adoption.Hold.NONE;
    try {
      hold = Adoption.adopt(this, null, loop.ended());
      ground.enter(ref, new OfClient());
      if (control instanceof Mailbox mailbox) {
        Core.get().own(mailbox, ref, this::shutdown);
        loop.ended().whenComplete((reason, none) -> Core.get().disown(mailbox, ref));
      }
    } catch (Throwable e) { // whatever it is: nothing was opened
      hold.release();
      loop.end(false);
      throw e;
    }
    hold.opened();
  }

  /** What its client tells it; its sockets are told so, too. */
  private final class OfClient implements Pooling.Member {
    @Override
    public void leave() {
      shutdown();
    }

    @Override
    public void close() {
      Topics.this.close();
    }

    @Override
    public void told(Notice notice) {} // of streams, which it has none of
  }

  /** What the receiver of control messages is a receiver of, for logs. */
  private static final class Control implements LiveRef {
    @Override
    public String authority() {
      return "topics";
    }

    @Override
    public String toString() {
      return "Topics";
    }
  }

  /**
   * {@return a plan for the topics of a server}
   *
   * @param sockets how its sockets are opened: the endpoint, your opening step, which logs in, and
   *     the options. It has no owner
   * @param rule how topics are subscribed and recognized
   * @throws IllegalArgumentException if the plan has an owner, or if its {@code live.webSocket}
   *     delivers messages in parts
   */
  public static Plan over(LiveWebSocket.Plan sockets, TopicRule rule) {
    if (sockets.isOwned()) {
      throw new IllegalArgumentException(
          "plan.owner: a receiver, allowed none: pass it to Topics.Plan.control");
    }
    if (sockets.options().webSocket().parts()) {
      throw new IllegalArgumentException(
          "live.webSocket.parts: true, allowed false: a rule reads whole frames");
    }
    return new Plan(sockets, Objects.requireNonNull(rule), TopicOptions.DEFAULT, null);
  }

  /**
   * Begins to read a topic, with a mailbox of its own. Returns immediately.
   *
   * @param topic the topic
   * @return the reader
   * @throws FailedException if this was closed or shut down
   */
  public TopicReader open(String topic) {
    return begin(topic, null, options.overflow());
  }

  /**
   * Begins to read a topic. Returns immediately.
   *
   * @param topic the topic
   * @param receiver gets the messages. If it is a {@link Mailbox}, closing it closes the reader,
   *     and several readers can share it. Lariat calls any other receiver on the event loop, so it
   *     must not block
   * @return the reader
   * @throws FailedException if this was closed or shut down
   * @throws IllegalStateException if the mailbox is closed
   * @throws IllegalArgumentException if the mailbox belongs to another platform
   */
  public TopicReader open(String topic, Receiver receiver) {
    return begin(topic, Objects.requireNonNull(receiver), options.overflow());
  }

  /**
   * Begins to read a topic like {@link #open(String, Receiver)}, with another rule for a full
   * mailbox than {@code topics.overflow}.
   *
   * @param topic the topic
   * @param receiver gets the messages
   * @param overflow what happens while the mailbox is full
   * @return the reader
   */
  public TopicReader open(String topic, Receiver receiver, Overflow overflow) {
    return begin(topic, Objects.requireNonNull(receiver), Objects.requireNonNull(overflow));
  }

  private TopicReader begin(String topic, @Nullable Receiver receiver, Overflow overflow) {
    if (loop.isClosed()) {
      throw new FailedException(new Reason.BadState("open", "the topics are closed"));
    }
    Objects.requireNonNull(topic, "topic");
    TopicReader reader = new TopicReader(loop, topic, receiver, overflow);
    reader.begin();
    return reader;
  }

  /**
   * {@return the state of the sockets, topics and readers} Waits for the event loop.
   *
   * @throws FailedException if the thread is interrupted while it waits
   * @throws IllegalStateException on another event loop of Lariat's
   */
  public TopicsInfo info() {
    var info = loop.info();
    if (!info.isDone()) {
      loop.machine.refuseToBlock("info", "ask on another thread");
      Await.on(info, "info", loop.machine);
    }
    return info.join();
  }

  /**
   * Ends cleanly: all readers end, and the sockets close with code 1001, within {@code
   * timeouts.closing}. Does nothing if it has ended.
   */
  public void shutdown() {
    loop.end(true);
  }

  /** Ends at once: all readers end, and the sockets close without a close handshake. */
  @Override
  public void close() {
    loop.end(false);
  }

  /**
   * Waits until it has ended: its sockets are closed, and its readers have {@code Gone}. This
   * method does not end it. Call {@link #close} or {@link #shutdown} first.
   *
   * @param timeout the longest time to wait
   * @return whether it has ended within that time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    return Await.end(loop.ended(), loop::turnOver, timeout, loop.machine);
  }

  /** The host and port of the newest endpoint, for logs. */
  @Override
  public String toString() {
    return "Topics of " + loop.authority();
  }
}
