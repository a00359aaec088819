package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.Event;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Terminated;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a connection does through a proxy of each kind is what it does without one. */
@Timeout(60)
final class UseThroughProxiesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String UP = "Established";

  private static final class Servers {
    static ProxyServer plain;
    static ProxyServer tls;
  }

  @BeforeAll
  static void start() {
    Servers.plain = ProxyServer.start().protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    Servers.tls =
        ProxyServer.startTls(ServerCertificate.TRUSTED)
            .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @AfterAll
  static void end() {
    Servers.plain.close();
    Servers.tls.close();
  }

  private static ConnectionOptions via(Hop hop, ConnectionOptions options) {
    return options.via(hop.through(hop.tls() ? Servers.tls : Servers.plain));
  }

  private static Connection open(Origin origin, ConnectionOptions options) {
    return Lariat.open(origin.host(), origin.port(), options);
  }

  @ParameterizedTest
  @EnumSource
  void theEventsOfARequestAreTheSame(Hop hop) throws Exception {
    try (Origin origin = Origin.start(ProxyServerContract::serve)) {
      List<String> direct = eventsOfARequest(origin, ConnectionOptions.DEFAULT);
      List<String> through = eventsOfARequest(origin, via(hop, ConnectionOptions.DEFAULT));
      assertThat(through).containsSubsequence("ConnectEnd", "ProxyStart", "ProxyEnd", UP);
      assertThat(through.subList(through.indexOf(UP), through.size()))
          .isEqualTo(direct.subList(direct.indexOf(UP), direct.size()));
    }
  }

  private static List<String> eventsOfARequest(Origin origin, ConnectionOptions options)
      throws InterruptedException {
    List<String> events = new CopyOnWriteArrayList<>();
    ConnectionOptions heard =
        options.listener((Event event) -> events.add(event.getClass().getSimpleName()));
    try (Connection connection = open(origin, heard)) {
      assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
      connection.shutdown();
      while (!(connection.mailbox().take(PATIENCE) instanceof Terminated)) {
        // what comes before
      }
    }
    return events;
  }

  @ParameterizedTest
  @EnumSource
  void cookiesAreKeptAndSent(Hop hop) throws Exception {
    try (Origin origin = Origin.start(UseThroughProxiesTest::giveCookie)) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.cookies(CookieJar.create());
      try (Connection connection = open(origin, via(hop, options))) {
        assertThat(connection.get("/").text(PATIENCE)).isEmpty();
        assertThat(connection.get("/").text(PATIENCE)).isEqualTo("flavour=oat");
      }
    }
  }

  private static void giveCookie(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      Bytes shown = Bytes.ofUtf8(asked.headers().first("cookie").orElse(""));
      visit.respond(200, Headers.of("set-cookie", "flavour=oat"), shown);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPingOfHttp2GoesToTheOriginAndBack(Hop hop) throws Exception {
    try (Origin origin = Origin.start(ProxyServerContract::serve).protocols(Protocol.HTTP_2)) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2);
      try (Connection connection = open(origin, via(hop, options))) {
        connection.awaitUp(PATIENCE);
        assertThat(connection.ping().get(10, TimeUnit.SECONDS)).isPositive();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCertificateThatIsNotTrustedIsTheServersFailureAndNoProxys(Hop hop) throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.EXPIRED, ProxyServerContract::serve)) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.tls(origin.tls()).retry(Backoff.NEVER);
      try (Connection connection = open(origin, via(hop, options))) {
        Message last = connection.mailbox().take(PATIENCE);
        while (last != null && !(last instanceof Terminated)) {
          last = connection.mailbox().take(PATIENCE);
        }
        assertThat(last).isNotNull();
        Reason reason = ((Terminated) last).reason();
        assertThat(reason instanceof Reason.GaveUp(var attempts, var why) ? why : reason)
            .isInstanceOf(Reason.Tls.class);
      }
    }
  }
}
