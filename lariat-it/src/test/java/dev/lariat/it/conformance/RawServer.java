package dev.lariat.it.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server of HTTP/2 that plays one script on its only connection, frame by frame. It has blocking
 * sockets and frames of its own, and shares nothing with Lariat or Netty.
 */
final class RawServer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int WITH_PRIORITY = 0x20;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** A frame of the client. */
  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    int number(int at) {
      return ByteBuffer.wrap(payload).getInt(at);
    }
  }

  /** What is sent, and read. */
  interface Script {
    void play(RawServer its) throws IOException;
  }

  private final ServerSocket listening;
  private final CompletableFuture<List<Frame>> seen = new CompletableFuture<>();
  private final List<Frame> frames = new ArrayList<>();
  private Socket socket;
  private DataInputStream in;

  /** How many octets are written at a time. */
  int cut = Integer.MAX_VALUE;

  RawServer(Script script) throws IOException {
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> run(script));
  }

  int port() {
    return listening.getLocalPort();
  }

  /** All frames of the client, to its end; the script must have gone as it should. */
  List<Frame> seen() throws ExecutionException, InterruptedException, TimeoutException {
    return seen.get(10, TimeUnit.SECONDS);
  }

  private void run(Script script) {
    try (Socket accepted = listening.accept()) {
      socket = accepted;
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      script.play(this);
      rest();
      seen.complete(List.copyOf(frames));
    } catch (IOException | RuntimeException | Error e) {
      seen.completeExceptionally(e);
    }
  }

  /** Reads until the client ends the connection, in whatever manner. */
  private void rest() {
    try {
      while (true) {
        read();
      }
    } catch (IOException e) {
      // a reset is an end too
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    if (socket != null) {
      socket.close();
    }
  }

  // ---- what the client sends

  /** Reads the preface, and all up to the request, whose stream is 1. */
  void request() throws IOException {
    String preface = new String(in.readNBytes(PREFACE.length()), StandardCharsets.US_ASCII);
    if (!preface.equals(PREFACE)) {
      throw new IOException("no preface: " + preface);
    }
    Frame first = read();
    if (first.type() != SETTINGS || first.has(ACK)) {
      throw new IOException("the first frame is no SETTINGS: " + first);
    }
    requested(1);
  }

  /** Reads up to the end of the request of this stream. */
  void requested(int stream) throws IOException {
    Frame frame = read();
    while (frame.type() != HEADERS || frame.stream() != stream) {
      frame = read();
    }
  }

  /** Reads up to a frame of this type with these flags. */
  Frame until(int type, int flags) throws IOException {
    Frame frame = read();
    while (frame.type() != type || frame.flags() != flags) {
      frame = read();
    }
    return frame;
  }

  private Frame read() throws IOException {
    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    Frame frame = new Frame(type, flags, stream, payload);
    frames.add(frame);
    return frame;
  }

  // ---- what the server sends

  /** The server's preface: its SETTINGS, and the acknowledgement of the client's. */
  void opens(int... settings) throws IOException {
    settings(settings);
    frame(SETTINGS, ACK, 0);
  }

  void settings(int... pairs) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(3 * pairs.length);
    for (int i = 0; i < pairs.length; i += 2) {
      payload.putShort((short) pairs[i]).putInt(pairs[i + 1]);
    }
    frame(SETTINGS, 0, 0, payload.array());
  }

  /** The response's head; each field after it is a name and a value. */
  void head(int flags, String status, String... fields) throws IOException {
    frame(HEADERS, END_HEADERS | flags, 1, block(status, fields));
  }

  void data(String text, int flags) throws IOException {
    frame(DATA, flags, 1, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A whole response of status 200. */
  void answer() throws IOException {
    head(0, "200");
    data("a page\n", END_STREAM);
  }

  void number(int type, int stream, int number) throws IOException {
    frame(type, 0, stream, ByteBuffer.allocate(4).putInt(number).array());
  }

  void goAway(int last, int code) throws IOException {
    frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(code).array());
  }

  void frame(int type, int flags, int stream, byte... payload) throws IOException {
    frame(payload.length, type, flags, stream, payload);
  }

  /** The same, which says that it has another length. */
  void frame(int length, int type, int flags, int stream, byte... payload) throws IOException {
    octets(octets(length, type, flags, stream, payload));
  }

  /** Sends so many of the same at once, since the client may end the connection amid them. */
  void flood(int count, int type, int flags, int stream, byte... payload) throws IOException {
    byte[][] all = new byte[count][];
    Arrays.fill(all, octets(payload.length, type, flags, stream, payload));
    octets(joined(all));
  }

  private static byte[] octets(int length, int type, int flags, int stream, byte... payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (length >> 16)).putShort((short) length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    return frame.array();
  }

  /** Ends this side of the connection. */
  void finish() throws IOException {
    socket.shutdownOutput();
  }

  void octets(byte... octets) throws IOException {
    for (int from = 0; from < octets.length; from += cut) {
      int count = Math.min(cut, octets.length - from);
      socket.getOutputStream().write(octets, from, count);
      if (cut == Integer.MAX_VALUE) {
        return;
      }
    }
  }

  /** A field block of literals that enter no table (RFC 7541 section 6.2.2). */
  static byte[] block(String status, String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    if (status != null) {
      literal(block, ":status", status);
    }
    for (int i = 0; i < fields.length; i += 2) {
      literal(block, fields[i], fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = bytes.length;
    block.write(Math.min(length, 127)); // an integer with a prefix of 7 bits
    if (length >= 127) {
      for (length -= 127; length >= 128; length >>= 7) {
        block.write(length & 0x7f | 0x80);
      }
      block.write(length);
    }
    block.writeBytes(bytes);
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
