package dev.lariat.option;

import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Optional;

/**
 * How the bytes of a raw connection go both ways.
 *
 * @param credit how many {@code Data} messages that are not empty may be told before {@code
 *     exchange.credit} allows more: 0 to 2^63 - 1, which stands for no limit and is the default.
 *     Without credit the connection does not read from its server
 * @param highWater how many bytes may wait to be written before their sender is held back: 1 to 1
 *     TiB, 1 MiB by default
 * @param sendTimeout how long a sender waits for that: 1 ms to 365 days, 30 s by default
 * @param replyTo where the messages go; the connection's owner by default
 */
public record RawOptions(
    long credit, long highWater, Duration sendTimeout, Optional<Receiver> replyTo) {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The defaults of every part. */
  public static final RawOptions DEFAULT =
      new RawOptions(UNLIMITED, 1 << 20, Duration.ofSeconds(30), Optional.empty());

  /** Checks every component. */
  public RawOptions {
    Range.check("raw.credit", credit, 0, UNLIMITED);
    Range.check("raw.highWater", highWater, 1, 1L << 40);
    Range.check("raw.sendTimeout", sendTimeout, Range.MIN);
  }

  /** The same with this credit to begin with. */
  public RawOptions credit(long credit) {
    return new RawOptions(credit, highWater, sendTimeout, replyTo);
  }

  /** The same with another number of bytes that may wait. */
  public RawOptions highWater(long highWater) {
    return new RawOptions(credit, highWater, sendTimeout, replyTo);
  }

  /** The same with another time that a sender waits. */
  public RawOptions sendTimeout(Duration sendTimeout) {
    return new RawOptions(credit, highWater, sendTimeout, replyTo);
  }

  /** The same with a receiver of its own. */
  public RawOptions replyTo(Receiver receiver) {
    return new RawOptions(credit, highWater, sendTimeout, Optional.of(receiver));
  }
}
