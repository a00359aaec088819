package dev.lariat.option;

import dev.lariat.message.ContentHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a response's body before it is told: first it is decompressed, then it goes
 * through the handlers in their order, then it is cut into events. Each only where it was asked
 * for, and where the response is one for it.
 *
 * @param decompress whether content codings are undone (RFC 9110 section 8.4): {@code gzip}, {@code
 *     deflate}, and {@code br} and {@code zstd} where brotli4j and zstd-jni are there. The request
 *     says so by {@code Accept-Encoding}, unless it has that header. A response with another coding
 *     among its own, with more than four, or with the status 206 is left as it is. From one that is
 *     decompressed {@code Content-Encoding} and {@code Content-Length} are taken away, so that its
 *     headers fit what is delivered; off by default
 * @param events whether a response of the type {@code text/event-stream} arrives as {@code
 *     ServerSentEvent}s. The request says {@code Accept: text/event-stream}, unless it has that
 *     header; off by default
 * @param handlers who else handles bodies; none by default
 */
public record Content(boolean decompress, boolean events, List<ContentHandler.Factory> handlers) {

  /** The body arrives as it is. */
  public static final Content PLAIN = new Content(false, false, List.of());

  /** A body is decompressed. */
  public static final Content DECOMPRESSED = PLAIN.decompress(true);

  /** The body arrives as events, if it is a stream of them. */
  public static final Content EVENTS = PLAIN.events(true);

  /** Copies the list. */
  public Content {
    handlers = List.copyOf(handlers);
  }

  /**
   * Sets whether content codings are undone; false by default.
   *
   * @param decompress whether the body is decompressed
   * @return a copy of these options with this value
   */
  public Content decompress(boolean decompress) {
    return new Content(decompress, events, handlers);
  }

  /**
   * Sets whether a stream of events arrives as {@code ServerSentEvent}s; false by default.
   *
   * @param events whether the body arrives as events
   * @return a copy of these options with this value
   */
  public Content events(boolean events) {
    return new Content(decompress, events, handlers);
  }

  /**
   * Adds a handler of bodies, after those that are there.
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
