package dev.lariat.option;

import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When a {@code Caller} sends a request again. If the server certainly did not act on the request
 * ({@code Unprocessed}), it sends it again regardless of its method. If the connection failed, or
 * the response has one of {@code statuses}, it sends the request again if its method is one of
 * {@code methods}.
 */
public final class RequestRetry {

  /** Three retries, after up to 200 ms, 400 ms and 800 ms, with full jitter. */
  public static final RequestRetry DEFAULT = new RequestRetry(new Values());

  private final Values values;

  private RequestRetry(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many retries to make, and the delays before them} */
  public Backoff backoff() {
    return values.backoff;
  }

  /**
   * Sets how many retries to make, and the delays before them; by default three, after up to 200
   * ms, 400 ms and 800 ms. Its {@code stable} has no effect here.
   *
   * @param backoff the delays
   * @return a copy of these options with this value
   */
  public RequestRetry backoff(Backoff backoff) {
    return with(draft -> draft.backoff = backoff);
  }

  /** {@return the statuses after which a request is retried} */
  public Set<Integer> statuses() {
    return values.statuses;
  }

  /**
   * Sets the statuses after which a request is retried: each 400 to 599; 429, 502, 503 and 504 by
   * default.
   *
   * @param statuses the statuses
   * @return a copy of these options with this value
   */
  public RequestRetry statuses(Integer... statuses) {
    return with(draft -> draft.statuses = Set.copyOf(Range.list("statuses", statuses)));
  }

  /** {@return the methods on which the server may act twice} */
  public Set<String> methods() {
    return values.methods;
  }

  /**
   * Sets the methods on which the server may act twice: tokens; by default the idempotent ones (RFC
   * 9110 section 9.2.2), which are DELETE, GET, HEAD, OPTIONS, PUT and TRACE.
   *
   * @param methods the methods
   * @return a copy of these options with this value
   */
  public RequestRetry methods(String... methods) {
    return with(draft -> draft.methods = Set.copyOf(Range.list("methods", methods)));
  }

  /** {@return the longest {@code Retry-After} that a caller waits for} */
  public Duration longestWait() {
    return values.longestWait;
  }

  /**
   * Sets the longest {@code Retry-After} that a caller waits for: 0 to 365 days, 30 s by default. A
   * response that asks for more is returned as it is.
   *
   * @param longestWait the longest wait
   * @return a copy of these options with this value
   */
  public RequestRetry longestWait(Duration longestWait) {
    return with(draft -> draft.longestWait = longestWait);
  }

  private RequestRetry with(Consumer<Values> change) {
    return new RequestRetry(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RequestRetry its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "RequestRetry" + values;
  }

  private static final class Values extends Draft<Values> {
    Backoff backoff =
        Backoff.DEFAULT.attempts(3).delays(Duration.ofMillis(200), Duration.ofSeconds(5));
    Set<Integer> statuses = Set.of(429, 502, 503, 504);
    Set<String> methods = Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE");
    Duration longestWait = Duration.ofSeconds(30);

    @Override
    void check() {
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

    @Override
    Object[] parts() {
      return new Object[] {
        "backoff", backoff,
        "statuses", statuses,
        "methods", methods,
        "longestWait", longestWait
      };
    }
  }
}
