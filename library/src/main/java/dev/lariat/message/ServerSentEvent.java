package dev.lariat.message;

import java.time.Duration;
import java.util.Optional;

/**
 * An event of a {@code text/event-stream} response (HTML living standard, section 9.2), if the
 * request asks for events. Events arrive instead of {@link Data}. At the end of the body, an empty
 * {@code Data} with {@code fin} arrives.
 *
 * @param stream the request's stream
 * @param id the last id that the server sent, with this event or before it; empty if there is none
 *     yet. A client that reconnects sends it as {@code Last-Event-ID}
 * @param type the type of the event: {@code message}, unless the server named another
 * @param data the lines of data, joined by line feeds; can be empty
 * @param retry how long the server asks a client to wait before it reconnects, if the server said
 *     so since the previous event
 */
public record ServerSentEvent(
    StreamRef stream, String id, String type, String data, Optional<Duration> retry)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
