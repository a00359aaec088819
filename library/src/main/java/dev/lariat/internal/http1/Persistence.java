package dev.lariat.internal.http1;

import dev.lariat.internal.codec.KeepAlive;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.KeepAlive.Parameter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the server keeps the connection, by the {@code Keep-Alive} of its responses. A request
 * that meets the server's close on its way is lost, and nobody knows whether it was processed (RFC
 * 9112 section 9.3.1). So none is sent shortly before the server closes, nor more than it answers.
 *
 * <p>What a response says holds until a later one says something else.
 */
final class Persistence {
  /**
   * How long before the server's close no request is sent any more: many round trips. It is half of
   * the server's timeout if that is shorter, since a connection could never be used otherwise.
   */
  private static final long MARGIN = Duration.ofSeconds(1).toNanos();

  /** What comes so soon after reading was resumed may have waited in the socket. */
  private static final long BACKLOG = Duration.ofSeconds(1).toNanos();

  /**
   * If reading stops for less, because other connections have their turn, nothing waits for long.
   */
  private static final long PAUSE = MARGIN / 10;

  private long timeout = KeepAlive.UNSAID; // seconds
  private long max = KeepAlive.UNSAID;

  /** How many of {@code max} requests may still be sent. */
  private long left = KeepAlive.UNSAID;

  /**
   * When the server was last heard: it counts from when it sent that, which is a little earlier.
   * What may have waited in the socket was sent at an unknown time, and does not count here.
   */
  private long heard;

  /** When octets last came, whenever they were sent. */
  private long came;

  /** Until when octets that come may have waited in the socket. */
  private long backlogUntil;

  /** The connection is there. */
  void begins(long now) {
    heard = now;
    came = now;
    backlogUntil = now;
  }

  /**
   * Octets have come.
   *
   * @param unreadUntil when reading last resumed; anything later than now while nothing is read
   */
  void heard(long now, long unreadUntil) {
    if (unreadUntil <= now && unreadUntil - came >= PAUSE) {
      backlogUntil = unreadUntil + BACKLOG;
    }
    came = now;
    if (now >= backlogUntil) {
      heard = now;
    }
  }

  /**
   * A response says this.
   *
   * @param outstanding how many requests are sent already whose responses follow
   */
  void said(KeepAlive said, int outstanding) {
    if (said.timeout() != KeepAlive.UNSAID) {
      timeout = said.timeout();
    }
    if (said.max() != KeepAlive.UNSAID) {
      max = said.max();
      left = Math.max(0, max - outstanding);
    }
  }

  /**
   * A request is sent.
   *
   * @param alone whether no other is outstanding, so that what comes from now on answers it
   */
  void sent(long now, boolean alone) {
    if (alone) {
      backlogUntil = now;
    }
    if (left != KeepAlive.UNSAID) {
      left--;
    }
  }

  /** Why no request may be sent, if {@code max} requests were; null if one may. */
  @Nullable Reason usedUp() {
    return left > 0 ? null : new Reason.KeepAlive(Parameter.MAX, max);
  }

  /** For how many nanoseconds without a request one may be sent; NEVER if the server is silent. */
  long idleLimit() {
    if (timeout == KeepAlive.UNSAID) {
      return Engine.NEVER;
    }
    long open = Duration.ofSeconds(timeout).toNanos();
    return open - Math.min(MARGIN, open / 2);
  }

  /** Why no request may be sent while none is outstanding; null if one may. */
  @Nullable Reason over(long now) {
    return now - heard >= idleLimit() ? new Reason.KeepAlive(Parameter.TIMEOUT, timeout) : usedUp();
  }
}
