package dev.lariat.message;

import java.util.Optional;

/**
 * A live connection has a new session: its opening step is done, and the messages that follow are
 * of this session. Where no {@link Waiting} or {@link Connecting} with {@code open} false was told
 * since the last {@code Open}, there is no gap between the two sessions.
 *
 * @param stream the live connection
 * @param session its number, from 1
 * @param subprotocol the WebSocket subprotocol that the server chose among those offered
 * @param headers of the response that began the session
 */
public record Open(LiveRef stream, long session, Optional<String> subprotocol, Headers headers)
    implements Message.OfLive {}
