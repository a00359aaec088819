package dev.lariat.option;

import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The queue of messages that a live connection keeps while no session can send them, and what
 * happens when it is full.
 */
public final class Outbox {

  /** Keeps 1,024 messages and 16 MiB. Blocks the sender of a message that does not fit. */
  public static final Outbox DEFAULT = new Outbox(new Values());

  /** Keeps nothing: a message that cannot be sent at once fails. */
  public static final Outbox NONE = DEFAULT.messages(0).overflow(Overflow.FAIL);

  /** What happens to a message for which there is no room. */
  public enum Overflow {
    /** Its sender waits for room, for at most {@code sendTimeout}. */
    BLOCK,
    /** Its sender gets an exception. */
    FAIL,
    /** The messages that have waited longest are dropped. */
    DROP_OLDEST,
    /** The message itself is dropped. */
    DROP_NEWEST,
    /**
     * The message replaces one with the same key; if there is none, this is like {@link
     * #DROP_OLDEST}.
     */
    CONFLATE
  }

  /**
   * How the server acknowledges messages.
   *
   * @param sent returns the identity of a frame that you send, or null if it needs no
   *     acknowledgement. Called on the sender's thread
   * @param received returns the identity of the message that a frame of the server acknowledges, or
   *     null if the frame acknowledges none. Called on the event loop, so it must not block, for
   *     each frame that arrives on a session, including those that the opening step reads. If it
   *     throws, the session ends with {@code HandlerThrew}
   */
  public record Acknowledgement(
      Function<Frame, @Nullable Object> sent, Function<Frame, @Nullable Object> received) {
    /** Checks every component. */
    public Acknowledgement {
      Range.present("acknowledge.sent", sent, "null");
      Range.present("acknowledge.received", received, "null");
    }
  }

  private final Values values;

  private Outbox(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many messages may wait} */
  public int messages() {
    return values.messages;
  }

  /**
   * Sets how many messages may wait: 0 to 2^30, 1024 by default.
   *
   * @param messages the number of messages
   * @return a copy of these options with this value
   */
  public Outbox messages(int messages) {
    return with(draft -> draft.messages = messages);
  }

  /** {@return how many bytes of messages may wait} */
  public long bytes() {
    return values.bytes;
  }

  /**
   * Sets how many bytes of messages may wait, as frames: 0 to 1 TiB, 16 MiB by default. A single
   * message may be larger than this if nothing else waits, unless {@code messages} is 0.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public Outbox bytes(long bytes) {
    return with(draft -> draft.bytes = bytes);
  }

  /** {@return what happens to a message for which there is no room} */
  public Overflow overflow() {
    return values.overflow;
  }

  /**
   * Sets what happens to a message for which there is no room; {@link Overflow#BLOCK} by default.
   *
   * @param overflow what happens when the outbox is full
   * @return a copy of these options with this value
   */
  public Outbox overflow(Overflow overflow) {
    return with(draft -> draft.overflow = overflow);
  }

  /** {@return the function that returns the key of a message} */
  public Optional<Function<Frame, Object>> key() {
    return values.key;
  }

  /**
   * Keeps only the newest of the messages with the same key. It takes the place of the message that
   * it replaces, which is dropped as {@code Superseded}. A message can therefore be sent before
   * messages that are older than itself, but messages with the same key keep their order. This
   * method sets {@code overflow} to {@link Overflow#CONFLATE}; you can set another one after that.
   * By default nothing is conflated.
   *
   * @param key returns the key of a message, or null for a message that must not be conflated.
   *     Called on the sender's thread
   * @return a copy of these options with this value
   */
  public Outbox conflate(Function<Frame, Object> key) {
    return with(
        draft -> {
          draft.overflow = Overflow.CONFLATE;
          draft.key = Range.some("conflate", key);
        });
  }

  /**
   * {@return whether the next session sends a message again that was on its way when a session was
   * lost}
   */
  public boolean replay() {
    return values.replay;
  }

  /**
   * Sets whether the next session sends a message again that was on its way when a session was
   * lost. It is not known whether such a message arrived, so it can arrive twice; false by default.
   * This is not at-least-once delivery: what the operating system has accepted counts as written
   * and is not sent again, but a server that is killed has not read all of it. Use {@link
   * #acknowledge} for at-least-once delivery.
   *
   * @param replay whether messages are sent again
   * @return a copy of these options with this value
   */
  public Outbox replay(boolean replay) {
    return with(draft -> draft.replay = replay);
  }

  /** {@return how long a sender is blocked before it fails} */
  public Duration sendTimeout() {
    return values.sendTimeout;
  }

  /**
   * Sets how long a sender is blocked before it fails: 1 ms to 365 days, 30 s by default.
   *
   * @param sendTimeout the timeout
   * @return a copy of these options with this value
   */
  public Outbox sendTimeout(Duration sendTimeout) {
    return with(draft -> draft.sendTimeout = sendTimeout);
  }

  /** {@return how the server acknowledges messages} */
  public Optional<Acknowledgement> acknowledgement() {
    return values.acknowledgement;
  }

  /**
   * Sends a message again until the server has acknowledged it. Until then, every session sends
   * each message that has an identity, in the original order. The message arrives <em>at least
   * once</em> if a session lasts long enough. It can arrive more than once, even after a rotation,
   * so the server must recognize duplicates. By default nothing is acknowledged.
   *
   * <p>A message that is not acknowledged counts toward {@code messages} and {@code bytes}, so a
   * server that acknowledges nothing blocks the senders. The {@code Delivery} of such a message
   * stays {@code QUEUED} until it is {@code ACKNOWLEDGED}. If the live connection ends before that,
   * it becomes {@code UNKNOWN}, or {@code DROPPED} if no part of the message was sent. {@code
   * shutdown} waits for acknowledgements for up to {@code timeouts.closing}. The outbox is in
   * memory and does not survive a restart of the process.
   *
   * <p>Identities should be unique. If several messages have the same identity, an acknowledgement
   * is for the oldest one that a session has sent.
   *
   * <pre>{@code
   * Outbox.DEFAULT.acknowledge(
   *     sent -> idOf(sent), // "order 7 ..." is 7
   *     received -> acknowledgedBy(received)); // "ok 7" acknowledges 7
   * }</pre>
   *
   * @param sent returns the identity of a frame that you send, or null
   * @param received returns the identity that a frame of the server acknowledges, or null
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if {@code overflow} drops messages, if there is a {@code key},
   *     or if the outbox keeps nothing
   */
  public Outbox acknowledge(
      Function<Frame, @Nullable Object> sent, Function<Frame, @Nullable Object> received) {
    return with(draft -> draft.acknowledgement = Optional.of(new Acknowledgement(sent, received)));
  }

  private Outbox with(Consumer<Values> change) {
    return new Outbox(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Outbox its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Outbox" + values;
  }

  private static final class Values extends Draft<Values> {
    int messages = 1024;
    long bytes = 16 << 20;
    Overflow overflow = Overflow.BLOCK;
    Optional<Function<Frame, Object>> key = Optional.empty();
    boolean replay = false;
    Duration sendTimeout = Duration.ofSeconds(30);
    Optional<Acknowledgement> acknowledgement = Optional.empty();

    @Override
    void check() {
      Range.check("outbox.messages", messages, 0, 1 << 30);
      Range.check("outbox.bytes", bytes, 0, 1L << 40);
      Range.check("outbox.sendTimeout", sendTimeout, Range.MIN);
      if (overflow == Overflow.CONFLATE && key.isEmpty()) {
        throw Range.refused("outbox.overflow", overflow, "only with a key");
      }
      if (acknowledgement.isPresent()) {
        if (overflow != Overflow.BLOCK && overflow != Overflow.FAIL) {
          throw Range.refused("outbox.overflow", overflow, "BLOCK or FAIL with acknowledgement");
        }
        if (key.isPresent()) {
          throw Range.refused("outbox.key", "a function", "none with acknowledgement");
        }
        Range.check("outbox.messages with acknowledgement", messages, 1, 1 << 30);
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "messages", messages,
        "bytes", bytes,
        "overflow", overflow,
        "key", key,
        "replay", replay,
        "sendTimeout", sendTimeout,
        "acknowledgement", acknowledgement
      };
    }
  }
}
