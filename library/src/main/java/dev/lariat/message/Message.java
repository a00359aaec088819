package dev.lariat.message;

/**
 * What a connection delivers: a closed list.
 *
 * <p>The order is a promise. A connection delivers {@link Up} before anything of its streams,
 * except the {@link StreamFailed} of one that could not even be begun, and {@link Terminated} last
 * and exactly once. A stream says {@code Inform* (Response (Data | ServerSentEvent |
 * ContentMessage)* Trailers? | Upgraded (WebSocketFrame | WebSocketPart | SubprotocolMessage)*
 * WebSocketClosed)} and ends with exactly one message whose {@link OfStream#ends()} is true, which
 * is a {@link StreamFailed} when anything went wrong. On a lost connection each live stream's
 * {@link StreamFailed} goes to that stream's own receiver before the owner's {@link Down}.
 *
 * <p>A live connection is one stream: it says {@code ((Connecting | Waiting)* Open (WebSocketFrame
 * | WebSocketPart | SubprotocolMessage | ServerSentEvent)*)*}, and ends with {@link Gone}.
 *
 * <p>Messages are immutable and may be handed to any thread.
 */
public sealed interface Message {

  /**
   * {@return the connection that delivers this; the same object as the handle that its owner holds}
   */
  ConnectionRef connection();

  /** What concerns the connection as a whole. It goes to the owner. */
  sealed interface OfConnection extends Message
      permits Up, Retrying, Down, Notice, Rejected, Terminated {}

  /**
   * What concerns one stream. It goes to the stream's receiver, which is the owner unless another
   * one was named.
   */
  sealed interface OfStream extends Message
      permits Inform,
          Response,
          Data,
          ServerSentEvent,
          ContentMessage,
          Trailers,
          Upgraded,
          WebSocketFrame,
          WebSocketPart,
          SubprotocolMessage,
          WebSocketClosed,
          StreamFailed,
          OfLive {

    /** {@return the stream that this is of; the same object as the handle that the user holds} */
    StreamRef stream();

    /** {@return whether this is the stream's final message} */
    boolean ends();

    @Override
    default ConnectionRef connection() {
      return stream().connection();
    }
  }

  /** The state of a live connection. It goes to the owner. */
  sealed interface OfLive extends OfStream permits Connecting, Waiting, Open, Gone {

    @Override
    LiveRef stream();

    @Override
    default boolean ends() {
      return this instanceof Gone;
    }
  }
}
