package dev.lariat.message;

import java.util.Optional;

/**
 * The server accepted the upgrade, and the stream now speaks another protocol. It arrives before
 * the stream's first frame.
 *
 * @param stream the upgraded stream
 * @param protocol the protocol that it speaks now
 * @param subprotocol the WebSocket subprotocol that the server chose, if it chose one; for a raw
 *     stream, the protocol that it switched to, as the server wrote it
 * @param headers the headers of the response
 */
public record Upgraded(
    StreamRef stream, Protocol protocol, Optional<String> subprotocol, Headers headers)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
