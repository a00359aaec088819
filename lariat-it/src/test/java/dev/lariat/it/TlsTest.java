package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates, against nginx and haproxy. */
@Needs({Peer.NGINX, Peer.HAPROXY, Peer.PYTHON_WEBSOCKETS})
final class TlsTest {
  private static final int GOOD = 1;
  private static final int WRONG_HOST = 2;
  private static final int EXPIRED = 3;
  private static final int FOR_CLIENTS = 4;
  private static final int HAPROXY_FOR_CLIENTS = 2;

  private final Queue<String> logged = new ConcurrentLinkedQueue<>();
  private final Logger logger = Logger.getLogger("io.netty"); // held, or its handler could be lost
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
            logged.add(line.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listenToTheLog() {
    logger.addHandler(handler);
  }

  @AfterEach
  void nothingIsLoggedBesideWhatIsTold() {
    logger.removeHandler(handler);
    assertThat(logged).isEmpty();
  }

  private static Witness open(String host, int which, Tls tls) {
    return Witness.open(host, Servers.nginx().port(which), Witness.QUICK.tls(tls));
  }

  private static void isRefusedFor(Witness witness, String words) {
    Reason reason = witness.firstFailure();
    assertThat(reason).isInstanceOf(Reason.Tls.class);
    assertThat(reason.sentence()).isEqualTo("TLS failed: " + words + ".");
    assertThat(witness.told()).noneMatch(Up.class::isInstance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  void aTrustedCertificateOfTheHostIsTaken(String host) {
    try (Witness witness = open(host, GOOD, Certificates.trusted())) {
      assertThat(witness.get("/page.txt").status()).isEqualTo(200);
    }
  }

  @Test
  void aReconnectionResumesTheSessionAsNginxSeesIt() {
    try (Witness witness = open("localhost", GOOD, Certificates.trusted())) {
      Request last = Request.of("GET", "/session").header("connection", "close");
      assertThat(witness.ask(last).body()).isEqualTo(".");
      assertThat(witness.ask(last).body()).isEqualTo("r");
      assertThat(witness.ask(last).body()).isEqualTo("r");
    }
  }

  @Test
  void anUnknownAuthorityIsRefused() {
    try (Witness witness = open("localhost", GOOD, Tls.DEFAULT)) {
      isRefusedFor(witness, "the server's certificate is not issued by a trusted authority");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  void anotherHostsCertificateIsRefused(String host) {
    try (Witness witness = open(host, WRONG_HOST, Certificates.trusted())) {
      isRefusedFor(witness, "the server's certificate is not for the host " + host);
    }
  }

  @Test
  void anotherHostsCertificateIsTakenUnderItsName() {
    Tls tls = Certificates.trusted().serverName("elsewhere.invalid");
    try (Witness witness = open("localhost", WRONG_HOST, tls)) {
      assertThat(witness.get("/page.txt").status()).isEqualTo(200);
    }
  }

  @Test
  void anotherHostsCertificateIsTakenWhereTheNameIsNotVerified() {
    Tls tls = Certificates.trusted().verifyHostName(false);
    try (Witness witness = open("localhost", WRONG_HOST, tls)) {
      assertThat(witness.get("/page.txt").status()).isEqualTo(200);
    }
  }

  @Test
  void theAuthorityIsVerifiedEvenWhereTheNameIsNot() {
    try (Witness witness = open("localhost", GOOD, Tls.DEFAULT.verifyHostName(false))) {
      isRefusedFor(witness, "the server's certificate is not issued by a trusted authority");
    }
  }

  @Test
  void anExpiredCertificateIsRefused() {
    try (Witness witness = open("localhost", EXPIRED, Certificates.trusted())) {
      isRefusedFor(witness, "the server's certificate has expired");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {GOOD, WRONG_HOST, EXPIRED})
  void anyCertificateIsTakenWhereAllAreTrusted(int which) {
    try (Witness witness = open("localhost", which, Tls.INSECURE)) {
      assertThat(witness.get("/page.txt").status()).isEqualTo(200);
    }
  }

  @Test
  void aServerThatAsksForACertificateGetsTheClients() {
    try (Witness witness = open("localhost", FOR_CLIENTS, Certificates.trustedWithIdentity())) {
      assertThat(witness.get("/").body()).isEqualTo("CN=Client");
    }
  }

  @Test
  void aServerThatAsksForACertificateInVainMaySayIt() {
    try (Witness witness = open("localhost", FOR_CLIENTS, Certificates.trusted())) {
      Witness.Answer answer = witness.get("/");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("No required SSL certificate was sent");
    }
  }

  @Test
  void aServerThatDemandsACertificateGetsTheClients() {
    int port = Servers.haproxy().port(HAPROXY_FOR_CLIENTS);
    try (Witness witness =
        Witness.open("localhost", port, Witness.QUICK.tls(Certificates.trustedWithIdentity()))) {
      WebSocket socket = witness.upgraded("/echo", WebSocketOptions.DEFAULT);
      socket.send(new Text("known"));
      assertThat(witness.frame()).isEqualTo(new Text("known"));
    }
  }

  /**
   * TLS 1.3 lets the client finish first: the server's alert may meet an established connection.
   */
  @Test
  void aServerThatDemandsACertificateInVainIsToldByItsAlert() {
    int port = Servers.haproxy().port(HAPROXY_FOR_CLIENTS);
    try (Witness witness =
        Witness.open("localhost", port, Witness.QUICK.tls(Certificates.trusted()))) {
      Message first = witness.next(Message.class);
      Reason reason =
          first instanceof Up ? witness.next(Down.class).reason() : ((Retrying) first).reason();
      assertThat(reason).isInstanceOf(Reason.Tls.class);
      assertThat(((Reason.Tls) reason).alert())
          .hasValueSatisfying(alert -> assertThat(alert).contains("certificate_required"));
    }
  }

  @Test
  void aServerWithoutTlsIsToldSo() {
    int port = Servers.nginx().port(0);
    try (Witness witness =
        Witness.open("localhost", port, Witness.QUICK.tls(Certificates.trusted()))) {
      isRefusedFor(witness, "the server does not speak TLS");
    }
  }

  @Test
  void protocolsAreOfferedInTheOrderOfTheOption() throws Exception {
    CompletableFuture<List<String>> offered = new CompletableFuture<>();
    try (SSLServerSocket listening =
        (SSLServerSocket)
            Certificates.server()
                .getServerSocketFactory()
                .createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (SSLSocket socket = (SSLSocket) listening.accept()) {
                  socket.setHandshakeApplicationProtocolSelector(
                      (its, protocols) -> {
                        offered.complete(protocols);
                        return protocols.getFirst();
                      });
                  socket.startHandshake();
                  socket.getInputStream().read();
                } catch (IOException e) {
                  offered.completeExceptionally(e);
                }
              });
      Tls tls = Certificates.trusted().alpn(List.of("http/1.1", "b", "a"));
      try (Witness witness =
          Witness.open("localhost", listening.getLocalPort(), Witness.QUICK.tls(tls))) {
        assertThat(offered.get(20, TimeUnit.SECONDS)).containsExactly("http/1.1", "b", "a");
        witness.next(Up.class);
        assertThat(witness.connection().info().get().tls().orElseThrow().alpn())
            .hasValue("http/1.1");
      }
    }
  }
}
