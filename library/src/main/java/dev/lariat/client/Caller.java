package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Product;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sends requests on a connection and waits for their responses, for any number of threads at the
 * same time. Each call has its own mailbox.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="call"}
 *
 * <p>By default, a caller does nothing else. On request, it follows redirects, answers challenges
 * with credentials, and sends failed requests again.
 *
 * <p>A caller is immutable: each method that changes a setting returns another caller. You need not
 * close it.
 */
public final class Caller {
  private static final String USER_AGENT = Product.userAgent();

  final Connection connection;
  final Optional<Redirects> redirects;
  final Optional<Login> login;
  final Optional<RequestRetry> retry;
  final Optional<Function<URI, Connection>> elsewhere;
  final Optional<String> userAgent;
  final Time time;

  /** A caller that waits by this time. */
  Caller(Connection connection, Time time) {
    this(
        connection,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(USER_AGENT),
        time);
  }

  private Caller(
      Connection connection,
      Optional<Redirects> redirects,
      Optional<Login> login,
      Optional<RequestRetry> retry,
      Optional<Function<URI, Connection>> elsewhere,
      Optional<String> userAgent,
      Time time) {
    this.connection = connection;
    this.redirects = redirects;
    this.login = login;
    this.retry = retry;
    this.elsewhere = elsewhere;
    this.userAgent = userAgent;
    this.time = time;
  }

  /**
   * {@return a caller on this connection} It sends requests and waits for their answers, and does
   * nothing beyond that until you ask for more.
   *
   * @param connection the connection
   */
  public static Caller on(Connection connection) {
    return new Caller(connection, Core.get().machine(connection));
  }

  /**
   * {@return this caller, following redirects (RFC 9110 section 15.4)} 303 is followed by {@code
   * GET}, or by {@code HEAD} after a {@code HEAD}; after 301 and 302 a {@code POST} becomes a
   * {@code GET}; otherwise method and body stay. Where a redirect is not one that may be followed,
   * the call fails.
   *
   * @param redirects which redirects are followed
   */
  public Caller redirects(Redirects redirects) {
    return new Caller(connection, Optional.of(redirects), login, retry, elsewhere, userAgent, time);
  }

  /**
   * {@return this caller, answering challenges of the connection's own origin: the strongest of
   * those that the server offers and the credentials allow, once for each request} Later calls show
   * them without a challenge. A request with its own {@code Authorization} is left alone; what was
   * refused is the answer.
   *
   * @param credentials the credentials
   */
  public Caller credentials(Credentials credentials) {
    return new Caller(
        connection,
        redirects,
        Optional.of(new Login(credentials)),
        retry,
        elsewhere,
        userAgent,
        time);
  }

  /**
   * {@return this caller, sending requests again by this policy, within the time of the call}
   *
   * @param retry which requests are sent again, and when
   */
  public Caller retry(RequestRetry retry) {
    return new Caller(connection, redirects, login, Optional.of(retry), elsewhere, userAgent, time);
  }

  /**
   * {@return this caller, with connections of the user's for the origins that redirects lead to}
   * They are not closed. Without this, the caller opens one for each other origin that a call comes
   * to, with the options of its own connection except for TLS, where the defaults apply, and closes
   * it after the call.
   *
   * @param elsewhere gives the connection to an origin: {@code https://example.com:8443}; called on
   *     the thread of the call
   */
  public Caller elsewhere(Function<URI, Connection> elsewhere) {
    return new Caller(
        connection,
        redirects,
        login,
        retry,
        Optional.of(Objects.requireNonNull(elsewhere)),
        userAgent,
        time);
  }

  /**
   * {@return what a caller sends as {@code User-Agent} by default: {@code lariat/} and the version}
   */
  public static String defaultUserAgent() {
    return USER_AGENT;
  }

  /**
   * {@return this caller, sending another {@code User-Agent} (RFC 9110 section 10.1.5), {@link
   * #defaultUserAgent} unless it is changed} A request that has one keeps its own.
   *
   * @param userAgent the value of the header; empty to send none
   * @throws IllegalArgumentException if it is no value of a header
   */
  public Caller userAgent(Optional<String> userAgent) {
    userAgent.ifPresent(value -> Headers.of("user-agent", value)); // checks it
    return new Caller(connection, redirects, login, retry, elsewhere, userAgent, time);
  }

  /**
   * Sends a request and waits for its whole answer, of at most {@code limits.body} bytes. An answer
   * of any status is one.
   *
   * @param request one without {@code replyTo} and {@code credit}, since the caller reads what is
   *     told, and without events and content handlers, since an answer is made of bytes
   * @param timeout how long the call may take with everything that belongs to it
   * @return the whole response
   * @throws FailedException if there is no answer, or the time is over, or the thread was
   *     interrupted
   * @throws IllegalArgumentException if the request has one of these
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public Answer send(Request request, Duration timeout) {
    boolean bytes = !request.content().events() && request.content().handlers().isEmpty();
    if (request.replyTo().isPresent() || request.credit() != Request.UNLIMITED || !bytes) {
      throw new IllegalArgumentException(
          "request: one with replyTo, credit, events or a content handler, allowed one without");
    }
    return new Call(this, request, timeout).answer();
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
