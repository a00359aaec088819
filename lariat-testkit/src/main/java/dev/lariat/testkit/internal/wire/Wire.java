package dev.lariat.testkit.internal.wire;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** An origin's end of a connection, as a stream of bytes that blocks. One thread uses each way. */
public interface Wire extends Source {

  /** Takes one of these protocols from now on, if the client offers them by ALPN (RFC 7301). */
  default void offer(List<String> protocols) {}

  /**
   * What the client and this side have chosen by ALPN, for which a handshake is awaited; {@code ""}
   * if they chose nothing, empty without TLS.
   */
  default Optional<String> chosen() throws IOException {
    return Optional.empty();
  }

  /** Whether bytes can be read at once; it may not see those that TLS still hides. */
  boolean hasArrived() throws IOException;

  /**
   * Writes all of this, and waits while the client takes none.
   *
   * @throws IOException if the connection is broken or was closed here
   */
  void write(byte[] bytes, int from, int length) throws IOException;

  /** Ends this side in good order, behind what was written. */
  void endOutput() throws IOException;

  /** Ends this side behind what was written: a FIN, and with TLS not a word before it. */
  void cut() throws IOException;

  /** Ends the connection at once, and lets the client know: a RST. */
  void reset();

  /** Ends the connection; does nothing when it has ended. */
  void close();
}
