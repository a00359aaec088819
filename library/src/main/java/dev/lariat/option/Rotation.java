package dev.lariat.option;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a live connection replaces a session with a new one before the old one ends.
 *
 * <p>After the next session opens, it sends everything that you send. The old session continues to
 * receive, so that the server can answer earlier messages. If no message arrives for {@code quiet},
 * Lariat closes it. When the server reads the close frame, it may drop what it has not sent yet.
 * Lariat delivers what the next session receives after the old session has ended.
 */
public final class Rotation {

  /** Replaces a session only if you call {@code rotate}. */
  public static final Rotation DEFAULT = new Rotation(new Values());

  private final Values values;

  private Rotation(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the age of a session at which the next one is opened} */
  public Duration maxAge() {
    return values.maxAge;
  }

  /**
   * Sets the age of a session at which the next one is opened: 1 s to 365 days. The last tenth of
   * it is random, so that clients that started together do not rotate together. By default a year,
   * which is in effect never.
   *
   * @param maxAge the age
   * @return a copy of these options with this value
   */
  public Rotation maxAge(Duration maxAge) {
    return with(draft -> draft.maxAge = maxAge);
  }

  /** {@return how long the old session has to end after the close frame} */
  public Duration drain() {
    return values.drain;
  }

  /**
   * Sets how long the old session has to end after the close frame: 1 ms to 365 days, 5 s by
   * default. In this time Lariat writes what is still queued on it, and delivers what the server
   * sends before its own close frame.
   *
   * @param drain the time
   * @return a copy of these options with this value
   */
  public Rotation drain(Duration drain) {
    return with(draft -> draft.drain = drain);
  }

  /** {@return how long no message must have arrived on the old session before Lariat closes it} */
  public Duration quiet() {
    return values.quiet;
  }

  /**
   * Sets how long no message must have arrived on the old session before Lariat sends a close
   * frame: 0, which sends it at once, to 365 days; 1 s by default. Choose more time than your
   * server needs for an answer. This applies to a {@code LiveWebSocket} only. A {@code LiveEvents}
   * ends the old session at once, since the next one continues after the same event.
   *
   * @param quiet the time
   * @return a copy of these options with this value
   */
  public Rotation quiet(Duration quiet) {
    return with(draft -> draft.quiet = quiet);
  }

  /** {@return how long Lariat waits at most for that quiet time} */
  public Duration settle() {
    return values.settle;
  }

  /**
   * Sets how long Lariat waits at most for that quiet time, which a busy feed may never have: 0 to
   * 365 days, 5 s by default. Time in which the owner's mailbox is full does not count.
   *
   * @param settle the time
   * @return a copy of these options with this value
   */
  public Rotation settle(Duration settle) {
    return with(draft -> draft.settle = settle);
  }

  private Rotation with(Consumer<Values> change) {
    return new Rotation(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Rotation its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Rotation" + values;
  }

  private static final class Values extends Draft<Values> {
    Duration maxAge = Range.MAX;
    Duration drain = Duration.ofSeconds(5);
    Duration quiet = Duration.ofSeconds(1);
    Duration settle = Duration.ofSeconds(5);

    @Override
    void check() {
      Range.check("rotation.maxAge", maxAge, Duration.ofSeconds(1));
      Range.check("rotation.drain", drain, Range.MIN);
      Range.check("rotation.quiet", quiet, Duration.ZERO);
      Range.check("rotation.settle", settle, Duration.ZERO);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "maxAge", maxAge,
        "drain", drain,
        "quiet", quiet,
        "settle", settle
      };
    }
  }
}
