package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.internal.wire.Http;
import java.io.IOException;

/**
 * A response that has begun, whose body is written piece by piece, each at once. It belongs to the
 * script's thread, and throws as its {@link Visit} does.
 */
public final class Reply {
  /** How the client knows where the body ends. */
  enum Framing {
    CHUNKED,
    LENGTH,
    CLOSE
  }

  private final Visit visit;
  private final Framing framing;

  Reply(Visit visit, Framing framing) {
    this.visit = visit;
    this.framing = framing;
  }

  /** Writes a piece of the body; a chunk of its own where there are chunks. */
  public void write(Bytes piece) throws IOException {
    if (!piece.isEmpty()) { // an empty chunk would be the last
      visit.write(framing == Framing.CHUNKED ? Bytes.wrap(Http.chunk(piece.toArray())) : piece);
    }
  }

  /** Writes a piece of the body in UTF-8. */
  public void write(String piece) throws IOException {
    write(Bytes.ofUtf8(piece));
  }

  /**
   * Ends the body: the last chunk, where there are chunks. A body that ends with the connection
   * ends with the script.
   */
  public void end() throws IOException {
    if (framing == Framing.CHUNKED) {
      end(Headers.EMPTY);
    }
  }

  /**
   * Ends a body in chunks with these trailers (RFC 9112 section 7.1.2).
   *
   * @throws IllegalStateException if it does not come in chunks
   */
  public void end(Headers trailers) throws IOException {
    if (framing != Framing.CHUNKED) {
      throw new IllegalStateException("trailers: of a body without chunks, allowed behind chunks");
    }
    visit.write(Bytes.wrap(Http.lastChunk(trailers)));
  }
}
