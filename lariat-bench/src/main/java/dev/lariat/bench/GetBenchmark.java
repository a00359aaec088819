package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One GET as a user of a mailbox sees it, from the call to the whole body, over a socket. Meant for
 * {@code -prof gc}: the server answers from one buffer and allocates nothing, so what is counted is
 * the client's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GetBenchmark {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nDate: Sun, 29 Nov 2026 18:00:00 GMT\r\n"
          + "Content-Type: text/plain\r\nContent-Length: 128\r\nConnection: keep-alive\r\n\r\n"
          + "x".repeat(128);

  private ServerSocketChannel listener;
  private Connection connection;

  @Setup
  public void open() throws Exception {
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().start(this::serve);
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    connection = Lariat.open("127.0.0.1", port);
    connection.awaitUp(TIMEOUT);
  }

  private void serve() {
    ByteBuffer asked = ByteBuffer.allocateDirect(4 << 10);
    byte[] octets = ANSWER.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer answer = ByteBuffer.allocateDirect(octets.length).put(octets).flip();
    try (SocketChannel socket = listener.accept()) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      while (socket.read(asked.clear()) > 0) { // a small request comes at once
        answer.rewind();
        socket.write(answer);
      }
    } catch (AsynchronousCloseException e) {
      // the benchmark is over
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Benchmark
  public Bytes body() {
    return connection.get("/").body(TIMEOUT);
  }

  @TearDown
  public void close() throws Exception {
    connection.close();
    listener.close();
  }
}
