package dev.lariat.event;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.Optional;

/**
 * A step of a client's pool, which a {@link PoolListener} receives. Later versions of Lariat can
 * add events, so a switch over them needs a {@code default}.
 *
 * <p>Each {@link PoolOpening} has exactly one {@link PoolOpened}, and each of those that has a
 * protocol has one {@link PoolClosed}. Each request has one {@link PoolWait}; if the client sends
 * it again, it has another. The numbers in {@link PoolInfo} are the sums of these events: if a
 * listener counts them from the beginning, it has the same numbers.
 *
 * <p>The events of one connection are decided in this order. If they are reported on several
 * threads, a listener can receive them in another one.
 */
public sealed interface PoolEvent {

  /** {@return the origin, such as {@code https://example.com}} */
  String origin();

  /** How the wait for a connection ended. */
  enum Outcome {
    /** A connection had room, so there was no wait. */
    AT_ONCE,
    /** A connection took the request after a wait. */
    WAITED,
    /** As many requests waited as {@code pool.waiting} allows. */
    FULL,
    /** The time of the request was over. */
    LATE,
    /** No connection could be opened. */
    FAILED,
    /** The caller gave it up: its thread was interrupted. */
    CANCELLED,
    /** The client was closed. */
    CLOSED
  }

  /** Why the pool opens a connection. */
  enum Need {
    /** A request waits. */
    REQUEST,
    /** {@code Client.warm} asked for it. */
    WARM,
    /** There are fewer than {@code pool.least}. */
    LEAST
  }

  /**
   * A request got a connection, or will get none.
   *
   * @param origin the origin
   * @param outcome which of the two, and why
   * @param took how long it waited
   * @param reason what lies behind a failure, such as the reason why no connection could be opened
   */
  record PoolWait(String origin, Outcome outcome, Duration took, Optional<Reason> reason)
      implements PoolEvent {}

  /**
   * The pool begins to open a connection.
   *
   * @param origin the origin
   * @param connection the number of the connection in its pool
   * @param cause why
   */
  record PoolOpening(String origin, long connection, Need cause) implements PoolEvent {}

  /**
   * The connection is established, or will not be. If it has neither a protocol nor a failure, the
   * client was closed meanwhile.
   *
   * @param origin the origin
   * @param connection the number of the connection in its pool
   * @param protocol its protocol, if it is established
   * @param failure why it could not be opened
   * @param took the time from {@link PoolOpening}
   */
  record PoolOpened(
      String origin,
      long connection,
      Optional<Protocol> protocol,
      Optional<Reason> failure,
      Duration took)
      implements PoolEvent {}

  /**
   * An established connection has ended.
   *
   * @param origin the origin
   * @param connection the number of the connection in its pool
   * @param cause why it ended
   * @param reason with what it ended
   * @param took the time from {@link PoolOpened}
   */
  record PoolClosed(
      String origin, long connection, PoolInfo.Cause cause, Reason reason, Duration took)
      implements PoolEvent {}

  /**
   * A request is sent again at once: the server had closed a connection that was there before, or
   * said that the connection is the wrong one (421).
   *
   * @param origin the origin
   */
  record PoolRepeat(String origin) implements PoolEvent {}
}
