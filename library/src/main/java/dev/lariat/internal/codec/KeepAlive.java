package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.Locale;

/**
 * What a server says in {@code Keep-Alive} of a connection that it keeps open. RFC 9112 knows the
 * field only as one that is not forwarded (RFC 9110 section 7.6.1); its parameters are those of RFC
 * 2068 section 19.7.1 as Apache, nginx and Node.js send them.
 *
 * <p>Zero contradicts the response that keeps the connection, and says nothing here; so does what
 * is no number, or one of more than nine digits. Of two values the smaller one counts.
 *
 * @param timeout seconds for which a connection stays open on which nothing is sent or awaited;
 *     {@link #UNSAID} if there is no such limit
 * @param max how many requests may follow this one; {@link #UNSAID} if there is no such limit
 */
public record KeepAlive(long timeout, long max) {
  /** The value of a parameter that the server does not send. */
  public static final long UNSAID = Long.MAX_VALUE;

  /** Nothing. */
  public static final KeepAlive NONE = new KeepAlive(UNSAID, UNSAID);

  private static final int DIGITS = 9; // thirty years

  /** What the headers of a response say. */
  public static KeepAlive of(Headers headers) {
    if (!headers.contains("keep-alive")) {
      return NONE;
    }
    long timeout = UNSAID;
    long max = UNSAID;
    for (String list : headers.all("keep-alive")) {
      for (String parameter : list.split(",", -1)) {
        int equals = parameter.indexOf('=');
        if (equals >= 0) {
          long value = number(parameter.substring(equals + 1).strip());
          switch (parameter.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
            case "timeout" -> timeout = Math.min(timeout, value);
            case "max" -> max = Math.min(max, value);
            default -> {} // RFC 2068 lets servers send others
          }
        }
      }
    }
    return new KeepAlive(timeout, max);
  }

  private static long number(String text) {
    boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || text.isEmpty() || text.length() > DIGITS) {
      return UNSAID;
    }
    long value = Long.parseLong(text);
    return value == 0 ? UNSAID : value;
  }
}
