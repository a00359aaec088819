package dev.lariat.option;

import dev.lariat.message.ContentHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens to a response's body before Lariat delivers it. First Lariat decompresses it, then
 * the handlers process it in their order, then Lariat splits it into events. Each step applies only
 * if you ask for it and the response qualifies.
 *
 * @param decompress whether Lariat removes content codings (RFC 9110 section 8.4): {@code gzip},
 *     {@code deflate}, and also {@code br} and {@code zstd} if brotli4j and zstd-jni are present.
 *     Lariat sends a matching {@code Accept-Encoding}, unless the request has that header. It does
 *     not change a response that has another coding, more than four codings, or the status 206. If
 *     it decompresses a response, it removes {@code Content-Encoding} and {@code Content-Length},
 *     so that the headers match what it delivers. False by default
 * @param events whether a response of the type {@code text/event-stream} arrives as {@code
 *     ServerSentEvent}s. Lariat sends {@code Accept: text/event-stream}, unless the request has
 *     that header. False by default
 * @param handlers your own handlers of bodies; none by default
 */
public record Content(boolean decompress, boolean events, List<ContentHandler.Factory> handlers) {

  /** The body arrives as it is. */
  public static final Content PLAIN = new Content(false, false, List.of());

  /** The body is decompressed. */
  public static final Content DECOMPRESSED = PLAIN.decompress(true);

  /** The body arrives as events, if it is an event stream. */
  public static final Content EVENTS = PLAIN.events(true);

  /** Copies the list. */
  public Content {
    handlers = List.copyOf(handlers);
  }

  /**
   * Sets whether Lariat removes content codings; false by default.
   *
   * @param decompress whether the body is decompressed
   * @return a copy of these options with this value
   */
  public Content decompress(boolean decompress) {
    return new Content(decompress, events, handlers);
  }

  /**
   * Sets whether an event stream arrives as {@code ServerSentEvent}s; false by default.
   *
   * @param events whether the body arrives as events
   * @return a copy of these options with this value
   */
  public Content events(boolean events) {
    return new Content(decompress, events, handlers);
  }

  /**
   * Adds a handler of bodies, after the existing ones.
   *
   * @param handler makes the handler of a body
   * @return a copy of these options with this value
   */
  public Content handler(ContentHandler.Factory handler) {
    List<ContentHandler.Factory> more = new ArrayList<>(handlers);
    more.add(handler);
    return new Content(decompress, events, more);
  }
}
