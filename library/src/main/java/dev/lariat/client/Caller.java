package dev.lariat.client;

import static dev.lariat.client.Arguments.given;
import static dev.lariat.client.Arguments.limit;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sends requests on a connection and waits for their responses. Any number of threads can use it at
 * the same time. Each call has its own mailbox.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="call"}
 *
 * <p>By default, a caller does nothing else. On request, it follows redirects, answers challenges
 * with credentials, and sends failed requests again.
 *
 * <p>A caller is immutable: each method that changes a setting returns another caller. You do not
 * have to close it.
 */
public final class Caller {
  private final Connection connection;
  private final Settings settings;
  private final Optional<Function<URI, Connection>> elsewhere;
  private final Time time;

  /** A caller that waits by this time. */
  Caller(Connection connection, Time time) {
    this(connection, Settings.NONE, Optional.empty(), time);
  }

  private Caller(
      Connection connection,
      Settings settings,
      Optional<Function<URI, Connection>> elsewhere,
      Time time) {
    this.connection = connection;
    this.settings = settings;
    this.elsewhere = elsewhere;
    this.time = time;
  }

  private Caller with(Settings changed) {
    return new Caller(connection, changed, elsewhere, time);
  }

  /**
   * {@return a caller on this connection} It sends requests and waits for their responses. It does
   * more only if you ask for it.
   *
   * @param connection the connection
   */
  public static Caller on(Connection connection) {
    return new Caller(connection, Core.get().machine(given("connection", connection)));
  }

  /**
   * {@return a caller that also follows redirects (RFC 9110 section 15.4)} It follows a 303 with
   * {@code GET}, or with {@code HEAD} after a {@code HEAD}. After 301 and 302, a {@code POST}
   * becomes a {@code GET}. Otherwise the method and the body stay the same. If {@code redirects}
   * does not allow a redirect, the call fails.
   *
   * @param redirects which redirects are followed
   */
  public Caller redirects(Redirects redirects) {
    return with(settings.redirects(given("redirects", redirects)));
  }

  /**
   * {@return a caller that also answers challenges of the connection's origin} It answers the
   * strongest challenge that the server offers and the credentials allow, once for each request.
   * Later calls send the credentials without a challenge. It does not change a request that has its
   * own {@code Authorization}. If the server refuses the credentials, that response is the answer.
   *
   * @param credentials the credentials
   */
  public Caller credentials(Credentials credentials) {
    return with(
        settings.credentials(Core.get().home(connection), given("credentials", credentials)));
  }

  /**
   * {@return a caller that also sends failed requests again by this policy, within the timeout of
   * the call}
   *
   * @param retry which requests to send again, and when
   */
  public Caller retry(RequestRetry retry) {
    return with(settings.retry(given("retry", retry)));
  }

  /**
   * {@return a caller that uses your connections for the other origins that redirects lead to} The
   * caller does not close them. Without this, a call opens a connection for each other origin and
   * closes it after the call. Such a connection has the options of the caller's connection, but the
   * default TLS options.
   *
   * @param elsewhere returns the connection to an origin, such as {@code https://example.com:8443};
   *     called on the thread of the call
   */
  public Caller elsewhere(Function<URI, Connection> elsewhere) {
    return new Caller(connection, settings, Optional.of(given("elsewhere", elsewhere)), time);
  }

  /** {@return the default {@code User-Agent} of a caller: {@code lariat/} and the version} */
  public static String defaultUserAgent() {
    return Settings.USER_AGENT;
  }

  /**
   * {@return a caller that sends this {@code User-Agent} (RFC 9110 section 10.1.5)} The default is
   * {@link #defaultUserAgent}. A request that has its own keeps it.
   *
   * @param userAgent the value of the header; empty to send none
   * @throws IllegalArgumentException if it is not a valid value of a header
   */
  public Caller userAgent(Optional<String> userAgent) {
    return with(settings.userAgent(given("userAgent", userAgent)));
  }

  /**
   * {@return a caller that also uses this cache (RFC 9111)} The cache stays open when the
   * connection is closed.
   *
   * @param cache the cache
   */
  public Caller cache(HttpCache cache) {
    return with(settings.cache(Optional.of(given("cache", cache))));
  }

  /**
   * Sends a request and waits for the whole response, of at most {@code limits.body} bytes. A
   * response of any status is an answer.
   *
   * @param request a request without {@code replyTo} and {@code credit}, since the caller reads the
   *     messages, and without events and content handlers, since an answer consists of bytes
   * @param timeout how long the call may take, including redirects, challenges and retries: 1 ms to
   *     365 days
   * @return the whole response
   * @throws FailedException if there is no response, the call times out, or the thread is
   *     interrupted
   * @throws IllegalArgumentException if the request has one of these options, or the timeout is out
   *     of range
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public Answer send(Request request, Duration timeout) {
    HttpUri uri = Core.get().home(connection).target(given("request", request).target());
    limit("timeout", timeout);
    Source source = new OneConnection(connection, elsewhere);
    return new Call(settings, source, time, uri, Settings.checked(request), timeout).answer();
  }

  /**
   * Requests {@code path} by {@code GET}; see {@link #send}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param timeout the longest time to wait
   * @return the whole response
   */
  public Answer get(String path, Duration timeout) {
    return send(Request.of("GET", path), timeout);
  }

  /**
   * Requests {@code path} by {@code GET}; see {@link #send}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param headers the headers of the request
   * @param timeout the longest time to wait
   * @return the whole response
   */
  public Answer get(String path, Headers headers, Duration timeout) {
    return send(Request.of("GET", path).headers(headers), timeout);
  }
}
