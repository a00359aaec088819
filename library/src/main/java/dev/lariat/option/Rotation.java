package dev.lariat.option;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How one session of a live connection takes over from another, before the first has ended.
 *
 * <p>Once the next session is open, everything you send goes out by it. The old session goes on
 * receiving, so that the server can answer what it was sent, until no message has arrived for
 * {@code quiet}; then this side closes it. A server may drop what it has not sent yet when it reads
 * the close frame. What the next session receives is delivered after the old one has ended.
 */
public final class Rotation {

  /** By your signal only. */
  public static final Rotation DEFAULT = new Rotation(new Values());

  private final Values values;

  private Rotation(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how old a session may become before the next one is opened} */
  public Duration maxAge() {
    return values.maxAge;
  }

  /**
   * Sets how old a session may become before the next one is opened: 1 s to 365 days. The last
   * tenth of it is drawn at random, so that clients that began together do not rotate together. A
   * year, as good as never, by default.
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
   * Sets how long the old session has to end after the close frame: to write what waits to be
   * written on it, and to deliver what the server still sends before its close frame: 1 ms to 365
   * days, 5 s by default.
   *
   * @param drain the time
   * @return a copy of these options with this value
   */
  public Rotation drain(Duration drain) {
    return with(draft -> draft.drain = drain);
  }

  /**
   * {@return how long no message must have arrived on the old session before this side says
   * goodbye}
   */
  public Duration quiet() {
    return values.quiet;
  }

  /**
   * Sets how long no message must have arrived on the old session before this side sends a close
   * frame: 0, which says it at once, to 365 days, 1 s by default. Choose more than your server
   * needs for an answer. For a {@code LiveWebSocket} only: a {@code LiveEvents} ends the old
   * session at once, since the next one goes on from the same event.
   *
   * @param quiet the time
   * @return a copy of these options with this value
   */
  public Rotation quiet(Duration quiet) {
    return with(draft -> draft.quiet = quiet);
  }

  /** {@return how long this side waits for that quiet time at most} */
  public Duration settle() {
    return values.settle;
  }

  /**
   * Sets how long this side waits for that quiet time at most, as with a feed that is never quiet:
   * 0 to 365 days, 5 s by default. Time in which the owner's mailbox is full does not count.
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
