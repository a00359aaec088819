package dev.lariat.event;

import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link Listener} receives. Later versions of Lariat can add events, so a switch over it
 * has a {@code default}.
 *
 * <p>Every start has exactly one end, which says how long it took and, if it failed, why. The order
 * is a promise:
 *
 * <ul>
 *   <li>a connection: {@link Init}, then for each attempt {@code LookupStart LookupEnd
 *       (ConnectStart ConnectEnd)+ (TlsStart TlsEnd)?}, as far as it comes; then either {@link
 *       RetryScheduled}, or {@link Established} and, after the ends of its streams, {@link
 *       Disconnect}; {@link Terminate} last. Addresses that are tried beside each other have their
 *       starts and ends in between each other's;
 *   <li>a request, from when it is written: {@code RequestStart RequestHeaders RequestEnd
 *       ResponseStart ResponseInform* ResponseHeaders ResponseTrailers? ResponseEnd}. The response
 *       may begin before the request has ended. A stream that fails has the ends that are missing,
 *       then {@link Cancel};
 *   <li>a WebSocket: {@link Upgrade}, a request whose response is a {@link ResponseInform} with
 *       status 101, {@link ProtocolChanged}, frames, {@link WebSocketEnd}. A refused one is a
 *       request like any other;
 *   <li>a switch to a protocol that the user speaks: a request whose response is a {@link
 *       ResponseInform} with status 101, and {@link ProtocolChanged}; then nothing but a {@link
 *       Cancel} if it fails;
 *   <li>{@link LoopStalled} at any time between {@link Init} and {@link Terminate}.
 * </ul>
 *
 * <p>An event is reported before the message about the same thing is delivered. Times are of the
 * event loop's monotonic clock. Events are immutable and may be handed to any thread. Headers are
 * those of the wire and may hold credentials.
 */
public sealed interface Event {

  /** {@return the connection; the same object as the handle that its owner holds} */
  ConnectionRef connection();

  /** What concerns one stream. */
  sealed interface OfStream extends Event {
    /** {@return the stream; the same object as the handle that the user holds} */
    StreamRef stream();

    @Override
    default ConnectionRef connection() {
      return stream().connection();
    }
  }

  // ---- the connection

  /**
   * The connection begins.
   *
   * @param connection the connection
   */
  record Init(ConnectionRef connection) implements Event {}

  /**
   * The lookup of a name begins. There is none for a Unix-domain socket.
   *
   * @param connection the connection
   * @param host the name, or an address as text
   */
  record LookupStart(ConnectionRef connection, String host) implements Event {}

  /**
   * The lookup has ended.
   *
   * @param connection the connection
   * @param host the name, or an address as text
   * @param addresses what was found, in the resolver's order
   * @param failure why it failed, unless it was abandoned
   * @param took from its start
   */
  record LookupEnd(
      ConnectionRef connection,
      String host,
      List<InetAddress> addresses,
      Optional<Reason> failure,
      Duration took)
      implements Event {
    /** Copies the list. */
    public LookupEnd {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * An address is tried.
   *
   * @param connection the connection
   * @param remote the address
   */
  record ConnectStart(ConnectionRef connection, SocketAddress remote) implements Event {}

  /**
   * The trial of an address has ended. Without {@code local} and {@code failure} it was abandoned:
   * another address was faster, or the owner closed the connection.
   *
   * @param connection the connection
   * @param remote the address
   * @param local this end's address, if it connected and this end has one
   * @param established whether it connected
   * @param failure why it failed, unless it was abandoned
   * @param took from its start
   */
  record ConnectEnd(
      ConnectionRef connection,
      SocketAddress remote,
      Optional<SocketAddress> local,
      boolean established,
      Optional<Reason> failure,
      Duration took)
      implements Event {}

  /**
   * The TLS handshake begins.
   *
   * @param connection the connection
   * @param remote with whom
   */
  record TlsStart(ConnectionRef connection, SocketAddress remote) implements Event {}

  /**
   * The TLS handshake has ended.
   *
   * @param connection the connection
   * @param session what was agreed on, if it succeeded
   * @param failure why it failed, unless it was abandoned
   * @param took from its start
   */
  record TlsEnd(
      ConnectionRef connection,
      Optional<TlsSession> session,
      Optional<Reason> failure,
      Duration took)
      implements Event {}

  /**
   * The connection is established.
   *
   * @param connection the connection
   * @param protocol what is spoken
   * @param remote the other end's address
   * @param took from the beginning of the attempt
   */
  record Established(
      ConnectionRef connection, Protocol protocol, SocketAddress remote, Duration took)
      implements Event {}

  /**
   * The established connection has ended, regardless of which side ended it.
   *
   * @param connection the connection
   * @param protocol what was spoken at the end
   * @param reason why it ended
   * @param took from {@link Established}
   */
  record Disconnect(ConnectionRef connection, Protocol protocol, Reason reason, Duration took)
      implements Event {}

  /**
   * The connection will be tried again.
   *
   * @param connection the connection
   * @param attempt which attempt follows, counted from 1 since the connection was last stable
   * @param delay how long until it is made
   * @param reason why the attempt before it failed, or why the connection was lost
   */
  record RetryScheduled(ConnectionRef connection, int attempt, Duration delay, Reason reason)
      implements Event {}

  /**
   * The event loop of the connection did not go on for a second or longer, so nothing happened on
   * any of its connections. Most often a receiver or a listener has blocked. It is reported when
   * the loop goes on.
   *
   * @param connection the connection; each connection of the loop that has listeners receives the
   *     event
   * @param took how long, at least
   * @param stack where the loop's thread was when the second was over, innermost first
   */
  record LoopStalled(ConnectionRef connection, Duration took, List<StackTraceElement> stack)
      implements Event {
    /** Copies the list. */
    public LoopStalled {
      stack = List.copyOf(stack);
    }
  }

  /**
   * The connection has ended for good; the last event.
   *
   * @param connection the connection
   * @param reason why
   * @param took from {@link Init}
   */
  record Terminate(ConnectionRef connection, Reason reason, Duration took) implements Event {}

  // ---- a request and its response

  /**
   * A request is written.
   *
   * @param stream its stream
   * @param method its method
   * @param target the path and the query that it requests
   */
  record RequestStart(StreamRef stream, String method, String target) implements OfStream {}

  /**
   * The headers of a request were written.
   *
   * @param stream its stream
   * @param headers those that the user gave, and a handshake's; {@code Host} and the framing are
   *     not among them. Of an {@code Authorization} only the scheme is shown
   */
  record RequestHeaders(StreamRef stream, Headers headers) implements OfStream {}

  /**
   * The request was written, to the last byte of its body.
   *
   * @param stream its stream
   * @param failure why it was not written whole
   * @param took from {@link RequestStart}
   */
  record RequestEnd(StreamRef stream, Optional<Reason> failure, Duration took)
      implements OfStream {}

  /**
   * The response begins.
   *
   * @param stream its stream
   * @param waited from {@link RequestStart}
   */
  record ResponseStart(StreamRef stream, Duration waited) implements OfStream {}

  /**
   * An informational response.
   *
   * @param stream its stream
   * @param status 100 to 199
   * @param headers its headers
   */
  record ResponseInform(StreamRef stream, int status, Headers headers) implements OfStream {}

  /**
   * The final response's status and headers.
   *
   * @param stream its stream
   * @param status 200 to 999
   * @param headers its headers
   */
  record ResponseHeaders(StreamRef stream, int status, Headers headers) implements OfStream {}

  /**
   * The trailers of the response.
   *
   * @param stream its stream
   * @param headers the trailers
   */
  record ResponseTrailers(StreamRef stream, Headers headers) implements OfStream {}

  /**
   * The response has ended.
   *
   * @param stream its stream
   * @param status that of the final response, or 101; 0 where none had come
   * @param bytes of its body, as they were told
   * @param failure why it did not come to its end
   * @param took from {@link RequestStart}
   */
  record ResponseEnd(
      StreamRef stream, int status, long bytes, Optional<Reason> failure, Duration took)
      implements OfStream {}

  /**
   * A stream that had been sent ended before its time: it was cancelled, or failed.
   *
   * @param stream the stream
   * @param reason why
   * @param took from {@link RequestStart}
   */
  record Cancel(StreamRef stream, Reason reason, Duration took) implements OfStream {}

  // ---- WebSocket

  /**
   * An upgrade to WebSocket begins. Its request follows.
   *
   * @param stream the WebSocket
   * @param path the path and the query that it requests
   */
  record Upgrade(StreamRef stream, String path) implements OfStream {}

  /**
   * The stream speaks another protocol from now on.
   *
   * @param stream the stream
   * @param protocol which
   * @param subprotocol that of the WebSocket, if the server chose one
   * @param took from {@link RequestStart}
   */
  record ProtocolChanged(
      StreamRef stream, Protocol protocol, Optional<String> subprotocol, Duration took)
      implements OfStream {}

  /**
   * The first byte of a frame has come.
   *
   * @param stream the WebSocket
   */
  record FrameReceiveStart(StreamRef stream) implements OfStream {}

  /**
   * The header of the frame is there.
   *
   * @param stream the WebSocket
   * @param type what it is
   * @param fin whether its message ends with it
   * @param compressed whether it begins a compressed message (RFC 7692)
   * @param bytes of its payload on the wire
   */
  record FrameReceiveHeader(
      StreamRef stream, FrameType type, boolean fin, boolean compressed, long bytes)
      implements OfStream {}

  /**
   * The frame is complete, or will never be.
   *
   * @param stream the WebSocket
   * @param type what it is; empty where not even its header was valid and whole
   * @param fin whether its message ends with it
   * @param bytes of its payload on the wire, as its header said
   * @param failure why it was not read to its end
   * @param took from {@link FrameReceiveStart}; a reader without credit makes it long
   */
  record FrameReceiveEnd(
      StreamRef stream,
      Optional<FrameType> type,
      boolean fin,
      long bytes,
      Optional<Reason> failure,
      Duration took)
      implements OfStream {}

  /**
   * A frame is written.
   *
   * @param stream the WebSocket
   * @param type what it is
   * @param fin whether its message ends with it
   * @param compressed whether it belongs to a compressed message
   * @param bytes of its payload on the wire
   */
  record FrameSendStart(
      StreamRef stream, FrameType type, boolean fin, boolean compressed, long bytes)
      implements OfStream {}

  /**
   * The frame was given to the transport.
   *
   * @param stream the WebSocket
   * @param type what it is
   * @param fin whether its message ends with it
   * @param bytes of its payload on the wire
   * @param took from {@link FrameSendStart}
   */
  record FrameSendEnd(StreamRef stream, FrameType type, boolean fin, long bytes, Duration took)
      implements OfStream {}

  /**
   * The WebSocket has ended.
   *
   * @param stream the WebSocket
   * @param reason why: {@link Reason.CloseHandshake} in good order
   * @param took from {@link ProtocolChanged}
   */
  record WebSocketEnd(StreamRef stream, Reason reason, Duration took) implements OfStream {}
}
