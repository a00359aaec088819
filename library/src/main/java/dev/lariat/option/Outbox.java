package dev.lariat.option;

import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent while a live connection has no session that takes it, and what happens when
 * it is full.
 *
 * @param messages how many: 0 to 2^30, 1024 by default
 * @param bytes how many bytes of them, as frames: 0 to 1 TiB, 16 MiB by default. A single message
 *     larger than this is taken when nothing else waits, unless {@code messages} is 0
 * @param overflow what happens to a message for which there is no room; {@link Overflow#BLOCK} by
 *     default
 * @param key what a message is about: a message takes the place of one that waits and is about the
 *     same, which is dropped as {@code Superseded}. So it goes out before messages that were sent
 *     after that one; messages about the same keep their order. Called on the sender's thread; null
 *     for a message that is not to be conflated. Wanted where {@code overflow} is {@link
 *     Overflow#CONFLATE}, and allowed with the others
 * @param replay whether a message that was on its way when a session was lost, so that nobody knows
 *     whether it arrived, is sent again on the next; not by default, since it may arrive twice. It
 *     does not make sure that a message arrives: what the operating system has taken counts as
 *     written and is not sent again, and a server that is killed has not read all of that. For
 *     delivery at least once use {@link #acknowledge}
 * @param acknowledgement how the server acknowledges messages; see {@link #acknowledge}. Allowed
 *     with {@link Overflow#BLOCK} and {@link Overflow#FAIL}, without {@code key}, and with at least
 *     one message
 * @param sendTimeout how long a sender is blocked before it fails: 1 ms to 365 days, 30 s by
 *     default
 */
public record Outbox(
    int messages,
    long bytes,
    Overflow overflow,
    Optional<Function<Frame, Object>> key,
    boolean replay,
    Duration sendTimeout,
    Optional<Acknowledgement> acknowledgement) {

  /** Blocks the sender of the 1025th message. */
  public static final Outbox DEFAULT =
      new Outbox(
          1024,
          16 << 20,
          Overflow.BLOCK,
          Optional.empty(),
          false,
          Duration.ofSeconds(30),
          Optional.empty());

  /** Keeps nothing: what cannot be sent at once fails. */
  public static final Outbox NONE = DEFAULT.messages(0).overflow(Overflow.FAIL);

  /** What happens to a message for which there is no room. */
  public enum Overflow {
    /** Its sender waits for room, for {@code sendTimeout} at the most. */
    BLOCK,
    /** Its sender gets an exception. */
    FAIL,
    /** Those that have waited longest are dropped. */
    DROP_OLDEST,
    /** It is dropped itself. */
    DROP_NEWEST,
    /** As {@link #DROP_OLDEST}, where there is none of the same key to be replaced. */
    CONFLATE
  }

  /**
   * How the server acknowledges messages.
   *
   * @param sent the identity of a frame that is sent; null for one that needs no acknowledgement.
   *     Called on the sender's thread
   * @param received the identity of the message that a frame of the server acknowledges; null for a
   *     frame that acknowledges none. Called on the event loop, for each frame that arrives on a
   *     session, those that its opening step reads among them; it must not block. A session ends as
   *     {@code HandlerThrew} if it throws
   */
  public record Acknowledgement(
      Function<Frame, @Nullable Object> sent, Function<Frame, @Nullable Object> received) {
    /** Checks every component. */
    public Acknowledgement {
      Objects.requireNonNull(sent);
      Objects.requireNonNull(received);
    }
  }

  /** Checks every component. */
  public Outbox {
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

  /** The same for another number of messages. */
  public Outbox messages(int messages) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout, acknowledgement);
  }

  /** The same for another number of bytes. */
  public Outbox bytes(long bytes) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout, acknowledgement);
  }

  /** The same with another rule for when it is full. */
  public Outbox overflow(Overflow overflow) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout, acknowledgement);
  }

  /**
   * The same, where of the messages of one key only the newest waits, at the place of the one that
   * it replaces.
   */
  public Outbox conflate(Function<Frame, Object> key) {
    return new Outbox(
        messages,
        bytes,
        Overflow.CONFLATE,
        Optional.of(Objects.requireNonNull(key)),
        replay,
        sendTimeout,
        acknowledgement);
  }

  /**
   * The same, where the server acknowledges messages. Each that has an identity is sent again on
   * every session until the server has acknowledged it, in the order in which it was sent: it
   * arrives <em>at least once</em> if a session lasts long enough. It may arrive more than once,
   * after a rotation too, so the server has to recognize what it has had already.
   *
   * <p>What is not acknowledged counts for {@code messages} and {@code bytes}: a server that
   * acknowledges nothing holds the senders back. The {@code Delivery} of such a message stays
   * {@code QUEUED} until it is {@code ACKNOWLEDGED}. If the live connection ends before that, it is
   * {@code UNKNOWN}, or {@code DROPPED} if nothing of it was sent; {@code shutdown} waits for
   * acknowledgements within {@code timeouts.closing}. Nothing outlives this process.
   *
   * <p>Identities should differ. Of several messages with the same one, the oldest that a session
   * was given is acknowledged.
   *
   * <pre>{@code
   * Outbox.DEFAULT.acknowledge(
   *     sent -> idOf(sent), // "order 7 ..." is 7
   *     received -> acknowledgedBy(received)); // "ok 7" acknowledges 7
   * }</pre>
   *
   * @param sent the identity of a frame that is sent, or null
   * @param received the identity that a frame of the server acknowledges, or null
   * @throws IllegalArgumentException if {@code overflow} drops messages, if there is a {@code key},
   *     or if nothing may wait
   */
  public Outbox acknowledge(
      Function<Frame, @Nullable Object> sent, Function<Frame, @Nullable Object> received) {
    return new Outbox(
        messages,
        bytes,
        overflow,
        key,
        replay,
        sendTimeout,
        Optional.of(new Acknowledgement(sent, received)));
  }

  /**
   * The same, sending again what was on its way when a session was lost, or not. This is not
   * delivery at least once; {@link #acknowledge} is.
   */
  public Outbox replay(boolean replay) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout, acknowledgement);
  }

  /** The same with another time for a sender that is blocked. */
  public Outbox sendTimeout(Duration sendTimeout) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout, acknowledgement);
  }
}
