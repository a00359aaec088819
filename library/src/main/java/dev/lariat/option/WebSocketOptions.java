package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a WebSocket. */
public final class WebSocketOptions {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The defaults: no compression, no subprotocol. */
  public static final WebSocketOptions DEFAULT = new WebSocketOptions(new Values());

  private final Values values;

  private WebSocketOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the defaults, with compression offered} */
  public static WebSocketOptions compressed() {
    return DEFAULT.deflate(Deflate.DEFAULT);
  }

  /** {@return additional headers of the upgrade request} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Adds a header to the upgrade request. Headers of the handshake itself are not allowed, nor is a
   * second {@code Host}.
   *
   * @param name the name of the header
   * @param value the value
   * @return a copy of these options with this value
   */
  public WebSocketOptions header(String name, String value) {
    return headers(values.headers.with(name.toLowerCase(Locale.ROOT), value));
  }

  /**
   * Sets additional headers of the upgrade request; none by default. Headers of the handshake
   * itself are not allowed, nor is a second {@code Host}.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public WebSocketOptions headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return which subprotocols are offered, and their handlers} */
  public Subprotocols subprotocols() {
    return values.subprotocols;
  }

  /**
   * Offers these subprotocols (RFC 6455 section 1.9), without handlers. None by default.
   *
   * @param names the names, by preference
   * @return a copy of these options with this value
   */
  public WebSocketOptions subprotocols(String... names) {
    return subprotocols(Subprotocols.of(Range.present("subprotocols", names, "null")));
  }

  /**
   * Sets which subprotocols are offered (RFC 6455 section 1.9), and their handlers; none by
   * default.
   *
   * @param subprotocols the subprotocols
   * @return a copy of these options with this value
   */
  public WebSocketOptions subprotocols(Subprotocols subprotocols) {
    return with(draft -> draft.subprotocols = subprotocols);
  }

  /** {@return which compression is offered, by permessage-deflate} */
  public Optional<Deflate> deflate() {
    return values.deflate;
  }

  /**
   * Sets which compression is offered, by permessage-deflate (RFC 7692); none by default.
   *
   * @param deflate the options of the compression
   * @return a copy of these options with this value
   */
  public WebSocketOptions deflate(Deflate deflate) {
    return with(draft -> draft.deflate = Range.some("deflate", deflate));
  }

  /** {@return how a dead peer is detected} */
  public Keepalive keepalive() {
    return values.keepalive;
  }

  /**
   * Sets how a dead peer is detected; by default Lariat sends a ping after 30 s of silence, and the
   * answer must arrive within 10 s.
   *
   * @param keepalive when pings are sent
   * @return a copy of these options with this value
   */
  public WebSocketOptions keepalive(Keepalive keepalive) {
    return with(draft -> draft.keepalive = keepalive);
  }

  /** {@return whether the server's pings and pongs are not delivered} */
  public boolean silencePings() {
    return values.silencePings;
  }

  /**
   * Sets whether the server's pings and pongs are not delivered; true by default. Lariat answers
   * pings in both cases.
   *
   * @param silencePings whether such pings are hidden
   * @return a copy of these options with this value
   */
  public WebSocketOptions silencePings(boolean silencePings) {
    return with(draft -> draft.silencePings = silencePings);
  }

  /** {@return whether messages arrive part by part} */
  public boolean parts() {
    return values.parts;
  }

  /**
   * Sets whether messages arrive part by part, in {@code WebSocketPart}s of at most 64 KiB.
   * Messages can then have any size. False by default: messages arrive whole, up to {@code
   * limits.message}.
   *
   * @param parts whether messages arrive in parts
   * @return a copy of these options with this value
   */
  public WebSocketOptions parts(boolean parts) {
    return with(draft -> draft.parts = parts);
  }

  /** {@return how many messages may arrive before {@code credit(n)} allows more} */
  public long credit() {
    return values.credit;
  }

  /**
   * Sets how many messages, or parts if {@code parts} is on, may arrive before {@code credit(n)}
   * allows more: 0 to {@link #UNLIMITED}, which is the default. Control frames need no credit. When
   * a message begins to arrive without credit, Lariat stops reading until there is some. It answers
   * pings that arrived before, and silence does not end the connection.
   *
   * @param credit the number of messages
   * @return a copy of these options with this value
   */
  public WebSocketOptions credit(long credit) {
    return with(draft -> draft.credit = credit);
  }

  /** {@return how many bytes may wait to be written before {@code send} blocks} */
  public long sendQueue() {
    return values.sendQueue;
  }

  /**
   * Sets how many bytes may wait to be written before {@code send} blocks: 1 to 1 TiB, 1 MiB by
   * default. A single message may be larger than this if nothing else waits. Blocked threads
   * continue in their order after half of these bytes are written.
   *
   * @param sendQueue the number of bytes
   * @return a copy of these options with this value
   */
  public WebSocketOptions sendQueue(long sendQueue) {
    return with(draft -> draft.sendQueue = sendQueue);
  }

  /** {@return how long {@code send} blocks before it fails} */
  public Duration sendTimeout() {
    return values.sendTimeout;
  }

  /**
   * Sets how long {@code send} blocks before it fails: 1 ms to 365 days, 30 s by default.
   *
   * @param sendTimeout the timeout
   * @return a copy of these options with this value
   */
  public WebSocketOptions sendTimeout(Duration sendTimeout) {
    return with(draft -> draft.sendTimeout = sendTimeout);
  }

  /** {@return the receiver of this WebSocket's messages, if it is not the owner} */
  public Optional<Receiver> replyTo() {
    return values.replyTo;
  }

  /**
   * Sets the receiver of this WebSocket's messages; by default the connection's owner.
   *
   * @param receiver the receiver of the messages
   * @return a copy of these options with this value
   */
  public WebSocketOptions replyTo(Receiver receiver) {
    return with(draft -> draft.replyTo = Range.some("replyTo", receiver));
  }

  /** {@return the credentials for the connection's origin} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets the credentials for the connection's origin; none by default. If the server asks for them,
   * Lariat requests the upgrade again with them and does not deliver the challenge, unless the
   * connection ends after it.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public WebSocketOptions credentials(Credentials credentials) {
    return credentials(Range.some("credentials", credentials));
  }

  /**
   * Sets the credentials for the connection's origin, or none if empty.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public WebSocketOptions credentials(Optional<Credentials> credentials) {
    return with(draft -> draft.credentials = credentials);
  }

  private WebSocketOptions with(Consumer<Values> change) {
    return new WebSocketOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WebSocketOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "WebSocketOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final Set<String> HANDSHAKE =
        Set.of(
            "connection",
            "upgrade",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-protocol",
            "sec-websocket-extensions",
            "sec-websocket-accept",
            "content-length",
            "transfer-encoding");

    Headers headers = Headers.EMPTY;
    Subprotocols subprotocols = Subprotocols.NONE;
    Optional<Deflate> deflate = Optional.empty();
    Keepalive keepalive = Keepalive.DEFAULT;
    boolean silencePings = true;
    boolean parts = false;
    long credit = UNLIMITED;
    long sendQueue = 1 << 20;
    Duration sendTimeout = Duration.ofSeconds(30);
    Optional<Receiver> replyTo = Optional.empty();
    Optional<Credentials> credentials = Optional.empty();

    @Override
    void check() {
      for (Headers.Field field : headers) {
        if (HANDSHAKE.contains(field.name())) {
          throw Range.refused(
              "webSocket.headers",
              field.name(),
              "any except the handshake's own: " + HANDSHAKE.stream().sorted().toList());
        }
      }
      Request.checkHost(headers.requireSendable());
      if (credentials.isPresent()) {
        Request.checkHasNone("webSocket.credentials", headers);
      }
      Range.check("webSocket.credit", credit, 0, UNLIMITED);
      Range.check("webSocket.sendQueue", sendQueue, 1, 1L << 40);
      Range.check("webSocket.sendTimeout", sendTimeout, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "headers", headers,
        "subprotocols", subprotocols,
        "deflate", deflate,
        "keepalive", keepalive,
        "silencePings", silencePings,
        "parts", parts,
        "credit", credit,
        "sendQueue", sendQueue,
        "sendTimeout", sendTimeout,
        "replyTo", replyTo,
        "credentials", credentials
      };
    }
  }
}
