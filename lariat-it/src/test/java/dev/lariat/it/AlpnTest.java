package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Timeouts;
import dev.lariat.option.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server or a proxy chooses by ALPN (RFC 7301), and what is spoken then. */
@Timeout(60)
final class AlpnTest {
  private static final int NOTHING = -1;
  private static final Duration LONG = Duration.ofSeconds(50); // a busy machine is slow at TLS

  private static final ConnectionOptions ONCE =
      ConnectionOptions.DEFAULT
          .retry(Backoff.NEVER)
          .timeouts(Timeouts.DEFAULT.tls(LONG).lookup(LONG).connect(LONG));

  private static SSLServerSocket listen() throws IOException {
    return (SSLServerSocket)
        Certificates.server()
            .getServerSocketFactory()
            .createServerSocket(0, 8, InetAddress.getLoopbackAddress());
  }

  /** Accepts a client, and chooses this of what it offers. */
  private static SSLSocket accept(SSLServerSocket listening, UnaryOperator<List<String>> choose)
      throws IOException {
    SSLSocket socket = (SSLSocket) listening.accept();
    socket.setHandshakeApplicationProtocolSelector(
        (its, offered) -> String.join("", choose.apply(offered)));
    socket.startHandshake();
    return socket;
  }

  /** Chooses this, or nothing if it is empty, and tells which octet the client sends first. */
  private static int firstOctet(SSLServerSocket listening, String chosen) throws IOException {
    try (SSLSocket socket = accept(listening, offered -> List.of(chosen))) {
      return socket.getInputStream().read();
    }
  }

  /** The first octet, of a server that waits for the client's end. */
  private static int firstOfAll(SSLServerSocket listening, String chosen) throws IOException {
    try (SSLSocket socket = accept(listening, offered -> List.of(chosen))) {
      return socket.getInputStream().readAllBytes()[0];
    }
  }

  private static <T> FutureTask<T> inBackground(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread.ofVirtual().start(future);
    return future;
  }

  private static Protocol[] protocols(String tokens) {
    return Stream.of(tokens.split(" "))
        .flatMap(token -> Stream.of(Protocol.values()).filter(known -> known.token().equals(token)))
        .toArray(Protocol[]::new);
  }

  private static Tls offering(String alpn) {
    return Certificates.trusted().alpn(List.of(alpn.split(" ")));
  }

  private static Reason failure(Connection connection) {
    return catchThrowableOfType(FailedException.class, () -> connection.awaitUp(LONG)).reason();
  }

  // ---- a server

  @ParameterizedTest
  @CsvSource({
    "h2 http/1.1, http/1.1, h2, 'chose h2 by ALPN, where http/1.1 may be spoken'",
    "h2 http/1.1, h2, http/1.1, 'chose http/1.1 by ALPN, where h2 may be spoken'",
    "acme http/1.1, h2 http/1.1, acme, 'chose acme by ALPN, where h2 and http/1.1 may be spoken'",
    "acme h2, h2, '', 'chose nothing by ALPN, where h2 may be spoken'",
  })
  void whatAServerChoseMustBeWhatMayBeSpoken(
      String alpn, String protocols, String chosen, String why) throws Exception {
    try (SSLServerSocket listening = listen()) {
      FutureTask<Integer> server = inBackground(() -> firstOctet(listening, chosen));
      ConnectionOptions options = ONCE.tls(offering(alpn)).protocols(protocols(protocols));
      try (Connection connection = Lariat.open("localhost", listening.getLocalPort(), options)) {
        assertThat(failure(connection))
            .isInstanceOfSatisfying(
                Reason.Tls.class,
                tls -> assertThat(tls.sentence()).contains("the server " + why, "RFC 7301"));
        assertThat(server.get(60, TimeUnit.SECONDS)).isEqualTo(NOTHING);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "h2 http/1.1, http/1.1, http/1.1, http/1.1",
    "h2 http/1.1, http/1.1 h2, h2, h2",
    "acme http/1.1, http/1.1, '', http/1.1",
    "h2, http/1.1 h2, '', http/1.1",
    "acme, raw, acme, raw",
    "h2, raw, h2, raw",
    "h2, raw, '', raw",
  })
  void whatAServerChoseIsSpoken(String alpn, String protocols, String chosen, String spoken)
      throws Exception {
    try (SSLServerSocket listening = listen()) {
      FutureTask<Integer> server = inBackground(() -> firstOfAll(listening, chosen));
      ConnectionOptions options = ONCE.tls(offering(alpn)).protocols(protocols(protocols));
      try (Connection connection = Lariat.open("localhost", listening.getLocalPort(), options)) {
        assertThat(connection.awaitUp(LONG).token()).isEqualTo(spoken);
        if (!spoken.equals("raw")) {
          connection.get("/");
        }
      }
      if (!spoken.equals("raw")) {
        int first = spoken.equals("h2") ? 'P' : 'G'; // of PRI, the preface, or of GET
        assertThat(server.get(60, TimeUnit.SECONDS)).isEqualTo(first);
      }
    }
  }

  /** SETTINGS, and a GOAWAY with the code HTTP_1_1_REQUIRED. */
  private static final byte[] DEMAND =
      HexFormat.of().parseHex("000000040000000000" + "000008070000000000" + "000000000000000d");

  private static List<String> demandsHttp1(SSLServerSocket listening) throws IOException {
    UnaryOperator<List<String>> http2 =
        offered -> offered.contains("h2") ? List.of("h2") : List.of("http/1.1");
    try (SSLSocket first = accept(listening, http2)) {
      first.getOutputStream().write(DEMAND);
      first.getInputStream().read();
    }
    try (SSLSocket second = accept(listening, http2)) {
      int octet = second.getInputStream().read();
      return List.of(second.getApplicationProtocol(), Character.toString(octet));
    }
  }

  @Test
  void aServerThatDemandsHttp1IsNotOfferedHttp2Again() throws Exception {
    try (SSLServerSocket listening = listen()) {
      FutureTask<List<String>> server = inBackground(() -> demandsHttp1(listening));
      ConnectionOptions options =
          ONCE.retry(Backoff.DEFAULT)
              .tls(offering("h2 acme http/1.1"))
              .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
      try (Connection connection = Lariat.open("localhost", listening.getLocalPort(), options)) {
        connection.get("/"); // not acted upon, or held for the next connection
        Message message = connection.mailbox().take(LONG);
        while (!(message instanceof Up up && up.protocol() == Protocol.HTTP_1_1)) {
          assertThat(message).isNotNull().isNotInstanceOf(Terminated.class);
          message = connection.mailbox().take(LONG);
        }
        connection.get("/");
        assertThat(server.get(60, TimeUnit.SECONDS)).containsExactly("http/1.1", "G");
      }
    }
  }

  // ---- a proxy

  @ParameterizedTest
  @CsvSource({
    "https, h2 http/1.1, http/1.1, h2, 'chose h2 by ALPN, where http/1.1 may be spoken'",
    "https, h2 http/1.1, h2, http/1.1, 'chose http/1.1 by ALPN, where h2 may be spoken'",
    "https, acme http/1.1, h2 http/1.1, acme, 'chose acme by ALPN, where h2 and http/1.1 may be'",
    "https, h2 http/1.1, h2, '', 'chose nothing by ALPN, where h2 may be spoken'",
    "socks5h, h2 acme, http/1.1, h2, 'chose h2 by ALPN, where SOCKS may be spoken'",
  })
  void whatAProxyChoseMustBeWhatMayBeSpoken(
      String scheme, String alpn, String protocols, String chosen, String why) throws Exception {
    assertThat(failureAtProxy(scheme, alpn, protocols, chosen, false))
        .isInstanceOfSatisfying(
            Reason.Tls.class,
            tls -> assertThat(tls.sentence()).contains("the proxy " + why, "RFC 7301"));
  }

  @ParameterizedTest
  @CsvSource({
    "https, h2 http/1.1, http/1.1, http/1.1",
    "https, h2 http/1.1, http/1.1 h2, h2",
    "https, acme http/1.1, http/1.1, ''",
    "socks5h, acme, http/1.1, acme",
  })
  void whatAProxyChoseIsSpoken(String scheme, String alpn, String protocols, String chosen)
      throws Exception {
    assertThat(failureAtProxy(scheme, alpn, protocols, chosen, true))
        .isEqualTo(new Reason.Closed());
  }

  private static Reason failureAtProxy(
      String scheme, String alpn, String protocols, String chosen, boolean speaks)
      throws Exception {
    try (SSLServerSocket listening = listen()) {
      FutureTask<Integer> server = inBackground(() -> firstOctet(listening, chosen));
      Proxy proxy =
          Proxy.of(scheme + "://localhost:" + listening.getLocalPort())
              .tls(offering(alpn))
              .protocols(protocols(protocols))
              .timeout(LONG);
      try (Connection connection = Lariat.open("server.example", 80, ONCE.via(proxy))) {
        Reason.Hop hop = (Reason.Hop) failure(connection);
        assertThat(server.get(60, TimeUnit.SECONDS) != NOTHING).isEqualTo(speaks);
        return hop.why();
      }
    }
  }
}
