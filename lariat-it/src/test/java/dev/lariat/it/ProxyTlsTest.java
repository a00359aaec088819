package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Timeouts;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS to a proxy that is not what it should be. */
@Timeout(60)
final class ProxyTlsTest {
  private static final Duration LONG = Duration.ofSeconds(50); // a busy machine is slow at TLS

  /** A socket that sends what was written when it reads next, in one piece. */
  private static final class Holding extends Socket {
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    Holding() throws IOException {
      super((SocketImpl) null);
    }

    @Override
    public OutputStream getOutputStream() {
      return held;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          send();
          return super.read(into, offset, length);
        }

        @Override
        public int read() throws IOException {
          send();
          return super.read();
        }
      };
    }

    private void send() throws IOException {
      super.getOutputStream().write(held.toByteArray());
      held.reset();
    }
  }

  private static ServerSocket holding() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress()) {
      @Override
      public Socket accept() throws IOException {
        Holding socket = new Holding();
        implAccept(socket);
        return socket;
      }
    };
  }

  /** In TLS 1.2 the server's Finished is the last of a handshake; the answer follows it at once. */
  private static void answerAtOnce(ServerSocket listening) {
    try (Socket socket = listening.accept();
        SSLSocket tls =
            (SSLSocket) Certificates.server().getSocketFactory().createSocket(socket, null, true)) {
      tls.setUseClientMode(false);
      tls.setEnabledProtocols(new String[] {"TLSv1.2"});
      tls.startHandshake();
      tls.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      tls.getInputStream().readAllBytes();
    } catch (IOException e) {
      // the client is gone
    }
  }

  private static Reason failure(Proxy proxy) {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .retry(Backoff.NEVER)
            .timeouts(Timeouts.DEFAULT.tls(LONG))
            .via(proxy.timeout(LONG));
    try (Connection connection = Lariat.open("server.example", 80, options)) {
      return catchThrowableOfType(FailedException.class, () -> connection.awaitUp(LONG)).reason();
    }
  }

  @Test
  void anAnswerThatComesWithTheEndOfTheHandshakeIsBeforeItsRequest() throws Exception {
    try (ServerSocket listening = holding()) {
      Thread server = Thread.ofVirtual().start(() -> answerAtOnce(listening));
      Reason reason =
          failure(
              Proxy.of("https://localhost:" + listening.getLocalPort())
                  .tls(Certificates.trusted()));
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.Hop.class,
              hop ->
                  assertThat(hop.why())
                      .isEqualTo(
                          new Reason.Protocol(
                              "the proxy sent a response before the request",
                              "RFC 9112 section 9.2")));
      assertThat(server.join(LONG)).isTrue();
    }
  }
}
