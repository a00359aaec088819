package dev.lariat.internal.connection;

import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.http1.Http1Engine;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.raw.RawEngine;
import dev.lariat.internal.websocket.WebSocketEngine;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;

/** Which engine speaks what. The engines do not know each other; they ask by a {@link Change}. */
public class Engines {
  private final String authority;
  private final ConnectionOptions options;

  /**
   * The library's own.
   *
   * @param authority for the {@code Host} header
   */
  public Engines(String authority, ConnectionOptions options) {
    this.authority = authority;
    this.options = options;
  }

  /**
   * The engine of a connection that was just made.
   *
   * @param held what waits for it
   * @param shared what the event loop's engines share
   */
  Engine first(Held held, Shared shared) {
    return options.protocols().getFirst() == Protocol.RAW
        ? new RawEngine(held)
        : new Http1Engine(
            authority,
            options.http1(),
            options.limits(),
            options.timeouts(),
            CookieHeaders.of(options),
            held,
            shared);
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
