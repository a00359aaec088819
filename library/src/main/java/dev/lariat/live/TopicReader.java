package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.TopicOptions.Overflow;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * One reader of a topic of {@link Topics}. To its receiver it is a live connection: its messages
 * name it as their stream.
 *
 * <ul>
 *   <li>{@code Open}: the topic is subscribed in this session of its socket. It comes again for
 *       each session.
 *   <li>{@code WebSocketFrame}: a message of the topic.
 *   <li>{@code Waiting}: the topic is not subscribed now, and messages may be missing from here to
 *       the next {@code Open}. It comes once, not for each attempt.
 *   <li>{@code Notice} with {@code Dropped}: messages were dropped because the mailbox was full.
 *   <li>{@code Gone}: the end. Its reason is {@code OwnerClosed} if you closed it.
 * </ul>
 *
 * <p>You can call all methods from any thread.
 */
public final class TopicReader implements LiveRef, Iterable<Frame>, AutoCloseable {
  static {
    Adoption.endsBy(TopicReader.class, reader -> reader.ended);
  }

  private final TopicsLoop topics;
  private final String topic;
  private final Overflow overflow;
  private final LiveOwner owner;
  private final @Nullable Receiver given;
  private final Inbox inbox;
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

  // On the loop.
  private List<Message> pending = new ArrayList<>(); // told in this turn
  private long dropped; // messages that were dropped, and of which it was not told
  private boolean waitsForRoom; // whether it is told of them as soon as there is room
  private @Nullable Upstream from; // whose messages it reads; null before the first

  /** A reader that reads nothing yet. */
  @SuppressWarnings("ThisEscape") // nothing uses it before it is opened
  TopicReader(TopicsLoop topics, String topic, @Nullable Receiver given, Overflow overflow) {
    this.topics = topics;
    this.topic = topic;
    this.given = given;
    this.overflow = overflow;
    this.owner = new LiveOwner(this, topics.machine, given);
    this.inbox = owner.inbox();
  }

  /** Begins to read. */
  void begin() {
    Mailbox made = given == null ? owner.mailbox() : null;
    Adoption.Hold hold = Adoption.adopt(this, made, ended);
    try {
      if (given instanceof Mailbox mailbox) {
        Core.get().own(mailbox, this, this::close);
      }
      topics.open(this);
    } catch (Throwable e) { // whatever it is: nothing was opened
      hold.release();
      throw e;
    }
    hold.opened();
  }

  /**
   * {@return the reader that a message names: {@code TopicReader.of(frame.stream())}}
   *
   * @param stream the stream, as a message names it
   * @throws IllegalArgumentException if the stream is not a {@code TopicReader}
   */
  public static TopicReader of(StreamRef stream) {
    return Handle.of(TopicReader.class, stream);
  }

  /** {@return the topic} */
  public String topic() {
    return topic;
  }

  /** The host and port of the newest endpoint, or a description if there is none yet. */
  @Override
  public String authority() {
    return topics.authority();
  }

  /**
   * {@return the mailbox that its messages go to}
   *
   * @throws IllegalStateException if they go to a receiver of another kind
   */
  public Mailbox mailbox() {
    return owner.mailbox();
  }

  /**
   * {@return every message as it arrives; {@code Gone} is the last} The iterator waits for
   * messages. Use only one at a time. Its {@code hasNext} throws a {@link FailedException} if the
   * thread is interrupted while it waits.
   *
   * @throws IllegalStateException if you passed a receiver, or on an event loop of Lariat's
   */
  public Iterable<Message> messages() {
    return owner.messages();
  }

  /**
   * The frames of the topic, as they arrive, without other messages. The iteration ends when you
   * close the reader. If it ends for another reason, {@code hasNext} throws a {@link
   * FailedException} with that reason. In all other respects it is like {@link #messages}.
   */
  @Override
  public Iterator<Frame> iterator() {
    return owner.each(
        message -> message instanceof WebSocketFrame(var stream, var frame) ? frame : null);
  }

  /**
   * {@return a publisher of the frames of the topic, by the rules of Reactive Streams} If nobody
   * asks for more, the mailbox fills, and then Lariat stops reading from the server. The subscriber
   * is called on a virtual thread, so it may block. There is one subscriber at a time; use no
   * iteration beside it. If the subscription is cancelled, the topic continues, and the next
   * subscriber gets what comes next. When you close this, the subscriber completes. If it ends for
   * another reason, the subscriber gets a {@link FailedException} with that reason.
   *
   * @throws IllegalStateException if this does not have its own mailbox
   */
  public Flow.Publisher<Frame> publish() {
    return owner.publish(
        message -> message instanceof WebSocketFrame(var stream, var frame) ? frame : null);
  }

  /** Reads no more; {@code Gone} follows as the last message. Does nothing if it has ended. */
  @Override
  public void close() {
    topics.close(this);
  }

  /** The topic, for logs. */
  @Override
  public String toString() {
    return "TopicReader " + topic;
  }

  // ---- on the loop

  /** Tells it this at the end of the turn. */
  void tell(Message message) {
    if (pending.isEmpty()) {
      topics.touched(this);
    }
    pending.add(message);
  }

  /** Tells it a message of its topic at the end of the turn. */
  void tell(Upstream upstream, Frame frame) {
    from = upstream;
    tell(new WebSocketFrame(this, frame));
  }

  /** Hands over what it was told in this turn. If it is full then, its socket is not read. */
  void flush() {
    List<Message> all = pending;
    pending = new ArrayList<>();
    boolean drops = overflow == Overflow.DROP && inbox.full();
    List<Message> put = new ArrayList<>(all.size());
    for (Message message : all) {
      if (drops && message instanceof WebSocketFrame) {
        dropped++;
        topics.dropped();
        continue;
      }
      if (dropped > 0) {
        put.add(notice());
      }
      put.add(message);
    }
    put(put);
    if (dropped > 0 && !waitsForRoom) {
      waitsForRoom = true;
      inbox.whenRoom(() -> topics.post(this::tellDropped));
    }
    boolean over = !all.isEmpty() && all.getLast() instanceof Gone;
    if (over) {
      if (given instanceof Mailbox mailbox) {
        Core.get().disown(mailbox, this);
      }
      ended.complete(true);
    }
    if (from != null && overflow == Overflow.BLOCK) {
      if (over) {
        from.unblock(inbox);
      } else if (inbox.full()) {
        from.block(inbox);
      }
    }
  }

  private void tellDropped() {
    waitsForRoom = false;
    if (dropped > 0) {
      put(List.of(notice()));
    }
  }

  private Notice notice() {
    long messages = dropped;
    dropped = 0;
    return new Notice(this, new Notice.Dropped(this, messages));
  }

  private void put(List<Message> messages) {
    if (!messages.isEmpty()) {
      inbox.put(messages.toArray(Message[]::new), messages.size());
      topics.wake(inbox);
    }
  }
}
