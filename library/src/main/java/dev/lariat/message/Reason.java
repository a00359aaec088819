package dev.lariat.message;

import static dev.lariat.message.Wording.legible;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Why a stream, an attempt or a connection ended: a closed set. Each reason has a sentence for
 * people.
 */
public sealed interface Reason {

  /** {@return one English sentence that says what happened, with its values} */
  default String sentence() {
    return Wording.sentenceOf(this);
  }

  /** The server ended the connection cleanly, but unexpectedly. */
  record Closed() implements Reason {}

  /** The server ended the response of a live stream of events cleanly. */
  record Ended() implements Reason {}

  /**
   * The server ended the stream of a WebSocket over HTTP/2 without a close frame (RFC 8441 section
   * 5). The connection goes on.
   */
  record StreamEnded() implements Reason {}

  /**
   * The network broke the connection.
   *
   * @param detail the operating system's error message
   */
  record Reset(String detail) implements Reason {}

  /**
   * No address of the host accepts connections.
   *
   * @param addresses all addresses, in the order in which Lariat tried them
   */
  record Refused(List<String> addresses) implements Reason {
    /** Makes the list immutable, and checks that it is not empty. */
    public Refused {
      addresses = List.copyOf(addresses);
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("addresses: none, allowed one or more");
      }
    }

    /**
     * The only address refused the connection.
     *
     * @param address the address that Lariat tried
     */
    public Refused(String address) {
      this(List.of(address));
    }
  }

  /**
   * No address of the host is reachable.
   *
   * @param address one of the addresses that Lariat tried
   * @param detail the operating system's error message for it, and the results of the host's other
   *     addresses
   */
  record Unreachable(String address, String detail) implements Reason {}

  /**
   * The host name does not resolve to an address.
   *
   * @param host the name
   * @param detail the resolver's error message
   */
  record Unresolved(String host, String detail) implements Reason {}

  /**
   * A step timed out.
   *
   * @param step the step that timed out
   * @param limit its timeout
   * @param last what delayed the step, if it is known. For a step that waits for the connection, it
   *     says why the connection was lost or the last attempt failed, or how far the current attempt
   *     is. For a live connection, it says why there is no session. For {@code SEND}, it says why
   *     the queued bytes are not written. For {@code LOOKUP} and {@code CONNECT}, it says who did
   *     not answer. If a {@code RESPONSE} has it, no part of the request was sent
   */
  record Timeout(Step step, Duration limit, Optional<Reason> last) implements Reason {
    /**
     * A step that timed out, if it is not known what delayed it.
     *
     * @param step the step that timed out
     * @param limit its timeout
     */
    public Timeout(Step step, Duration limit) {
      this(step, limit, Optional.empty());
    }
  }

  /**
   * A step that is still running. It is the {@code last} of the {@link Timeout} of something that
   * waits for the step.
   *
   * @param step the step
   * @param passed the time since it began
   */
  record Ongoing(Step step, Duration passed) implements Reason {}

  /** A step that has a timeout. */
  enum Step {
    /** The lookup of the host's name. */
    LOOKUP("The name lookup", "timeouts.lookup"),
    /** Connecting, over all addresses of the host. */
    CONNECT("Connecting", "timeouts.connect"),
    /** The server's HTTP/2 SETTINGS, and its acknowledgement of the SETTINGS of this side. */
    SETTINGS("The wait for the server's SETTINGS", "timeouts.settings"),
    /** The TLS handshake. */
    TLS("The TLS handshake", "timeouts.tls"),
    /** The answer of a proxy to the request for a tunnel. */
    PROXY("The answer of the proxy", "proxy.timeout"),
    /** The answer to an upgrade request. */
    UPGRADE("The upgrade", "timeouts.upgrade"),
    /** A write: the wait until the server accepts at least one of the bytes that wait for it. */
    WRITE("The wait for the server to read", "timeouts.write"),
    /** The first byte that arrives after a keepalive ping. */
    PONG("The answer to a ping", "keepalive.deadline"),
    /** The clean end after {@code shutdown}, or after a close frame. */
    CLOSE("Closing", "timeouts.closing"),
    /** The wait of {@code awaitUp}. */
    AWAIT_UP("The wait for the connection"),
    /** The wait of {@code send} for room in the send queue. */
    SEND("The wait for room to send", "sendTimeout"),
    /** A response, from the call that sends the request to the end of the response. */
    RESPONSE("The response"),
    /** The next line, event or part of a response that you read as it arrives. */
    READ("The wait for more of the response"),
    /** The rest of a request's body, after its response has ended. */
    BODY("The rest of the request body", "timeouts.closing"),
    /** The response to a cancelled request. */
    DISCARD("The response to a cancelled request"),
    /** The search for the endpoint of a live connection's next session. */
    ENDPOINT("The search for an endpoint", "live.endpoint or events.endpoint"),
    /** The answer to the request of a {@code LiveEvents}, from the moment it is connected. */
    ANSWER("The answer to the request", "events.answer"),
    /** The opening step of a live connection's session. */
    OPENING("The opening of the session", "live.opening"),
    /** The wait for a message that counts as a sign of life. */
    SILENCE("The wait for a message", "silence.limit or events.between"),
    /** The wait of {@code receive} for a frame. */
    RECEIVE("The wait for a frame"),
    /** The wait of {@code awaitOpen}. */
    AWAIT_OPEN("The wait for a session"),
    /** The server's acknowledgement of the subscription of a topic. */
    SUBSCRIBE("The subscription", "topics.acknowledgement"),
    /** The wait of a client's request for a connection that takes it. */
    CHECKOUT("The wait for a connection of the pool"),
    /** The wait of a download for the response, and for each further part of the file. */
    PROGRESS("The wait for more of the file", "download.idle"),
    /** A download, from the call to the last byte of the file. */
    DOWNLOAD("The download", "download.timeout");

    final String words;
    final Optional<String> option; // none where the caller says how long

    Step(String words) {
      this.words = words;
      this.option = Optional.empty();
    }

    Step(String words, String option) {
      this.words = words;
      this.option = Optional.of(option);
    }
  }

  /**
   * TLS failed: an untrusted certificate, a wrong host name, no common version.
   *
   * @param alert the name of the alert that the peer sent (RFC 8446 section 6), if it sent one
   * @param detail what went wrong
   * @param last why the connection ended, if that is why the handshake failed: then another attempt
   *     can succeed
   */
  record Tls(Optional<String> alert, String detail, Optional<Reason> last) implements Reason {
    /**
     * A failure of TLS itself, on a connection that did not end before.
     *
     * @param alert the name of the alert that the peer sent (RFC 8446 section 6), if it sent one
     * @param detail what went wrong
     */
    public Tls(Optional<String> alert, String detail) {
      this(alert, detail, Optional.empty());
    }
  }

  /**
   * The server broke a rule of the protocol.
   *
   * @param rule what the server did, as a clause: {@code the server masked a frame}
   * @param section where the RFC states the rule: {@code RFC 6455 section 5.1}
   */
  record Protocol(String rule, String section) implements Reason {}

  /**
   * Something exceeded a limit of this side.
   *
   * @param bound which limit
   * @param value its value
   */
  record Limit(Bound bound, long value) implements Reason {}

  /** A quantity that has a limit. */
  enum Bound {
    /** Bytes of a status line or of a header or trailer block. */
    HEADER_BLOCK("header block", " bytes", "limits.headerBlock"),
    /** Bytes of a WebSocket message, decompressed and joined. */
    MESSAGE("message", " bytes", "limits.message"),
    /** Decompressed bytes for each compressed byte. */
    INFLATE_RATIO("ratio of decompressed to compressed bytes", "", "limits.inflateRatio"),
    /** Commands that wait for a connection. */
    HELD_COMMANDS("number of commands that wait for the connection", "", "limits.heldCommands"),
    /** Bytes of those commands. */
    HELD_BYTES("size of the commands that wait for the connection", " bytes", "limits.heldBytes"),
    /** Bytes of the response to a cancelled request, which Lariat reads and discards. */
    DISCARDED("response to a cancelled request", " bytes", "limits.discarded"),
    /** Bytes of a response's body that is joined into one value. */
    BODY("response body", " bytes", "limits.body"),
    /** Bytes of a response's body, decompressed. */
    DECOMPRESSED("decompressed body", " bytes", "limits.decompressed"),
    /** Bytes of a server-sent event. */
    EVENT("event", " bytes", "limits.event"),
    /** Bytes of the id of a server-sent event. */
    EVENT_ID("id of an event", " bytes", "limits.eventId"),
    /** Redirects within one call. */
    REDIRECTS("number of redirects", "", "redirects.limit"),
    /** Responses that the server pushes at a time. */
    PUSHES("number of pushed responses at a time", "", "http2.maxPushes"),
    /** Requests that wait for a connection of a client's pool to one origin. */
    POOL_WAITING("number of requests that wait for a connection", "", "pool.waiting"),
    /** Bytes of a file that a client downloads. */
    DOWNLOAD("downloaded file", " bytes", "download.limit"),
    /** How often a download throws bytes away and begins again. */
    RESTARTS("number of times that the download began again", "", "download.restarts"),
    /** Messages that wait for a session of a live connection. */
    OUTBOX("number of messages in the outbox", "", "outbox.messages"),
    /** Bytes of those messages. */
    OUTBOX_BYTES("outbox", " bytes", "outbox.bytes"),
    /** Topics on all sockets of a {@code Topics}. */
    TOPICS("number of topics", "", "topics.sockets"),
    /**
     * Frames of a WebSocket that carry nothing: empty messages and fragments, pings, and pongs that
     * answer no ping. This bound and the following four are rates. The server may send 1,000 at
     * once, and 100 per second after that. Each frame that carries something allows one more.
     */
    USELESS_FRAMES("number of frames that carry nothing", " at once and 100 a second", ""),
    /** Informational responses. A final response resets the count. */
    INFORMS("number of informational responses", " at once and 100 a second", ""),
    /** Empty lines before a response. A final response resets the count. */
    EMPTY_LINES("number of empty lines before a response", " at once and 100 a second", ""),
    /**
     * Chunks whose extensions are longer than their data. Each counts once, and once more for each
     * 4 KiB of extensions.
     */
    CHUNK_EXTENSIONS(
        "number of chunks that are mostly extensions", " at once and 100 a second", ""),
    /**
     * Comments in a stream of server-sent events, and events without data. A comment counts once
     * more for each 4 KiB.
     */
    EMPTY_EVENTS("number of comments and events without data", " at once and 100 a second", ""),
    /**
     * Bytes of compressed data without output: empty blocks, members and frames, names and
     * comments, and what follows the end. Each decompressed byte allows 16 more.
     */
    WITHOUT_OUTPUT("compressed data without output", " bytes", "");

    final String words;
    final String unit;
    final String option; // empty if it is not configurable

    Bound(String words, String unit, String option) {
      this.words = words;
      this.unit = unit;
      this.option = option;
    }
  }

  /**
   * The command does not fit the state.
   *
   * @param operation the name of the command in the API
   * @param state the state, as a clause: {@code the WebSocket has ended}
   */
  record BadState(String operation, String state) implements Reason {}

  /**
   * The server certainly did not act on the request. You can safely send it again.
   *
   * @param why how that is known, as a clause
   * @param last the underlying reason, if there is one, such as why the connection ended
   */
  record Unprocessed(String why, Optional<Reason> last) implements Reason {
    /**
     * A request that the server did not act on, without an underlying reason.
     *
     * @param why how this is known, as a clause
     */
    public Unprocessed(String why) {
      this(why, Optional.empty());
    }
  }

  /**
   * Lariat ended the connection before it sent another request, because the server's {@code
   * Keep-Alive} header says that the server is about to close it (RFC 2068 section 19.7.1). Lariat
   * sends the request on the next connection.
   *
   * @param parameter what the server limits
   * @param value its limit: seconds, or requests
   */
  record KeepAlive(Parameter parameter, long value) implements Reason {

    /** A parameter of the header. */
    public enum Parameter {
      /**
       * How long the server keeps an idle connection. Lariat sends no request in the last second of
       * that time, or in its second half if it is shorter than two seconds.
       */
      TIMEOUT,
      /** How many more requests the server answers. */
      MAX
    }
  }

  /**
   * The connection ended before any part of the response arrived. The server may or may not have
   * acted on the request. It is also the reason of a request after a response that ended the
   * connection. You can safely send an idempotent request again (RFC 9110 section 9.2.2).
   *
   * @param last why the connection ended
   */
  record Unanswered(Reason last) implements Reason {}

  /**
   * The connection ended after a part of the response arrived. You can safely send an idempotent
   * request again (RFC 9110 section 9.2.2).
   *
   * @param last why the connection ended
   */
  record Incomplete(Reason last) implements Reason {}

  /**
   * You cancelled the request. It is also the reason of a lost connection, if too much of the
   * cancelled response was still to come.
   */
  record Cancelled() implements Reason {}

  /**
   * The connection cannot continue, because the body of a request was not sent completely (RFC 9112
   * section 9.5).
   *
   * @param why why it was not sent completely, as a clause
   */
  record BodyUnfinished(String why) implements Reason {}

  /**
   * The server reset an HTTP/2 stream (RFC 9113 section 6.4).
   *
   * @param code its error code, 0 to 2^32-1; the codes of section 7 have names, others may come
   */
  record StreamReset(long code) implements Reason {}

  /**
   * The server ended an HTTP/2 connection because of an error (RFC 9113 section 6.8).
   *
   * @param code its error code, 0 to 2^32-1; the codes of section 7 have names, others may come
   * @param debug the server's explanation, at most 256 characters and without control characters
   */
  record GoAway(long code, String debug) implements Reason {
    /**
     * {@return the reason for these bytes of the server, which are usually text}
     *
     * @param code its error code
     * @param debug the bytes of its explanation
     */
    public static GoAway of(long code, Bytes debug) {
      return new GoAway(code, legible(debug));
    }
  }

  /**
   * The server does not offer what you requested.
   *
   * @param what what you requested: {@code WebSocket over HTTP/2}
   * @param section the section of the RFC that says how a server offers it
   */
  record NotOffered(String what, String section) implements Reason {}

  /**
   * A redirect is not allowed, so Lariat did not follow it.
   *
   * @param location where it leads
   * @param why why it is not allowed, as a clause
   */
  record RedirectRefused(String location, String why) implements Reason {}

  /**
   * The server answered with a status that is a failure.
   *
   * @param status 200 to 999, or 0 to 99
   * @param retryAfter how long the server asked to wait (RFC 9110 section 10.2.3), if it did
   * @param headers the headers of the response, for example {@code Location} or {@code
   *     WWW-Authenticate}
   * @param body the first part of the response's body: at most {@link #MOST_OF_BODY} bytes, and
   *     only what arrived in time
   */
  record Status(int status, Optional<Duration> retryAfter, Headers headers, Bytes body)
      implements Reason {
    /** How many bytes of a body are kept. An explanation of a refusal is usually shorter. */
    public static final int MOST_OF_BODY = 8 << 10;

    /** Keeps only the first part of a body that is longer. */
    public Status {
      if (body.size() > MOST_OF_BODY) {
        body = Bytes.wrap(Arrays.copyOf(body.toArray(), MOST_OF_BODY));
      }
    }

    /**
     * A status without headers and body.
     *
     * @param status 200 to 999, or 0 to 99
     * @param retryAfter how long the server asked to wait, if it did
     */
    public Status(int status, Optional<Duration> retryAfter) {
      this(status, retryAfter, Headers.EMPTY, Bytes.EMPTY);
    }

    /**
     * {@return this reason with the body of the response}
     *
     * @param body the body
     */
    public Status body(Bytes body) {
      return new Status(status, retryAfter, headers, body);
    }
  }

  /**
   * The connection did not get through a proxy, so nothing reached the server. If the proxy
   * answered an HTTP {@code CONNECT} with a status other than 2xx, {@code why} is a {@link Status}
   * with the headers of its answer and the first part of the body.
   *
   * @param number which proxy, in the order of {@code ConnectionOptions.via}, from 1
   * @param proxy the proxy as a URI, without credentials: {@code socks5h://proxy.example:1080}
   * @param why what failed
   */
  record Hop(int number, String proxy, Reason why) implements Reason {}

  /**
   * A SOCKS proxy refused the tunnel.
   *
   * @param reply the meaning of its reply
   * @param code the reply itself, 0 to 255
   */
  record Socks(SocksReply reply, int code) implements Reason {}

  /** The replies by which a SOCKS proxy refuses a tunnel (RFC 1928, RFC 1929 and SOCKS 4). */
  enum SocksReply {
    /** It takes none of the offered methods of authentication; usually it requires credentials. */
    NO_METHOD("it takes none of the offered methods of authentication"),
    /** It does not take the name and the password. */
    LOGIN_REFUSED("it does not take the name and the password"),
    /** It failed, and does not say why. */
    FAILED("it failed"),
    /** Its rules do not allow the tunnel. */
    NOT_ALLOWED("its rules do not allow it"),
    /** It has no route to the network of the host. */
    NETWORK_UNREACHABLE("the network is unreachable"),
    /** It cannot reach the host, or does not resolve its name. */
    HOST_UNREACHABLE("the host is unreachable"),
    /** The host refused the connection. */
    CONNECTION_REFUSED("the host refused the connection"),
    /** The host did not answer in time, or is too many routers away. */
    EXPIRED("the time to live expired"),
    /** It does not support {@code CONNECT}. */
    COMMAND_NOT_SUPPORTED("it does not support CONNECT"),
    /** It does not support names, or addresses of this version of IP. */
    ADDRESS_NOT_SUPPORTED("it does not support this type of address"),
    /** A SOCKS 4 proxy refused the tunnel or could not connect, and does not say which. */
    REJECTED("it rejected the request or failed"),
    /** A SOCKS 4 proxy requires an identd on this machine, and found none. */
    NO_IDENTD("it cannot reach the identd of this machine"),
    /** A SOCKS 4 proxy found another user by identd than the one that the request names. */
    OTHER_USER("the user of the request is not the one that identd reports"),
    /** A reply without a defined meaning. */
    UNASSIGNED("the reply has no defined meaning");

    final String words;

    SocksReply(String words) {
      this.words = words;
    }
  }

  /**
   * Both sides of a WebSocket sent a close frame (RFC 6455 section 7).
   *
   * @param received the server's close frame
   * @param sent this side's close frame
   * @param initiator which side started
   */
  record CloseHandshake(Close received, Close sent, Side initiator) implements Reason {

    /** {@return the code of the initiator's close frame} */
    public int code() {
      return (initiator == Side.SERVER ? received : sent).code();
    }
  }

  /**
   * A tunnel failed, because the proxy refused it or because the connection that carries it failed.
   *
   * @param through the connection that carries the tunnel, as {@code host:port}
   * @param last what happened there: a {@link Status} if the proxy refused the tunnel
   */
  record Tunnel(String through, Reason last) implements Reason {}

  /** The owner closed the connection, shut it down, or ended. */
  record OwnerClosed() implements Reason {}

  /**
   * No further attempt follows: the retry policy allows none, or sessions of a live connection
   * ended by the same rule too often ({@code Healing.repeats}).
   *
   * @param attempts how many times the policy retried
   * @param last why the last attempt failed, or why the connection was lost
   */
  record GaveUp(int attempts, Reason last) implements Reason {}

  /**
   * Your handler of a WebSocket or of a response's body, or your {@code TopicRule}, threw an
   * exception.
   *
   * @param cause what was thrown
   */
  record HandlerThrew(Throwable cause) implements Reason {}

  /**
   * Your {@code ProxyAuthenticator} threw an exception, or returned what is no value of a header.
   *
   * @param cause what was thrown
   */
  record AuthenticatorThrew(Throwable cause) implements Reason {}

  /**
   * Your code that finds the endpoint of a live connection's next session threw an exception.
   *
   * @param cause what was thrown
   */
  record EndpointThrew(Throwable cause) implements Reason {}

  /**
   * The opening step of a live connection's session threw an exception.
   *
   * @param cause what was thrown
   */
  record OpeningThrew(Throwable cause) implements Reason {}

  /** A group of live connections has used up its attempts for now. */
  record BudgetSpent() implements Reason {}

  /**
   * The connection ended while a message was on its way. The server may or may not have received
   * it.
   *
   * @param last why the connection ended
   */
  record Unconfirmed(Reason last) implements Reason {}

  /**
   * The server refused the subscription of a topic, or ended it.
   *
   * @param topic the topic
   * @param why the server's explanation, as your {@code TopicRule} read it
   */
  record TopicRefused(String topic, String why) implements Reason {}

  /**
   * A supervisor gave up because its children ended too often.
   *
   * @param intensity how many restarts the supervisor allows
   * @param period within this time
   * @param child the id of the child that needed one restart too many
   * @param cause the exception that the child threw; empty if it returned
   */
  record RestartsExceeded(int intensity, Duration period, String child, Optional<Throwable> cause)
      implements Reason {}

  /**
   * A download could not be continued, so it began again with the first byte of the file.
   *
   * @param why why not, as a clause: {@code the file changed: its ETag is not "1" any more}
   */
  record NotResumed(String why) implements Reason {}

  /**
   * A downloaded file does not have the digest that it should have.
   *
   * @param algorithm the algorithm: {@code SHA-256}
   * @param expected the digest that it should have, in hexadecimal
   * @param actual the digest that it has, in hexadecimal
   * @param source who named the expected digest: {@code download.sha256}, or the server
   */
  record Corrupted(String algorithm, String expected, String actual, String source)
      implements Reason {}

  /** A newer message with the same key replaced this one before Lariat sent it. */
  record Superseded() implements Reason {}

  /**
   * What was received is not a value of the type that you asked for. The same bytes would fail
   * again.
   *
   * @param what what was read, with its origin: {@code the answer of https://example.com/orders
   *     (status 200, application/json)}, {@code line 3 of the response to GET /feed}
   * @param content the first part of it: at most {@link Status#MOST_OF_BODY} bytes
   * @param cause what is wrong and where, with the exception of the library that read it as its
   *     cause
   */
  record Unreadable(String what, Bytes content, UnreadableException cause) implements Reason {
    /** Keeps only the first part of a content that is longer. */
    public Unreadable {
      if (content.size() > Status.MOST_OF_BODY) {
        content = Bytes.wrap(Arrays.copyOf(content.toArray(), Status.MOST_OF_BODY));
      }
    }
  }

  /**
   * Lariat itself, or something that it relies on, failed unexpectedly. Please report it as a bug.
   *
   * @param cause what was thrown
   */
  record Fault(Throwable cause) implements Reason {}
}
