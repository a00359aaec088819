package dev.lariat.option;

import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a raw connection. */
public final class RawOptions {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The defaults of every option. */
  public static final RawOptions DEFAULT = new RawOptions(new Values());

  private final Values values;

  private RawOptions(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return how many {@code Data} messages that are not empty may arrive before you call {@code
   * exchange.credit}}
   */
  public long credit() {
    return values.credit;
  }

  /**
   * Sets how many {@code Data} messages that are not empty may arrive before {@code
   * exchange.credit} allows more: 0 to {@link #UNLIMITED}, which is the default. Without credit,
   * the connection does not read.
   *
   * @param credit the number of messages
   * @return a copy of these options with this value
   */
  public RawOptions credit(long credit) {
    return with(draft -> draft.credit = credit);
  }

  /** {@return how many bytes may wait to be written before the sender blocks} */
  public long sendQueue() {
    return values.sendQueue;
  }

  /**
   * Sets how many bytes may wait to be written before the sender blocks: 1 byte to 1 TiB, 1 MiB by
   * default.
   *
   * @param sendQueue the number of bytes
   * @return a copy of these options with this value
   */
  public RawOptions sendQueue(long sendQueue) {
    return with(draft -> draft.sendQueue = sendQueue);
  }

  /** {@return how long a sender blocks before it fails} */
  public Duration sendTimeout() {
    return values.sendTimeout;
  }

  /**
   * Sets how long a sender blocks before it fails: 1 ms to 365 days, 30 s by default.
   *
   * @param sendTimeout the timeout
   * @return a copy of these options with this value
   */
  public RawOptions sendTimeout(Duration sendTimeout) {
    return with(draft -> draft.sendTimeout = sendTimeout);
  }

  /** {@return the receiver of the messages, if it is not the owner} */
  public Optional<Receiver> replyTo() {
    return values.replyTo;
  }

  /**
   * Sets the receiver of the messages; by default the connection's owner.
   *
   * @param receiver the receiver of the messages
   * @return a copy of these options with this value
   */
  public RawOptions replyTo(Receiver receiver) {
    return with(draft -> draft.replyTo = Range.some("replyTo", receiver));
  }

  private RawOptions with(Consumer<Values> change) {
    return new RawOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RawOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "RawOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    long credit = UNLIMITED;
    long sendQueue = 1 << 20;
    Duration sendTimeout = Duration.ofSeconds(30);
    Optional<Receiver> replyTo = Optional.empty();

    @Override
    void check() {
      Range.check("raw.credit", credit, 0, UNLIMITED);
      Range.check("raw.sendQueue", sendQueue, 1, 1L << 40);
      Range.check("raw.sendTimeout", sendTimeout, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "credit", credit,
        "sendQueue", sendQueue,
        "sendTimeout", sendTimeout,
        "replyTo", replyTo
      };
    }
  }
}
