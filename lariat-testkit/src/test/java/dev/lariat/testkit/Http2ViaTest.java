package dev.lariat.testkit;

import static dev.lariat.testkit.ViaTest.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.event.Event;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections through scripted proxies that speak HTTP/2. The script plays the proxies that follow
 * and the server, too, at the other end of each tunnel.
 */
@Timeout(60)
class Http2ViaTest {
  private static final String PROXY = "proxy.example";
  private static final String SERVER = "server.example";
  private static final Duration LONG = Duration.ofHours(1);
  private static final Proxy HTTP2 = Proxy.of("http://" + PROXY).protocols(Protocol.HTTP_2);
  private static final long CONNECT_ERROR = 10;
  private static final long HTTP_1_1_REQUIRED = 13;
  private static final Headers BASIC = Headers.of("proxy-authenticate", "Basic realm=\"p\"");
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0"; // none
  private static final String ACCEPTED = "\0\0\1\1\4\0\0\0\1\u0088"; // :status 200
  private static final String OF_USER = "Basic dXNlcjpzZWNyZXQ=";

  private final Simulation simulation = Simulation.seeded(1);

  /** How many connections to the proxy the client has ended. */
  private final AtomicInteger ended = new AtomicInteger();

  private ConnectionOptions options(Proxy... via) {
    return ConnectionOptions.DEFAULT
        .platform(simulation.platform())
        .retry(Backoff.DEFAULT.attempts(1))
        .via(via);
  }

  private Connection open(ConnectionOptions options) {
    return Lariat.open(SERVER, 80, options);
  }

  private Connection open(Script... scripts) {
    simulation.origin(PROXY, 80, scripts);
    return open(options(HTTP2));
  }

  private Reason failure(Script... scripts) throws Exception {
    try (Connection connection = open(scripts)) {
      return next(connection, Retrying.class).reason();
    }
  }

  private static Reason hop(Reason why) {
    return new Reason.Hop(1, HTTP2.uri(), why);
  }

  /** As a proxy of HTTP/2 that opens the tunnel. */
  private static Visit tunnel(Visit visit, String target) throws IOException {
    Asked asked = visit.request();
    assertThat(asked).isNotNull();
    assertThat(asked.method()).isEqualTo("CONNECT");
    assertThat(asked.target()).isEqualTo(target);
    return visit.acceptTunnel(Headers.EMPTY);
  }

  private static void serve(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      assertThat(asked.headers().contains("proxy-authorization")).isFalse();
      visit.respond(200, asked.method().equals("POST") ? asked.body().utf8() : asked.target());
    }
  }

  /** Reads until the client has ended the connection to the proxy. */
  private void awaitEnd(Visit visit) throws IOException {
    while (visit.head() != null) {}
    ended.incrementAndGet();
  }

  private void assertEnded(int connections) throws InterruptedException {
    for (int i = 0; i < 60 && ended.get() < connections; i++) {
      simulation.advance(Duration.ofMillis(100));
    }
    assertThat(ended).hasValue(connections);
  }

  /** A proxy of HTTP/2, and the server. */
  private void goodProxy(Visit visit) throws IOException {
    serve(tunnel(visit, SERVER + ":80"));
    awaitEnd(visit);
  }

  // ---- through

  @Test
  void requestsGoThroughAndTheirEndEndsTheConnectionToTheProxy() throws Exception {
    try (simulation) {
      try (Connection connection = open(this::goodProxy)) {
        assertThat(connection.get("/one").text(LONG)).isEqualTo("/one");
        assertThat(connection.get("/two").text(LONG)).isEqualTo("/two");
        assertThat(next(connection, Up.class).protocol()).isEqualTo(Protocol.HTTP_1_1);
        assertThat(ended).hasValue(0);
      }
      assertEnded(1);
    }
  }

  /** Each letter is a proxy: h of HTTP/1.1, 2 of HTTP/2, s of SOCKS 4A. */
  @ParameterizedTest
  @ValueSource(strings = {"2hs", "h2s", "sh2", "222", "2s2", "hh2"})
  void aProxyOfHttp2StandsAnywhere(String chain) throws Exception {
    try (simulation) {
      List<Proxy> via = new ArrayList<>();
      for (char kind : chain.toCharArray()) {
        String host = via.isEmpty() ? PROXY : "proxy" + via.size() + ".example";
        Proxy proxy = Proxy.of((kind == 's' ? "socks4a://" : "http://") + host + ":80");
        via.add(kind == '2' ? proxy.protocols(Protocol.HTTP_2) : proxy);
      }
      simulation.origin(
          PROXY,
          80,
          first -> {
            Visit visit = first;
            for (int i = 0; i < via.size(); i++) {
              String next = i + 1 < via.size() ? via.get(i + 1).host() : SERVER;
              visit = through(chain.charAt(i), visit, next);
            }
            serve(visit);
          });
      try (Connection connection = open(options(via.toArray(Proxy[]::new)))) {
        assertThat(connection.get("/far").text(LONG)).isEqualTo("/far");
        assertThat(simulation.await(connection.info()).intermediaries())
            .containsExactlyElementsOf(
                via.stream()
                    .map(
                        proxy ->
                            new Intermediary(
                                proxy.uri(),
                                proxy.kind() == Proxy.Kind.HTTP
                                    ? Optional.of(proxy.protocols().getFirst())
                                    : Optional.empty()))
                    .toList());
      }
    }
  }

  private static Visit through(char kind, Visit visit, String next) throws IOException {
    if (kind != 's') {
      return tunnel(visit, next + ":80");
    }
    visit.read(8 + 1 + next.length() + 1);
    visit.write(Bytes.wrap(new byte[] {0, 90, 0, 0, 0, 0, 0, 0}));
    return visit;
  }

  @Test
  void muchGoesBothWays() throws Exception {
    try (simulation;
        Connection connection = open(this::goodProxy)) {
      String much = "0123456789".repeat(100_000);
      assertThat(connection.request(Request.of("POST", "/").body(Bytes.ofUtf8(much))).text(LONG))
          .isEqualTo(much);
    }
  }

  @Test
  void theServersEndIsTheEndOfTheConnection() throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            Visit server = tunnel(visit, SERVER + ":80");
            server.request();
            server.respond(200, "last");
            server.peer().end();
            awaitEnd(visit);
          };
      try (Connection connection = open(script)) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("last");
        next(connection, Up.class);
        assertThat(next(connection, Down.class).reason()).isEqualTo(new Reason.Closed());
        assertEnded(1);
      }
    }
  }

  @Test
  void theProxysPrefaceMayComeFirst() throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            visit.request();
            visit.write("HTTP/1.1 200 OK\r\n\r\n" + SETTINGS);
            assertThat(visit.read(PREFACE.length()).utf8()).isEqualTo(PREFACE);
            visit.write(ACCEPTED);
            visit.awaitEnd();
          };
      simulation.origin(PROXY, 80, script);
      Proxy first = Proxy.of("http://" + PROXY);
      Proxy second = Proxy.of("http://second.example").protocols(Protocol.HTTP_2);
      try (Connection connection = open(options(first, second))) {
        assertThat(next(connection, Up.class)).isNotNull();
      }
    }
  }

  @Test
  void withoutTlsTheFirstProtocolIsSpoken() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, this::goodProxy);
      Proxy proxy = HTTP2.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
      try (Connection connection = open(options(proxy))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
      }
    }
  }

  // ---- credentials

  private static Proxy withLogin() {
    return Proxy.of("http://user:secret@" + PROXY).protocols(Protocol.HTTP_2);
  }

  private static void challenges(Visit visit) throws IOException {
    assertThat(visit.request().headers().contains("proxy-authorization")).isFalse();
    visit.respond(407, BASIC, Bytes.ofUtf8("who?"));
  }

  @Test
  void aChallengeIsAnsweredOnTheSameConnection() throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            challenges(visit);
            assertThat(visit.request().headers().first("proxy-authorization")).contains(OF_USER);
            serve(visit.acceptTunnel(Headers.EMPTY));
          };
      simulation.origin(PROXY, 80, script);
      try (Connection connection = open(options(withLogin()))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
        assertThat(next(connection, Up.class)).isNotNull();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProxyThatGoesAwayAfterItsChallengeIsAskedOnAnotherConnection(boolean first)
      throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            assertThat(visit.request()).isNotNull();
            if (first) {
              visit.http2().goAway(1, 0, "");
            }
            visit.respond(407, BASIC, Bytes.ofUtf8("who?"));
            if (!first) {
              visit.http2().goAway(1, 0, "");
            }
          };
      Script then =
          visit -> {
            assertThat(visit.request().headers().first("proxy-authorization")).contains(OF_USER);
            serve(visit.acceptTunnel(Headers.EMPTY));
          };
      simulation.origin(PROXY, 80, script, then);
      try (Connection connection = open(options(withLogin()))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
        assertThat(next(connection, Up.class)).isNotNull();
      }
    }
  }

  @Test
  void credentialsThatAreRefusedAreAStatus() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            challenges(visit);
            assertThat(visit.request().headers().contains("proxy-authorization")).isTrue();
            visit.respond(407, BASIC, Bytes.ofUtf8("not you"));
            awaitEnd(visit);
          });
      try (Connection connection = open(options(withLogin()))) {
        Reason.Hop hop = (Reason.Hop) next(connection, Retrying.class).reason();
        assertThat(((Reason.Status) hop.why()).status()).isEqualTo(407);
        assertThat(((Reason.Status) hop.why()).body().utf8()).isEqualTo("not you");
        assertEnded(1);
      }
    }
  }

  // ---- bad proxies

  @Test
  void aRefusalHasTheProxysOwnAnswer() throws Exception {
    try (simulation) {
      Reason.Hop hop =
          (Reason.Hop)
              failure(
                  visit -> {
                    visit.request();
                    visit.respond(403, Headers.of("x-rule", "7"), Bytes.ofUtf8("not there"));
                    awaitEnd(visit);
                  });
      assertThat(hop.number()).isEqualTo(1);
      Reason.Status status = (Reason.Status) hop.why();
      assertThat(status.status()).isEqualTo(403);
      assertThat(status.headers().first("x-rule")).contains("7");
      assertThat(status.body().utf8()).isEqualTo("not there");
      assertEnded(1);
    }
  }

  @Test
  void aResetOfTheStreamIsTheReason() throws Exception {
    try (simulation) {
      Reason reason =
          failure(
              visit -> {
                visit.request();
                visit.http2().reset(CONNECT_ERROR);
                awaitEnd(visit);
              });
      assertThat(reason).isEqualTo(hop(new Reason.StreamReset(CONNECT_ERROR)));
      assertEnded(1);
    }
  }

  /** By a reset of the stream, or by GOAWAY. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProxyThatDemandsHttp1IsAskedByItOnAnotherConnection(boolean goAway) throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, visit -> demandsHttp1(visit, goAway), SPEAKS_HTTP1);
      Proxy both = HTTP2.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
      try (Connection connection = open(options(both))) {
        assertThat(connection.get("/one").text(LONG)).isEqualTo("/one");
        assertThat(next(connection, Up.class).protocol()).isEqualTo(Protocol.HTTP_1_1);
      }
      assertEnded(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDemandForHttp1IsTheReasonIfTheProxyMayNotSpeakIt(boolean goAway) throws Exception {
    try (simulation) {
      Reason reason = failure(visit -> demandsHttp1(visit, goAway));
      assertThat(reason.sentence()).contains("HTTP_1_1_REQUIRED");
    }
  }

  private void demandsHttp1(Visit visit, boolean goAway) throws IOException {
    visit.request();
    if (goAway) {
      visit.http2().goAway(0, HTTP_1_1_REQUIRED, "");
    } else {
      visit.http2().reset(HTTP_1_1_REQUIRED);
    }
    awaitEnd(visit);
  }

  private static final Script SPEAKS_HTTP1 =
      visit -> {
        assertThat(visit.protocol()).isEqualTo(Protocol.HTTP_1_1);
        assertThat(visit.request().method()).isEqualTo("CONNECT");
        visit.write("HTTP/1.1 200 Fine\r\n\r\n");
        serve(visit);
      };

  @Test
  void aRefusalIsTheReasonIfOnlyItsBodyIsTooLate() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.begin(403, Headers.EMPTY, 100).write("no");
            awaitEnd(visit);
          });
      Proxy hasty = HTTP2.timeout(Duration.ofMillis(500));
      try (Connection connection = open(options(hasty))) {
        Reason.Hop hop = (Reason.Hop) next(connection, Retrying.class).reason();
        assertThat(hop.why())
            .isInstanceOfSatisfying(
                Reason.Status.class,
                status -> {
                  assertThat(status.status()).isEqualTo(403);
                  assertThat(status.body()).isEqualTo(Bytes.ofUtf8("no"));
                });
      }
    }
  }

  @Test
  void aProxyThatDoesNotAnswerIsTooLate() throws Exception {
    try (simulation) {
      Duration limit = Duration.ofSeconds(15);
      Reason reason = failure(this::awaitEnd);
      assertThat(reason).isEqualTo(hop(new Reason.Timeout(Step.PROXY, limit)));
      assertThat(simulation.elapsed()).isBetween(limit, limit.plusSeconds(2));
      assertEnded(1);
    }
  }

  @Test
  void aProxyThatClosesOrSpeaksSomethingElseIsAReason() throws Exception {
    try (simulation) {
      assertThat(failure(visit -> {})).isEqualTo(hop(new Reason.Closed()));
    }
  }

  @Test
  void aProxyOfHttp1IsAReason() throws Exception {
    try (simulation) {
      Reason.Hop hop = (Reason.Hop) failure(visit -> visit.write("HTTP/1.1 400 Bad\r\n\r\n"));
      assertThat(hop.why()).isInstanceOf(Reason.Protocol.class);
    }
  }

  @Test
  void anAttemptThatIsGivenUpEndsItsConnectionToTheProxy() throws Exception {
    try (simulation) {
      AtomicInteger asked = new AtomicInteger();
      Script script =
          visit -> {
            visit.request();
            asked.incrementAndGet();
            awaitEnd(visit);
          };
      try (Connection connection = open(script)) {
        while (asked.get() == 0) {
          simulation.advance(Duration.ofMillis(10));
        }
        assertThat(simulation.await(connection.info()).state().name()).isEqualTo("DIALING");
      }
      assertEnded(1);
    }
  }

  @Test
  void aFailureAtTheNextProxyIsThatProxys() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            tunnel(visit, "second.example:80");
            awaitEnd(visit);
          });
      Proxy second = Proxy.of("http://second.example").timeout(Duration.ofSeconds(3));
      try (Connection connection = open(options(HTTP2, second))) {
        assertThat(next(connection, Retrying.class).reason())
            .isEqualTo(
                new Reason.Hop(
                    2, second.uri(), new Reason.Timeout(Step.PROXY, Duration.ofSeconds(3))));
        assertEnded(1);
      }
    }
  }

  /** Each answers with the HEADERS and the DATA of its predecessor's stream in one piece. */
  @ParameterizedTest
  @CsvSource({"http,'HTTP/1.1 200 OK\r\n\r\n'", "socks5h,'\5\0'", "socks4a,'\0\132\0\0\0\0\0\0'"})
  void anAnswerOfTheNextProxyThatComesBeforeItsRequestIsAReason(String scheme, String answer)
      throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.write("HTTP/1.1 200 OK\r\n\r\n" + SETTINGS);
            visit.read(PREFACE.length());
            String data = "\0\0" + (char) answer.length() + "\0\0\0\0\0\1";
            visit.write(ACCEPTED + data + answer);
            visit.awaitEnd();
          });
      Proxy first = Proxy.of("http://" + PROXY);
      Proxy second = Proxy.of("http://second.example").protocols(Protocol.HTTP_2);
      Proxy third = Proxy.of(scheme + "://third.example");
      try (Connection connection = open(options(first, second, third))) {
        Reason.Hop hop = (Reason.Hop) next(connection, Retrying.class).reason();
        assertThat(hop.number()).isEqualTo(3);
        assertThat(hop.why())
            .isInstanceOfSatisfying(
                Reason.Protocol.class,
                why -> assertThat(why.rule()).contains("before the request"));
      }
    }
  }

  // ---- healing

  @Test
  void aProxyThatDiesIsOneDownAndTheTunnelIsMadeAgain() throws Exception {
    try (simulation) {
      Script script =
          visit -> {
            Visit server = tunnel(visit, SERVER + ":80");
            server.request();
            server.respond(200, "one");
            visit.pause(Duration.ofSeconds(1));
            visit.reset();
          };
      simulation.origin(PROXY, 80, script);
      try (Connection connection = open(options(HTTP2).retry(Backoff.DEFAULT))) {
        for (int i = 0; i < 3; i++) {
          assertThat(connection.get("/").text(LONG)).isEqualTo("one");
          next(connection, Up.class);
          assertThat(next(connection, Down.class).reason())
              .isInstanceOfSatisfying(
                  Reason.Tunnel.class,
                  tunnel -> assertThat(tunnel.through()).isEqualTo(PROXY + ":80"));
          next(connection, Retrying.class);
        }
      }
    }
  }

  @Test
  void aLiveWebSocketHealsWhenTheProxyDies() throws Exception {
    try (simulation) {
      AtomicInteger tunnels = new AtomicInteger();
      Script tunnel =
          visit -> {
            Visit server = tunnel(visit, SERVER + ":80");
            tunnels.incrementAndGet();
            server.request();
            server.acceptWebSocket().send(new Text("hello"));
            visit.pause(Duration.ofSeconds(1));
            visit.reset();
          };
      simulation.origin(PROXY, 80, tunnel, Script.status(503), tunnel);
      LiveOptions options = LiveOptions.DEFAULT.connection(options(HTTP2));
      try (LiveWebSocket live = LiveWebSocket.to("ws://" + SERVER + "/").options(options).open()) {
        ViaTest.saysHelloTwice(live);
      }
      assertThat(tunnels).hasValueGreaterThanOrEqualTo(2);
    }
  }

  /** By a GOAWAY with this code that leaves the request out, or by a reset of its stream. */
  @ParameterizedTest
  @CsvSource({
    "true, 0, Closed",
    "true, 11, GoAway",
    "false, 7, Unprocessed",
  })
  void aLiveWebSocketTriesAgainWhenTheProxyDidNotProcessTheRequest(
      boolean goAway, long code, String why) throws Exception {
    try (simulation) {
      Script leaves =
          visit -> {
            visit.request();
            if (goAway) {
              visit.http2().goAway(0, code, "");
            } else {
              visit.http2().reset(code);
            }
            awaitEnd(visit);
          };
      Script tunnel =
          visit -> {
            Visit server = tunnel(visit, SERVER + ":80");
            server.request();
            WebSocketVisit socket = server.acceptWebSocket();
            socket.send(new Text("hello"));
            socket.send(new Text("hello"));
            awaitEnd(visit);
          };
      simulation.origin(PROXY, 80, leaves, leaves, tunnel);
      try (Connection connection = open(options(HTTP2))) {
        Reason.Hop hop = (Reason.Hop) next(connection, Retrying.class).reason();
        assertThat(hop.why().getClass().getSimpleName()).isEqualTo(why);
      }
      try (LiveWebSocket live =
          LiveWebSocket.to("ws://" + SERVER + "/")
              .options(LiveOptions.DEFAULT.connection(options(HTTP2)))
              .open()) {
        ViaTest.saysHelloTwice(live);
      }
    }
  }

  // ---- observation

  @Test
  void theConnectionToTheProxyTellsListenersNothing() throws Exception {
    try (simulation) {
      List<Event> events = Collections.synchronizedList(new ArrayList<>());
      simulation.origin(PROXY, 80, this::goodProxy);
      try (Connection connection = open(options(HTTP2).listener(events::add))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("/");
      }
      assertThat(events.stream().filter(Event.ProxyStart.class::isInstance)).hasSize(1);
      assertThat(events.stream().filter(Event.ProxyEnd.class::isInstance)).hasSize(1);
      assertThat(events.stream().filter(Event.RequestStart.class::isInstance)).hasSize(1);
    }
  }
}
