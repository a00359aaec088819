package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Response;
import dev.lariat.option.ConnectionOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a new JVM loads until it has its first response: that is most of the time that it takes. */
@Timeout(60)
class FirstResponseTest {
  @Test
  void aPlainResponseNeedsNoCryptographyAndNoProxyAndNoOtherProtocol() throws Exception {
    List<String> lines = NewJava.lines(Program.class, "-Xlog:class+load:stdout");
    assertThat(lines) // a line of the log can begin in the middle of another
        .anyMatch(line -> line.contains("the status is 200"))
        .anyMatch(line -> line.contains(" dev.lariat.internal.http1.Http1Engine "))
        .noneMatch(line -> line.contains(" javax.crypto.Cipher "))
        .noneMatch(line -> line.contains(" java.lang.reflect.ProxyGenerator "))
        .noneMatch(line -> line.contains(" dev.lariat.internal.http2."))
        .noneMatch(line -> line.contains(" dev.lariat.internal.websocket."));
  }

  /** What runs there. */
  static final class Program {
    private Program() {}

    private static void serve(ServerSocket server) {
      try (Socket socket = server.accept()) {
        socket.getInputStream().read();
        socket
            .getOutputStream()
            .write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    public static void main(String[] args) throws Exception {
      CountDownLatch over = new CountDownLatch(1);
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Thread.ofPlatform().daemon().start(() -> serve(server));
        Connection connection =
            Lariat.open(
                URI.create("http://127.0.0.1:" + server.getLocalPort()),
                ConnectionOptions.DEFAULT,
                message -> {
                  if (message instanceof Response response) {
                    System.out.println("the status is " + response.status());
                    over.countDown();
                  }
                });
        connection.get("/");
        over.await();
      }
      Runtime.getRuntime().halt(0);
    }
  }
}
