package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Headers;
import java.io.IOException;

/** The content of a response over HTTP/2, piece by piece. */
final class Http2Body implements Body {
  private final Http2Talk talk;
  private final Http2Stream stream;
  private final Framing framing;
  private final long length;
  private long written;

  /** The content on this stream, of this length; -1 if no header says it. */
  Http2Body(Http2Talk talk, Http2Stream stream, Framing framing, long length) {
    this.talk = talk;
    this.stream = stream;
    this.framing = framing;
    this.length = length;
  }

  @Override
  public void write(byte[] piece) throws IOException {
    talk.catchUp();
    stream.refuseReset();
    written += piece.length;
    talk.data(stream, piece, written == length);
  }

  @Override
  public void end(Headers trailers) throws IOException {
    if (framing != Framing.CHUNKED || stream.wasReset()) {
      return;
    }
    if (trailers.isEmpty()) {
      talk.data(stream, new byte[0], true);
    } else {
      talk.trailers(stream, trailers);
    }
  }
}
