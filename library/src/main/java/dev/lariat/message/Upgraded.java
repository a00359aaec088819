package dev.lariat.message;

import java.util.Optional;

/**
 * The server accepted the upgrade: the stream now speaks another protocol. Told before any of its
 * frames.
 *
 * @param stream the upgraded stream
 * @param protocol what it speaks now
 * @param subprotocol the WebSocket subprotocol that the server chose among those offered; of a raw
 *     stream the protocol that it switched to, as the server wrote it
 * @param headers the response's headers
 */
public record Upgraded(
    StreamRef stream, Protocol protocol, Optional<String> subprotocol, Headers headers)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
