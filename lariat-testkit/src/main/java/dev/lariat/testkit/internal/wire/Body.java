package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Headers;
import java.io.IOException;

/** The body of a response that has begun. */
public interface Body {

  /** Writes a piece of it, at least one byte. */
  void write(byte[] piece) throws IOException;

  /** Ends it, unless its length or the end of the connection does. */
  void end(Headers trailers) throws IOException;
}
