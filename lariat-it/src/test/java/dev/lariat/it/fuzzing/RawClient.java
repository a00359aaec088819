package dev.lariat.it.fuzzing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A client that does exactly what a test says, right or wrong. */
final class RawClient implements AutoCloseable {
  private static final int MASKING_KEY = 0x12345678;

  private final Socket socket;
  private final InputStream in;
  private final FrameReader frames;

  /** A client that asks for a case, with this {@code Sec-WebSocket-Extensions} or none. */
  RawClient(FuzzingServer server, String id, String extensions) throws IOException {
    socket = new Socket(server.uri().getHost(), server.uri().getPort());
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    frames = new FrameReader(in, false);
    octets(
        ("GET /runCase?case="
                + server.number(id)
                + "&agent=raw HTTP/1.1\r\n"
                + "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (extensions.isEmpty() ? "" : "Sec-WebSocket-Extensions: " + extensions + "\r\n")
                + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    String answer = "";
    while (!answer.endsWith("\r\n\r\n")) {
      answer += (char) in.read();
    }
    // the key and its answer are those of RFC 6455 section 1.3
    if (!answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) {
      throw new AssertionError(answer);
    }
  }

  /** The server's next frame. */
  Frame take() throws IOException {
    return frames.next().orElseThrow();
  }

  /** Reads so many octets, whatever they are. */
  void skip(int octets) throws IOException {
    in.skipNBytes(octets);
  }

  void send(Frame frame) throws IOException {
    octets(frame.octets(MASKING_KEY));
  }

  void octets(byte... octets) throws IOException {
    socket.getOutputStream().write(octets);
  }

  /** Sends the next frame back as it is. */
  void echo() throws IOException {
    send(take());
  }

  /** Sends the next ping back as a pong. */
  void pong() throws IOException {
    send(Frame.of(Frame.PONG, take().payload()));
  }

  void close(int code) throws IOException {
    send(Frame.close(code, ""));
  }

  /** Ends the connection without a word. */
  void drop() throws IOException {
    socket.shutdownOutput();
  }

  /** Echoes so many compressed messages, compressed anew. */
  void echoCompressed(int rounds, UnaryOperator<byte[]> squeezer) throws IOException {
    TrackingInflater inflater = new TrackingInflater(new Terms(false, 0, false, 0));
    for (int i = 0; i < rounds; i++) {
      byte[] message = inflater.inflate(take().payload());
      send(new Frame(true, 4, Frame.TEXT, squeezer.apply(message)));
    }
  }

  /** Reads to the end of the connection. */
  void end() {
    try {
      Optional<Frame> next = frames.next();
      while (next.isPresent()) {
        next = frames.next();
      }
    } catch (IOException e) {
      // a reset is an end too
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
