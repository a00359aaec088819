package dev.lariat.message;

import java.time.Duration;
import java.util.Optional;

/**
 * An event of a response of the type {@code text/event-stream} (HTML, section 9.2), if the request
 * asked for events. It arrives instead of {@link Data}. The body's end is an empty last one.
 *
 * @param stream the request's stream
 * @param id the id that the server gave last, with this event or before it; empty if none yet. A
 *     client that asks again sends it as {@code Last-Event-ID}
 * @param type what kind of event: {@code message} unless the server named another
 * @param data the event's data, its lines joined by line feeds; may be empty
 * @param retry how long the server wants a client to wait before it asks again, if it said so since
 *     the event before
 */
public record ServerSentEvent(
    StreamRef stream, String id, String type, String data, Optional<Duration> retry)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
