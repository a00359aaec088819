package dev.lariat.internal.content;

import dev.lariat.internal.codec.EventDecoder;
import dev.lariat.message.Headers;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the bodies of a connection, as its requests ask for them. */
public final class Contents {
  private static final long UNENDING = 1L << 50; // the most that may be said

  private final Limits limits;
  private final Codings codings;
  private int held;

  /** The bodies of a connection with these limits. */
  public Contents(Limits limits) {
    this(limits, Codings.PRESENT);
  }

  Contents(Limits limits, Codings codings) {
    this.limits = limits;
    this.codings = codings;
  }

  /** The same request with the headers that tell the server what its content option takes. */
  public static Request negotiate(Request request) {
    return negotiate(request, Codings.PRESENT);
  }

  static Request negotiate(Request request, Codings codings) {
    Request negotiated = request;
    if (request.content().decompress() && !request.headers().contains("accept-encoding")) {
      negotiated = negotiated.header("accept-encoding", codings.offer());
    }
    if (request.content().events() && !request.headers().contains("accept")) {
      negotiated = negotiated.header("accept", "text/event-stream");
    }
    return negotiated;
  }

  /**
   * Makes the body of a response that has one.
   *
   * @return null where it is to be told as it comes
   */
  public @Nullable Body begin(Content content, StreamRef stream, int status, Headers headers) {
    if (content == Content.PLAIN) {
      return null;
    }
    List<String> done =
        content.decompress() && status != 206 // a part cannot be decompressed
            ? codings.done(headers).orElse(List.of())
            : List.of();
    Headers told = done.isEmpty() ? headers : withoutCoding(headers);
    boolean events = content.events() && isEventStream(told) && !told.contains("content-encoding");
    if (done.isEmpty() && !events && content.handlers().isEmpty()) {
      return null;
    }
    boolean unending = isEventStream(told); // also if a handler reads it
    Arrived arrived = new Arrived();
    Source source = arrived;
    for (String coding : done.reversed()) {
      source =
          new Decompression(source, Codings.undo(coding), unending ? ofEvents(limits) : limits);
    }
    held++;
    EventDecoder decoder = events ? new EventDecoder(limits.event(), limits.eventId()) : null;
    return new Body(stream, status, told, arrived, source, decoder, () -> held--)
        .handledBy(content.handlers());
  }

  private static Headers withoutCoding(Headers headers) {
    List<Headers.Field> kept = new ArrayList<>();
    for (Headers.Field field : headers) {
      if (!field.name().equals("content-encoding") && !field.name().equals("content-length")) {
        kept.add(field);
      }
    }
    return Headers.of(kept);
  }

  /**
   * The limits of a stream of events, which may go on for years: the ratio stops a bomb, and {@code
   * event} bounds what is kept.
   */
  public static Limits ofEvents(Limits limits) {
    return limits.decompressed(UNENDING);
  }

  /** Whether this is a stream of events (HTML section 9.2). */
  public static boolean isEventStream(Headers headers) {
    String type = headers.first("content-type").orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters))
        .strip()
        .equalsIgnoreCase("text/event-stream");
  }

  /** How many bodies were begun and hold something. */
  public int held() {
    return held;
  }
}
