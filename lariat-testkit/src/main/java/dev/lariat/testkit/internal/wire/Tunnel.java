package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The two ways of a WebSocket, on a connection or on a stream of HTTP/2. */
public interface Tunnel {

  /** The next message or control frame; empty when the client has ended its side. */
  Optional<Frame> frame() throws IOException;

  /** Waits until something has come, or the end; for so long at the most. */
  boolean ready(Duration length) throws IOException;

  /** Writes these bytes. */
  void write(byte[] bytes) throws IOException;

  /** Ends this side of it. */
  void end() throws IOException;
}
