package dev.lariat.testkit.internal.wire;

import java.io.IOException;

/** Where bytes come from, as a stream that blocks. */
interface Source {

  /**
   * Reads what has come, and waits until something has.
   *
   * @return how many bytes, or -1 when the client has ended its side
   * @throws IOException if the connection is broken or was closed here
   */
  int read(byte[] into, int from, int length) throws IOException;

  /** Waits until {@link #read} would not wait, for so many nanoseconds at the most. */
  boolean readable(long nanos) throws IOException;
}
