package dev.lariat.testkit.internal.wire;

import java.io.IOException;
import java.util.Arrays;

/** A tunnel on a stream of HTTP/2, at its other end. */
final class Http2Wire implements Wire {
  private static final long CONNECT_ERROR = 10;

  private final Http2Talk talk;
  private final Http2Stream stream;

  Http2Wire(Http2Talk talk, Http2Stream stream) {
    this.talk = talk;
    this.stream = stream;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    try {
      return talk.turns().take(() -> stream.read(into, from, length));
    } catch (CancelledException e) {
      throw new IOException("the client has reset the stream of the tunnel", e);
    }
  }

  @Override
  public boolean readable(long nanos) throws IOException {
    return talk.turns().take(() -> stream.readable(nanos));
  }

  @Override
  public boolean hasArrived() throws IOException {
    return readable(0);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    byte[] part = Arrays.copyOfRange(bytes, from, from + length);
    talk.turns().done(() -> talk.write(stream, part));
  }

  @Override
  public void endOutput() throws IOException {
    talk.turns().done(() -> talk.end(stream));
  }

  @Override
  public void cut() throws IOException {
    endOutput();
  }

  @Override
  public void reset() {
    try {
      talk.turns().done(() -> reset(CONNECT_ERROR));
    } catch (IOException e) {
      // the client is gone
    }
  }

  private void reset(long code) throws IOException {
    if (!stream.isClosed()) {
      talk.reset(stream, code);
    }
  }

  @Override
  public void close() {
    try {
      endOutput();
    } catch (IOException e) {
      // the client is gone
    }
  }
}
