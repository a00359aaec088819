package dev.lariat.client;

import static dev.lariat.client.Arguments.given;
import static dev.lariat.client.Arguments.limit;
import static dev.lariat.client.Arguments.ofAny;
import static dev.lariat.client.Arguments.ofOrigin;
import static dev.lariat.client.Arguments.ofWebSocket;
import static dev.lariat.client.Arguments.parsed;
import static dev.lariat.client.Arguments.whole;

import dev.lariat.ClientRef;
import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.ResponsePublisher;
import dev.lariat.WebSocket;
import dev.lariat.event.PoolInfo;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.message.Bytes;
import dev.lariat.message.Receiver;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Sends requests to any number of origins, over a pool of connections that it opens, shares and
 * closes. You pass whole URLs, and need not know the connections.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="client"}
 *
 * <p>Any number of threads can use a client at the same time. Methods that wait block the calling
 * thread, which can be a virtual one. Over HTTP/1.1, a connection carries one request at a time;
 * over HTTP/2, as many as the server allows. If all connections to an origin are busy, the client
 * opens another one, up to {@code pool.connections}. Further requests wait for their turn, in the
 * order in which they came. The pool hands out requests, not connections, so you give nothing back:
 * a connection is free again when the response has ended, however it ended.
 *
 * <p>If a server closes a connection just when a request is sent on it, the client sends the
 * request again at once on another connection, if the method allows that. All other repetitions,
 * redirects and credentials are off until you ask for them. Each method that changes a setting
 * returns another client with that setting, which shares the pool with this one. Close one of them,
 * and all are closed.
 */
public final class Client implements ClientRef, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  static {
    Adoption.endsBy(Client.class, client -> client.pool.over());
    Pooling.Clients.are(
        Client.class, client -> new Guests(client.pool, client.settings, client.timeout));
  }

  private final Pool pool;
  private final Settings settings;
  private final Duration timeout;

  private Client(Pool pool, Settings settings, Duration timeout) {
    this.pool = pool;
    this.settings = settings;
    this.timeout = timeout;
  }

  /** {@return a client with the default options} */
  public static Client open() {
    return open(PoolOptions.DEFAULT);
  }

  /**
   * {@return a client} It opens connections only when you ask for something. On the thread of a
   * supervised child, the end of the child closes it.
   *
   * @param options the options of its pool, among them those of each connection
   * @throws IllegalStateException if the version of Netty on the class path is too old
   */
  public static Client open(PoolOptions options) {
    Client client = new Client(new Pool(given("options", options)), Settings.NONE, TIMEOUT);
    Adoption.Hold hold;
    try {
      hold = Adoption.adopt(client, null, client.pool.over());
    } catch (RuntimeException | Error e) {
      client.close();
      throw e;
    }
    client.pool.over().thenRun(hold::release);
    hold.opened();
    return client;
  }

  // ---- settings

  private Client with(Settings changed) {
    return new Client(pool, changed, timeout);
  }

  /**
   * {@return a client whose calls may take this long, if they name no time} The time includes the
   * wait for a connection, redirects and retries.
   *
   * @param timeout 1 ms to 365 days; 30 s by default
   * @throws IllegalArgumentException if it is out of range
   */
  public Client timeout(Duration timeout) {
    return new Client(pool, settings, limit("timeout", timeout));
  }

  /**
   * {@return a client that also follows redirects (RFC 9110 section 15.4)} It does so by the rules
   * of {@link Caller#redirects}. Redirects to other origins use the same pool.
   *
   * @param redirects which redirects are followed
   */
  public Client redirects(Redirects redirects) {
    return with(settings.redirects(given("redirects", redirects)));
  }

  /**
   * {@return a client that also answers challenges of this origin} It does so by the rules of
   * {@link Caller#credentials}. No other origin sees the credentials. Call it once for each origin
   * that has some.
   *
   * @param origin a URI without a path: the credentials are for the whole origin
   * @param credentials the credentials
   * @throws IllegalArgumentException if the URI is not valid, or has a path, a query or a fragment
   */
  public Client credentials(String origin, Credentials credentials) {
    return with(settings.credentials(ofOrigin(origin), given("credentials", credentials)));
  }

  /**
   * {@return a client that also sends failed requests again by this policy, within the timeout of
   * the call}
   *
   * @param retry which requests to send again, and when
   */
  public Client retry(RequestRetry retry) {
    return with(settings.retry(given("retry", retry)));
  }

  /**
   * {@return a client that asks for compressed responses and decompresses them, if this is true} A
   * request whose content option decompresses does so in any case.
   *
   * @param decompress whether to; false by default
   */
  public Client decompress(boolean decompress) {
    return with(settings.decompress(decompress));
  }

  /**
   * {@return a client to whose requests the cookies of its connections apply, if this is true} A
   * request can do without them by {@link Request#cookies(boolean)}. WebSockets always use them.
   *
   * @param cookies whether they apply; true by default
   */
  public Client cookies(boolean cookies) {
    return with(settings.cookies(cookies));
  }

  /**
   * {@return a client that sends this {@code User-Agent} (RFC 9110 section 10.1.5)} The default is
   * {@link Caller#defaultUserAgent}. A request that has its own keeps it.
   *
   * @param userAgent the value of the header; empty to send none
   * @throws IllegalArgumentException if it is not a valid value of a header
   */
  public Client userAgent(Optional<String> userAgent) {
    return with(settings.userAgent(given("userAgent", userAgent)));
  }

  /**
   * {@return a client that also uses this cache (RFC 9111) for whole answers} It has no effect on
   * responses that you read part by part: on {@link #request(URI, Request, Duration)}, {@link
   * #publish}, {@link #events} and {@link #webSocket(String, Receiver)}. But a request of an unsafe
   * method that one of these sends removes what is stored for its URL. The cache stays open when
   * the client is closed.
   *
   * @param cache the cache
   */
  public Client cache(HttpCache cache) {
    return with(settings.cache(Optional.of(given("cache", cache))));
  }

  // ---- whole answers

  /**
   * Requests {@code url} by {@code GET}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @return the whole response
   */
  public Answer get(String url) {
    return get(url, timeout);
  }

  /**
   * Requests {@code url} by {@code GET}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer get(String url, Duration timeout) {
    return send(url, Request.of("GET", "/"), timeout);
  }

  /**
   * Requests {@code url} by {@code HEAD}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @return the whole response
   */
  public Answer head(String url) {
    return head(url, timeout);
  }

  /**
   * Requests {@code url} by {@code HEAD}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer head(String url, Duration timeout) {
    return send(url, Request.of("HEAD", "/"), timeout);
  }

  /**
   * Requests {@code url} by {@code DELETE}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @return the whole response
   */
  public Answer delete(String url) {
    return delete(url, timeout);
  }

  /**
   * Requests {@code url} by {@code DELETE}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer delete(String url, Duration timeout) {
    return send(url, Request.of("DELETE", "/"), timeout);
  }

  /**
   * Sends this body to {@code url} by {@code POST}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param contentType the {@code Content-Type} of the body
   * @param body the whole body
   * @return the whole response
   */
  public Answer post(String url, String contentType, Bytes body) {
    return post(url, contentType, body, timeout);
  }

  /**
   * Sends this body to {@code url} by {@code POST}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param contentType the {@code Content-Type} of the body
   * @param body the whole body
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer post(String url, String contentType, Bytes body, Duration timeout) {
    Request request = withBody("POST", contentType, body);
    return send(url, request, timeout);
  }

  /**
   * Sends this body to {@code url} by {@code PUT}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param contentType the {@code Content-Type} of the body
   * @param body the whole body
   * @return the whole response
   */
  public Answer put(String url, String contentType, Bytes body) {
    return put(url, contentType, body, timeout);
  }

  /**
   * Sends this body to {@code url} by {@code PUT}; see {@link #send}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param contentType the {@code Content-Type} of the body
   * @param body the whole body
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer put(String url, String contentType, Bytes body, Duration timeout) {
    Request request = withBody("PUT", contentType, body);
    return send(url, request, timeout);
  }

  private static Request withBody(String method, String contentType, Bytes body) {
    return Request.of(method, "/")
        .header("content-type", given("contentType", contentType))
        .body(given("body", body));
  }

  /**
   * Sends a request and waits for the whole response; see {@link #send(URI, Request, Duration)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @return the whole response
   */
  public Answer send(String url, Request request) {
    return send(url, request, timeout);
  }

  /**
   * Sends a request and waits for the whole response; see {@link #send(URI, Request, Duration)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @param timeout how long the call may take
   * @return the whole response
   */
  public Answer send(String url, Request request, Duration timeout) {
    return call(parsed(url), request, timeout).answer();
  }

  /**
   * Sends a request and waits for the whole response, of at most {@code limits.body} bytes. A
   * response of any status is an answer.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL. It has no {@code
   *     replyTo} and {@code credit}, and no events and content handlers, since an answer consists
   *     of bytes
   * @param timeout how long the call may take, including the wait for a connection, redirects,
   *     challenges and retries
   * @return the whole response
   * @throws FailedException if there is no response, the call times out, or the thread is
   *     interrupted. If no connection has room in time, the reason is a {@code Timeout} of {@code
   *     CHECKOUT}; if too many requests wait, it is a {@code Limit} of {@code POOL_WAITING}
   * @throws IllegalArgumentException if the URL is not valid, the timeout is not 1 ms to 365 days,
   *     or the request has one of these options
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public Answer send(URI url, Request request, Duration timeout) {
    return call(parsed(url), request, timeout).answer();
  }

  private Call call(HttpUri uri, Request request, Duration timeout) {
    Request its = Settings.checked(given("request", request)).target(uri.target());
    return new Call(settings, pool, pool.machine(), uri, its, limit("timeout", timeout));
  }

  /**
   * Sends a request like {@link #send}, and does not wait.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @return a future that completes with the whole response, on a virtual thread. It fails with a
   *     {@link FailedException}. If you cancel it, the call is cancelled
   * @throws IllegalArgumentException as for {@code send}
   */
  public CompletableFuture<Answer> sendAsync(String url, Request request) {
    return sendAsync(whole(url), request, timeout);
  }

  /**
   * Sends a request like {@link #send}, and does not wait.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @param timeout how long the call may take
   * @return a future that completes with the whole response, on a virtual thread. It fails with a
   *     {@link FailedException}. If you cancel it, the call is cancelled
   * @throws IllegalArgumentException as for {@code send}
   */
  public CompletableFuture<Answer> sendAsync(URI url, Request request, Duration timeout) {
    return Later.run("lariat-call", pool.machine(), call(parsed(url), request, timeout)::answer);
  }

  // ---- files

  /**
   * Downloads a file with the default options; see {@link #download(String, Path,
   * DownloadOptions)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param file the file to write
   * @return how it was downloaded
   * @throws IOException if the file cannot be written
   */
  public Downloaded download(String url, Path file) throws IOException {
    return download(url, file, DownloadOptions.DEFAULT);
  }

  /**
   * Downloads a file by {@code GET}, and continues after every failure that can be temporary. The
   * bytes go to a part file in the same directory, whose name ends in {@code .lariat-part}. When it
   * is complete, it replaces {@code file} at once.
   *
   * <p>A request that breaks is continued with the first missing byte, by {@code Range} and {@code
   * If-Range} with a strong validator (RFC 9110 sections 14.2 and 13.1.5). If the download fails,
   * or the process ends, the part file stays with what is necessary to continue it, in a file whose
   * name ends in {@code .lariat-state}. The next download of the same URL to the same file
   * continues it, in whatever process. If the server does not support this, or its file has
   * changed, the download begins again, at most {@code download.restarts} times. A part that cannot
   * be continued is deleted.
   *
   * <p>Redirects, credentials and the {@code User-Agent} are those of this client. Its {@code
   * retry} and {@code timeout} have no effect here; the options of the download have their own. The
   * request asks for the bytes without a content coding; if the server uses one nevertheless, the
   * file has the bytes as they were sent.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param file the file to write: a regular file, which is replaced, or none. Its directory must
   *     exist
   * @param options the options
   * @return how it was downloaded
   * @throws IOException if the file cannot be written, for example because the disk is full
   * @throws FailedException if the download failed, or the thread is interrupted. The reason is a
   *     {@code Status} for a status other than 200 and 206; a {@code Protocol} if a {@code
   *     Content-Range} is wrong (RFC 9110 section 14.4); a {@code Limit} of {@code RESTARTS} or
   *     {@code DOWNLOAD}; a {@code Timeout} of {@code DOWNLOAD} or {@code PROGRESS}; {@code
   *     Corrupted} if a digest is wrong; or a {@code BadState} if another download writes to this
   *     file
   * @throws IllegalArgumentException if the URL is not valid, or the file is a directory or has no
   *     name
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public Downloaded download(String url, Path file, DownloadOptions options) throws IOException {
    return Transfer.run(settings, pool, parsed(url), Checks.file(file), given("options", options));
  }

  /**
   * Downloads a file like {@link #download(String, Path, DownloadOptions)}, and does not wait.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param file the file to write
   * @param options the options
   * @return a future that completes when the file is complete, on a virtual thread. It fails with
   *     what {@code download} throws. If you cancel it, the download ends and can be resumed
   * @throws IllegalArgumentException if the URL is not valid, or the file is a directory or has no
   *     name
   */
  public CompletableFuture<Downloaded> downloadAsync(
      String url, Path file, DownloadOptions options) {
    HttpUri uri = parsed(url);
    Path to = Checks.file(file);
    DownloadOptions its = given("options", options);
    return Later.run(
        "lariat-download", pool.machine(), () -> Transfer.run(settings, pool, uri, to, its));
  }

  // ---- messages and streams

  /**
   * Begins a request and returns its handle, by which you read the response part by part; see
   * {@link #request(URI, Request, Duration)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @return its handle; the messages about it name it
   */
  public Exchange request(String url, Request request) {
    return request(whole(url), request, timeout);
  }

  /**
   * Sends a request with its whole body, and returns its handle, with which you read the response
   * part by part. To stream the body of a request, use {@link #begin(URI, Request, Duration)}. This
   * method waits only until a connection takes the request. The messages go to the {@code replyTo}
   * of the request. Without one, they go to a mailbox from which the methods of the handle read.
   * Redirects, retries and credentials of this client have no effect: you see each response as it
   * is. Read the response to its end, or cancel the request, because it occupies its connection
   * until then.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @param timeout the longest time to wait for a connection
   * @return its handle; the messages about it name it
   * @throws FailedException if no connection takes it
   * @throws IllegalArgumentException if the URL is not valid, if the timeout is not 1 ms to 365
   *     days, or if {@code Content-Length} does not match the body
   * @throws IllegalStateException on an event loop of Lariat's, if it would have to wait
   */
  public Exchange request(URI url, Request request, Duration timeout) {
    HttpUri uri = parsed(url);
    Request its = told(uri, request);
    limit("timeout", timeout);
    Checks.whole(its);
    settings.sends(uri, its);
    return pool.get(uri, its, timeout, Core.get()::request, Exchange::cancel);
  }

  /**
   * Begins a request whose body you send later; see {@link #begin(URI, Request, Duration)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @return its handle, with which you send the body
   */
  public Exchange begin(String url, Request request) {
    return begin(whole(url), request, timeout);
  }

  /**
   * Begins a request whose body you send later, with the methods of its handle, as {@link
   * Connection#begin(Request)} does. Apart from the body it is like {@link #request(URI, Request,
   * Duration)}.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @param timeout the longest time to wait for a connection
   * @return its handle, with which you send the body; the messages about it name it
   * @throws FailedException if no connection takes it
   * @throws IllegalArgumentException if the URL is not valid, if the timeout is not 1 ms to 365
   *     days, if the request has a body, or if it has no {@code Content-Length} and {@code
   *     http1.version} is HTTP/1.0
   * @throws IllegalStateException on an event loop of Lariat's, if it would have to wait
   */
  public Exchange begin(URI url, Request request, Duration timeout) {
    HttpUri uri = parsed(url);
    Request its = told(uri, request);
    limit("timeout", timeout);
    Checks.begun(its, pool.optionsOf(uri));
    settings.sends(uri, its);
    return pool.get(uri, its, timeout, Core.get()::begin, Exchange::cancel);
  }

  /** The request for this URL, whose messages go somewhere. */
  private Request told(HttpUri uri, Request request) {
    Request named = settings.named(given("request", request)).target(uri.target());
    return named.replyTo().isPresent() ? named : named.replyTo(Mailbox.create());
  }

  /**
   * Begins a request whose response goes to one subscriber, as {@link Connection#publish} does.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param request the request, whose path is replaced by that of the URL
   * @return the publisher of the body
   * @throws FailedException if no connection takes it in time
   * @throws IllegalArgumentException as for {@link Connection#publish}
   */
  public ResponsePublisher publish(String url, Request request) {
    HttpUri uri = parsed(url);
    Request its = settings.named(given("request", request)).target(uri.target());
    Checks.bytes(its);
    Checks.whole(its);
    settings.sends(uri, its);
    return pool.get(uri, its, timeout, Core.get()::publish, to -> to.exchange().cancel());
  }

  /**
   * Requests a stream of server-sent events. Close the stream to end it.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @param longest the longest wait for the response, and for each event: 1 ms to 365 days
   * @return the events, as by {@link Exchange#events}
   * @throws FailedException if no connection takes the request in time
   * @throws IllegalArgumentException if the URL is not valid, or the time is out of range
   */
  public Stream<ServerSentEvent> events(String url, Duration longest) {
    Request request = Request.of("GET", "/").content(Content.EVENTS);
    limit("longest", longest);
    return request(whole(url), request, timeout).events(longest);
  }

  /**
   * Opens a WebSocket with the default options; see {@link #webSocket(String, WebSocketOptions)}.
   *
   * @param url a whole URL with the scheme {@code ws} or {@code wss}
   * @param receiver where its messages go, such as a {@link Mailbox}
   * @return the handle of the WebSocket
   */
  public WebSocket webSocket(String url, Receiver receiver) {
    return webSocket(url, WebSocketOptions.DEFAULT.replyTo(receiver));
  }

  /**
   * Opens a WebSocket (RFC 6455). It waits only until a connection takes it. {@code Upgraded}
   * reports that it is open. Over HTTP/2, the WebSocket is one stream of a connection that others
   * share, if the server allows that. Over HTTP/1.1, it has a connection for itself, which counts
   * for {@code pool.connections} until it ends.
   *
   * @param url a whole URL with the scheme {@code ws} or {@code wss}
   * @param options the options; {@code replyTo} names the receiver of its messages
   * @return the handle of the WebSocket
   * @throws FailedException if no connection takes it in time
   * @throws IllegalArgumentException if the URL is not valid, or the options have no {@code
   *     replyTo}
   */
  public WebSocket webSocket(String url, WebSocketOptions options) {
    if (given("options", options).replyTo().isEmpty()) {
      throw new IllegalArgumentException("webSocket.replyTo: none, allowed a receiver");
    }
    HttpUri uri = ofWebSocket(url);
    return pool.webSocket(uri, timeout, options);
  }

  // ---- the pool

  /**
   * Opens connections to an origin before the first request, until there are this many, or one ends
   * or cannot be opened. It does not wait.
   *
   * @param url a URL of which the scheme, the host and the port count
   * @param connections 1 or more; no more than {@code pool.connections} are opened
   * @throws IllegalArgumentException if the URL is not valid, or the number is below 1
   * @throws FailedException if the client is closed
   */
  public void warm(String url, int connections) {
    if (connections < 1) {
      throw new IllegalArgumentException("warm: " + connections + ", allowed 1 or more");
    }
    pool.warm(ofAny(url), connections);
  }

  /**
   * Opens connections with these TLS options from now on, for all clients of this pool, such as
   * after a certificate was renewed. No request begins on a connection with the old ones: it closes
   * when its responses and sessions have ended. Origins with options of their own keep them.
   *
   * @param tls the options, which replace {@code connection.tls} of the pool
   */
  public void renew(Tls tls) {
    pool.renew(given("tls", tls));
  }

  @Override
  public PoolInfo info() {
    return pool.info();
  }

  /**
   * Ends cleanly: requests that wait fail, responses that are arriving are read to their end, and
   * idle connections close at once. {@code LiveWebSocket}s, {@code LiveEvents} and {@code Topics}
   * that use this client are shut down first, within their {@code timeouts.closing}. When the last
   * of them has ended, connections have {@code timeouts.closing} to end. Does not wait.
   */
  public void shutdown() {
    pool.shutdown();
  }

  /**
   * Ends at once: requests that wait fail, and so do responses that are arriving. Live connections
   * and {@code Topics} that use this client are closed.
   */
  @Override
  public void close() {
    pool.end();
  }

  /**
   * Waits until all connections have ended. This method does not end them. Call {@link #close} or
   * {@link #shutdown} first.
   *
   * @param timeout the longest time to wait
   * @return whether they have ended within that time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    pool.machine().refuseToBlock("awaitTermination", "wait elsewhere");
    return Await.on(pool.over(), Await.nanos(timeout), pool.machine());
  }

  /** {@return the state of the pool now, in one line} */
  @Override
  public String toString() {
    return "Client[" + info() + "]";
  }
}
