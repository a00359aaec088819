package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.Tunnel;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.event.Event;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tunnels through a scripted proxy of HTTP/1.1. After its answer the script plays the origin, too:
 * nobody sees the difference from this end.
 */
@Timeout(60)
class SimulatedTunnelTest {
  private static final String PROXY = "proxy.example";
  private static final Duration LONG = Duration.ofHours(1);
  private static final String OK = "HTTP/1.1 200 Fine\r\nvia: x\r\n\r\n";
  private static final TunnelOptions HEALING = TunnelOptions.DEFAULT.retry(Backoff.DEFAULT);

  private final Simulation simulation = Simulation.seeded(1);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  private Connection open(Script... scripts) {
    simulation.origin(PROXY, 3128, scripts);
    Connection connection =
        Lariat.open(
            PROXY,
            3128,
            ConnectionOptions.DEFAULT.platform(simulation.platform()).listener(events::add));
    opened.add(connection);
    return connection;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private static <T extends Message> T next(Connection connection, Class<T> kind)
      throws InterruptedException {
    Message message = connection.mailbox().take(LONG);
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  private static void accepts(Visit visit) throws Exception {
    Asked asked = visit.request();
    assertThat(asked.method()).isEqualTo("CONNECT");
    assertThat(asked.target()).isEqualTo("origin.example:80");
    visit.write(OK);
  }

  /** A proxy, and the origin behind it. */
  private static final Script GOOD =
      visit -> {
        accepts(visit);
        while (visit.request() != null) {
          visit.respond(200, "hello");
        }
      };

  // ---- how it is used

  @Test
  void aTunnelIsUsedLikeAConnectionAndItsMessagesGoToTheSameOwner() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80);
    Exchange exchange = tunnel.get("/");
    assertThat(next(outer, Up.class).connection()).isSameAs(outer);
    TunnelUp up = next(outer, TunnelUp.class);
    assertThat(up).isEqualTo(new TunnelUp(tunnel, 200, Headers.of("via", "x")));
    assertThat(up.connection()).isSameAs(outer);
    assertThat(Tunnel.of(up.stream())).isSameAs(tunnel);
    assertThat(next(outer, Up.class)).isEqualTo(new Up(tunnel, Protocol.HTTP_1_1));
    assertThat(next(outer, Response.class).stream()).isSameAs(exchange);
    assertThat(next(outer, Data.class).bytes().utf8()).isEqualTo("hello");
    assertThat(tunnel.connection()).isSameAs(outer);
    assertThat(tunnel.authority()).isEqualTo("origin.example:80");
    assertThat(tunnel.awaitUp(LONG)).isEqualTo(Protocol.HTTP_1_1);
    assertThat(simulation.await(tunnel.info()).intermediaries())
        .containsExactly(
            new Intermediary("http://" + PROXY + ":3128", Optional.of(Protocol.HTTP_1_1)));
    assertThat(simulation.await(outer.info()).intermediaries()).isEmpty();
  }

  @Test
  void aTunnelHasAnOwnerOfItsOwnIfOneIsNamed() throws Exception {
    Connection outer = open(GOOD);
    Mailbox mailbox = Mailbox.create();
    Tunnel tunnel = outer.connect("origin.example", 80, TunnelOptions.DEFAULT.replyTo(mailbox));
    assertThat(tunnel.mailbox()).isSameAs(mailbox);
    next(tunnel, TunnelUp.class);
    next(tunnel, Up.class);
    next(outer, Up.class);
    assertThat(outer.mailbox().take(Duration.ZERO)).isNull();
  }

  @Test
  void aRequestInATunnelIsReadLikeAnyOther() throws Exception {
    Connection outer = open(GOOD);
    try (Tunnel tunnel = outer.connect("origin.example", 80)) {
      assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
      assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
    }
  }

  static List<Integer> cuts() {
    return IntStream.rangeClosed(1, OK.length() + 7).boxed().toList();
  }

  /** The origin speaks first, and its bytes come with the proxy's answer, cut anywhere. */
  @ParameterizedTest
  @MethodSource("cuts")
  void theFirstBytesOfTheOriginAreTheTunnels(int cut) throws Exception {
    String all = OK + "welcome";
    Connection outer =
        open(
            visit -> {
              visit.request();
              visit.write(all.substring(0, cut));
              visit.pause(Duration.ofSeconds(1));
              visit.write(all.substring(cut));
              visit.awaitEnd();
            });
    Tunnel tunnel =
        outer.connect(
            "origin.example",
            80,
            TunnelOptions.DEFAULT.connection(ConnectionOptions.DEFAULT.protocols(Protocol.RAW)));
    Exchange raw = tunnel.raw();
    StringBuilder read = new StringBuilder();
    while (read.length() < 7) {
      if (outer.mailbox().take(LONG) instanceof Data data) {
        assertThat(data.stream()).isSameAs(raw);
        read.append(data.bytes().utf8());
      }
    }
    assertThat(read).hasToString("welcome");
  }

  @Test
  void listenersAreToldOfTheProxysPart() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel =
        outer.connect(
            "origin.example",
            80,
            TunnelOptions.DEFAULT.headers(Headers.of("proxy-authorization", "Basic secret")));
    tunnel.get("/").text(LONG);
    outer.close();
    outer.awaitTermination(LONG);
    assertThat(events)
        .filteredOn(event -> event instanceof Event.OfStream)
        .extracting(Event::getClass)
        .extracting(Class::getSimpleName)
        .containsExactly(
            "RequestStart",
            "RequestHeaders",
            "RequestEnd",
            "ResponseStart",
            "ResponseHeaders",
            "ResponseEnd",
            "OriginChanged",
            "Cancel");
    assertThat(events)
        .filteredOn(Event.OriginChanged.class::isInstance)
        .singleElement()
        .satisfies(
            event -> {
              Event.OriginChanged changed = (Event.OriginChanged) event;
              assertThat(changed.stream()).isSameAs(tunnel);
              assertThat(changed.origin()).isEqualTo("origin.example:80");
            });
    assertThat(events.toString()).doesNotContain("secret");
  }

  @Test
  void tunnelsOneAfterTheOtherOverHttp1WaitForNoBackoff() throws Exception {
    Script[] scripts = new Script[10];
    Arrays.fill(scripts, GOOD);
    Connection outer = open(scripts);
    for (int i = 0; i < 10; i++) {
      try (Tunnel tunnel = outer.connect("origin.example", 80)) {
        assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
      }
    }
    assertThat(simulation.elapsed()).isLessThan(Duration.ofSeconds(1));
  }

  // ---- what goes wrong

  private static Reason last(Terminated end) {
    Reason.GaveUp gaveUp = (Reason.GaveUp) end.reason();
    Reason.Tunnel reason = (Reason.Tunnel) gaveUp.last();
    assertThat(reason.through()).isEqualTo(PROXY + ":3128");
    return reason.last();
  }

  @Test
  void aRefusalEndsTheTunnelAndNotTheConnection() throws Exception {
    Connection outer =
        open(
            visit -> {
              visit.request();
              visit.respond(403, "not there");
              accepts(visit);
              visit.request();
              visit.respond(200, "hello");
            });
    outer.connect("elsewhere.example", 80);
    next(outer, Up.class);
    Reason.Status refusal = (Reason.Status) last(next(outer, Terminated.class));
    assertThat(refusal.status()).isEqualTo(403);
    assertThat(refusal.body()).isEqualTo(Bytes.ofUtf8("not there"));
    assertThat(outer.connect("origin.example", 80).get("/").text(LONG)).isEqualTo("hello");
  }

  @Test
  void aTunnelWithAPolicyAsksAgainAfterARefusal() throws Exception {
    Connection outer =
        open(
            visit -> {
              visit.request();
              visit.respond(503, "later");
              visit.request();
              visit.respond(503, "later");
              accepts(visit);
              visit.request();
              visit.respond(200, "hello");
            });
    Tunnel tunnel = outer.connect("origin.example", 80, HEALING);
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
  }

  @Test
  void aProxyThatDiesEndsTheTunnel() throws Exception {
    Connection outer =
        open(
            visit -> {
              accepts(visit);
              visit.request();
              visit.reset();
            },
            GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80);
    Exchange exchange = tunnel.get("/");
    assertThatThrownBy(() -> exchange.text(LONG))
        .isInstanceOfSatisfying(
            FailedException.class,
            e -> assertThat(e.reason()).isInstanceOf(Reason.Unanswered.class));
    Message message;
    do {
      message = outer.mailbox().take(LONG);
    } while (!(message instanceof Terminated));
    assertThat(message.connection()).isSameAs(tunnel);
    assertThat(last((Terminated) message)).isInstanceOf(Reason.Reset.class);
    // the connection to the proxy comes back, and carries another
    assertThat(outer.connect("origin.example", 80).get("/").text(LONG)).isEqualTo("hello");
  }

  @Test
  void aTunnelWithAPolicyIsMadeAgainWhenTheProxyIsBack() throws Exception {
    Connection outer =
        open(
            visit -> {
              accepts(visit);
              visit.request();
              visit.respond(200, "first");
              visit.pause(Duration.ofSeconds(1));
              visit.reset();
            },
            Script.silent(),
            GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80, HEALING.replyTo(Mailbox.create()));
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("first");
    Message message;
    do {
      message = tunnel.mailbox().take(LONG);
    } while (!(message instanceof Down));
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
    assertThat(next(tunnel, Retrying.class).reason()).isInstanceOf(Reason.Tunnel.class);
  }

  @Test
  void aTunnelThatIsAskedForBeforeTheConnectionIsUpWaits() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80);
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
  }

  @Test
  void theEndOfTheConnectionIsThatOfItsTunnels() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80, HEALING.replyTo(Mailbox.create()));
    assertThat(tunnel.awaitUp(LONG)).isEqualTo(Protocol.HTTP_1_1);
    outer.close();
    assertThat(tunnel.awaitTermination(LONG)).isTrue();
    assertThatThrownBy(() -> outer.connect("origin.example", 80))
        .isInstanceOf(FailedException.class)
        .hasMessageStartingWith("The operation connect is not possible");
    assertThatThrownBy(() -> tunnel.connect("origin.example", 80))
        .isInstanceOf(FailedException.class);
  }

  @Test
  void aProxyThatDoesNotAnswerIsGivenUp() throws Exception {
    Connection outer =
        open(
            visit -> {
              visit.request();
              visit.awaitEnd();
            });
    outer.connect("origin.example", 80);
    Message message;
    do {
      message = outer.mailbox().take(LONG);
    } while (!(message instanceof Terminated));
    assertThat(((Reason.Timeout) last((Terminated) message)).step()).isEqualTo(Reason.Step.UPGRADE);
  }

  @Test
  void theProxySeesTheCredentialsAndTheOriginDoesNot() throws Exception {
    Connection outer =
        open(
            visit -> {
              assertThat(visit.request().headers().contains("proxy-authorization")).isFalse();
              visit.respond(
                  407, Headers.of("proxy-authenticate", "Basic realm=\"x\""), Bytes.EMPTY);
              Asked again = visit.request();
              visit.respond(
                  again.headers().first("proxy-authorization").orElse("").startsWith("Basic ")
                      ? 200
                      : 500,
                  Headers.EMPTY,
                  Bytes.EMPTY);
              Asked inside = visit.request();
              visit.respond(
                  200, inside.headers().contains("proxy-authorization") ? "seen" : "unseen");
            });
    Tunnel tunnel =
        outer.connect(
            "origin.example",
            80,
            TunnelOptions.DEFAULT.credentials(Credentials.of("user", "secret")));
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("unseen");
  }

  // ---- the end of the connection that carries it

  /** A proxy, and an origin that needs so long for the second half of its response. */
  private static Script slowOrigin(Duration pause) {
    return visit -> {
      accepts(visit);
      visit.request();
      visit.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
      visit.pause(pause);
      visit.write("world");
      visit.awaitEnd();
    };
  }

  @Test
  void shutdownLetsTheResponseInATunnelArrive() throws Exception {
    Connection outer = open(slowOrigin(Duration.ofSeconds(1)));
    Tunnel tunnel = outer.connect("origin.example", 80);
    tunnel.get("/");
    next(outer, Up.class);
    next(outer, TunnelUp.class);
    next(outer, Up.class);
    next(outer, Response.class);
    outer.shutdown();
    StringBuilder read = new StringBuilder();
    while (read.length() < 10) {
      read.append(next(outer, Data.class).bytes().utf8());
    }
    assertThat(read).hasToString("helloworld");
    Terminated end = next(outer, Terminated.class);
    assertThat(end).isEqualTo(new Terminated(tunnel, new Reason.OwnerClosed()));
    assertThat(next(outer, Terminated.class))
        .isEqualTo(new Terminated(outer, new Reason.OwnerClosed()));
  }

  @Test
  void shutdownCutsWhatIsInATunnelAfterTheTimeForClosing() throws Exception {
    Connection outer = open(slowOrigin(LONG));
    Tunnel tunnel = outer.connect("origin.example", 80, TunnelOptions.DEFAULT);
    Exchange exchange = tunnel.get("/");
    next(outer, Up.class);
    next(outer, TunnelUp.class);
    next(outer, Up.class);
    next(outer, Response.class);
    next(outer, Data.class);
    outer.shutdown();
    StreamFailed failed = next(outer, StreamFailed.class);
    assertThat(failed.stream()).isSameAs(exchange);
    assertThat(failed.reason()).isInstanceOf(Reason.Incomplete.class);
    assertThat(outer.awaitTermination(LONG)).isTrue();
    assertThat(tunnel.awaitTermination(LONG)).isTrue();
    assertThat(simulation.elapsed()).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(16));
  }

  @Test
  void aTunnelOfAConnectionThatEndsInTheSameMomentNamesItsReason() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel =
        outer.connect("origin.example", 80, TunnelOptions.DEFAULT.replyTo(Mailbox.create()));
    outer.shutdown();
    assertThat(last(next(tunnel, Terminated.class))).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void awaitUpOfATunnelNamesWhatKeepsTheConnectionThatCarriesIt() throws Exception {
    simulation.origin(PROXY, 3128, Script.silent());
    ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
    Connection outer = Lariat.open("nobody.example", 3128, options);
    opened.add(outer);
    Tunnel tunnel = outer.connect("origin.example", 80, TunnelOptions.DEFAULT);
    assertThatThrownBy(() -> tunnel.awaitUp(Duration.ofMillis(300)))
        .isInstanceOfSatisfying(
            FailedException.class,
            e -> {
              Reason.Timeout late = (Reason.Timeout) e.reason();
              assertThat(late.step()).isEqualTo(Reason.Step.AWAIT_UP);
              assertThat(late.last()).isPresent();
              assertThat(late.sentence()).contains("nobody.example");
            });
  }

  // ---- what else is asked of the connection

  @Test
  void whatElseIsAskedOfAConnectionThatIsATunnelIsUnprocessed() throws Exception {
    Connection outer = open(GOOD);
    Tunnel tunnel = outer.connect("origin.example", 80, TunnelOptions.DEFAULT);
    tunnel.awaitUp(LONG);
    Reason unsent = new Reason.Unprocessed("the connection is a tunnel");
    Mailbox aside = Mailbox.create();
    outer.request(Request.of("GET", "/").replyTo(aside));
    outer.webSocket("/", WebSocketOptions.DEFAULT.replyTo(aside));
    for (int i = 0; i < 2; i++) {
      assertThat(aside.take(LONG))
          .isInstanceOfSatisfying(
              StreamFailed.class, failed -> assertThat(failed.reason()).isEqualTo(unsent));
    }
    TunnelOptions apart = TunnelOptions.DEFAULT.replyTo(Mailbox.create());
    assertThat(last(next(outer.connect("origin.example", 80, apart), Terminated.class)))
        .isEqualTo(unsent);
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsAskedForAfterATunnelComesAfterItsRequest(boolean up) throws Exception {
    Connection outer = open(GOOD, GOOD);
    if (up) {
      outer.awaitUp(LONG);
    }
    for (TunnelOptions options : List.of(TunnelOptions.DEFAULT, HEALING)) {
      Mailbox aside = Mailbox.create();
      Tunnel tunnel = outer.connect("origin.example", 80, options.replyTo(aside));
      Mailbox after = Mailbox.create();
      outer.request(Request.of("GET", "/after").replyTo(after));
      assertThat(after.take(LONG))
          .isInstanceOfSatisfying(
              StreamFailed.class,
              failed -> assertThat(failed.reason()).isInstanceOf(Reason.Unprocessed.class));
      assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
      assertThat(aside.take(LONG)).isInstanceOf(TunnelUp.class);
      tunnel.close();
      assertThat(tunnel.awaitTermination(LONG)).isTrue();
    }
  }

  @Test
  void aTunnelThatIsClosedAtOnceLeavesItsRequestToNobody() throws Exception {
    Connection outer =
        open(
            visit -> {
              assertThat(visit.request().target()).isEqualTo("/after");
              visit.respond(200, "after");
            });
    Tunnel tunnel =
        outer.connect("origin.example", 80, TunnelOptions.DEFAULT.replyTo(Mailbox.create()));
    tunnel.close();
    assertThat(outer.get("/after").text(LONG)).isEqualTo("after");
    assertThat(next(tunnel, Terminated.class).reason()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void aTunnelWithAPolicyWaitsForTheEndOfTheOneBefore() throws Exception {
    Connection outer = open(GOOD, GOOD);
    Tunnel first = outer.connect("origin.example", 80, TunnelOptions.DEFAULT);
    first.awaitUp(LONG);
    Tunnel second = outer.connect("origin.example", 80, HEALING.replyTo(Mailbox.create()));
    assertThatThrownBy(() -> second.awaitUp(Duration.ofMinutes(1)))
        .isInstanceOf(FailedException.class)
        .hasMessageContaining("a tunnel before it");
    first.close();
    assertThat(second.get("/").text(LONG)).isEqualTo("hello");
    assertThat(second.mailbox().take(LONG)).isInstanceOf(TunnelUp.class); // and no Retrying
  }

  private static final TunnelOptions KNOWN =
      TunnelOptions.DEFAULT.credentials(Credentials.of("user", "secret"));

  /** A proxy that ends its connection after its challenge, and may say so. */
  private static Script challenges(boolean saysSo) {
    return challenges(saysSo, "no");
  }

  private static Script challenges(boolean saysSo, String body) {
    return visit -> {
      assertThat(visit.request().headers().contains("proxy-authorization")).isFalse();
      visit.write(
          "HTTP/1.1 407 No\r\nproxy-authenticate: Basic realm=\"x\"\r\n"
              + ("content-length: " + body.length() + "\r\n")
              + (saysSo ? "connection: close\r\n" : "")
              + ("\r\n" + body));
    };
  }

  /** The body may be longer than what a reason shows of it. */
  @ParameterizedTest
  @CsvSource({"false, 2", "true, 2", "false, 60000", "true, 60000"})
  void aChallengeIsAnsweredOnTheNextConnection(boolean saysSo, int body) throws Exception {
    Connection outer =
        open(
            challenges(saysSo, "n".repeat(body)),
            visit -> {
              Asked asked = visit.request();
              assertThat(asked.headers().first("proxy-authorization").orElse(""))
                  .startsWith("Basic ");
              visit.write(OK);
              visit.request();
              visit.respond(200, "hello");
            });
    Tunnel tunnel = outer.connect("origin.example", 80, KNOWN);
    assertThat(tunnel.get("/").text(LONG)).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChallengeIsTheReasonIfThereIsNoNextConnection(boolean saysSo) throws Exception {
    simulation.origin(PROXY, 3128, challenges(saysSo));
    Connection outer =
        Lariat.open(
            PROXY,
            3128,
            ConnectionOptions.DEFAULT.platform(simulation.platform()).retry(Backoff.NEVER));
    opened.add(outer);
    Tunnel tunnel = outer.connect("origin.example", 80, KNOWN.replyTo(Mailbox.create()));
    Reason.Status status = (Reason.Status) last(next(tunnel, Terminated.class));
    assertThat(status.status()).isEqualTo(407);
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    ConnectionOptions via = ConnectionOptions.DEFAULT.via(Proxy.of("http://another.example:3128"));
    assertThatThrownBy(() -> TunnelOptions.DEFAULT.connection(via))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tunnel.connection.via");
    for (String name :
        List.of(
            "Host",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "Keep-Alive",
            "Proxy-Connection",
            "TE",
            "Trailer",
            "Upgrade")) {
      assertThatThrownBy(() -> Proxy.of("http://proxy.example:3128").headers(Headers.of(name, "1")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("proxy.headers: ");
      assertThatThrownBy(() -> TunnelOptions.DEFAULT.headers(Headers.of(name, "1")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("tunnel.headers: ")
          .hasMessageContaining("RFC 9110 section 7.6.1");
    }
    TunnelOptions both = TunnelOptions.DEFAULT.headers(Headers.of("proxy-authorization", "x"));
    assertThatThrownBy(() -> both.credentials(Credentials.bearer("x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(both.toString()).doesNotContain("=x");
    Connection raw =
        Lariat.open(
            PROXY,
            1,
            ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(Protocol.RAW));
    opened.add(raw);
    assertThatThrownBy(() -> raw.connect("origin.example", 80)).isInstanceOf(FailedException.class);
  }
}
