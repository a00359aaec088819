package dev.lariat.fleet;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Opens two live connections from this process to itself, so that a node has loaded its classes
 * before it gets slots from others: a first connection takes a second or more on a busy machine,
 * and the feeds of its first slots would be away for that long. The second one is of TLS, which
 * ends after its first message, since the node has no certificate.
 */
final class WarmUp {
  private static final Logger LOG = System.getLogger("dev.lariat.fleet");
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final int LONGEST_REQUEST = 8192; // bytes
  private static final String KEY = "sec-websocket-key:";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455
  private static final byte[] EVENT = {(byte) 0x81, 2, '{', '}'}; // a text frame

  private WarmUp() {}

  /**
   * Blocks until it is done, or is not possible here, for a few seconds at most.
   *
   * @return whether both connections came as far as they should
   */
  static boolean run() {
    boolean warm = false;
    try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout((int) LONGEST.toMillis());
      Thread.ofVirtual().name("lariat-fleet-warm-up").start(() -> serve(server));
      String authority = server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
      long end = System.nanoTime() + LONGEST.toNanos();
      boolean received = connect("ws://" + authority + "/", end) instanceof WebSocketFrame;
      boolean refused = connect("wss://" + authority + "/", end) instanceof Waiting;
      warm = received && refused;
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.DEBUG, "The first feeds of this node will open slowly.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return warm;
  }

  /**
   * Opens a live connection, and waits until it has received something, or has failed.
   *
   * @return the message that says so; null if none came in time
   */
  private static @Nullable Message connect(String uri, long end) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create()) { // which ends the live connection, too
      LiveWebSocket socket = LiveWebSocket.to(uri).owner(mailbox).open();
      Message message;
      do {
        message = mailbox.take(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      } while (message != null && !isEnough(message));
      socket.close();
      return message;
    }
  }

  private static boolean isEnough(Message message) {
    return message instanceof WebSocketFrame
        || message instanceof Waiting // since it has failed
        || message instanceof Gone;
  }

  // ---- the server

  private static void serve(ServerSocket server) {
    try {
      for (int connections = 0; connections < 2; connections++) {
        try (Socket socket = server.accept()) {
          visited(socket);
        }
      }
    } catch (IOException | NoSuchAlgorithmException e) {
      LOG.log(Level.DEBUG, "A warm-up has ended early.", e);
    }
  }

  private static void visited(Socket socket) throws NoSuchAlgorithmException {
    try {
      socket.setSoTimeout((int) LONGEST.toMillis());
      answer(socket.getInputStream(), socket.getOutputStream());
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A connection of a warm-up has ended early.", e); // not the next one
    }
  }

  private static void answer(InputStream in, OutputStream out)
      throws IOException, NoSuchAlgorithmException {
    String key = key(in);
    if (key.isEmpty()) {
      return; // TLS: its first message has been read
    }
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    byte[] accept = digest.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
    String head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(accept)
            + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(EVENT);
    out.flush();
    int unused = in.read(); // a close frame, or nothing more
  }

  /** The key of a request for a WebSocket; empty if something else comes. */
  private static String key(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0 || next > 127 || (head.isEmpty() && next != 'G')) {
        return "";
      }
      head.append((char) next);
      if (head.length() > LONGEST_REQUEST) {
        return "";
      }
    }
    return head.toString()
        .lines()
        .filter(line -> line.regionMatches(true, 0, KEY, 0, KEY.length()))
        .map(line -> line.substring(KEY.length()).trim())
        .findFirst()
        .orElse("");
  }
}
