package dev.lariat.option;

import dev.lariat.event.DownloadProgress;
import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a {@code Client} downloads a file. */
public final class DownloadOptions {

  /** The defaults of every option. */
  public static final DownloadOptions DEFAULT = new DownloadOptions(new Values());

  private final Values values;

  private DownloadOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the additional headers of each request} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Sets additional headers of each request; none by default. A download sets {@code Range}, {@code
   * If-Range} and {@code Accept-Encoding} itself, and has no other conditions.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public DownloadOptions headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return the longest wait for the response, and for each further part of the file} */
  public Duration idle() {
    return values.idle;
  }

  /**
   * Sets the longest wait for the response, and for each further part of the file: 1 ms to 365
   * days, 30 s by default. The wait for the response includes that for a connection, redirects and
   * challenges. After that time, the request counts as broken, and another one follows.
   *
   * @param idle the longest wait
   * @return a copy of these options with this value
   */
  public DownloadOptions idle(Duration idle) {
    return with(draft -> draft.idle = idle);
  }

  /** {@return how long the whole download may take} */
  public Optional<Duration> timeout() {
    return values.timeout;
  }

  /**
   * Sets how long the whole download may take: 1 ms to 365 days. No limit by default.
   *
   * @param timeout the longest time
   * @return a copy of these options with this value
   */
  public DownloadOptions timeout(Duration timeout) {
    return with(draft -> draft.timeout = Range.some("timeout", timeout));
  }

  /** {@return when another request follows after a broken one} */
  public RequestRetry retry() {
    return values.retry;
  }

  /**
   * Sets when another request follows after a broken one: by default up to ten in a row, after up
   * to 500 ms, 1 s and so on up to 30 s, and after the statuses 408, 429, 500, 502, 503 and 504,
   * with a {@code Retry-After} of 5 minutes at most. The count begins again when a request has
   * brought further bytes that the server can continue. The methods have no effect here.
   *
   * @param retry the policy
   * @return a copy of these options with this value
   */
  public DownloadOptions retry(RequestRetry retry) {
    return with(draft -> draft.retry = retry);
  }

  /** {@return how often the download may discard its bytes and start again} */
  public int restarts() {
    return values.restarts;
  }

  /**
   * Sets how often the download may discard its bytes and start again with the first one: 0 to
   * 1000000, 3 by default. That is necessary if the file has changed, or if the server does not
   * support ranges or sends no strong validator. Without a limit, a server that breaks each
   * response would send the same bytes forever.
   *
   * @param restarts the number
   * @return a copy of these options with this value
   */
  public DownloadOptions restarts(int restarts) {
    return with(draft -> draft.restarts = restarts);
  }

  /** {@return how many bytes the file may have} */
  public long limit() {
    return values.limit;
  }

  /**
   * Sets how many bytes the file may have: 1 or more. No limit by default, so a server can fill the
   * disk.
   *
   * @param limit the most bytes
   * @return a copy of these options with this value
   */
  public DownloadOptions limit(long limit) {
    return with(draft -> draft.limit = limit);
  }

  /** {@return the SHA-256 that the file must have, as 64 hexadecimal digits} */
  public Optional<String> sha256() {
    return values.sha256;
  }

  /**
   * Sets the SHA-256 that the file must have. By default, only the digest is checked that the
   * server sends in {@code Repr-Digest} (RFC 9530 section 3), if it sends one.
   *
   * @param sha256 64 hexadecimal digits
   * @return a copy of these options with this value
   */
  public DownloadOptions sha256(String sha256) {
    String lower = Range.present("sha256", sha256, "null").toLowerCase(Locale.ROOT);
    return with(draft -> draft.sha256 = Optional.of(lower));
  }

  /** {@return the receiver of the progress reports} */
  public Optional<Consumer<DownloadProgress>> progress() {
    return values.progress;
  }

  /**
   * Sets the receiver of the progress reports; none by default. The thread that downloads calls it,
   * which is yours or a virtual one of {@code downloadAsync}: when each response begins, at most
   * once in each {@code interval} while bytes arrive, and at the end. If it is slow, only this
   * download waits for it. If it throws, the download ends with that exception, and can be resumed.
   *
   * @param progress the receiver of the reports
   * @return a copy of these options with this value
   */
  public DownloadOptions progress(Consumer<DownloadProgress> progress) {
    return with(draft -> draft.progress = Range.some("progress", progress));
  }

  /** {@return the shortest time between two reports} */
  public Duration interval() {
    return values.interval;
  }

  /**
   * Sets the shortest time between two reports while bytes arrive: 0 to 365 days, 500 ms by
   * default.
   *
   * @param interval the shortest time
   * @return a copy of these options with this value
   */
  public DownloadOptions interval(Duration interval) {
    return with(draft -> draft.interval = interval);
  }

  private DownloadOptions with(Consumer<Values> change) {
    return new DownloadOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DownloadOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "DownloadOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MOST_RESTARTS = 1_000_000;
    private static final Set<String> OWN =
        Set.of(
            "accept-encoding",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "range");

    Headers headers = Headers.EMPTY;
    Duration idle = Duration.ofSeconds(30);
    Optional<Duration> timeout = Optional.empty();
    RequestRetry retry =
        RequestRetry.DEFAULT
            .backoff(
                Backoff.DEFAULT.attempts(10).delays(Duration.ofMillis(500), Duration.ofSeconds(30)))
            .statuses(408, 429, 500, 502, 503, 504)
            .longestWait(Duration.ofMinutes(5));
    int restarts = 3;
    long limit = Long.MAX_VALUE;
    Optional<String> sha256 = Optional.empty();
    Optional<Consumer<DownloadProgress>> progress = Optional.empty();
    Duration interval = Duration.ofMillis(500);

    @Override
    void check() {
      headers.requireSendable();
      for (Headers.Field field : headers) {
        if (OWN.contains(field.name())) {
          throw Range.refused(
              "download.headers", field.name(), "any except " + OWN.stream().sorted().toList());
        }
      }
      Range.check("download.idle", idle, Range.MIN);
      Range.check("download.timeout", timeout, Range.MIN);
      Range.check("download.restarts", restarts, 0, MOST_RESTARTS);
      Range.check("download.limit", limit, 1, Long.MAX_VALUE);
      if (sha256.filter(value -> !SHA_256.matcher(value).matches()).isPresent()) {
        throw Range.refused("download.sha256", sha256.get(), "64 hexadecimal digits");
      }
      Range.check("download.interval", interval, Duration.ZERO);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "headers", headers,
        "idle", idle,
        "timeout", timeout,
        "retry", retry,
        "restarts", restarts,
        "limit", limit,
        "sha256", sha256,
        "progress", progress,
        "interval", interval
      };
    }
  }
}
