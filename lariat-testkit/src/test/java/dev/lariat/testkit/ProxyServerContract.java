package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Proxy;
import dev.lariat.option.Proxy.Kind;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a proxy does for its clients, with Lariat as the client; the same in both worlds. */
@Timeout(60)
abstract class ProxyServerContract {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofMillis(300);
  private static final Backoff OFTEN =
      Backoff.DEFAULT.delays(Duration.ofMillis(20), Duration.ofMillis(50)).jitter(false);

  abstract ProxyServer proxy();

  abstract Origin origin(Script... scripts);

  abstract ConnectionOptions options(ConnectionOptions options);

  /** Lets everything end in good order. */
  abstract void end(ProxyServer proxy, Origin origin);

  /** Waits until something is so, in this world's time. */
  abstract void await(Condition condition) throws InterruptedException;

  interface Condition {
    boolean holds();
  }

  static void serve(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (visit.asksForWebSocket()) {
        echo(visit.acceptWebSocket());
        return;
      }
      visit.respond(200, asked.method().equals("POST") ? asked.body().utf8() : asked.target());
    }
  }

  private static void echo(WebSocketVisit socket) throws IOException {
    for (var frame = socket.receive(); frame instanceof Text; frame = socket.receive()) {
      socket.send(frame);
    }
  }

  private Connection open(Origin origin, Proxy via, ConnectionOptions with) {
    return Lariat.open(origin.host(), origin.port(), options(with).via(via));
  }

  private Connection open(Origin origin, Proxy via) {
    return open(origin, via, ConnectionOptions.DEFAULT.retry(Backoff.DEFAULT.attempts(1)));
  }

  private static <T extends Message> T next(Connection connection, Class<T> kind)
      throws InterruptedException {
    for (Message m = connection.mailbox().take(PATIENCE);
        ;
        m = connection.mailbox().take(PATIENCE)) {
      assertThat(m).as("a message, while a " + kind.getSimpleName() + " is awaited").isNotNull();
      if (kind.isInstance(m)) {
        return kind.cast(m);
      }
    }
  }

  private interface Use {
    void use(ProxyServer proxy, Origin origin) throws Exception;
  }

  private void play(Script script, Use use) throws Exception {
    ProxyServer proxy = proxy();
    Origin origin = origin(script);
    use.use(proxy, origin);
    end(proxy, origin);
  }

  // ---- tunnels

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS5_RESOLVED", "SOCKS4", "SOCKS4A"})
  void opensTunnelsForWhateverTheClientSpeaks(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          try (Connection connection = open(origin, hop.through(proxy))) {
            assertThat(connection.get("/one").text(PATIENCE)).isEqualTo("/one");
            assertThat(connection.get("/two").text(PATIENCE)).isEqualTo("/two");
            assertThat(proxy.tunnels()).isEqualTo(1);
          }
          AskedTunnel asked = proxy.asked().getFirst();
          if (hop != Hop.SOCKS4A || !origin.host().equals("127.0.0.1")) { // which is no name
            assertThat(asked.kind()).isEqualTo(hop.through(proxy).kind());
          }
          assertThat(asked.protocol()).isEqualTo(hop.protocol);
          assertThat(asked.destination()).endsWith(":" + origin.port());
          if (hop == Hop.HTTP || hop == Hop.H2C) {
            assertThat(asked.destination()).isEqualTo(origin.host() + ":" + origin.port());
          }
          assertThat(asked.credentials()).isEmpty();
          await(() -> proxy.tunnels() == 0);
          assertThat(proxy.connections()).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5"})
  void muchGoesBothWays(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          try (Connection connection = open(origin, hop.through(proxy))) {
            String much = "0123456789".repeat(100_000);
            Request request = Request.of("POST", "/").body(Bytes.ofUtf8(much));
            assertThat(connection.request(request).text(PATIENCE)).isEqualTo(much);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void eachDirectionEndsForItself(Hop hop) throws Exception {
    play(
        visit -> {
          visit.awaitEnd(); // of the client's direction
          visit.write("after the end");
        },
        (proxy, origin) -> {
          ConnectionOptions raw = ConnectionOptions.DEFAULT.protocols(Protocol.RAW);
          try (Connection connection = open(origin, hop.through(proxy), raw)) {
            Exchange stream = connection.raw();
            stream.data(Bytes.ofUtf8("last words"), true);
            StringBuilder read = new StringBuilder();
            for (Data data = next(connection, Data.class); ; data = next(connection, Data.class)) {
              read.append(data.bytes().utf8());
              if (data.fin()) {
                break;
              }
            }
            assertThat(read).hasToString("after the end");
          }
        });
  }

  @Test
  void manyTunnelsGoThroughOneConnectionOfHttp2() throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          ConnectionOptions http2 = options(ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2));
          try (Connection outer = Lariat.open(proxy.host(), proxy.port(), http2)) {
            List<WebSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
              Tunnel tunnel = outer.connect(origin.host(), origin.port());
              WebSocket socket = tunnel.webSocket("/", WebSocketOptions.DEFAULT);
              assertThat(outer.mailbox().await(socket, PATIENCE)).isInstanceOf(Upgraded.class);
              sockets.add(socket);
            }
            assertThat(proxy.tunnels()).isEqualTo(5);
            assertThat(proxy.connections()).isEqualTo(1);
            for (WebSocket socket : sockets) {
              socket.send(new Text("to " + socket));
            }
            for (WebSocket socket : sockets) {
              assertThat(outer.mailbox().await(socket, PATIENCE))
                  .isEqualTo(new WebSocketFrame(socket, new Text("to " + socket)));
            }
            Tunnel first = (Tunnel) sockets.getFirst().connection();
            first.close();
            await(() -> proxy.tunnels() == 4);
            assertThat(sockets.getLast().connection().get("/more")).isNotNull();
          }
          await(() -> proxy.tunnels() == 0);
        });
  }

  @Test
  void theServersEndIsPassedOn() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.respond(200, "last");
        },
        (proxy, origin) -> {
          try (Connection connection = open(origin, Hop.SOCKS5.through(proxy))) {
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("last");
            assertThat(next(connection, Down.class).reason()).isEqualTo(new Reason.Closed());
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C"})
  void aResetOfTheServersIsPassedOn(Hop hop) throws Exception {
    play(
        visit -> {
          visit.request();
          visit.reset();
        },
        (proxy, origin) -> {
          try (Connection connection = open(origin, hop.through(proxy))) {
            connection.get("/");
            Reason reason = next(connection, Down.class).reason();
            assertThat(hop == Hop.HTTP ? reason : ((Reason.Tunnel) reason).last())
                .isInstanceOfAny(Reason.Reset.class, Reason.StreamReset.class);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void nobodyAtTheDestinationIsARefusal(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          origin.refuse();
          try (Connection connection = open(origin, hop.through(proxy))) {
            assertRefused(next(connection, Retrying.class).reason(), 502, 5);
          }
          if (hop == Hop.HTTP) { // and the connection to the proxy goes on
            assertThat(proxy.asked()).hasSize(1);
          }
        });
  }

  private static void assertRefused(Reason reason, int status, int reply) {
    switch (((Reason.Hop) reason).why()) {
      case Reason.Status its -> assertThat(its.status()).isEqualTo(status);
      case Reason.Socks its ->
          assertThat(its.code()).isEqualTo(its.reply() == SocksReply.REJECTED ? 91 : reply);
      case Reason why -> throw new AssertionError(why.sentence());
    }
  }

  // ---- credentials

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void onlyAKnownUserMayUseIt(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          proxy.login("user", "secret");
          Proxy plain = hop.through(proxy);
          Proxy right = plain.credentials(hop.credentials("user", "secret"));
          try (Connection connection = open(origin, right)) {
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
          }
          assertThat(proxy.asked().getLast().credentials())
              .contains(
                  switch (hop) {
                    case SOCKS5 -> "user:secret";
                    case SOCKS4A -> "user";
                    default -> "Basic dXNlcjpzZWNyZXQ=";
                  });
          Proxy wrong = plain.credentials(hop.credentials("other", "secret"));
          for (Proxy each : List.of(plain, wrong)) {
            try (Connection connection = open(origin, each)) {
              Reason.Hop reason = (Reason.Hop) next(connection, Retrying.class).reason();
              assertThat(reason.why()).isInstanceOfAny(Reason.Status.class, Reason.Socks.class);
            }
          }
        });
  }

  // ---- faults

  static List<Arguments> faults() {
    List<Arguments> all = new ArrayList<>();
    for (Hop hop : List.of(Hop.HTTP, Hop.H2C, Hop.SOCKS5, Hop.SOCKS4A)) {
      for (ProxyStep step : ProxyStep.values()) {
        boolean socks5Only = step == ProxyStep.GREETED || step == ProxyStep.LOGIN;
        if (step != ProxyStep.OPEN && (!socks5Only || hop == Hop.SOCKS5)) {
          all.add(Arguments.of(hop, new ProxyFault.Close(step), Reason.Closed.class));
          if (step != ProxyStep.ACCEPTED) {
            all.add(Arguments.of(hop, new ProxyFault.Reset(step), Reason.Reset.class));
          }
          all.add(Arguments.of(hop, new ProxyFault.Silent(step), Reason.Timeout.class));
        }
      }
      boolean http = hop.protocol.isPresent();
      Class<?> refusal = http ? Reason.Status.class : Reason.Socks.class;
      all.add(Arguments.of(hop, new ProxyFault.Refuse(http ? 403 : 2), refusal));
      all.add(Arguments.of(hop, new ProxyFault.Refuse(http ? 2 : 403), refusal));
      all.add(Arguments.of(hop, new ProxyFault.Challenge(), refusal));
      all.add(Arguments.of(hop, new ProxyFault.UnknownVersion(), Reason.Protocol.class));
    }
    all.add(Arguments.of(Hop.SOCKS5, new ProxyFault.Early(Kind.SOCKS5), Reason.Protocol.class));
    all.add(Arguments.of(Hop.HTTP, new ProxyFault.EndlessHeaders(), Reason.Limit.class));
    all.add(Arguments.of(Hop.H2C, new ProxyFault.EndlessHeaders(), Reason.Limit.class));
    return all;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void eachFaultIsATypedReasonAndTheNextAttemptSucceeds(
      Hop hop, ProxyFault fault, Class<? extends Reason> why) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          proxy.login("user", "secret").faults(fault, new ProxyFault.None());
          Proxy via =
              hop.through(proxy).credentials(hop.credentials("user", "secret")).timeout(SOON);
          try (Connection connection = open(origin, via, ConnectionOptions.DEFAULT.retry(OFTEN))) {
            Reason reason = next(connection, Retrying.class).reason();
            assertThat(reason).isInstanceOf(Reason.Hop.class);
            assertThat(((Reason.Hop) reason).why()).as(reason.sentence()).isInstanceOf(why);
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
          }
        });
  }

  /** The kernel may know of it as early as the end of the connecting. */
  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void aConnectionThatIsResetAtOnceIsReported(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          proxy.faults(new ProxyFault.Reset(ProxyStep.ACCEPTED), new ProxyFault.None());
          try (Connection connection =
              open(origin, hop.through(proxy), ConnectionOptions.DEFAULT.retry(OFTEN))) {
            Reason.Hop reason = (Reason.Hop) next(connection, Retrying.class).reason();
            assertThat(reason.why()).isInstanceOfAny(Reason.Reset.class, Reason.Unreachable.class);
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void anAnswerInPiecesIsAnAnswer(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          proxy.faults(new ProxyFault.Pieces(Duration.ofMillis(1)));
          try (Connection connection = open(origin, hop.through(proxy))) {
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
          }
        });
  }

  @Test
  void aSlowProxyIsSlowInItsTunnels() throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          proxy.faults(new ProxyFault.Slow(Duration.ofMillis(1)));
          try (Connection connection = open(origin, Hop.SOCKS5.through(proxy))) {
            next(connection, Up.class);
            long start = nanos();
            assertThat(connection.get("/" + "x".repeat(200)).text(PATIENCE)).hasSize(201);
            assertThat(Duration.ofNanos(nanos() - start)).isGreaterThan(Duration.ofMillis(200));
          }
        });
  }

  abstract long nanos();

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5", "SOCKS4A"})
  void bytesBehindTheAnswerAreTheTunnels(Hop hop) throws Exception {
    play(
        Script.silent(),
        (proxy, origin) -> {
          proxy.faults(new ProxyFault.Extra(Bytes.ofUtf8("first")));
          ConnectionOptions raw = ConnectionOptions.DEFAULT.protocols(Protocol.RAW);
          try (Connection connection = open(origin, hop.through(proxy), raw)) {
            connection.raw();
            assertThat(next(connection, Data.class).bytes()).isEqualTo(Bytes.ofUtf8("first"));
          }
        });
  }

  @Test
  void anEndAfterTheAnswerIsTheEndOfTheTunnel() throws Exception {
    for (Hop hop : List.of(Hop.HTTP, Hop.H2C, Hop.SOCKS5)) {
      play(
          ProxyServerContract::serve,
          (proxy, origin) -> {
            proxy.faults(new ProxyFault.Close(ProxyStep.OPEN), new ProxyFault.None());
            try (Connection connection =
                open(origin, hop.through(proxy), ConnectionOptions.DEFAULT.retry(OFTEN))) {
              next(connection, Down.class);
              assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
            }
          });
    }
  }

  // ---- faults of all

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5"})
  void killCutsEveryTunnelAndRestartTakesThemAgain(Hop hop) throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          try (Connection connection =
              open(origin, hop.through(proxy), ConnectionOptions.DEFAULT.retry(OFTEN))) {
            assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
            proxy.kill();
            next(connection, Down.class);
            Reason reason = next(connection, Retrying.class).reason();
            while (!(reason instanceof Reason.Hop)) {
              reason = next(connection, Retrying.class).reason();
            }
            assertThat(((Reason.Hop) reason).why()).isInstanceOf(Reason.Refused.class);
            await(() -> proxy.tunnels() == 0);
            proxy.restart();
            assertThat(connection.get("/again").text(PATIENCE)).isEqualTo("/again");
          }
        });
  }

  @Test
  void halfOpenPassesNothingOn() throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          Keepalive often = new Keepalive(Duration.ofMillis(100), Duration.ofMillis(200));
          ConnectionOptions watched =
              ConnectionOptions.DEFAULT
                  .retry(OFTEN)
                  .protocols(Protocol.HTTP_2)
                  .http2(Http2.DEFAULT.keepalive(often));
          for (Hop hop : List.of(Hop.HTTP, Hop.H2C)) {
            try (Connection connection = open(origin, hop.through(proxy), watched)) {
              assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
              proxy.halfOpen();
              Exchange unanswered = connection.get("/");
              Down down = next(connection, Down.class);
              assertThat(down.killed()).containsExactly(unanswered);
              Reason why = down.reason();
              assertThat(why instanceof Reason.Tunnel(var through, var last) ? last : why)
                  .isInstanceOf(Reason.Timeout.class);
              assertThat(connection.get("/").text(PATIENCE)).isEqualTo("/");
            }
          }
        });
  }

  // ---- misuse

  @Test
  void argumentsOutOfRangeAreNamed() throws Exception {
    play(
        ProxyServerContract::serve,
        (proxy, origin) -> {
          assertThatThrownBy(() -> proxy.proxy("https"))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("scheme: https, allowed http, ");
          assertThatThrownBy(proxy::faults)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("faults: none");
          assertThatThrownBy(() -> new ProxyFault.Refuse(299))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("code: 299");
          assertThatThrownBy(() -> new ProxyFault.Slow(Duration.ofDays(366)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("pause: ");
          assertThatThrownBy(proxy::tls).isInstanceOf(IllegalStateException.class);
        });
  }
}
