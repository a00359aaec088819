package dev.lariat.message;

import java.util.Optional;

/**
 * Speaks a subprotocol on one WebSocket: stands between the frames and the receiver, and turns the
 * ones into what the other understands. Its methods are called on the connection's event loop and
 * must not block. What it throws ends the WebSocket with code 1011 and the reason {@link
 * Reason.HandlerThrew}, and with it the connection, which is retried as after any loss. Nothing
 * reports the end of its WebSocket to a handler except the server's close frame, if one arrives.
 */
public interface WebSocketHandler {

  /**
   * A frame has arrived: a whole message or a control frame, which Lariat has answered where it
   * needs an answer. Pings and pongs come only if {@code silencePings} is off.
   *
   * @param frame the frame
   */
  void frame(Frame frame);

  /**
   * A part of a message has arrived, if the WebSocket delivers messages in parts. A handler that
   * does not override this takes whole messages only.
   *
   * @param data a {@code Text} of whole code points, or a {@code Binary}
   * @param fin whether it is the message's last part, which may be empty
   */
  default void part(Frame data, boolean fin) {
    throw new UnsupportedOperationException("this handler takes whole messages");
  }

  /** Makes a handler when the server has accepted the upgrade. */
  @FunctionalInterface
  interface Factory {

    /**
     * Makes the handler of this session; called after {@code Upgraded} was delivered.
     *
     * @param session the session
     * @return the handler
     */
    WebSocketHandler begin(Session session);
  }

  /**
   * What a handler may do, and knows. What it may do is to be used within the calls of the handler
   * and of its factory, on their thread; elsewhere, even in a receiver meanwhile, it throws {@code
   * IllegalStateException}.
   */
  interface Session {

    /** {@return the WebSocket} */
    StreamRef stream();

    /** {@return the headers of the server's response to the upgrade} */
    Headers headers();

    /** {@return the subprotocol that the server chose} */
    Optional<String> subprotocol();

    /** {@return what the user gave for the handlers} */
    Optional<Object> userOptions();

    /**
     * Tells the receiver a frame, as a {@link WebSocketFrame}.
     *
     * @param frame the frame
     */
    void tell(Frame frame);

    /**
     * Tells the receiver anything else, as a {@link SubprotocolMessage}.
     *
     * @param value the value, which arrives in a {@code SubprotocolMessage}
     */
    void tell(Object value);

    /**
     * Sends a frame.
     *
     * @param frame the frame
     * @return false where it has no room among the bytes that wait to be written, or where the
     *     WebSocket is closing; it is not sent then
     * @throws IllegalArgumentException if a text holds an unpaired surrogate
     */
    boolean trySend(Frame frame);
  }
}
