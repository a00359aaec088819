package dev.lariat.internal.connection;

import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.http1.Http1Engine;
import dev.lariat.internal.http2.Http2Engine;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.raw.RawEngine;
import dev.lariat.internal.websocket.WebSocketEngine;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import java.util.List;
import java.util.Optional;

/** Which engine speaks what. The engines do not know each other; they ask by a {@link Change}. */
public class Engines {
  private final String authority;
  private final ConnectionOptions options;

  /** Whether the server has demanded HTTP/1.1. */
  private boolean fellBack;

  /**
   * The library's own.
   *
   * @param authority for the {@code Host} header
   */
  public Engines(String authority, ConnectionOptions options) {
    this.authority = authority;
    this.options = options;
  }

  /** From now on HTTP/1.1 is spoken. */
  void fallBack() {
    fellBack = true;
  }

  /**
   * The engine of a connection that was just made.
   *
   * @param chosen what the server chose by ALPN, or the proxy that receives the requests, if that
   *     may be spoken; empty without TLS, or if it chose nothing
   * @param held what waits for it
   * @param shared what the event loop's engines share
   */
  Engine first(Optional<String> chosen, Held held, Shared shared) {
    return switch (spoken(chosen)) {
      case HTTP_1_1 ->
          new Http1Engine(
              authority,
              Forward.proxy(options).isPresent(),
              options.http1(),
              options.limits(),
              options.timeouts(),
              CookieHeaders.of(options),
              held,
              shared);
      case HTTP_2 ->
          new Http2Engine(
              authority,
              options.tls().isPresent(),
              Fallback.isPossible(options.protocols()),
              options.http2(),
              options.limits(),
              options.timeouts(),
              CookieHeaders.of(options),
              held);
      case RAW -> new RawEngine(held);
      case WEBSOCKET -> throw new IllegalStateException("a WebSocket begins by an upgrade");
    };
  }

  private Protocol spoken(Optional<String> chosen) {
    if (fellBack) {
      return Protocol.HTTP_1_1;
    }
    List<Protocol> wanted = options.protocols();
    Optional<Tls> tls = Forward.proxy(options).map(Proxy::tls).orElse(options.tls());
    if (wanted.size() == 1 || tls.isEmpty()) {
      return wanted.getFirst();
    }
    boolean second = chosen.equals(Optional.of(Protocol.HTTP_2.token()));
    return second ? Protocol.HTTP_2 : Protocol.HTTP_1_1;
  }

  /** The engine that takes over a lane, or has a stream of another. */
  Engine speak(Change.Speak start, Held held, Shared shared) {
    return switch (start) {
      case Change.SpeakWebSocket socket ->
          new WebSocketEngine(socket, options.limits(), options.timeouts(), shared);
      case Change.SpeakRaw raw -> new RawEngine(raw, held);
    };
  }
}
