package dev.lariat.testkit;

import static dev.lariat.testkit.ViaTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.event.Event;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests in absolute form, which scripted proxies receive themselves. */
@Timeout(60)
class AbsoluteFormTest {
  private static final String PROXY = "proxy.example";
  private static final String SERVER = "server.example";
  private static final Duration LONG = Duration.ofHours(1);
  private static final Proxy FORWARD = Proxy.of("http://" + PROXY).absoluteForm(true);
  private static final Headers BASIC = Headers.of("proxy-authenticate", "Basic realm=\"p\"");
  private static final String OF_USER = "Basic dXNlcjpzZWNyZXQ=";

  private final Simulation simulation = Simulation.seeded(1);

  private ConnectionOptions options(Proxy... via) {
    return ConnectionOptions.DEFAULT
        .platform(simulation.platform())
        .retry(Backoff.DEFAULT.attempts(1))
        .via(via);
  }

  private Connection open(Proxy... via) {
    return Lariat.open(SERVER, 80, options(via));
  }

  /** As a proxy that says what it was asked. */
  private static void echo(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.respond(200, line(asked));
    }
  }

  private static String line(Asked asked) {
    return asked.method()
        + " "
        + asked.target()
        + " for "
        + asked.headers().first("host").orElse("");
  }

  private static void challenge(Visit visit) throws IOException {
    visit.respond(407, BASIC, Bytes.ofUtf8("who?"));
  }

  // ---- the request

  @Test
  void theProxyReceivesTheRequestInAbsoluteForm() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, AbsoluteFormTest::echo);
      try (Connection connection = open(FORWARD)) {
        assertThat(connection.get("/one?a=b").text(LONG))
            .isEqualTo("GET http://server.example/one?a=b for server.example");
        assertThat(connection.post("/two", Headers.EMPTY, Bytes.ofUtf8("body")).text(LONG))
            .isEqualTo("POST http://server.example/two for server.example");
        assertThat(next(connection, Up.class).protocol()).isEqualTo(Protocol.HTTP_1_1);
      }
      try (Connection connection = Lariat.open(SERVER, 8080, options(FORWARD))) {
        assertThat(connection.get("/").text(LONG))
            .isEqualTo("GET http://server.example:8080/ for server.example:8080");
      }
    }
  }

  /** RFC 9112 section 3.2.4. */
  @Test
  void theAsteriskIsAnEmptyPath() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, AbsoluteFormTest::echo);
      try (Connection connection = open(FORWARD)) {
        assertThat(connection.options("*").text(LONG))
            .isEqualTo("OPTIONS http://server.example for server.example");
      }
    }
  }

  /** RFC 9112 section 3.2: both are identical. */
  @Test
  void aHostOfTheUserNamesTheServerInBoth() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, AbsoluteFormTest::echo);
      try (Connection connection = open(FORWARD)) {
        assertThat(connection.get("/", Headers.of("host", "other.example")).text(LONG))
            .isEqualTo("GET http://other.example/ for other.example");
      }
    }
  }

  @Test
  void theHeadersForTheProxyAreInEachRequest() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            for (int i = 0; i < 2; i++) {
              visit.respond(200, visit.request().headers().first("x-team").orElse(""));
            }
          });
      try (Connection connection = open(FORWARD.headers(Headers.of("x-team", "blue")))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo("blue");
        assertThat(connection.get("/").text(LONG)).isEqualTo("blue");
      }
    }
  }

  @Test
  void overHttp2ThePseudoHeadersSayTheSame() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
              visit.respond(200, visit.protocol() + " " + line(asked));
            }
          });
      try (Connection connection = open(FORWARD.protocols(Protocol.HTTP_2))) {
        assertThat(connection.get("/one").text(LONG))
            .isEqualTo(Protocol.HTTP_2 + " GET /one for server.example");
        assertThat(connection.options("*").text(LONG))
            .isEqualTo(Protocol.HTTP_2 + " OPTIONS * for server.example");
        assertThat(next(connection, Up.class).protocol()).isEqualTo(Protocol.HTTP_2);
        assertThat(simulation.await(connection.info()).intermediaries())
            .containsExactly(new Intermediary(FORWARD.uri(), Optional.of(Protocol.HTTP_2)));
      }
    }
  }

  /** RFC 9113 section 7. */
  @Test
  void aProxyThatDemandsHttp11GetsIt() throws Exception {
    Script demands =
        visit -> {
          Asked asked = visit.request();
          if (visit.protocol() == Protocol.HTTP_2) {
            visit.http2().reset(13); // HTTP_1_1_REQUIRED
          } else if (asked != null) {
            visit.respond(200, line(asked));
          }
          visit.awaitEnd();
        };
    try (Origin proxy = Origin.startTls(ServerCertificate.TRUSTED, demands)) {
      Proxy both =
          Proxy.of("https://127.0.0.1:" + proxy.port())
              .tls(proxy.tls())
              .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1)
              .absoluteForm(true);
      try (Connection connection = Lariat.open(SERVER, 80, ConnectionOptions.DEFAULT.via(both))) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        assertThat(caller.get("/", LONG).text())
            .isEqualTo("GET http://server.example/ for server.example");
      }
    }
  }

  @Test
  void theProxiesBeforeItOpenTunnels() throws Exception {
    try (simulation) {
      simulation.origin(
          "first.example",
          80,
          visit -> {
            assertThat(line(visit.request())).startsWith("CONNECT " + PROXY + ":80");
            visit.write("HTTP/1.1 200 OK\r\n\r\n");
            echo(visit);
          });
      try (Connection connection = open(Proxy.of("http://first.example"), FORWARD)) {
        assertThat(connection.get("/").text(LONG))
            .isEqualTo("GET http://server.example/ for server.example");
        assertThat(simulation.await(connection.info()).intermediaries())
            .extracting(Intermediary::uri)
            .containsExactly("http://first.example:80", FORWARD.uri());
      }
    }
  }

  @Test
  void liveEventsComeThroughTheProxy() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            String asked = line(visit.request());
            Reply reply = visit.beginChunked(200, Headers.of("content-type", "text/event-stream"));
            reply.write(Bytes.ofUtf8("data: " + asked + "\n\n"));
            visit.awaitEnd();
          });
      EventOptions options = EventOptions.DEFAULT.connection(options(FORWARD));
      try (LiveEvents live = LiveEvents.to("http://" + SERVER + "/feed").options(options).open()) {
        ServerSentEvent event = null;
        while (event == null) {
          event = live.mailbox().take(LONG) instanceof ServerSentEvent its ? its : null;
        }
        assertThat(event.data()).isEqualTo("GET http://server.example/feed for server.example");
      }
    }
  }

  // ---- a tunnel in its place

  @Test
  void aServerWithTlsGetsATunnel() throws Exception {
    try (Origin proxy = Origin.start(visit -> visit.respond(403, line(visit.request())))) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.via(on(proxy));
      try (Connection connection = Lariat.open(SERVER, 443, options)) {
        Reason.Hop hop = (Reason.Hop) next(connection, Retrying.class).reason();
        assertThat(((Reason.Status) hop.why()).body().utf8())
            .startsWith("CONNECT server.example:443");
      }
    }
  }

  private static Proxy on(Origin proxy) {
    return Proxy.of("http://127.0.0.1:" + proxy.port()).absoluteForm(true);
  }

  @Test
  void aRedirectToTlsGetsATunnel() throws Exception {
    Script redirect =
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            if (asked.method().equals("CONNECT")) {
              visit.respond(403, line(asked));
            } else {
              Headers location = Headers.of("location", "https://b.example/x");
              visit.respond(307, location, Bytes.EMPTY);
            }
          }
        };
    try (Origin proxy = Origin.start(redirect)) {
      ConnectionOptions options = ConnectionOptions.DEFAULT.via(on(proxy));
      try (Connection connection = Lariat.open(SERVER, 80, options)) {
        Caller caller = Caller.on(connection).redirects(Redirects.DEFAULT);
        assertThatThrownBy(() -> caller.get("/", LONG))
            .isInstanceOfSatisfying(
                FailedException.class,
                e -> assertThat(e.reason().sentence()).contains("CONNECT b.example:443"));
      }
    }
  }

  @Test
  void aLiveWebSocketGetsATunnel() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            assertThat(line(visit.request())).startsWith("CONNECT " + SERVER + ":80");
            visit.write("HTTP/1.1 200 OK\r\n\r\n");
            visit.request();
            visit.acceptWebSocket().send(new dev.lariat.message.Text("hello"));
            visit.awaitEnd();
          });
      LiveOptions options = LiveOptions.DEFAULT.connection(options(FORWARD));
      try (LiveWebSocket live = LiveWebSocket.to("ws://" + SERVER + "/").options(options).open()) {
        live.awaitOpen(LONG);
      }
    }
  }

  // ---- credentials

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aChallengeIsAnsweredAndLaterRequestsShowTheCredentialsAtOnce(Protocol protocol)
      throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            assertThat(visit.request().headers().contains("proxy-authorization")).isFalse();
            challenge(visit);
            for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
              visit.respond(200, asked.headers().first("proxy-authorization").orElse(""));
            }
          });
      Proxy proxy = FORWARD.credentials(Credentials.of("user", "secret")).protocols(protocol);
      try (Connection connection = open(proxy)) {
        assertThat(connection.get("/").text(LONG)).isEqualTo(OF_USER);
        assertThat(connection.get("/").text(LONG)).isEqualTo(OF_USER);
      }
    }
  }

  @Test
  void aDigestIsOfTheTargetThatTheProxySees() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            String digest = "Digest realm=\"p\", nonce=\"n\", qop=\"auth\"";
            visit.respond(407, Headers.of("proxy-authenticate", digest), Bytes.EMPTY);
            visit.respond(200, visit.request().headers().first("proxy-authorization").orElse(""));
          });
      try (Connection connection = open(FORWARD.credentials(Credentials.of("user", "secret")))) {
        assertThat(connection.get("/one").text(LONG)).contains("uri=\"http://server.example/one\"");
      }
    }
  }

  @Test
  void aSecondRefusalIsTheResponse() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            for (int i = 0; i < 2; i++) {
              visit.request();
              challenge(visit);
            }
          });
      try (Connection connection = open(FORWARD.credentials(Credentials.of("user", "wrong")))) {
        assertThat(Caller.on(connection).get("/", LONG).status()).isEqualTo(407);
      }
    }
  }

  @Test
  void theServerAndTheProxyGetTheirOwnCredentials() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            challenge(visit);
            visit.request();
            visit.respond(401, Headers.of("www-authenticate", "Basic realm=\"s\""), Bytes.EMPTY);
            Headers headers = visit.request().headers();
            visit.respond(
                200, headers.all("proxy-authorization") + " " + headers.all("authorization"));
          });
      try (Connection connection = open(FORWARD.credentials(Credentials.of("user", "secret")))) {
        Request request = Request.of("GET", "/").credentials(Credentials.of("me", "mine"));
        assertThat(connection.request(request).text(LONG))
            .isEqualTo("[" + OF_USER + "] [Basic bWU6bWluZQ==]");
      }
    }
  }

  @Test
  void aChallengeThatEndsTheConnectionIsAnsweredOnAnother() throws Exception {
    try (simulation) {
      simulation.origin(
          PROXY,
          80,
          visit -> {
            visit.request();
            visit.respond(407, BASIC.with("connection", "close"), Bytes.ofUtf8("who?"));
          },
          visit ->
              visit.respond(
                  200, visit.request().headers().first("proxy-authorization").orElse("")));
      try (Connection connection = open(FORWARD.credentials(Credentials.of("user", "secret")))) {
        assertThat(connection.get("/").text(LONG)).isEqualTo(OF_USER);
      }
    }
  }

  // ---- what is shown

  @Test
  void theProxyIsAnEventAndAnIntermediary() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, AbsoluteFormTest::echo);
      List<Event> events = Collections.synchronizedList(new ArrayList<>());
      Proxy proxy = FORWARD.credentials(Credentials.basic("user", "secret"));
      try (Connection connection = Lariat.open(SERVER, 80, options(proxy).listener(events::add))) {
        connection.get("/").text(LONG);
        ConnectionInfo info = simulation.await(connection.info());
        assertThat(info.connection().authority()).isEqualTo(SERVER + ":80");
        assertThat(info.intermediaries())
            .containsExactly(new Intermediary(FORWARD.uri(), Optional.of(Protocol.HTTP_1_1)));
        assertThat(info.tls()).isEmpty();
      }
      assertThat(events).anyMatch(Event.ProxyStart.class::isInstance);
      assertThat(events)
          .filteredOn(Event.ProxyEnd.class::isInstance)
          .allMatch(end -> ((Event.ProxyEnd) end).through());
      assertThat(events.toString()).doesNotContain("dXNlcj").doesNotContain("secret");
    }
  }

  @Test
  void aProxyThatCannotBeReachedIsAHop() throws Exception {
    try (simulation) {
      simulation.host(PROXY).refuse();
      try (Connection connection = open(FORWARD)) {
        assertThat(next(connection, Retrying.class).reason())
            .isInstanceOfSatisfying(
                Reason.Hop.class, hop -> assertThat(hop.why()).isInstanceOf(Reason.Refused.class));
      }
    }
  }

  // ---- misuse

  @Test
  void whatNeedsATunnelIsRefusedInTheUsersThread() throws Exception {
    try (simulation) {
      simulation.origin(PROXY, 80, AbsoluteFormTest::echo);
      try (Connection connection = open(FORWARD)) {
        String why = "the proxy receives the requests of this connection (proxy.absoluteForm)";
        assertThatThrownBy(() -> connection.webSocket("/"))
            .isInstanceOf(FailedException.class)
            .hasMessageContainingAll("webSocket", why);
        assertThatThrownBy(() -> connection.upgrade(Request.of("GET", "/"), "foo"))
            .isInstanceOf(FailedException.class)
            .hasMessageContainingAll("upgrade", why);
        assertThatThrownBy(() -> connection.connect(URI.create("http://b.example")))
            .isInstanceOf(FailedException.class)
            .hasMessageContainingAll("connect", why);
        assertThat(connection.get("/").text(LONG)).startsWith("GET http://");
      }
    }
  }
}
