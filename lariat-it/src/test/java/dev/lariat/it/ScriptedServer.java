package dev.lariat.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;

/** A server that plays one script on each connection, byte by byte; the last one on all further. */
final class ScriptedServer implements AutoCloseable {
  private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: *(\\S+)");
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /** What is done on a connection, which is closed behind it. */
  interface Script {
    void play(Peer peer) throws IOException;
  }

  private final ServerSocket listening;
  private final boolean tls;
  private final List<Script> scripts;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  ScriptedServer(Script... scripts) throws IOException {
    this(false, scripts);
  }

  /** A server with TLS or without. */
  ScriptedServer(boolean tls, Script... scripts) throws IOException {
    this.tls = tls;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.scripts = List.of(scripts);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /**
   * Whether, within the patience of a test, the client ended the connection of {@code awaitEnd}.
   */
  boolean sawTheEnd() throws InterruptedException {
    return ended.await(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void accept() {
    try {
      for (int i = 0; ; i++) {
        Socket socket = listening.accept();
        sockets.add(socket);
        Script script = scripts.get(Math.min(i, scripts.size() - 1));
        Thread.ofVirtual().start(() -> play(script, socket));
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  private void play(Script script, Socket socket) {
    try (socket) {
      script.play(new Peer(socket, tls ? secured(socket) : socket));
    } catch (IOException e) {
      // the client is gone, as some of them must be
    }
  }

  private static Socket secured(Socket socket) throws IOException {
    SSLSocket secured =
        (SSLSocket) Certificates.server().getSocketFactory().createSocket(socket, null, true);
    secured.setUseClientMode(false);
    return secured;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** The server's end of one connection. */
  final class Peer {
    private final Socket beneath; // TLS, if there is any
    private final Socket socket;
    private final InputStream in;

    Peer(Socket beneath, Socket socket) throws IOException {
      this.beneath = beneath;
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Reads a request's head. */
    String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new EOFException();
        }
        head.append((char) next);
      }
      return head.toString();
    }

    /** Reads this many bytes. */
    byte[] body(int length) throws IOException {
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException();
      }
      return body;
    }

    /** Reads what comes until the client ends its side. */
    byte[] rest() throws IOException {
      return in.readAllBytes();
    }

    /** Reads a byte. */
    void read() throws IOException {
      if (in.read() < 0) {
        throw new EOFException();
      }
    }

    /** Reads a client's frame, whose payload it gives unmasked. */
    byte[] frame() throws IOException {
      DataInputStream frame = new DataInputStream(in);
      frame.readByte();
      int length = frame.readByte() & 0x7f;
      if (length > 125) {
        length = length == 126 ? frame.readUnsignedShort() : Math.toIntExact(frame.readLong());
      }
      byte[] key = frame.readNBytes(4);
      byte[] payload = frame.readNBytes(length);
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= key[i % 4];
      }
      return payload;
    }

    /** Sends lines, each with its end. */
    void lines(String... lines) throws IOException {
      text(String.join("\r\n", lines) + "\r\n");
    }

    void text(String text) throws IOException {
      bytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void bytes(byte... bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }

    /** Reads an upgrade and accepts it, with these bytes right behind the answer. */
    void upgrade(byte... first) throws IOException {
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      String lines =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + acceptKey(head())
              + "\r\n\r\n";
      answer.writeBytes(lines.getBytes(StandardCharsets.ISO_8859_1));
      answer.writeBytes(first);
      bytes(answer.toByteArray());
    }

    /** Ends this side: with a {@code close_notify} where there is TLS. */
    void finish() throws IOException {
      socket.shutdownOutput();
    }

    /** Ends this side beneath TLS, which says nothing. */
    void cut() throws IOException {
      beneath.shutdownOutput();
    }

    /** Ends the connection without a word. */
    void reset() throws IOException {
      beneath.setSoLinger(true, 0);
      beneath.close();
    }

    /** Reads until the client ends the connection, in whatever manner. */
    void awaitEnd() {
      try {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      } catch (IOException e) {
        // a reset is an end too
      }
      ended.countDown();
    }
  }

  /** The answer to a request's {@code Sec-WebSocket-Key} (RFC 6455 section 4.2.2). */
  static String acceptKey(String head) {
    Matcher key = KEY.matcher(head);
    if (!key.find()) {
      throw new AssertionError("no key in " + head);
    }
    try {
      byte[] joined = (key.group(1) + GUID).getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(joined));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
