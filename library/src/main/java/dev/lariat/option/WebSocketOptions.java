package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How a WebSocket is opened and kept.
 *
 * @param headers further headers of the upgrade request; those of the handshake itself are refused
 * @param subprotocols offered in this order (RFC 6455 section 1.9): different tokens; none by
 *     default
 * @param compress whether permessage-deflate (RFC 7692) is offered; not by default
 * @param keepalive how a dead peer is found
 * @param silencePings whether the server's pings and pongs are kept from the receiver, as they are
 *     by default; pings are answered either way
 * @param highWater how many bytes may wait to be written before {@code send} blocks: 1 to 1 TiB, 1
 *     MiB by default. A single message larger than this is taken when nothing else waits
 * @param sendTimeout how long {@code send} blocks before it fails: 1 ms to 365 days, 30 s by
 *     default
 * @param replyTo where the messages of this WebSocket go; the connection's owner by default
 */
public record WebSocketOptions(
    Headers headers,
    List<String> subprotocols,
    boolean compress,
    Keepalive keepalive,
    boolean silencePings,
    long highWater,
    Duration sendTimeout,
    Optional<Receiver> replyTo) {

  /** The defaults: no compression, no subprotocol. */
  public static final WebSocketOptions DEFAULT =
      new WebSocketOptions(
          Headers.EMPTY,
          List.of(),
          false,
          Keepalive.DEFAULT,
          true,
          1 << 20,
          Duration.ofSeconds(30),
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
    subprotocols = List.copyOf(subprotocols);
    for (String name : subprotocols) {
      if (!Headers.isToken(name)) {
        throw Range.refused(
            "webSocket.subprotocols", '"' + name + '"', "tokens (RFC 9110 section 5.6.2)");
      }
    }
    if (new HashSet<>(subprotocols).size() < subprotocols.size()) {
      throw Range.refused(
          "webSocket.subprotocols", subprotocols, "each name once (RFC 6455 section 4.1)");
    }
    Range.check("webSocket.highWater", highWater, 1, 1L << 40);
    Range.check("webSocket.sendTimeout", sendTimeout, Range.MIN);
  }

  /** The defaults with compression offered. */
  public static WebSocketOptions compressed() {
    return DEFAULT.compress(true);
  }

  /** The same with one more header. */
  public WebSocketOptions header(String name, String value) {
    return headers(headers.with(name.toLowerCase(Locale.ROOT), value));
  }

  /** The same with other headers. */
  public WebSocketOptions headers(Headers headers) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with other subprotocols. */
  public WebSocketOptions subprotocols(String... subprotocols) {
    return new WebSocketOptions(
        headers,
        List.of(subprotocols),
        compress,
        keepalive,
        silencePings,
        highWater,
        sendTimeout,
        replyTo);
  }

  /** The same with or without compression offered. */
  public WebSocketOptions compress(boolean compress) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with another keepalive. */
  public WebSocketOptions keepalive(Keepalive keepalive) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with pings and pongs kept from the receiver or told. */
  public WebSocketOptions silencePings(boolean silencePings) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with another number of bytes that may wait. */
  public WebSocketOptions highWater(long highWater) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with another time for {@code send}. */
  public WebSocketOptions sendTimeout(Duration sendTimeout) {
    return new WebSocketOptions(
        headers, subprotocols, compress, keepalive, silencePings, highWater, sendTimeout, replyTo);
  }

  /** The same with a receiver of its own. */
  public WebSocketOptions replyTo(Receiver receiver) {
    return new WebSocketOptions(
        headers,
        subprotocols,
        compress,
        keepalive,
        silencePings,
        highWater,
        sendTimeout,
        Optional.of(receiver));
  }
}
