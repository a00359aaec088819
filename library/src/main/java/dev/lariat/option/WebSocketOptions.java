package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a WebSocket is opened and kept. */
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

  /** {@return the defaults with compression offered} */
  public static WebSocketOptions compressed() {
    return DEFAULT.deflate(Deflate.DEFAULT);
  }

  /** {@return further headers of the upgrade request} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Adds a header to the upgrade request. Those of the handshake itself are refused, and so is a
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
   * Sets further headers of the upgrade request; none by default. Those of the handshake itself are
   * refused, and so is a second {@code Host}.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public WebSocketOptions headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return which subprotocols are offered, and who speaks them} */
  public Subprotocols subprotocols() {
    return values.subprotocols;
  }

  /**
   * Offers these subprotocols, which no handler speaks (RFC 6455 section 1.9). None by default.
   *
   * @param names the names, by preference
   * @return a copy of these options with this value
   */
  public WebSocketOptions subprotocols(String... names) {
    return subprotocols(Subprotocols.of(names));
  }

  /**
   * Sets which subprotocols are offered, and who speaks them (RFC 6455 section 1.9); none by
   * default.
   *
   * @param subprotocols the subprotocols
   * @return a copy of these options with this value
   */
  public WebSocketOptions subprotocols(Subprotocols subprotocols) {
    return with(draft -> draft.subprotocols = subprotocols);
  }

  /** {@return what is offered of permessage-deflate, which compresses messages} */
  public Optional<Deflate> deflate() {
    return values.deflate;
  }

  /**
   * Sets what is offered of permessage-deflate, which compresses messages (RFC 7692); nothing by
   * default.
   *
   * @param deflate the options of the compression
   * @return a copy of these options with this value
   */
  public WebSocketOptions deflate(Deflate deflate) {
    return with(draft -> draft.deflate = Optional.of(deflate));
  }

  /** {@return how a dead peer is found} */
  public Keepalive keepalive() {
    return values.keepalive;
  }

  /**
   * Sets how a dead peer is found; by default a ping follows 30 s of silence, and the answer must
   * come within 10 s.
   *
   * @param keepalive when pings are sent
   * @return a copy of these options with this value
   */
  public WebSocketOptions keepalive(Keepalive keepalive) {
    return with(draft -> draft.keepalive = keepalive);
  }

  /** {@return whether the server's pings and pongs are kept from the receiver} */
  public boolean silencePings() {
    return values.silencePings;
  }

  /**
   * Sets whether the server's pings and pongs are kept from the receiver; true by default. Pings
   * are answered either way.
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
   * Sets whether messages arrive part by part, in {@code WebSocketPart}s of at most 64 KiB, of
   * messages of any size; false by default, which joins them, up to {@code limits.message}.
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
   * Sets how many messages may arrive before {@code credit(n)} allows more, or parts if parts are
   * told: 0 to {@link #UNLIMITED}, which is the default. Control frames need none. When a message
   * begins to arrive without credit, the socket is not read until there is some. Pings that came
   * before it are answered, and silence ends nothing.
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
   * default. A single message larger than this is taken when nothing else waits. Threads that are
   * blocked go on first come, first served, once half of these bytes are written.
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
   * @param sendTimeout 1 ms to 365 days
   * @return a copy of these options with this value
   */
  public WebSocketOptions sendTimeout(Duration sendTimeout) {
    return with(draft -> draft.sendTimeout = sendTimeout);
  }

  /** {@return where the messages of this WebSocket go} */
  public Optional<Receiver> replyTo() {
    return values.replyTo;
  }

  /**
   * Sets where the messages of this WebSocket go; to the connection's owner by default.
   *
   * @param receiver the receiver of the messages
   * @return a copy of these options with this value
   */
  public WebSocketOptions replyTo(Receiver receiver) {
    return with(draft -> draft.replyTo = Optional.of(receiver));
  }

  /** {@return what is shown to the connection's own origin} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets what is shown to the connection's own origin; nothing by default. If the server has to ask
   * for them, the upgrade is requested once more and the challenge is not delivered, unless the
   * connection ends with that.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public WebSocketOptions credentials(Credentials credentials) {
    return credentials(Optional.of(credentials));
  }

  /**
   * Sets what is shown to the connection's own origin, or nothing if empty.
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
      credentials.ifPresent(own -> Request.checkHasNone("webSocket.credentials", headers));
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
