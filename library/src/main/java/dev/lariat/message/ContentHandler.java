package dev.lariat.message;

import java.util.Optional;

/**
 * Turns a response's body into something else. It stands between the bytes and the receiver, after
 * the decompression if you asked for that. Its methods are called on the connection's event loop
 * and must not block. What it throws ends the stream with the reason {@link Reason.HandlerThrew};
 * nothing else on the connection is harmed. A handler does not learn that its stream failed.
 */
@FunctionalInterface
public interface ContentHandler {

  /**
   * A part of the body has arrived. The cuts between the parts mean nothing.
   *
   * @param bytes 1 to 65536 of them from Lariat itself
   */
  void data(Bytes bytes);

  /** The body is complete: the last chance to pass or tell something. Does nothing by default. */
  default void end() {}

  /** Makes a handler for a response, or leaves it to the others. */
  @FunctionalInterface
  interface Factory {

    /**
     * Makes the handler of this body, if it is one for it; called for each response with a body,
     * before its {@code Response} is delivered.
     *
     * @param session the session
     * @return the handler; empty to leave the body as it is
     */
    Optional<ContentHandler> begin(Session session);
  }

  /**
   * What a handler may do, and knows. What it may do is to be used on the event loop, within the
   * calls of the handler and of its factory; elsewhere it throws {@code IllegalStateException}.
   */
  interface Session {

    /** {@return the request's stream} */
    StreamRef stream();

    /** {@return the response's status, 200 to 999} */
    int status();

    /** {@return the response's headers, as its {@code Response} has them} */
    Headers headers();

    /**
     * Hands bytes on: to the next handler, or to the receiver. No bytes are not handed on.
     *
     * @param bytes the bytes of the body
     */
    void pass(Bytes bytes);

    /**
     * Tells the receiver anything else, as a {@link ContentMessage}.
     *
     * @param value the value, which arrives in a {@code ContentMessage}
     */
    void tell(Object value);
  }
}
