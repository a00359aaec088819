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
 * A step of a connection, which a {@link Listener} receives. Later versions of Lariat can add
 * events, so a switch over them needs a {@code default}.
 *
 * <p>Every start has exactly one end, which has the duration and, after a failure, the reason. The
 * order is guaranteed:
 *
 * <ul>
 *   <li>a connection: {@link Init}, then for each attempt {@code LookupStart LookupEnd
 *       (ConnectStart ConnectEnd)+ (ProxyStart ProxyEnd)* (TlsStart TlsEnd)?}, up to the step that
 *       fails; then either {@link RetryScheduled}, or {@link Established} and, after the ends of
 *       its streams, {@link Disconnect}; {@link Terminate} is the last event. If Lariat tries
 *       several addresses at the same time, their starts and ends can alternate;
 *   <li>a request, from the moment at which it is written: {@code RequestStart RequestHeaders
 *       RequestEnd ResponseStart ResponseInform* ResponseHeaders ResponseTrailers? ResponseEnd}.
 *       The response can begin before the request has ended. After a stream fails, its missing ends
 *       follow, then {@link Cancel};
 *   <li>a WebSocket: {@link Upgrade}, a request whose response is a {@link ResponseInform} with
 *       status 101, {@link ProtocolChanged}, frames, {@link WebSocketEnd}. If the server refuses
 *       it, it is a request like any other;
 *   <li>a switch to a protocol that you speak: a request whose response is a {@link ResponseInform}
 *       with status 101, and {@link ProtocolChanged}; after that, only a {@link Cancel} if it
 *       fails;
 *   <li>a tunnel: a request with the method {@code CONNECT} and, if the proxy accepts it, {@link
 *       OriginChanged}; after that, only a {@link Cancel} if it fails. What is inside the tunnel
 *       has events of the tunnel, which is a connection;
 *   <li>a pushed response: {@link PushPromise}, which is an event of the request that it comes
 *       with, then {@code ResponseStart} and what follows it, of the promised stream. A promise
 *       that is refused is a {@link PushRefused} instead;
 *   <li>{@link LoopStalled} at any time between {@link Init} and {@link Terminate}.
 * </ul>
 *
 * <p>A listener receives an event before the message about the same step is delivered. Durations
 * are measured by the event loop's monotonic clock. Events are immutable, and you can pass them to
 * any thread. Headers are as sent or received, and can contain credentials.
 */
public sealed interface Event {

  /** {@return the connection; the same object as the handle that you hold} */
  ConnectionRef connection();

  /** An event of one stream. */
  sealed interface OfStream extends Event {
    /** {@return the stream; the same object as the handle that you hold} */
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
   * @param addresses the addresses that were found, in the resolver's order
   * @param failure why it failed, unless it was abandoned
   * @param took the time from its start
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
   * A connect to an address begins.
   *
   * @param connection the connection
   * @param remote the address
   */
  record ConnectStart(ConnectionRef connection, SocketAddress remote) implements Event {}

  /**
   * The connect to an address has ended. If it has neither {@code local} nor {@code failure}, it
   * was abandoned: another address was faster, or the owner closed the connection.
   *
   * @param connection the connection
   * @param remote the address
   * @param local the address of this side, if it connected and this side has one
   * @param established whether it connected
   * @param failure why it failed, unless it was abandoned
   * @param took the time from its start
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
   * Lariat begins to ask a proxy for a tunnel. If the connection to the proxy has TLS, this begins
   * with the handshake. A proxy that wants to be asked again on another network connection has more
   * than one start in an attempt. A proxy that receives the requests themselves ({@code
   * Proxy.absoluteForm}) ends it when it is connected.
   *
   * @param connection the connection
   * @param number which proxy, in the order of {@code ConnectionOptions.via}, from 1
   * @param proxy the proxy as a URI, without credentials
   */
  record ProxyStart(ConnectionRef connection, int number, String proxy) implements Event {}

  /**
   * The proxy has answered.
   *
   * @param connection the connection
   * @param number which proxy, from 1
   * @param proxy the proxy as a URI, without credentials
   * @param through whether it has opened the tunnel, or takes the requests themselves
   * @param failure why not, unless the attempt was abandoned or the proxy is asked again
   * @param took the time from its start
   */
  record ProxyEnd(
      ConnectionRef connection,
      int number,
      String proxy,
      boolean through,
      Optional<Reason> failure,
      Duration took)
      implements Event {}

  /**
   * The TLS handshake with the server begins.
   *
   * @param connection the connection
   * @param remote the address of the server
   */
  record TlsStart(ConnectionRef connection, SocketAddress remote) implements Event {}

  /**
   * The TLS handshake with the server has ended.
   *
   * @param connection the connection
   * @param session the result of the handshake, if it succeeded
   * @param failure why it failed, unless it was abandoned
   * @param took the time from its start
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
   * @param protocol its protocol
   * @param remote the address of the other side
   * @param took the time from the beginning of the attempt
   */
  record Established(
      ConnectionRef connection, Protocol protocol, SocketAddress remote, Duration took)
      implements Event {}

  /**
   * The established connection has ended, regardless of which side ended it.
   *
   * @param connection the connection
   * @param protocol its protocol at the end
   * @param reason why it ended
   * @param took the time from {@link Established}
   */
  record Disconnect(ConnectionRef connection, Protocol protocol, Reason reason, Duration took)
      implements Event {}

  /**
   * Another attempt to connect follows.
   *
   * @param connection the connection
   * @param attempt the number of the next attempt, counted from 1 since the connection was last
   *     stable
   * @param delay how long until that attempt
   * @param reason why the previous attempt failed, or why the connection was lost
   */
  record RetryScheduled(ConnectionRef connection, int attempt, Duration delay, Reason reason)
      implements Event {}

  /**
   * The event loop of the connection was blocked for a second or longer, so nothing happened on any
   * of its connections. The usual cause is a receiver or a listener that blocks. Listeners receive
   * this event when the loop continues.
   *
   * @param connection the connection; each connection of the loop that has listeners receives the
   *     event
   * @param took how long it was blocked, at least
   * @param stack the stack of the loop's thread after the first second, innermost frame first
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
   * @param reason why it ended
   * @param took the time from {@link Init}
   */
  record Terminate(ConnectionRef connection, Reason reason, Duration took) implements Event {}

  // ---- a request and its response

  /**
   * Lariat begins to write a request.
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
   * @param headers the headers that you set, and those of a handshake. {@code Host} and the headers
   *     that frame the message are not included. An {@code Authorization} shows only its scheme
   */
  record RequestHeaders(StreamRef stream, Headers headers) implements OfStream {}

  /**
   * The request was written, including the last byte of its body.
   *
   * @param stream its stream
   * @param failure why it was not written completely
   * @param took the time from {@link RequestStart}
   */
  record RequestEnd(StreamRef stream, Optional<Reason> failure, Duration took)
      implements OfStream {}

  /**
   * The response begins.
   *
   * @param stream its stream
   * @param waited the time from {@link RequestStart}
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
   * The server promises to push a response. The events of that response follow, with the promised
   * stream; their times count from here.
   *
   * @param stream the stream of the request that the promise comes with
   * @param promised the stream of the response
   * @param method of the promised request
   * @param uri of the promised request
   * @param headers of the promised request
   */
  record PushPromise(
      StreamRef stream, StreamRef promised, String method, String uri, Headers headers)
      implements OfStream {}

  /**
   * A promise of the server was refused: its stream was reset, and no message tells of it.
   *
   * @param stream the stream of the request that the promise came with
   * @param reason why
   */
  record PushRefused(StreamRef stream, Reason reason) implements OfStream {}

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
   * @param status the status of the final response, or 101; 0 if none arrived
   * @param bytes the number of bytes of its body, as they were delivered
   * @param failure why it is not complete
   * @param took the time from {@link RequestStart}
   */
  record ResponseEnd(
      StreamRef stream, int status, long bytes, Optional<Reason> failure, Duration took)
      implements OfStream {}

  /**
   * A stream whose request was written ended early: it was cancelled, or it failed.
   *
   * @param stream the stream
   * @param reason why it ended
   * @param took the time from {@link RequestStart}
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
   * @param protocol the new protocol
   * @param subprotocol the subprotocol of the WebSocket, if the server chose one
   * @param took the time from {@link RequestStart}
   */
  record ProtocolChanged(
      StreamRef stream, Protocol protocol, Optional<String> subprotocol, Duration took)
      implements OfStream {}

  /**
   * A proxy opened a tunnel. From now on, the bytes of the stream go to another origin.
   *
   * @param stream the tunnel, as a stream of the connection that carries it
   * @param origin where it leads, as {@code host:port}
   * @param took the time from its {@link RequestStart}
   */
  record OriginChanged(StreamRef stream, String origin, Duration took) implements OfStream {}

  /**
   * The first byte of a frame has arrived.
   *
   * @param stream the WebSocket
   */
  record FrameReceiveStart(StreamRef stream) implements OfStream {}

  /**
   * The header of the frame has arrived.
   *
   * @param stream the WebSocket
   * @param type its type
   * @param fin whether its message ends with it
   * @param compressed whether it begins a compressed message (RFC 7692)
   * @param bytes the size of its payload on the network
   */
  record FrameReceiveHeader(
      StreamRef stream, FrameType type, boolean fin, boolean compressed, long bytes)
      implements OfStream {}

  /**
   * The frame is complete, or can no longer be completed.
   *
   * @param stream the WebSocket
   * @param type its type; empty if its header was not valid or not complete
   * @param fin whether its message ends with it
   * @param bytes the size of its payload according to its header
   * @param failure why it is not complete
   * @param took the time from {@link FrameReceiveStart}; it is long if the reader grants no credit
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
   * @param type its type
   * @param fin whether its message ends with it
   * @param compressed whether it belongs to a compressed message
   * @param bytes the size of its payload on the network
   */
  record FrameSendStart(
      StreamRef stream, FrameType type, boolean fin, boolean compressed, long bytes)
      implements OfStream {}

  /**
   * The frame was passed to the transport.
   *
   * @param stream the WebSocket
   * @param type its type
   * @param fin whether its message ends with it
   * @param bytes the size of its payload on the network
   * @param took the time from {@link FrameSendStart}
   */
  record FrameSendEnd(StreamRef stream, FrameType type, boolean fin, long bytes, Duration took)
      implements OfStream {}

  /**
   * The WebSocket has ended.
   *
   * @param stream the WebSocket
   * @param reason why it ended; {@link Reason.CloseHandshake} after a clean end
   * @param took the time from {@link ProtocolChanged}
   */
  record WebSocketEnd(StreamRef stream, Reason reason, Duration took) implements OfStream {}
}
