package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections through scripted proxies, good and bad. After its last answer a script plays the
 * server, too: nobody sees the difference from this end.
 */
@Timeout(60)
class ViaTest {
  private static final String PROXY = "proxy.example";
  private static final String SERVER = "server.example";
  private static final Duration LONG = Duration.ofHours(1);
  private static final String OK = "HTTP/1.1 200 OK\r\n\r\n";
  private static final String HTTP = "http://" + PROXY;
  private static final String SOCKS = "socks5h://" + PROXY;

  /** A proxy of HTTP that opens the tunnel to the server. */
  private static final Script TUNNEL =
      visit -> {
        connect(visit, SERVER + ":80");
        serve(visit);
      };

  private final Simulation simulation = Simulation.seeded(1);

  private ConnectionOptions options(String... proxies) {
    return ConnectionOptions.DEFAULT
        .platform(simulation.platform())
        .retry(Backoff.DEFAULT.attempts(1))
        .via(Stream.of(proxies).map(Proxy::of).toList());
  }

  private Connection open(ConnectionOptions options) {
    return Lariat.open(SERVER, 80, options);
  }

  private void assertServed(ConnectionOptions options) throws Exception {
    try (Connection connection = open(options)) {
      assertThat(connection.get("/").text(LONG)).isEqualTo("/");
    }
  }

  static <T extends Message> T next(Connection connection, Class<T> kind)
      throws InterruptedException {
    return kind.cast(connection.mailbox().take(LONG));
  }

  private Reason failure(String proxy, Script... scripts) throws Exception {
    simulation.origin(PROXY, Proxy.of(proxy).port(), scripts);
    try (Connection connection = open(options(proxy))) {
      return next(connection, Retrying.class).reason();
    }
  }

  private static Reason hop(String proxy, Reason why) {
    return new Reason.Hop(1, Proxy.of(proxy).uri(), why);
  }

  private static Bytes bytes(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return Bytes.wrap(bytes);
  }

  /** As a SOCKS 5 proxy without authentication that grants everything. */
  private static void socks(Visit visit, String host) throws IOException {
    visit.read(3);
    visit.write(bytes(5, 0));
    Bytes asked = visit.read(5 + host.length() + 2);
    assertThat(asked.utf8()).contains(host);
    visit.write(bytes(5, 0, 0, 1, 127, 0, 0, 1, 1, 1));
  }

  private static void connect(Visit visit, String target) throws IOException {
    Asked asked = visit.request();
    assertThat(asked).isNotNull();
    assertThat(asked.method()).isEqualTo("CONNECT");
    assertThat(asked.target()).isEqualTo(target);
    visit.write(OK);
  }

  private static void serve(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      assertThat(asked.headers().contains("proxy-authorization")).isFalse();
      visit.respond(200, asked.target());
    }
  }

  // ---- through

  @Test
  void aRequestGoesThroughAnHttpProxy() throws Exception {
    try (simulation) {
      simulation.origin(SERVER, 80, ViaTest::serve);
      ProxyServer proxy = simulation.proxy(PROXY, 80);
      try (Connection connection = open(options(HTTP))) {
        assertThat(connection.get("/one").text(LONG)).isEqualTo("/one");
        assertThat(connection.get("/two").text(LONG)).isEqualTo("/two");
      }
      assertAskedFor(proxy, SERVER + ":80");
    }
  }

  private static void assertAskedFor(ProxyServer proxy, String... destinations) {
    assertThat(proxy.asked()).extracting(AskedTunnel::destination).containsExactly(destinations);
  }

  @Test
  void aRequestGoesThroughProxiesOfEachKind() throws Exception {
    try (simulation) {
      simulation.origin(SERVER, 80, ViaTest::serve);
      ProxyServer first = simulation.proxy(PROXY, 1080);
      ProxyServer second = simulation.proxy("second.example", 8080);
      ProxyServer third = simulation.proxy("third.example", 1080);
      assertServed(options(SOCKS, "http://second.example:8080", "socks4a://third.example"));
      assertAskedFor(first, "second.example:8080");
      assertAskedFor(second, "third.example:1080");
      assertAskedFor(third, SERVER + ":80");
    }
  }

  @Test
  void aNameIsLookedUpHereOnlyIfTheProxyIsNotToDoIt() throws Exception {
    try (simulation) {
      simulation.host(SERVER); // has an address
      simulation.origin(
          PROXY,
          1080,
          visit -> {
            visit.read(3);
            visit.write(bytes(5, 0));
            assertThat(visit.read(10).toArray())
                .startsWith((byte) 5, (byte) 1, (byte) 0, (byte) 1); // IPv4
            visit.write(bytes(5, 0, 0, 1, 127, 0, 0, 1, 1, 1));
            serve(visit);
          });
      assertServed(options("socks5://" + PROXY));
      ConnectionOptions unknown = options("socks5://" + PROXY);
      try (Connection connection = Lariat.open("nobody.example", 80, unknown)) {
        simulation.host("nobody.example").unknown();
        assertThat(next(connection, Retrying.class).reason())
            .isEqualTo(
                hop(
                    "socks5://" + PROXY,
                    new Reason.Unresolved("nobody.example", "no address is known for it")));
      }
    }
  }

  @Test
  void credentialsGoToTheirProxyAlone() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.write(
                "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
                    + "Content-Length: 4\r\n\r\nwho?");
            Asked asked = visit.request();
            assertThat(asked.headers().first("proxy-authorization"))
                .contains("Basic dXNlcjpzZWNyZXQ=");
            visit.write(OK);
            Asked second = visit.request();
            assertThat(second.method()).isEqualTo("CONNECT");
            assertThat(second.headers().contains("proxy-authorization")).isFalse();
            visit.write(OK);
            serve(visit);
          });
      ConnectionOptions options =
          options("http://user:secret@" + PROXY, "http://second.example:8080");
      assertServed(options);
      assertThat(options.toString()).contains("user").doesNotContain("secret");
    }
  }

  @Test
  void aProxyThatClosesAfterItsChallengeIsAskedOnAnotherConnection() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.write(
                "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
                    + "Connection: close\r\n\r\nwho?");
          },
          visit -> {
            assertThat(visit.request().headers().contains("proxy-authorization")).isTrue();
            visit.write(OK);
            serve(visit);
          });
      try (Connection connection = open(options("http://user:secret@" + PROXY))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
        assertThat(next(connection, Up.class)).isNotNull();
      }
    }
  }

  @Test
  void bytesBehindTheAnswerAreTheTunnels() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.write(OK + "\0hello");
            visit.awaitEnd();
          });
      ConnectionOptions raw = options(HTTP).protocols(Protocol.RAW);
      try (Connection connection = Lariat.open(SERVER, 80, raw)) {
        Exchange stream = connection.raw();
        next(connection, Up.class);
        Data data = next(connection, Data.class);
        assertThat(data.stream()).isEqualTo(stream);
        assertThat(data.bytes().utf8()).isEqualTo("\0hello");
      }
    }
  }

  @Test
  void theHeaderOfTheProxyProtocolComesFirst() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            String line = "PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n";
            assertThat(visit.read(line.length()).utf8()).isEqualTo(line);
            connect(visit, SERVER + ":80");
            serve(visit);
          });
      ProxyProtocol header =
          ProxyProtocol.V1
              .source(new InetSocketAddress("192.0.2.1", 5))
              .destination(new InetSocketAddress("192.0.2.2", 6));
      assertServed(options(HTTP).proxyProtocol(header));
    }
  }

  @Test
  void aLostTunnelIsOneDownAndIsMadeAgain() throws Exception {
    try (simulation) {
      simulation.origin(
          SERVER,
          80,
          visit -> {
            visit.request();
            visit.respond(200, "one");
          });
      ProxyServer proxy = simulation.proxy(PROXY, 80);
      try (Connection connection = open(options(HTTP).retry(Backoff.DEFAULT))) {
        for (int i = 0; i < 3; i++) {
          assertThat(connection.get("/").text(LONG)).isEqualTo("one");
          next(connection, Up.class);
          next(connection, Down.class);
          next(connection, Retrying.class);
        }
        assertThat(proxy.asked()).hasSizeBetween(3, 4);
      }
    }
  }

  @Test
  void aLiveWebSocketHealsThroughAProxy() throws Exception {
    try (simulation) {
      simulation.origin(
          SERVER,
          80,
          visit -> {
            visit.request();
            visit.acceptWebSocket().send(new Text("hello"));
          });
      ProxyServer proxy = simulation.proxy(PROXY, 80);
      proxy.faults(new ProxyFault.None(), new ProxyFault.Refuse(503), new ProxyFault.None());
      LiveOptions options = LiveOptions.DEFAULT.connection(options(HTTP));
      try (LiveWebSocket live = LiveWebSocket.to("ws://" + SERVER + "/").options(options).open()) {
        saysHelloTwice(live);
      }
      assertThat(proxy.asked()).hasSizeGreaterThanOrEqualTo(3);
    }
  }

  static void saysHelloTwice(LiveWebSocket live) throws InterruptedException {
    for (int received = 0; received < 2; ) {
      if (live.mailbox().take(LONG) instanceof WebSocketFrame frame) {
        assertThat(frame.frame()).isEqualTo(new Text("hello"));
        received++;
      }
    }
  }

  // ---- observation

  @Test
  void eachProxyIsAnEventAndAnIntermediary() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          1080,
          Script.silent(),
          visit -> {
            socks(visit, "second.example");
            connect(visit, SERVER + ":80");
            serve(visit);
          });
      List<Event> events = Collections.synchronizedList(new ArrayList<>());
      ConnectionOptions options = options(SOCKS, "http://second.example").listener(events::add);
      try (Connection connection = open(options)) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
        assertThat(simulation.await(connection.info()).intermediaries())
            .extracting(ConnectionInfo.Intermediary::uri)
            .containsExactly(SOCKS + ":1080", "http://second.example:80");
        assertThat(events.stream().filter(Event.ProxyEnd.class::isInstance))
            .extracting(
                event -> {
                  Event.ProxyEnd end = (Event.ProxyEnd) event;
                  return end.number() + " " + end.through() + " " + end.failure().isPresent();
                })
            .containsExactly("1 false true", "1 true false", "2 true false");
        assertThat(events.stream().filter(Event.ProxyStart.class::isInstance)).hasSize(3);
      }
    }
  }

  // ---- bad proxies

  static List<Arguments> badAnswers() {
    return List.of(
        Arguments.of(HTTP, "", new Reason.Closed()),
        Arguments.of(HTTP, "HTTP/1.1 200", new Reason.Closed()),
        Arguments.of(HTTP, "HTTP/1.1 100 Continue\r\n\r\n", new Reason.Closed()),
        Arguments.of(SOCKS, "", new Reason.Closed()),
        Arguments.of(SOCKS, "\5", new Reason.Closed()),
        Arguments.of(SOCKS, "\5\0", new Reason.Closed()),
        Arguments.of(
            SOCKS,
            "\4\0",
            new Reason.Protocol(
                "the proxy answered with the unknown version 4", "RFC 1928 section 3")),
        Arguments.of(SOCKS, "\5\2", violation("a method that was not offered: 2")),
        Arguments.of(SOCKS, "\5\0\5\0\0", violation("the proxy sent an answer before")),
        Arguments.of("socks4a://" + PROXY, "", new Reason.Closed()),
        Arguments.of(
            "socks4a://" + PROXY,
            "\0\u005b\0\0\0\0\0\0",
            new Reason.Socks(SocksReply.REJECTED, 91)));
  }

  private static Reason violation(String rule) {
    String whole = rule.startsWith("the proxy") ? rule + " the request" : "the proxy chose " + rule;
    return new Reason.Protocol(whole, "RFC 1928 section 3");
  }

  @ParameterizedTest
  @MethodSource("badAnswers")
  void aBadAnswerIsATypedReason(String proxy, String answer, Reason why) throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            visit.write(answer);
            if (answer.isEmpty()) {
              visit.read(3);
            }
          };
      assertThat(failure(proxy, script)).isEqualTo(hop(proxy, why));
    }
  }

  @Test
  void aRefusalHasTheProxysOwnAnswer() throws Exception {
    try (simulation) {
      Reason reason =
          failure(
              HTTP,
              visit -> {
                visit.request();
                visit.respond(403, "not you");
              });
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.Hop.class,
              hop -> {
                Reason.Status status = (Reason.Status) hop.why();
                assertThat(status.status()).isEqualTo(403);
                assertThat(status.body().utf8()).isEqualTo("not you");
                assertThat(hop.number()).isEqualTo(1);
              });
    }
  }

  @Test
  void aRefusalWhoseBodyDoesNotComeIsOneWithinTheTimeout() throws Exception {
    try (simulation) {
      Reason reason =
          failure(
              HTTP,
              visit -> {
                visit.request();
                visit.write("HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nnot");
                visit.awaitEnd();
              });
      Reason.Status status = (Reason.Status) ((Reason.Hop) reason).why();
      assertThat(status.status()).isEqualTo(403);
      assertThat(status.body().utf8()).isEqualTo("not");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP, SOCKS, "socks4a://" + PROXY})
  void aProxyThatDoesNotAnswerIsTooLate(String proxy) throws Exception {
    try (simulation) {
      Duration limit = Duration.ofSeconds(15);
      assertThat(failure(proxy, Script.silent()))
          .isEqualTo(hop(proxy, new Reason.Timeout(Step.PROXY, limit)));
      assertThat(simulation.elapsed()).isBetween(limit, limit.plusSeconds(2));
    }
  }

  @Test
  void theSecondProxyHasItsOwnTimeoutAndNumber() throws Exception {
    try (simulation) {
      simulation.proxy(PROXY, 1080);
      simulation.proxy("second.example", 80).faults(new ProxyFault.Silent(ProxyStep.ASKED));
      Proxy second = Proxy.of("http://second.example").timeout(Duration.ofSeconds(3));
      try (Connection connection = open(options().via(Proxy.of(SOCKS), second))) {
        assertThat(next(connection, Retrying.class).reason())
            .isEqualTo(
                new Reason.Hop(
                    2,
                    "http://second.example:80",
                    new Reason.Timeout(Step.PROXY, Duration.ofSeconds(3))));
      }
    }
  }

  @Test
  void anEndlessBlockOfHeadersIsOverTheLimit() throws Exception {
    try (simulation) {
      simulation.proxy(PROXY, 80).faults(new ProxyFault.EndlessHeaders());
      try (Connection connection = open(options(HTTP))) {
        assertThat(next(connection, Retrying.class).reason())
            .isEqualTo(hop(HTTP, new Reason.Limit(Bound.HEADER_BLOCK, 16 << 10)));
      }
    }
  }

  @Test
  void nobodyAtTheProxyIsAReasonOfTheHop() throws Exception {
    try (simulation) {
      simulation.host(PROXY).refuse();
      try (Connection connection = open(options(HTTP))) {
        assertThat(next(connection, Retrying.class).reason())
            .isInstanceOfSatisfying(
                Reason.Hop.class, hop -> assertThat(hop.why()).isInstanceOf(Reason.Refused.class));
      }
      simulation.host(PROXY).unknown();
      try (Connection connection = open(options(HTTP))) {
        assertThat(next(connection, Retrying.class).reason())
            .isEqualTo(hop(HTTP, new Reason.Unresolved(PROXY, "no address is known for it")));
      }
    }
  }

  @Test
  void aConnectionWithoutAnAnswerYetSaysAtWhichHopItIs() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, Script.silent());
      try (Connection connection = open(options(HTTP))) {
        assertThatThrownBy(() -> connection.awaitUp(Duration.ofSeconds(5)))
            .hasMessageContaining("The proxy http://proxy.example:80 (hop 1) failed");
      }
    }
  }

  @Test
  void theNextAttemptIsMadeAfterEachBadAnswer() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, Script.garbage(), Script.status(407), visit -> {}, TUNNEL);
      try (Connection connection = open(options(HTTP).retry(Backoff.DEFAULT))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
        assertThat(Optional.of(next(connection, Retrying.class).reason()))
            .containsInstanceOf(Reason.Hop.class);
      }
    }
  }
}
