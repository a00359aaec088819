package dev.lariat.internal.pool;

import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Reason;
import java.util.Optional;

/**
 * What is to be done for a pool, in the order in which it was decided.
 *
 * @param <K> what names an origin
 * @param <W> a request that wants a connection
 */
public sealed interface Act<K, W> {

  /**
   * Opens a connection.
   *
   * @param link its number
   */
  record Dial<K, W>(K origin, long link) implements Act<K, W> {}

  /** Finds out where this origin is: a connection to another one may lead there. */
  record Seek<K, W>(K origin) implements Act<K, W> {}

  /**
   * Begins what is wanted on this connection.
   *
   * @param reused whether the connection was there before: the server may have closed it meanwhile
   * @param waited for how many nanoseconds it has waited
   */
  record Grant<K, W>(W want, long link, boolean reused, long waited) implements Act<K, W> {}

  /**
   * Tells that there is no connection.
   *
   * @param last what lies behind that, if anything does
   * @param waited for how many nanoseconds it has waited
   */
  record Refuse<K, W>(W want, Why why, Optional<Reason> last, long waited) implements Act<K, W> {}

  /**
   * Tells that there is no connection in time, because this one is still being opened.
   *
   * @param link its number; it knows how far it has come
   * @param last what lies behind that, if it does not know
   * @param waited for how many nanoseconds it has waited
   */
  record Late<K, W>(W want, long link, Reason last, long waited) implements Act<K, W> {}

  /** Ends this connection in good order. */
  record Retire<K, W>(long link, Cause cause) implements Act<K, W> {}

  /** Tells those that listen. */
  record Tell<K, W>(PoolEvent event) implements Act<K, W> {}

  /** Why there is no connection. */
  enum Why {
    /** Too many wait. */
    FULL,
    /** Its time is over: see also {@link Late}. */
    LATE,
    /** None can be opened. */
    FAILED,
    /** The pool is closed. */
    CLOSED
  }
}
