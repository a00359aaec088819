package dev.lariat.option;

import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent while a live connection has no session that takes it, and what happens when
 * it is full.
 */
public final class Outbox {

  /** Blocks the sender of the 1025th message. */
  public static final Outbox DEFAULT = new Outbox(new Values());

  /** Keeps nothing: what cannot be sent at once fails. */
  public static final Outbox NONE = DEFAULT.messages(0).overflow(Overflow.FAIL);

  /** What happens to a message for which there is no room. */
  public enum Overflow {
    /** Its sender waits for room, for at most {@code sendTimeout}. */
    BLOCK,
    /** Its sender gets an exception. */
    FAIL,
    /** Those that have waited longest are dropped. */
    DROP_OLDEST,
    /** It is dropped itself. */
    DROP_NEWEST,
    /** As {@link #DROP_OLDEST}, if there is no message of the same key to replace. */
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
   * message larger than this is taken when nothing else waits, unless {@code messages} is 0.
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

  /** {@return what a message is about} */
  public Optional<Function<Frame, Object>> key() {
    return values.key;
  }

  /**
   * Keeps only the newest of the messages about the same, in the place of the one that it replaces,
   * which is dropped as {@code Superseded}. So a message can go out before messages that were sent
   * after the one that it replaces; messages about the same keep their order. Sets {@code overflow}
   * to {@link Overflow#CONFLATE}; you can set another one after that. Nothing is conflated by
   * default.
   *
   * @param key what a message is about; null for a message that is not to be conflated. Called on
   *     the sender's thread
   * @return a copy of these options with this value
   */
  public Outbox conflate(Function<Frame, Object> key) {
    return with(
        draft -> {
          draft.overflow = Overflow.CONFLATE;
          draft.key = Optional.of(key);
        });
  }

  /**
   * {@return whether a message that was on its way when a session was lost is sent again on the
   * next}
   */
  public boolean replay() {
    return values.replay;
  }

  /**
   * Sets whether a message that was on its way when a session was lost is sent again on the next,
   * since nobody knows whether it arrived; false by default, since it may arrive twice. This is not
   * delivery at least once: what the operating system has taken counts as written and is not sent
   * again, and a server that is killed has not read all of that. {@link #acknowledge} is.
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
   * @param sendTimeout 1 ms to 365 days
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
   * Sends a message again until the server has acknowledged it. Each that has an identity is sent
   * again on every session until then, in the order in which it was sent: it arrives <em>at least
   * once</em> if a session lasts long enough. It may arrive more than once, after a rotation too,
   * so the server has to recognize what it has had already. Nothing is acknowledged by default.
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
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if {@code overflow} drops messages, if there is a {@code key},
   *     or if nothing may wait
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
