package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.internal.wire.Body;
import dev.lariat.testkit.internal.wire.Framing;
import java.io.IOException;

/**
 * A response that has begun, whose body is written piece by piece, each at once. It belongs to the
 * script's thread, and throws as its {@link Visit} does.
 */
public final class Reply {
  private final Body body;
  private final Framing framing;

  Reply(Body body, Framing framing) {
    this.body = body;
    this.framing = framing;
  }

  /**
   * Writes a part of the body; its own chunk if the body has chunks.
   *
   * @param piece the next part of the body
   * @throws IOException if the client is gone
   */
  public void write(Bytes piece) throws IOException {
    if (!piece.isEmpty()) { // an empty chunk would be the last
      Visit.done(() -> body.write(piece.toArray()));
    }
  }

  /**
   * Writes a piece of the body in UTF-8.
   *
   * @param piece the next part of the body
   * @throws IOException if the client is gone
   */
  public void write(String piece) throws IOException {
    write(Bytes.ofUtf8(piece));
  }

  /**
   * Ends a body that comes in chunks. One of a length ends with its last byte, and one that ends
   * with the script ends with it.
   *
   * @throws IOException if the client is gone
   */
  public void end() throws IOException {
    Visit.done(() -> body.end(Headers.EMPTY));
  }

  /**
   * Ends a body in chunks with these trailers (RFC 9112 section 7.1.2).
   *
   * @param trailers the trailers
   * @throws IllegalStateException if it does not come in chunks
   * @throws IOException if the client is gone
   */
  public void end(Headers trailers) throws IOException {
    if (framing != Framing.CHUNKED) {
      throw new IllegalStateException(
          "trailers: after a body without chunks, allowed only after chunks");
    }
    Visit.done(() -> body.end(trailers));
  }
}
