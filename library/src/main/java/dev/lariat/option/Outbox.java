package dev.lariat.option;

import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

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
 *     same, which is dropped as {@code Superseded}. Called on the sender's thread; null for a
 *     message that is not to be conflated. Wanted where {@code overflow} is {@link
 *     Overflow#CONFLATE}, and allowed with the others
 * @param replay whether a message that was on its way when a session was lost, so that nobody knows
 *     whether it arrived, is sent again on the next; not by default, since it may arrive twice
 * @param sendTimeout how long a sender is blocked before it fails: 1 ms to 365 days, 30 s by
 *     default
 */
public record Outbox(
    int messages,
    long bytes,
    Overflow overflow,
    Optional<Function<Frame, Object>> key,
    boolean replay,
    Duration sendTimeout) {

  /** Blocks the sender of the 1025th message. */
  public static final Outbox DEFAULT =
      new Outbox(1024, 16 << 20, Overflow.BLOCK, Optional.empty(), false, Duration.ofSeconds(30));

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

  /** Checks every component. */
  public Outbox {
    Range.check("outbox.messages", messages, 0, 1 << 30);
    Range.check("outbox.bytes", bytes, 0, 1L << 40);
    Range.check("outbox.sendTimeout", sendTimeout, Range.MIN);
    if (overflow == Overflow.CONFLATE && key.isEmpty()) {
      throw Range.refused("outbox.overflow", overflow, "only with a key");
    }
  }

  /** The same for another number of messages. */
  public Outbox messages(int messages) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout);
  }

  /** The same for another number of bytes. */
  public Outbox bytes(long bytes) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout);
  }

  /** The same with another rule for when it is full. */
  public Outbox overflow(Overflow overflow) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout);
  }

  /** The same, where of the messages of one key only the newest waits. */
  public Outbox conflate(Function<Frame, Object> key) {
    return new Outbox(
        messages,
        bytes,
        Overflow.CONFLATE,
        Optional.of(Objects.requireNonNull(key)),
        replay,
        sendTimeout);
  }

  /** The same, sending again what may have been lost, or not. */
  public Outbox replay(boolean replay) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout);
  }

  /** The same with another time for a sender that is blocked. */
  public Outbox sendTimeout(Duration sendTimeout) {
    return new Outbox(messages, bytes, overflow, key, replay, sendTimeout);
  }
}
