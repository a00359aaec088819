package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a tunnel through a proxy of HTTP/2 that reads slower than it is sent to. */
@Timeout(60)
class Http2TunnelEndTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int SIZE = 60_000; // within the window
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final byte[] ACCEPTED = {0, 0, 1, 1, 4, 0, 0, 0, 1, (byte) 0x88};
  private static final byte[] END = {0, 0, 0, 0, 1, 0, 0, 0, 1};

  /** What is sent to a closed socket resets it, so the proxy loses what it has not read. */
  @Test
  void theProxyReadsAllThatWasSentBeforeItsConnectionEnds() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Integer> read = new CompletableFuture<>();
      Thread.startVirtualThread(() -> play(server, read));
      ConnectionOptions options =
          ConnectionOptions.DEFAULT
              .protocols(Protocol.RAW)
              .retry(Backoff.NEVER)
              .via(
                  Proxy.of("http://127.0.0.1:" + server.getLocalPort()).protocols(Protocol.HTTP_2));
      try (Connection connection = Lariat.open("origin.example", 9, options)) {
        dev.lariat.Exchange raw = connection.raw();
        Message ended = connection.mailbox().await(raw, PATIENCE);
        assertThat(ended)
            .isInstanceOfSatisfying(Data.class, data -> assertThat(data.fin()).isTrue());
        raw.data(Bytes.wrap(new byte[SIZE]), true);
        assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(SIZE);
      }
    }
  }

  /** Ends its side first, and gives credit for each frame that it reads. */
  private static void play(ServerSocket server, CompletableFuture<Integer> read) {
    int bytes = 0;
    try (Socket socket = server.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      in.skipNBytes(24); // the preface
      out.write(SETTINGS);
      for (boolean last = false; !last; ) {
        byte[] head = in.readNBytes(9);
        byte[] payload =
            in.readNBytes((head[0] & 255) << 16 | (head[1] & 255) << 8 | head[2] & 255);
        switch (head[3]) {
          case 0 -> {
            bytes += payload.length;
            last = (head[4] & 1) != 0;
            out.write(new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1});
          }
          case 1 -> {
            out.write(ACCEPTED);
            out.write(END);
          }
          case 6 -> {
            head[4] = 1;
            out.write(head);
            out.write(payload);
          }
          default -> {} // is not about the tunnel
        }
      }
      read.complete(bytes);
    } catch (IOException | ArrayIndexOutOfBoundsException e) {
      read.completeExceptionally(new IOException("after " + bytes + " bytes", e));
    }
  }
}
