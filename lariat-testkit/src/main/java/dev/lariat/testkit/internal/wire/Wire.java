package dev.lariat.testkit.internal.wire;

import java.io.IOException;

/** An origin's end of a connection, as a stream of bytes that blocks. One thread uses each way. */
public interface Wire {

  /**
   * Reads what has come, and waits until something has.
   *
   * @return how many bytes, or -1 when the client has ended its side
   * @throws IOException if the connection is broken or was closed here
   */
  int read(byte[] into, int from, int length) throws IOException;

  /** Waits until {@link #read} would not wait, for so many nanoseconds at the most. */
  boolean readable(long nanos) throws IOException;

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
