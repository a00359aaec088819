package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How a WebSocket is opened and kept.
 *
 * @param headers further headers of the upgrade request; those of the handshake itself are refused,
 *     and so is a second {@code Host}
 * @param subprotocols what is offered and who speaks it (RFC 6455 section 1.9); none by default
 * @param deflate compression by permessage-deflate (RFC 7692); not offered by default
 * @param keepalive how a dead peer is found
 * @param silencePings whether the server's pings and pongs are kept from the receiver, as they are
 *     by default; pings are answered either way
 * @param parts whether messages are told part by part as they arrive, in {@code WebSocketPart}s of
 *     at most 64 KiB, of messages of any size; by default they are joined, up to {@code
 *     limits.message}
 * @param credit how many messages (or parts, where they are told) may be told before {@code
 *     credit(n)} allows more: 0 to 2^63 - 1, which stands for no limit and is the default. Control
 *     frames need none. When a message begins to arrive without credit, the socket is not read
 *     until there is some; pings that came before it are answered, and silence ends nothing
 * @param highWater how many bytes may wait to be written before {@code send} blocks: 1 to 1 TiB, 1
 *     MiB by default. A single message larger than this is taken when nothing else waits. Threads
 *     that are blocked go on first come, first served, once half of these bytes are written
 * @param sendTimeout how long {@code send} blocks before it fails: 1 ms to 365 days, 30 s by
 *     default
 * @param replyTo where the messages of this WebSocket go; the connection's owner by default
 * @param credentials what the upgrade request shows to the connection's own origin; none by
 *     default. Where the server has to ask for them, the upgrade is asked for once more and the
 *     challenge is not told, unless the connection ends with that
 */
public record WebSocketOptions(
    Headers headers,
    Subprotocols subprotocols,
    Optional<Deflate> deflate,
    Keepalive keepalive,
    boolean silencePings,
    boolean parts,
    long credit,
    long highWater,
    Duration sendTimeout,
    Optional<Receiver> replyTo,
    Optional<Credentials> credentials) {

  /** A credit that is never used up. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The defaults: no compression, no subprotocol. */
  public static final WebSocketOptions DEFAULT =
      new WebSocketOptions(
          Headers.EMPTY,
          Subprotocols.NONE,
          Optional.empty(),
          Keepalive.DEFAULT,
          true,
          false,
          UNLIMITED,
          1 << 20,
          Duration.ofSeconds(30),
          Optional.empty(),
          Optional.empty());

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

  /** Checks every component. */
  public WebSocketOptions {
    for (Headers.Field field : headers) {
      if (HANDSHAKE.contains(field.name())) {
        throw Range.refused(
            "webSocket.headers",
            field.name(),
            "any but the handshake's own: " + HANDSHAKE.stream().sorted().toList());
      }
    }
    Request.checkHost(headers);
    credentials.ifPresent(own -> Request.checkHasNone("webSocket.credentials", headers));
    Range.check("webSocket.credit", credit, 0, UNLIMITED);
    Range.check("webSocket.highWater", highWater, 1, 1L << 40);
    Range.check("webSocket.sendTimeout", sendTimeout, Range.MIN);
  }

  /** The defaults with compression offered. */
  public static WebSocketOptions compressed() {
    return DEFAULT.deflate(Deflate.DEFAULT);
  }

  /** The same with one more header. */
  public WebSocketOptions header(String name, String value) {
    return headers(headers.with(name.toLowerCase(Locale.ROOT), value));
  }

  /** The same with other headers. */
  public WebSocketOptions headers(Headers headers) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with these subprotocols, which no handler speaks. */
  public WebSocketOptions subprotocols(String... names) {
    return subprotocols(Subprotocols.of(names));
  }

  /** The same with other subprotocols. */
  public WebSocketOptions subprotocols(Subprotocols subprotocols) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with compression offered. */
  public WebSocketOptions deflate(Deflate deflate) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        Optional.of(deflate),
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with another keepalive. */
  public WebSocketOptions keepalive(Keepalive keepalive) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with pings and pongs kept from the receiver or told. */
  public WebSocketOptions silencePings(boolean silencePings) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with messages told whole or part by part. */
  public WebSocketOptions parts(boolean parts) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with this credit to begin with. */
  public WebSocketOptions credit(long credit) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with another number of bytes that may wait. */
  public WebSocketOptions highWater(long highWater) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with another time for {@code send}. */
  public WebSocketOptions sendTimeout(Duration sendTimeout) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }

  /** The same with a receiver of its own. */
  public WebSocketOptions replyTo(Receiver receiver) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        Optional.of(receiver),
        credentials);
  }

  /** The same with these credentials. */
  public WebSocketOptions credentials(Credentials credentials) {
    return credentials(Optional.of(credentials));
  }

  /** The same with these credentials, or without any. */
  public WebSocketOptions credentials(Optional<Credentials> credentials) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        deflate,
        keepalive,
        silencePings,
        parts,
        credit,
        highWater,
        sendTimeout,
        replyTo,
        credentials);
  }
}
