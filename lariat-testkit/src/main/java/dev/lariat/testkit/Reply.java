package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.internal.wire.Body;
import dev.lariat.testkit.internal.wire.Framing;
import java.io.IOException;

/**
 * A response that has begun. You write its body part by part, and each part is written at once. Use
 * it on the script's thread only. It throws like its {@link Visit}.
 */
public final class Reply {
  private final Body body;
  private final Framing framing;

  Reply(Body body, Framing framing) {
    this.body = body;
    this.framing = framing;
  }

  /**
   * Writes a part of the body, as a separate chunk if the body is chunked.
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
   * Writes a part of the body, in UTF-8.
   *
   * @param piece the next part of the body
   * @throws IOException if the client is gone
   */
  public void write(String piece) throws IOException {
    write(Bytes.ofUtf8(piece));
  }

  /**
   * Ends a chunked body. A body with a length ends with its last byte, and a body that ends with
   * the script ends with the script.
   *
   * @throws IOException if the client is gone
   */
  public void end() throws IOException {
    Visit.done(() -> body.end(Headers.EMPTY));
  }

  /**
   * Ends a chunked body with these trailers (RFC 9112 section 7.1.2).
   *
   * @param trailers the trailers
   * @throws IllegalStateException if the body is not chunked
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
