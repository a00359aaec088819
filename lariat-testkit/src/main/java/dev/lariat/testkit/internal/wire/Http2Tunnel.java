package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A WebSocket on a stream of HTTP/2 (RFC 8441). */
final class Http2Tunnel implements Tunnel {
  private final Http2Talk talk;
  private final Http2Stream stream;
  private final Input from;
  private final WebSocketFrames.Reader frames;

  Http2Tunnel(Http2Talk talk, Http2Stream stream) {
    this.talk = talk;
    this.stream = stream;
    this.from = new Input(stream);
    this.frames = new WebSocketFrames.Reader(from);
  }

  @Override
  public Optional<Frame> frame() throws IOException {
    return frames.next();
  }

  @Override
  public boolean ready(Duration length) throws IOException {
    return from.ready(length.toNanos());
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    talk.write(stream, bytes);
  }

  @Override
  public void end() throws IOException {
    talk.end(stream);
  }
}
