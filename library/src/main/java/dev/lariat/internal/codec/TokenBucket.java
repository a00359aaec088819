package dev.lariat.internal.codec;

import dev.lariat.message.Reason.Bound;

/**
 * How often a peer may send what carries nothing: a thousand times at once, and a hundred times a
 * second after that. Whatever carries something earns one time back, so an honest peer that sends a
 * heartbeat, an empty last fragment or a ping with each message never runs out.
 *
 * <p>Its clock is the time of the turn ({@link #at}), so that nothing here reads a clock. While
 * this side leaves the transport unread, the heartbeats of a quiet peer gather there and then come
 * all at once; the peer earns for that time, too, however long it was.
 */
public final class TokenBucket {
  /** How many times the peer has at once. */
  public static final int CAPACITY = 1000;

  private static final long REFILL = 10_000_000; // nanoseconds for each

  private long tokens = CAPACITY;
  private boolean begun; // the time is known
  private long now;
  private long refilled; // the time up to which tokens were added

  /**
   * Says what time it is.
   *
   * @param unreadUntil when reading last resumed; anything later than now while nothing is read
   */
  public void at(long now, long unreadUntil) {
    if (begun && unreadUntil > now) {
      return; // what was kept is looked at; the time counts when the peer is read again
    }
    if (!begun) {
      begun = true;
      refilled = now;
    } else if (unreadUntil > this.now) {
      tokens += (unreadUntil - this.now) / REFILL; // past the capacity
      refilled = Math.max(refilled, unreadUntil);
    }
    this.now = now;
  }

  /** The peer has sent something that carries something. */
  public void earn() {
    if (tokens < CAPACITY) {
      tokens++;
    }
  }

  /** The peer has sent what this side asked for: everything before that is forgiven. */
  public void fill() {
    tokens = Math.max(tokens, CAPACITY);
  }

  /**
   * The peer has sent something that carries nothing.
   *
   * @param what is counted
   */
  public void spend(Bound what) throws Violation {
    spend(what, 1);
  }

  /** The peer has sent something that carries nothing, and that counts so many times. */
  public void spend(Bound what, int times) throws Violation {
    refill();
    tokens -= times;
    if (tokens < 0) {
      throw Violation.flood(what, CAPACITY);
    }
  }

  private void refill() {
    long earned = (now - refilled) / REFILL;
    if (earned > 0) {
      refilled += earned * REFILL;
      tokens = Math.max(tokens, Math.min(CAPACITY, tokens + earned));
    }
  }
}
