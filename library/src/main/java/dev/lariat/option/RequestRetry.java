package dev.lariat.option;

import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * When a {@code Caller} sends a request again. What the server certainly did not act upon ({@code
 * Unprocessed}) is sent again whatever its method. A request whose connection failed, or whose
 * answer has one of the statuses, is sent again where its method is one of these.
 *
 * @param backoff how often, and after which time: attempts, delays and jitter. What its {@code
 *     stable} says does not matter here
 * @param statuses which answers are tried again: 400 to 599; 429, 502, 503 and 504 by default
 * @param methods which methods may be acted upon twice: the idempotent ones by default (RFC 9110
 *     section 9.2.2): DELETE, GET, HEAD, OPTIONS, PUT, TRACE
 * @param longestWait the longest {@code Retry-After} that is waited for: 0 to 365 days, 30 s by
 *     default. An answer that asks for more is given as it is
 */
public record RequestRetry(
    Retry backoff, Set<Integer> statuses, Set<String> methods, Duration longestWait) {

  /** Three attempts more, after up to 200 ms, 400 ms and 800 ms, with full jitter. */
  public static final RequestRetry DEFAULT =
      new RequestRetry(
          Retry.DEFAULT.attempts(3).backoff(Duration.ofMillis(200), Duration.ofSeconds(5)),
          Set.of(429, 502, 503, 504),
          Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"),
          Duration.ofSeconds(30));

  /** Checks every component. */
  public RequestRetry {
    statuses = Set.copyOf(statuses);
    methods = Set.copyOf(methods);
    for (int status : new TreeSet<>(statuses)) {
      Range.check("requestRetry.statuses", status, 400, 599);
    }
    for (String method : methods) {
      if (!Headers.isToken(method)) {
        throw Range.refused(
            "requestRetry.methods", '"' + method + '"', "tokens (RFC 9110 section 9.1)");
      }
    }
    Range.check("requestRetry.longestWait", longestWait, Duration.ZERO);
  }

  /** The same with another backoff. */
  public RequestRetry backoff(Retry backoff) {
    return new RequestRetry(backoff, statuses, methods, longestWait);
  }

  /** The same with other statuses. */
  public RequestRetry statuses(Integer... statuses) {
    return new RequestRetry(backoff, Set.copyOf(List.of(statuses)), methods, longestWait);
  }

  /** The same with other methods. */
  public RequestRetry methods(String... methods) {
    return new RequestRetry(backoff, statuses, Set.copyOf(List.of(methods)), longestWait);
  }

  /** The same with another longest {@code Retry-After}. */
  public RequestRetry longestWait(Duration longestWait) {
    return new RequestRetry(backoff, statuses, methods, longestWait);
  }
}
