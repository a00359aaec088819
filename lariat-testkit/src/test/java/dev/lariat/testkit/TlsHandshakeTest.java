package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.client.Client;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.DownloadOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.Tls;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A TLS handshake that the network ends is repeated, since nothing was sent: a load balancer that
 * has lost its servers accepts connections, and ends them. What TLS itself refuses stays refused.
 */
@Timeout(30)
class TlsHandshakeTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final RequestRetry TWICE =
      RequestRetry.DEFAULT.backoff(
          Backoff.DEFAULT.delays(Duration.ofMillis(1), Duration.ofMillis(1)).attempts(2));
  private static final int ATTEMPTS = 3; // two are retries

  private final Request post = Request.of("POST", "/").body(Bytes.ofUtf8("x"));

  /** Reads what the client says first, so that the end is one and no reset. */
  private static void ends(Visit visit) throws Exception {
    Bytes header = visit.read(5); // of a record (RFC 8446 section 5.1): its last two are a length
    visit.read((header.at(3) & 0xff) << 8 | header.at(4) & 0xff);
  }

  private static void resets(Visit visit) throws Exception {
    ends(visit);
    visit.reset();
  }

  private static Origin origin(boolean reset) {
    return Origin.start(reset ? TlsHandshakeTest::resets : TlsHandshakeTest::ends);
  }

  private static String url(Origin origin) {
    return "https://127.0.0.1:" + origin.port() + "/";
  }

  private static Reason.Tls failure(ThrowingCallable call) {
    return (Reason.Tls) reason(call);
  }

  private static Reason reason(ThrowingCallable call) {
    return catchThrowableOfType(FailedException.class, call).reason();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNetworksEndIsNoneOfTls(boolean reset) {
    try (Origin origin = origin(reset);
        Client client = Client.open().retry(TWICE)) {
      Reason.Tls reason = failure(() -> client.send(url(origin), post, SOON));
      assertThat(origin.visits()).isEqualTo(ATTEMPTS);
      assertThat(reason.last().orElseThrow())
          .isInstanceOf(reset ? Reason.Reset.class : Reason.Closed.class);
      assertThat(new FailedException(reason)).hasCauseInstanceOf(FailedException.class);
    }
  }

  @Test
  void aCallerRepeatsIt() {
    ConnectionOptions options = ConnectionOptions.DEFAULT.tls(Tls.DEFAULT);
    try (Origin origin = origin(false);
        Connection connection =
            Lariat.open(
                origin.host(),
                origin.port(),
                options.retry(Backoff.DEFAULT.delays(Duration.ofDays(1), Duration.ofDays(1))))) {
      failure(() -> Caller.on(connection).retry(TWICE).send(post, SOON));
      assertThat(origin.visits()).isGreaterThanOrEqualTo(ATTEMPTS); // one may be the connection's
    }
  }

  @Test
  void aDownloadRepeatsIt(@TempDir Path folder) {
    try (Origin origin = origin(false);
        Client client = Client.open()) {
      DownloadOptions options = DownloadOptions.DEFAULT.retry(TWICE);
      failure(() -> client.download(url(origin), folder.resolve("file"), options));
      assertThat(origin.visits()).isEqualTo(ATTEMPTS);
    }
  }

  @Test
  void theHandshakeWithAProxyIsRepeatedToo() {
    try (Origin proxy = origin(false)) {
      Proxy hop = Proxy.of("https://127.0.0.1:" + proxy.port());
      PoolOptions options = PoolOptions.DEFAULT.connection(ConnectionOptions.DEFAULT.via(hop));
      try (Client client = Client.open(options).retry(TWICE)) {
        Reason reason = reason(() -> client.get("http://a.example/"));
        assertThat(((Reason.Tls) ((Reason.Hop) reason).why()).last()).contains(new Reason.Closed());
        assertThat(proxy.visits()).isEqualTo(ATTEMPTS);
      }
    }
  }

  @Test
  void aCertificateThatIsNotTrustedIsNotAskedForAgain() {
    try (Origin origin = Origin.startTls(ServerCertificate.SELF_SIGNED, Script.status(200));
        Client client = Client.open().retry(TWICE)) {
      Reason.Tls reason = failure(() -> client.get(url(origin)));
      assertThat(reason.last()).isEmpty();
      assertThat(origin.visits()).isEqualTo(1);
    }
  }
}
