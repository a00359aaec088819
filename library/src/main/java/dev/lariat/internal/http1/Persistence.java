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
   * How long before the server's close no request is sent any more: many round trips. It is half of
   * the server's timeout if that is shorter, since a connection could never be used otherwise.
   */
  private static final long MARGIN = Duration.ofSeconds(1).toNanos();

  private long timeout = KeepAlive.UNSAID; // seconds
  private long max = KeepAlive.UNSAID;

  /** How many of {@code max} requests may still be sent. */
  private long left = KeepAlive.UNSAID;

  /** When octets last came. The server counts from when it sent them, a little earlier. */
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

  /** Why no request may be sent, if {@code max} requests were; null if one may. */
  @Nullable Reason usedUp() {
    return left > 0 ? null : new Reason.KeepAlive(Parameter.MAX, max);
  }

  /** Why no request may be sent while none is outstanding; null if one may. */
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
