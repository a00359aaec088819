package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** HTTP on a connection, in one of its forms. What is answered is the newest request. */
public interface Talk {

  /** Which form it is. */
  Protocol protocol();

  // ---- what comes

  /** The head of the next request; null when the client has ended its side. */
  Http.@Nullable Head head() throws IOException;

  /**
   * The body of the newest request.
   *
   * @throws CancelledException if the client has cancelled the request and not the connection
   */
  byte[] body() throws IOException;

  /** Whether the newest request asks for a WebSocket as it should. */
  boolean asksForWebSocket() throws IOException;

  /**
   * Whether the client has ended the connection, or its side of it; or of the WebSocket that was
   * accepted last. Does not wait.
   */
  boolean gone() throws IOException;

  /** Reads until {@link #gone}, and throws it away. */
  void drain() throws IOException;

  // ---- what goes

  /** Sends a response without a body: an interim one, whose status is below 200. */
  void inform(int status, Headers headers) throws IOException;

  /** Sends a whole response; headers that only the other form has are left out. */
  void respond(int status, Headers headers, byte[] body) throws IOException;

  /** Begins a response. */
  Body begin(int status, Headers headers, Framing framing) throws IOException;

  /** Accepts the WebSocket that the newest request asks for, with further headers. */
  Tunnel accept(Headers headers) throws IOException;

  /** Accepts the tunnel that the newest request asks for: the client at its other end. */
  Peer tunnel(Headers headers) throws IOException;

  /** Says that nothing more is said. */
  void end() throws IOException;
}
