package dev.lariat.message;

import java.util.Optional;

/**
 * Speaks a subprotocol on one WebSocket: it turns the frames into values that the receiver
 * understands. Lariat calls its methods on the connection's event loop, so they must not block. If
 * it throws, the WebSocket ends with code 1011 and the reason {@link Reason.HandlerThrew}. Over
 * HTTP/1.1 the connection ends with it, and reconnects as after any loss. A handler does not learn
 * that its WebSocket ended, unless the server's close frame arrives.
 */
public interface WebSocketHandler {

  /**
   * A frame has arrived: a whole message or a control frame. Lariat has already answered a frame
   * that needs an answer. Pings and pongs arrive only if {@code silencePings} is off.
   *
   * @param frame the frame
   */
  void frame(Frame frame);

  /**
   * A part of a message has arrived, if the WebSocket delivers messages in parts. A handler that
   * does not override this method handles whole messages only.
   *
   * @param data a {@code Text} of whole code points, or a {@code Binary}
   * @param fin whether this is the last part of the message, which can be empty
   */
  default void part(Frame data, boolean fin) {
    throw new UnsupportedOperationException("this handler takes whole messages");
  }

  /** Makes a handler after the server accepts the upgrade. */
  @FunctionalInterface
  interface Factory {

    /**
     * Makes the handler of this session. Lariat calls this after it delivers {@code Upgraded}.
     *
     * @param session the session
     * @return the handler
     */
    WebSocketHandler begin(Session session);
  }

  /**
   * What a handler knows and can do. Call {@code tell} and {@code send} only during a call of the
   * handler or of its factory, on the thread of that call. Elsewhere they throw {@code
   * IllegalStateException}, even in a receiver that runs at that time.
   */
  interface Session {

    /** {@return the WebSocket} */
    StreamRef stream();

    /** {@return the headers of the server's response to the upgrade} */
    Headers headers();

    /** {@return the subprotocol that the server chose} */
    Optional<String> subprotocol();

    /** {@return the value that you passed for the handlers} */
    Optional<Object> userOptions();

    /**
     * Delivers a frame to the receiver, as a {@link WebSocketFrame}.
     *
     * @param frame the frame
     */
    void tell(Frame frame);

    /**
     * Delivers a value to the receiver, as a {@link SubprotocolMessage}.
     *
     * @param value the value, which arrives in a {@code SubprotocolMessage}
     */
    void tell(Object value);

    /**
     * Sends a frame.
     *
     * @param frame the frame
     * @return false if the frame is not sent, because the send queue has no room for it or the
     *     WebSocket is closing
     * @throws IllegalArgumentException if a text has an unpaired surrogate
     */
    boolean trySend(Frame frame);
  }
}
