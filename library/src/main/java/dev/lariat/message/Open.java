package dev.lariat.message;

import java.util.Optional;

/**
 * A live connection has a new session. Its opening step has returned, and the messages that follow
 * belong to this session. There is no gap between two sessions if no {@link Waiting} and no {@link
 * Connecting} with {@code open} false came between their {@code Open} messages.
 *
 * @param stream the live connection
 * @param session the number of the session, starting at 1
 * @param subprotocol the WebSocket subprotocol that the server chose, if it chose one
 * @param headers the headers of the response that opened the session
 */
public record Open(LiveRef stream, long session, Optional<String> subprotocol, Headers headers)
    implements Message.OfLive {}
