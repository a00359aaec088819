package dev.lariat.fleet;

import dev.lariat.message.Frame;
import java.time.Instant;
import java.util.Optional;

/**
 * An event that a feed has received: a text or binary message of a WebSocket, or a server-sent
 * event.
 *
 * @param feed the id of the feed
 * @param position how far the feed has been read with this event; empty if the event has no
 *     position
 * @param at when it was read from the feed
 * @param type the type of a server-sent event; {@code message} unless the server named another, and
 *     for every message of a WebSocket
 * @param data its content: a {@code Text} or a {@code Binary}
 */
public record FeedEvent(
    String feed, Optional<String> position, Instant at, String type, Frame data) {}
