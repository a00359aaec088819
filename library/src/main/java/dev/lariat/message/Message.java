package dev.lariat.message;

/**
 * A message that a connection delivers: a closed set.
 *
 * <p>The order is guaranteed. A connection delivers {@link Up} before any message of its streams,
 * except the {@link StreamFailed} of a stream that could not begin. It delivers {@link Terminated}
 * last and exactly once. A stream delivers {@code Inform* (Response (Data | ServerSentEvent |
 * ContentMessage)* Trailers? | Upgraded (WebSocketFrame | WebSocketPart | SubprotocolMessage)*
 * WebSocketClosed | Upgraded Data*)} and ends with exactly one message whose {@link
 * OfStream#ends()} is true. A {@link Push} can come anywhere before that, and before all messages
 * of the stream that it promises. If the stream fails, that message is a {@link StreamFailed}. If a
 * connection is lost, the {@link StreamFailed} of each of its streams goes to the receiver of that
 * stream before the owner receives {@link Down}.
 *
 * <p>A tunnel is a connection, and also a stream of the connection that carries it. Its {@link
 * TunnelUp} comes before its {@link Up}. Its end is that of a connection: {@link Down} or {@link
 * Terminated}.
 *
 * <p>A live connection is one stream. It delivers {@code ((Connecting | Waiting)* Open
 * (WebSocketFrame | WebSocketPart | SubprotocolMessage | ServerSentEvent)*)*}, and ends with {@link
 * Gone}.
 *
 * <p>Messages are immutable. You can pass them to any thread.
 */
public sealed interface Message {

  /**
   * {@return the connection that delivers this message; the same object as the handle that you
   * hold}
   */
  ConnectionRef connection();

  /** A message about the connection as a whole. It goes to the owner. */
  sealed interface OfConnection extends Message
      permits Up, Retrying, Down, Notice, Rejected, Terminated {}

  /**
   * A message about one stream. It goes to the stream's receiver, which is the owner unless you
   * name another.
   */
  sealed interface OfStream extends Message
      permits Inform,
          Push,
          Response,
          Data,
          ServerSentEvent,
          ContentMessage,
          Trailers,
          TunnelUp,
          Upgraded,
          WebSocketFrame,
          WebSocketPart,
          SubprotocolMessage,
          WebSocketClosed,
          StreamFailed,
          OfLive {

    /** {@return the stream of this message; the same object as the handle that you hold} */
    StreamRef stream();

    /** {@return whether this is the stream's final message} */
    boolean ends();

    @Override
    default ConnectionRef connection() {
      return stream().connection();
    }
  }

  /** A message about the state of a live connection. It goes to the owner. */
  sealed interface OfLive extends OfStream permits Connecting, Waiting, Open, Gone {

    @Override
    LiveRef stream();

    @Override
    default boolean ends() {
      return this instanceof Gone;
    }
  }
}
