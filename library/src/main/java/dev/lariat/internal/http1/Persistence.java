package dev.lariat.internal.http1;

import dev.lariat.internal.codec.KeepAlive;
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
   * Before the server's close no request is sent for so long, which is many round trips, or for
   * half of the server's timeout if that is shorter: a connection always has some use.
   */
  private static final long MARGIN = Duration.ofSeconds(1).toNanos();

  private long timeout = KeepAlive.UNSAID; // seconds
  private long max = KeepAlive.UNSAID;

  /** How many of {@code max} requests may still be sent. */
  private long left = KeepAlive.UNSAID;

  /**
   * When the server was last heard: it counts from when it sent that, which is a little earlier.
   */
  private long heard;

  /** Octets have come. */
  void heard(long now) {
    heard = now;
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

  /** A request is sent. */
  void sent() {
    if (left != KeepAlive.UNSAID) {
      left--;
    }
  }

  /** Why no request may be sent any more, if so many were; null if one may. */
  @Nullable Reason usedUp() {
    return left > 0 ? null : new Reason.KeepAlive(Parameter.MAX, max);
  }

  /** Why no request may be sent on this connection, on which none is answered; null if one may. */
  @Nullable Reason over(long now) {
    if (timeout != KeepAlive.UNSAID) {
      long open = Duration.ofSeconds(timeout).toNanos();
      if (now - heard >= open - Math.min(MARGIN, open / 2)) {
        return new Reason.KeepAlive(Parameter.TIMEOUT, timeout);
      }
    }
    return usedUp();
  }
}
