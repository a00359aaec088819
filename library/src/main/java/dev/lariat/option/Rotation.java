package dev.lariat.option;

import java.time.Duration;

/**
 * How one session of a live connection takes over from another, before the first has ended.
 *
 * <p>Once the next session is open, everything you send goes out by it. The old session goes on
 * receiving, so that the server can answer what it was sent, until no message has arrived for
 * {@code quiet}; then this side says goodbye to it. A server may drop what it has not sent yet when
 * it reads that goodbye. What the next session receives is told after the old one has ended.
 *
 * @param maxAge how old a session may become before the next one is opened: 1 s to 365 days. The
 *     last tenth of it is drawn at random, so that clients that began together do not rotate
 *     together. A year, as good as never, by default
 * @param drain how long the old session has to end after the goodbye: to write what waits to be
 *     written on it, and to deliver what the server still sends before its close frame: 1 ms to 365
 *     days, 5 s by default
 * @param quiet how long no message must have arrived on the old session before this side says
 *     goodbye: 0, which says it at once, to 365 days, 1 s by default. Choose more than your server
 *     needs for an answer. Of a {@code LiveWebSocket} only: a {@code LiveEvents} ends the old
 *     session at once, since the next one goes on from the same event
 * @param settle how long this side waits for that quiet time at the most, as with a feed that is
 *     never quiet: 0 to 365 days, 5 s by default. Time in which the owner's mailbox is full does
 *     not count
 */
public record Rotation(Duration maxAge, Duration drain, Duration quiet, Duration settle) {

  /** By the user's signal only. */
  public static final Rotation DEFAULT =
      new Rotation(Range.MAX, Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(5));

  /** Checks all of them. */
  public Rotation {
    Range.check("rotation.maxAge", maxAge, Duration.ofSeconds(1));
    Range.check("rotation.drain", drain, Range.MIN);
    Range.check("rotation.quiet", quiet, Duration.ZERO);
    Range.check("rotation.settle", settle, Duration.ZERO);
  }

  /** The same with another age. */
  public Rotation maxAge(Duration maxAge) {
    return new Rotation(maxAge, drain, quiet, settle);
  }

  /** The same with another time for the old session's end. */
  public Rotation drain(Duration drain) {
    return new Rotation(maxAge, drain, quiet, settle);
  }

  /** The same with another quiet time before the goodbye. */
  public Rotation quiet(Duration quiet) {
    return new Rotation(maxAge, drain, quiet, settle);
  }

  /** The same with another limit for the wait for the quiet time. */
  public Rotation settle(Duration settle) {
    return new Rotation(maxAge, drain, quiet, settle);
  }
}
