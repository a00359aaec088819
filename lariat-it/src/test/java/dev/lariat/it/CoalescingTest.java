package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Tls;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection for several origins, to an nginx with a certificate for several names. */
@Needs(Peer.NGINX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class CoalescingTest {
  private static Server nginx;

  private final CookieJar jar = CookieJar.create();
  private PoolOptions options = with(Certificates.trusted());

  @BeforeAll
  static void start() {
    nginx =
        Server.start(
            "nginx-coalescing",
            2,
            ports ->
                Servers.nginx("pool/coalescing.conf", "nginx-coalescing", Servers.values(ports)));
  }

  @AfterAll
  static void stop() {
    nginx.close();
  }

  private PoolOptions with(Tls tls) {
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT
            .tls(tls)
            .cookies(jar)
            .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    return PoolOptions.DEFAULT.connection(connection).coalesce(true);
  }

  private static String url(String host) {
    return "https://" + host + ".lariat.test:" + nginx.port(0) + "/";
  }

  /** For whom the connection was opened that carries a request for this host. */
  private static String opened(Client client, String host) {
    Answer answer = client.get(url(host));
    assertThat(answer.status()).isEqualTo(200);
    String[] words = answer.text().split(" ", -1);
    assertThat(words[0]).as("the host that is asked").isEqualTo(host + ".lariat.test");
    return words[2].replace(".lariat.test", "");
  }

  @Test
  void oneConnectionCarriesTheRequestsForAllNamesOfItsCertificate() {
    try (Client client = Client.open(options)) {
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(opened(client, "two")).isEqualTo("one");
      assertThat(opened(client, "a.www")).isEqualTo("one");
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(client.info().opened()).isEqualTo(1);
      assertThat(client.info().connections()).isEqualTo(1);
    }
  }

  @Test
  void eachOriginHasItsOwnCookies() {
    jar.set("secret=1", new RequestUri(true, "one.lariat.test", "/"));
    try (Client client = Client.open(options)) {
      assertThat(client.get(url("one")).text()).endsWith(" secret=1");
      assertThat(client.get(url("two")).text()).endsWith(" one.lariat.test ");
    }
  }

  @Test
  void withoutTheOptionEachOriginHasItsOwnConnection() {
    try (Client client = Client.open(options.coalesce(false))) {
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(opened(client, "two")).isEqualTo("two");
    }
  }

  @Test
  void aRequestThatTheServerSendsAwayIsSentAgainOnAConnectionOfItsOwn() {
    try (Client client = Client.open(options)) {
      assertThat(opened(client, "one")).isEqualTo("one");
      Answer answer = client.get(url("wrong"));
      assertThat(answer.text()).contains(" wrong.lariat.test");
      assertThat(answer.history()).singleElement().extracting(Answer.Step::status).isEqualTo(421);
      assertThat(client.get(url("wrong")).history()).isEmpty();
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(opened(client, "two")).as("others go on there").isEqualTo("one");
      assertThat(client.info().opened()).isEqualTo(2);
    }
  }

  @Test
  void aNameThatTheCertificateIsNotForHasItsOwnConnection() {
    try (Client client = Client.open(options)) {
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(opened(client, "other")).isEqualTo("other");
      assertThat(opened(client, "two")).isEqualTo("one");
    }
  }

  @Test
  void anotherPortIsAnotherPlace() {
    try (Client client = Client.open(options)) {
      assertThat(opened(client, "one")).isEqualTo("one");
      String elsewhere = "https://two.lariat.test:" + nginx.port(1) + "/";
      assertThat(client.get(elsewhere).text()).contains(" two.lariat.test ");
    }
  }

  @Test
  void whatIsReadPartByPartHasAConnectionToItsOrigin() {
    try (Client client = Client.open(options)) {
      assertThat(opened(client, "one")).isEqualTo("one");
      String text = client.request(url("two"), Request.of("GET", "/")).text(Witness.PATIENCE);
      assertThat(text).contains(" two.lariat.test ");
      assertThat(opened(client, "two")).isEqualTo("two");
    }
  }

  static Stream<Tls> unshared() {
    return Stream.of(
        Certificates.trustedWithIdentity(),
        Tls.INSECURE,
        Certificates.trusted().verifyHostName(false));
  }

  @ParameterizedTest
  @MethodSource("unshared")
  void aConnectionWithAClientCertificateOrWithoutVerificationIsNotShared(Tls tls) {
    try (Client client = Client.open(with(tls))) {
      assertThat(opened(client, "one")).isEqualTo("one");
      assertThat(opened(client, "two")).isEqualTo("two");
    }
  }
}
