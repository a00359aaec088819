package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much of the heap a request takes, on the caller's thread and on the event loops together. */
@Timeout(120)
class AllocationTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** What nginx says to a GET. */
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nDate: Sun, 29 Nov 2026 18:00:00 GMT\r\n"
          + "Content-Type: text/plain\r\nContent-Length: 128\r\nConnection: keep-alive\r\n\r\n"
          + "x".repeat(128);

  private static final int GETS = 5_000; // in a round
  private static final int ROUNDS = 20; // the compiler has seen it all long before the last one

  /** Some 840 bytes when it is compiled, of which 230 are the messages with the body. */
  private static final long ALLOWED = 1_100;

  @Test
  void aGetTakesLittleOfTheHeap() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      Thread.ofPlatform().daemon().start(() -> serve(listener));
      try (Connection connection = Lariat.open("127.0.0.1", port)) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > ALLOWED; round++) {
          long before = allocated();
          get(connection);
          least = Math.min(least, (allocated() - before) / GETS);
        }
        assertThat(least).as("bytes for each GET").isLessThanOrEqualTo(ALLOWED);
      }
    }
  }

  private static void get(Connection connection) {
    for (int i = 0; i < GETS; i++) {
      if (connection.get("/").body(TIMEOUT).size() != 128) {
        throw new AssertionError("the body is another one");
      }
    }
  }

  /** What this thread and those of all loops have allocated; others' loops have nothing to do. */
  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] ids =
        Thread.getAllStackTraces().keySet().stream()
            .filter(
                thread ->
                    thread == Thread.currentThread() || thread.getName().startsWith("lariat-loop-"))
            .mapToLong(Thread::threadId)
            .toArray();
    assertThat(ids).hasSizeGreaterThan(1);
    return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
  }

  private static void serve(ServerSocketChannel listener) {
    ByteBuffer asked = ByteBuffer.allocate(4 << 10);
    ByteBuffer answer = ByteBuffer.wrap(ANSWER.getBytes(StandardCharsets.ISO_8859_1));
    try (SocketChannel socket = listener.accept()) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      while (socket.read(asked.clear()) > 0) { // a small request comes at once
        socket.write(answer.rewind());
      }
    } catch (AsynchronousCloseException e) {
      // the test is over
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
