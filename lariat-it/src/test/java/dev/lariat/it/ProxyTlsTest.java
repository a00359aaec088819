package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
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
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS to a proxy that is not what it should be. */
@Timeout(60)
final class ProxyTlsTest {

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
    ConnectionOptions options = ConnectionOptions.DEFAULT.retry(Backoff.NEVER).via(proxy);
    try (Connection connection = Lariat.open("server.example", 80, options)) {
      return catchThrowableOfType(FailedException.class, () -> connection.awaitUp(Witness.PATIENCE))
          .reason();
    }
  }

  private static Proxy proxy(String scheme, ServerSocket listening, Tls tls) {
    return Proxy.of(scheme + "://localhost:" + listening.getLocalPort()).tls(tls);
  }

  @Test
  void anAnswerThatComesWithTheEndOfTheHandshakeIsBeforeItsRequest() throws Exception {
    try (ServerSocket listening = holding()) {
      Thread server = Thread.ofVirtual().start(() -> answerAtOnce(listening));
      Reason reason = failure(proxy("https", listening, Certificates.trusted()));
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.Hop.class,
              hop ->
                  assertThat(hop.why())
                      .isEqualTo(
                          new Reason.Protocol(
                              "the proxy sent a response before the request",
                              "RFC 9112 section 9.2")));
      assertThat(server.join(Witness.PATIENCE)).isTrue();
    }
  }

  /** Chooses this by ALPN, or nothing, and tells whether the client speaks after that. */
  private static boolean isSpokenTo(ServerSocket listening, String chosen) throws IOException {
    try (Socket socket = listening.accept();
        SSLSocket tls =
            (SSLSocket) Certificates.server().getSocketFactory().createSocket(socket, null, true)) {
      tls.setUseClientMode(false);
      tls.setHandshakeApplicationProtocolSelector((its, offered) -> chosen);
      tls.startHandshake();
      return tls.getInputStream().read() >= 0;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https, h2 http/1.1, http/1.1, h2, 'chose h2 by ALPN, where http/1.1 may be spoken'",
    "https, h2 http/1.1, h2, http/1.1, 'chose http/1.1 by ALPN, where h2 may be spoken'",
    "https, acme http/1.1, h2 http/1.1, acme, 'chose acme by ALPN, where h2 and http/1.1 may be'",
    "https, h2 http/1.1, h2, '', 'chose nothing by ALPN, where h2 may be spoken'",
    "socks5h, h2 acme, http/1.1, h2, 'chose h2 by ALPN, where SOCKS may be spoken'",
  })
  void whatAlpnChoseMustBeWhatMayBeSpoken(
      String scheme, String alpn, String protocols, String chosen, String why) throws Exception {
    assertThat(reasonAfter(scheme, alpn, protocols, chosen, false))
        .isInstanceOfSatisfying(
            Reason.Tls.class, tls -> assertThat(tls.sentence()).contains(why, "RFC 7301"));
  }

  @ParameterizedTest
  @CsvSource({
    "https, h2 http/1.1, http/1.1, http/1.1",
    "https, h2 http/1.1, http/1.1 h2, h2",
    "https, acme http/1.1, http/1.1, ''",
    "socks5h, acme, http/1.1, acme",
  })
  void whatAlpnChoseIsSpoken(String scheme, String alpn, String protocols, String chosen)
      throws Exception {
    assertThat(reasonAfter(scheme, alpn, protocols, chosen, true)).isEqualTo(new Reason.Closed());
  }

  private static Reason reasonAfter(
      String scheme, String alpn, String protocols, String chosen, boolean speaks)
      throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      FutureTask<Boolean> server = new FutureTask<>(() -> isSpokenTo(listening, chosen));
      Thread.ofVirtual().start(server);
      Proxy proxy =
          proxy(scheme, listening, Certificates.trusted().alpn(List.of(alpn.split(" "))))
              .protocols(
                  Stream.of(protocols.split(" "))
                      .map(token -> token.equals("h2") ? Protocol.HTTP_2 : Protocol.HTTP_1_1)
                      .toArray(Protocol[]::new));
      Reason.Hop hop = (Reason.Hop) failure(proxy);
      assertThat(server.get(60, TimeUnit.SECONDS)).isEqualTo(speaks);
      return hop.why();
    }
  }
}
