package dev.lariat.examples;

import static java.lang.ProcessBuilder.Redirect.DISCARD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs and the table of docs/guide/tls.md. */
@Timeout(30)
class SecuredTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Path pem(Certificate certificate) throws Exception {
    String base64 = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
    return Files.writeString(
        folder.resolve("authority.pem"),
        "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
  }

  @Test
  void aPrivateAuthorityIsTrustedAloneOrBesideTheJdks() throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, Script.status(200))) {
      Path pem = pem(origin.trust().getCertificate("authority"));
      Tls both = Secured.alsoTrust(pem);
      for (ConnectionOptions options :
          new ConnectionOptions[] {Secured.trust(pem), ConnectionOptions.DEFAULT.tls(both)}) {
        try (Connection connection = Lariat.open(origin.uri("https", "/"), options)) {
          assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(200);
          assertThat(Secured.agreed(connection)).startsWith("TLSv1.3 with TLS_");
        }
      }
      assertThat(both.trustStore().orElseThrow().size()).isGreaterThan(10);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTHER_HOST, is not for the host 127.0.0.1",
    "SELF_SIGNED, is not issued by a trusted authority",
    "EXPIRED, has expired"
  })
  void aWrongCertificateIsRefusedWithTheReason(ServerCertificate shown, String words) {
    try (Origin origin = Origin.startTls(shown, Script.status(200));
        Connection connection =
            Lariat.open(
                origin.uri("https", "/"),
                ConnectionOptions.DEFAULT.tls(origin.tls()).retry(Backoff.NEVER))) {
      FailedException thrown =
          catchThrowableOfType(FailedException.class, () -> connection.awaitUp(PATIENCE));
      assertThat(thrown.reason()).isInstanceOf(Reason.Tls.class);
      assertThat(thrown).hasMessage("TLS failed: the server's certificate " + words + ".");
    }
  }

  @Test
  void aServerWithoutTlsIsKnown() {
    Script plain =
        visit -> {
          visit.write("220 smtp.example ESMTP\r\n");
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(plain);
        Connection connection =
            Lariat.open(
                URI.create("https://127.0.0.1:" + origin.port()),
                ConnectionOptions.DEFAULT.retry(Backoff.NEVER))) {
      FailedException thrown =
          catchThrowableOfType(FailedException.class, () -> connection.awaitUp(PATIENCE));
      assertThat(thrown).hasMessage("TLS failed: the server does not speak TLS.");
    }
  }

  @Test
  void nothingIsVerifiedIfYouSaySo() {
    try (Origin origin = Origin.startTls(ServerCertificate.EXPIRED, Script.status(200));
        Connection connection =
            Lariat.open(origin.uri("https", "/"), ConnectionOptions.DEFAULT.tls(Tls.INSECURE))) {
      assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(200);
    }
    assertThatThrownBy(() -> Tls.INSECURE.verifyHostName(true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keysAreReadAgainBeforeEachAttempt() throws Exception {
    AtomicInteger read = new AtomicInteger();
    try (Origin origin =
            Origin.startTls(ServerCertificate.TRUSTED, Script.status(503), Script.echo());
        LiveWebSocket feed =
            Secured.renewed(
                    origin.uri("wss", "/").toString(),
                    () -> {
                      read.incrementAndGet();
                      return origin.tls();
                    })
                .open()) {
      assertThat(feed.awaitOpen(PATIENCE)).isEqualTo(1);
      assertThat(read).hasValue(2);
    }
  }

  @Test
  void aServerThatDemandsACertificateGetsIt() throws Exception {
    Path store = folder.resolve("client.p12");
    String[] keytool = {
      Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
      "-genkeypair",
      "-alias",
      "client",
      "-keyalg",
      "EC",
      "-dname",
      "CN=Client",
      "-ext",
      "san=ip:127.0.0.1",
      "-storetype",
      "PKCS12",
      "-keystore",
      store.toString(),
      "-storepass",
      "secret"
    };
    ProcessBuilder quiet =
        new ProcessBuilder(keytool).redirectOutput(DISCARD).redirectError(DISCARD);
    assertThat(quiet.start().waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", keys.getCertificate("client"));
    try (SSLServerSocket server = demanding(keys, trusted)) {
      Thread.startVirtualThread(() -> answer(server));
      Tls tls = Secured.identify(Tls.DEFAULT.trust(trusted), store, "secret");
      URI uri = URI.create("https://127.0.0.1:" + server.getLocalPort());
      try (Connection connection =
          Lariat.open(uri, ConnectionOptions.DEFAULT.tls(tls).retry(Backoff.NEVER))) {
        assertThat(connection.get("/").text(PATIENCE)).isEqualTo("CN=Client");
      }
    }
  }

  private static SSLServerSocket demanding(KeyStore keys, KeyStore trusted) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, "secret".toCharArray());
    TrustManagerFactory theirs =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    theirs.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), theirs.getTrustManagers(), null);
    SSLServerSocket server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server.setNeedClientAuth(true);
    return server;
  }

  /** Answers one request with the name of the client. */
  private static void answer(SSLServerSocket server) {
    try (SSLSocket socket = (SSLSocket) server.accept()) {
      socket.getInputStream().read(new byte[4096]);
      String name = socket.getSession().getPeerPrincipal().getName();
      String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + name.length() + "\r\n\r\n" + name;
      socket.getOutputStream().write(answer.getBytes(US_ASCII));
      socket.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
