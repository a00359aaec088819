package dev.lariat.message;

import java.util.Optional;

/**
 * Turns the body of a response into something else. It receives the bytes before the receiver does,
 * after their decompression if you asked for that. Lariat calls its methods on the connection's
 * event loop, so they must not block. If it throws, the stream ends with the reason {@link
 * Reason.HandlerThrew}, and the rest of the connection continues. A handler does not learn that its
 * stream failed.
 */
@FunctionalInterface
public interface ContentHandler {

  /**
   * A part of the body has arrived. Where one part ends and the next begins has no meaning.
   *
   * @param bytes 1 to 65,536 bytes if they come from Lariat and not from another handler
   */
  void data(Bytes bytes);

  /**
   * The body is complete. This is the last chance to pass on bytes or deliver a value. Does nothing
   * by default.
   */
  default void end() {}

  /** Makes a handler for a response, or leaves the response to other handlers. */
  @FunctionalInterface
  interface Factory {

    /**
     * Makes the handler of this body, if it should have one. Lariat calls this for each response
     * with a body, before it delivers the {@code Response}.
     *
     * @param session the session
     * @return the handler; empty to leave the body as it is
     */
    Optional<ContentHandler> begin(Session session);
  }

  /**
   * What a handler knows and can do. Call {@code pass} and {@code tell} only on the event loop,
   * during a call of the handler or of its factory; elsewhere they throw {@code
   * IllegalStateException}.
   */
  interface Session {

    /** {@return the request's stream} */
    StreamRef stream();

    /** {@return the response's status, 200 to 999} */
    int status();

    /** {@return the response's headers, as its {@code Response} has them} */
    Headers headers();

    /**
     * Passes bytes on to the next handler, or to the receiver. Empty bytes are not passed on.
     *
     * @param bytes the bytes of the body
     */
    void pass(Bytes bytes);

    /**
     * Delivers a value to the receiver, as a {@link ContentMessage}.
     *
     * @param value the value, which arrives in a {@code ContentMessage}
     */
    void tell(Object value);
  }
}
