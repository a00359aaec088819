package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.RawOptions;
import dev.lariat.option.Tls;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two proxies in a row, of each kind, to an origin of each kind, on sockets: the 216 combinations
 * of Gun's {@code tunnel_SUITE}, by its names, such as {@code http_h2_https}.
 */
final class ProxyChainsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final List<Hop> HOPS =
      List.of(Hop.HTTP, Hop.HTTPS, Hop.H2C, Hop.H2, Hop.SOCKS5, Hop.SOCKS5_TLS);

  /** The servers of all tests: each proxy speaks whatever a client speaks. */
  private static final class Servers {
    static ProxyServer first;
    static ProxyServer firstTls;
    static ProxyServer second;
    static ProxyServer secondTls;
    static Origin origin;
    static Origin originTls;
    static Origin raw;
    static Origin rawTls;
  }

  /** What the last proxy leads to. */
  private enum Target {
    HTTP("http", Protocol.HTTP_1_1, false),
    HTTPS("https", Protocol.HTTP_1_1, true),
    H2C("h2c", Protocol.HTTP_2, false),
    H2("h2", Protocol.HTTP_2, true),
    RAW("raw", Protocol.RAW, false),
    RAW_TLS("raw+tls", Protocol.RAW, true);

    private final String name;
    final Protocol protocol;
    final boolean tls;

    Target(String name, Protocol protocol, boolean tls) {
      this.name = name;
      this.protocol = protocol;
      this.tls = tls;
    }

    Origin origin() {
      if (protocol == Protocol.RAW) {
        return tls ? Servers.rawTls : Servers.raw;
      }
      return tls ? Servers.originTls : Servers.origin;
    }

    ConnectionOptions options() {
      return options(protocol, tls ? Optional.of(origin().tls()) : Optional.empty());
    }

    static ConnectionOptions options(Protocol protocol, Optional<Tls> tls) {
      return ConnectionOptions.DEFAULT.protocols(protocol).tls(tls);
    }
  }

  /** One combination. */
  private record Chain(Hop first, Hop second, Target target) {
    ProxyServer firstServer() {
      return first.tls() ? Servers.firstTls : Servers.first;
    }

    ProxyServer secondServer() {
      return second.tls() ? Servers.secondTls : Servers.second;
    }

    ConnectionOptions via() {
      return target.options().via(first.through(firstServer()), second.through(secondServer()));
    }

    List<Intermediary> intermediaries() {
      return List.of(
          new Intermediary(first.through(firstServer()).uri(), first.protocol),
          new Intermediary(second.through(secondServer()).uri(), second.protocol));
    }

    /** What the proxies have been asked for last. */
    void check() {
      AskedTunnel byUs = firstServer().asked().getLast();
      assertThat(byUs.kind()).isEqualTo(first.through(firstServer()).kind());
      assertThat(byUs.protocol()).isEqualTo(first.protocol);
      assertThat(byUs.destination()).isEqualTo("127.0.0.1:" + secondServer().port());
      AskedTunnel byTheFirst = secondServer().asked().getLast();
      assertThat(byTheFirst.kind()).isEqualTo(second.through(secondServer()).kind());
      assertThat(byTheFirst.protocol()).isEqualTo(second.protocol);
      assertThat(byTheFirst.destination()).isEqualTo("127.0.0.1:" + target.origin().port());
    }

    @Override
    public String toString() {
      return first + "_" + second + "_" + target.name;
    }
  }

  @BeforeAll
  static void start() {
    ServerCertificate certificate = ServerCertificate.TRUSTED;
    Script http = ProxyServerContract::serve;
    Script echo = ProxyChainsTest::echo;
    Servers.first = ProxyServer.start();
    Servers.firstTls = ProxyServer.startTls(certificate);
    Servers.second = ProxyServer.start();
    Servers.secondTls = ProxyServer.startTls(certificate);
    Servers.origin = Origin.start(http).protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    Servers.originTls =
        Origin.startTls(certificate, http).protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    Servers.raw = Origin.start(echo);
    Servers.rawTls = Origin.startTls(certificate, echo);
    for (ProxyServer proxy :
        List.of(Servers.first, Servers.firstTls, Servers.second, Servers.secondTls)) {
      proxy.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    }
  }

  @AfterAll
  static void end() {
    Servers.first.close();
    Servers.firstTls.close();
    Servers.second.close();
    Servers.secondTls.close();
    Servers.origin.close();
    Servers.originTls.close();
    Servers.raw.close();
    Servers.rawTls.close();
  }

  private static void echo(Visit visit) throws IOException {
    visit.write(visit.read(5));
    visit.awaitEnd();
  }

  static Stream<Chain> all() {
    return pairs(HOPS).flatMap(pair -> to(pair, Target.values()));
  }

  static Stream<Chain> ofHttp() {
    return pairs(HOPS.subList(0, 4)).flatMap(pair -> to(pair, Target.values()));
  }

  /** A tunnel to an HTTP proxy, on a connection that goes through one of SOCKS. */
  static Stream<Chain> behindSocks() {
    return pairs(HOPS)
        .filter(pair -> pair.first.protocol.isEmpty() && pair.second.protocol.isPresent())
        .flatMap(pair -> to(pair, Target.values()));
  }

  static Stream<Chain> pairs() {
    return pairs(HOPS);
  }

  private static Stream<Chain> pairs(List<Hop> hops) {
    return hops.stream()
        .flatMap(first -> hops.stream().map(second -> new Chain(first, second, Target.HTTP)));
  }

  private static Stream<Chain> to(Chain pair, Target... targets) {
    return Arrays.stream(targets).map(target -> new Chain(pair.first, pair.second, target));
  }

  // ---- by option

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void aConnectionGoesThroughTwoProxies(Chain chain) throws Exception {
    Origin origin = chain.target.origin();
    try (Connection connection = Lariat.open(origin.host(), origin.port(), chain.via())) {
      use(connection, chain);
    }
    chain.check();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void aWebSocketGoesThroughTwoProxies(Chain chain) throws Exception {
    Origin origin = chain.target.origin();
    try (Connection connection = Lariat.open(origin.host(), origin.port(), chain.via())) {
      WebSocket socket = connection.webSocket("/", WebSocketOptions.DEFAULT);
      Text text = new Text("through two");
      socket.send(text);
      assertThat(frame(connection)).isEqualTo(text);
    }
    chain.check();
  }

  private static Frame frame(Connection connection) throws InterruptedException {
    Message message = connection.mailbox().take(PATIENCE);
    while (message != null && !(message instanceof WebSocketFrame)) {
      message = connection.mailbox().take(PATIENCE);
    }
    assertThat(message).as("a frame").isNotNull();
    return ((WebSocketFrame) message).frame();
  }

  // ---- by connect

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofHttp")
  void aTunnelGoesThroughATunnel(Chain chain) throws Exception {
    ProxyServer first = chain.firstServer();
    try (Connection outer = Lariat.open(first.host(), first.port(), speaking(chain.first, first));
        Tunnel inner =
            connect(outer, chain.secondServer(), speaking(chain.second, chain.secondServer()));
        Tunnel tunnel = connect(inner, chain.target)) {
      use(tunnel, chain);
    }
    chain.check();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("behindSocks")
  void aTunnelGoesThroughAConnectionThatGoesThroughASocksProxy(Chain chain) throws Exception {
    ProxyServer second = chain.secondServer();
    ConnectionOptions options =
        speaking(chain.second, second).via(chain.first.through(chain.firstServer()));
    try (Connection outer = Lariat.open(second.host(), second.port(), options);
        Tunnel tunnel = connect(outer, chain.target)) {
      use(tunnel, chain);
    }
    chain.check();
  }

  private static ConnectionOptions speaking(Hop hop, ProxyServer server) {
    return Target.options(
        hop.protocol.orElseThrow(), hop.tls() ? Optional.of(server.tls()) : Optional.empty());
  }

  private static Tunnel connect(Connection outer, ProxyServer to, ConnectionOptions options) {
    return outer.connect(to.host(), to.port(), TunnelOptions.DEFAULT.connection(options));
  }

  private static Tunnel connect(Connection outer, Target target) {
    Origin origin = target.origin();
    return outer.connect(
        origin.host(), origin.port(), TunnelOptions.DEFAULT.connection(target.options()));
  }

  // ---- what goes through

  private static void use(Connection connection, Chain chain) throws Exception {
    assertThat(connection.awaitUp(PATIENCE)).isEqualTo(chain.target.protocol);
    ConnectionInfo info = connection.info().get(10, TimeUnit.SECONDS);
    assertThat(info.protocol()).contains(chain.target.protocol);
    assertThat(info.intermediaries()).isEqualTo(chain.intermediaries());
    if (chain.target.protocol != Protocol.RAW) {
      assertThat(connection.get("/through").text(PATIENCE)).isEqualTo("/through");
      return;
    }
    Exchange raw = connection.raw(RawOptions.DEFAULT);
    raw.data(Bytes.ofUtf8("bytes"), false);
    try (InputStream in = raw.inputStream(PATIENCE)) {
      assertThat(new String(in.readNBytes(5), StandardCharsets.US_ASCII)).isEqualTo("bytes");
    }
  }
}
