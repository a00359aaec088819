package dev.lariat.it;

import static dev.lariat.it.Through.endOfTheServer;
import static dev.lariat.it.Through.healing;
import static dev.lariat.it.Through.much;
import static dev.lariat.it.Through.options;
import static dev.lariat.it.Through.pageAndWebSocket;
import static dev.lariat.it.Through.port;
import static dev.lariat.it.Through.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.SocksReply;
import dev.lariat.message.Retrying;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyProtocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Through squid, tinyproxy, microsocks and dante to nginx, in front of python3-websockets. */
@Needs({
  Peer.SQUID,
  Peer.TINYPROXY,
  Peer.MICROSOCKS,
  Peer.DANTE,
  Peer.HAPROXY,
  Peer.NGINX,
  Peer.PYTHON_WEBSOCKETS
})
final class ForwardProxiesTest {
  // ---- through

  static Stream<Arguments> each() {
    return Stream.of(Forward.values())
        .flatMap(proxy -> Stream.of(Arguments.of(proxy, false), Arguments.of(proxy, true)));
  }

  @ParameterizedTest(name = "{0}, server with TLS {1}")
  @MethodSource("each")
  void aRequestAndAWebSocketGoThrough(Forward forward, boolean tls) {
    pageAndWebSocket(tls, forward.proxy());
  }

  static Stream<Arguments> pairs() {
    List<Forward> all =
        List.of(Forward.SQUID_OVER_TLS, Forward.TINYPROXY, Forward.MICROSOCKS, Forward.DANTE);
    return all.stream()
        .flatMap(
            first ->
                all.stream()
                    .filter(second -> first != second)
                    .map(second -> Arguments.of(first, second)));
  }

  @ParameterizedTest(name = "pair_{0}_{1}")
  @MethodSource("pairs")
  void aRequestAndAWebSocketGoThroughTwo(Forward first, Forward second) {
    pageAndWebSocket(true, first.proxy(), second.proxy());
    pageAndWebSocket(false, first.proxy(), second.proxy());
  }

  @Test
  void aRequestAndAWebSocketGoThroughThree() {
    Proxy squid = Forward.SQUID_OVER_TLS.proxy();
    Proxy tiny = Forward.TINYPROXY.proxy();
    Proxy socks = Forward.MICROSOCKS.proxy();
    pageAndWebSocket(true, squid, socks, tiny);
    pageAndWebSocket(false, socks, tiny, squid);
    pageAndWebSocket(true, tiny, squid, Forward.DANTE_SOCKS4.proxy());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void muchGoesThroughTlsInTls(boolean tls) {
    much(tls, Forward.SQUID_OVER_TLS.proxy());
  }

  @ParameterizedTest(name = "{0}, server with TLS {1}")
  @MethodSource("each")
  void theServersEndComesThrough(Forward forward, boolean tls) {
    endOfTheServer(tls, forward.proxy());
  }

  @Test
  void aNameIsResolvedByTheProxy() {
    try (Witness witness =
        Witness.open("localhost", port(false), options(false, Forward.MICROSOCKS.proxy()))) {
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }

  // ---- healing

  @ParameterizedTest
  @EnumSource(names = {"SQUID_DIGEST", "SQUID_OVER_TLS", "TINYPROXY", "MICROSOCKS"})
  void aLiveWebSocketHealsWhenItsProxyIsKilledAndStartsAgain(Forward forward) throws Exception {
    try (Server server = own(forward)) {
      healing(server, forward.proxy(server));
    }
  }

  private static Server own(Forward forward) {
    String name = "own-" + forward.name().toLowerCase(Locale.ROOT);
    return switch (forward) {
      case TINYPROXY -> Forward.tinyproxy(name);
      case MICROSOCKS -> Forward.microsocks(name, "-u", "user", "-P", "secret");
      default -> Forward.squid(name);
    };
  }

  // ---- refusals

  private static int status(Reason why) {
    assertThat(why).isInstanceOf(Reason.Status.class);
    return ((Reason.Status) why).status();
  }

  @ParameterizedTest
  @EnumSource(names = {"SQUID_DIGEST", "SQUID_OVER_TLS", "TINYPROXY"})
  void credentialsThatAreWrongOrMissingAreAStatusOf407(Forward forward) {
    Proxy plain = forward.plain(forward.server());
    Proxy wrong = plain.credentials(Credentials.of("user", "wrong"));
    Proxy wrongAtOnce = plain.credentials(Credentials.basic("user", "wrong"));
    for (Proxy proxy : Arrays.asList(plain, wrong, wrongAtOnce)) {
      Reason.Status why = (Reason.Status) refusal(port(false), proxy);
      assertThat(why.status()).isIn(407, 401); // tinyproxy says 401 to a wrong password
      assertThat(why.sentence()).contains(" requested ");
    }
  }

  @Test
  void credentialsThatAreWrongOrMissingAreARefusalOfSocks() {
    Proxy plain = Forward.MICROSOCKS.plain(Forward.MICROSOCKS.server());
    assertThat(refusal(port(false), plain)).isEqualTo(new Reason.Socks(SocksReply.NO_METHOD, 0xff));
    assertThat(refusal(port(false), plain.credentials(Credentials.of("user", "wrong"))))
        .isInstanceOfSatisfying(
            Reason.Socks.class, why -> assertThat(why.reply()).isEqualTo(SocksReply.LOGIN_REFUSED));
  }

  @Test
  void nobodyAtTheServerIsTheProxysAnswer() {
    int nobody = Server.freePorts(1).get(0);
    assertThat(status(refusal(nobody, Forward.SQUID_DIGEST.proxy()))).isEqualTo(503);
    assertThat(status(refusal(nobody, Forward.TINYPROXY.proxy()))).isGreaterThanOrEqualTo(500);
    assertThat(refusal(nobody, Forward.MICROSOCKS.proxy()))
        .isEqualTo(new Reason.Socks(SocksReply.CONNECTION_REFUSED, 5));
    assertThat(refusal(nobody, Forward.DANTE.proxy()))
        .isEqualTo(new Reason.Socks(SocksReply.CONNECTION_REFUSED, 5));
    assertThat(refusal(nobody, Forward.DANTE_SOCKS4.proxy()))
        .isEqualTo(new Reason.Socks(SocksReply.REJECTED, 91));
    assertThat(refusal(nobody, Forward.MICROSOCKS.proxy(), Forward.DANTE.proxy()))
        .isEqualTo(new Reason.Socks(SocksReply.CONNECTION_REFUSED, 5));
  }

  @Test
  void aRuleOfTheProxyIsItsAnswer() {
    try (Connection connection =
        Lariat.open("127.0.0.9", 80, options(false, Forward.DANTE.proxy()))) {
      Witness witness = new Witness(connection);
      Reason.Hop hop = (Reason.Hop) witness.next(Retrying.class).reason();
      assertThat(hop.why()).isEqualTo(new Reason.Socks(SocksReply.NOT_ALLOWED, 2));
    }
  }

  @Test
  void aProxyThatNobodyVouchesForIsRefused() {
    Server squid = Forward.SQUID_OVER_TLS.server();
    Proxy unknown = Proxy.of("https://user:secret@127.0.0.1:" + squid.port(1));
    assertThat(refusal(port(false), unknown)).isInstanceOf(Reason.Tls.class);
  }

  @Test
  void aProxyOfAnotherKindIsAReason() {
    Server tiny = Forward.TINYPROXY.server();
    Proxy wrong = Proxy.of("socks5h://127.0.0.1:" + tiny.port(0)).timeout(Duration.ofMillis(300));
    assertThat(refusal(port(false), wrong))
        .isInstanceOfAny(Reason.Timeout.class, Reason.Protocol.class);
    Server micro = Forward.MICROSOCKS.server();
    assertThat(refusal(port(false), Proxy.of("http://127.0.0.1:" + micro.port(0))))
        .isInstanceOfAny(Reason.Closed.class, Reason.Protocol.class, Reason.Reset.class);
  }

  // ---- the PROXY protocol

  private static final class ProxyProtocolNginx {
    static final Server SERVER =
        Server.start(
            "nginx-of-the-proxy-protocol",
            2,
            ports ->
                Servers.nginx(
                    "proxies/nginx.conf", "nginx-of-the-proxy-protocol", Servers.values(ports)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nginxLearnsTheAddressesByTheProxyProtocol(boolean tls) {
    int port = ProxyProtocolNginx.SERVER.port(tls ? 1 : 0);
    InetSocketAddress source = new InetSocketAddress("192.0.2.7", 4321);
    InetSocketAddress v6 = new InetSocketAddress("2001:db8::7", 4321);
    for (ProxyProtocol version : List.of(ProxyProtocol.V1, ProxyProtocol.V2)) {
      assertThat(reported(tls, port, version))
          .matches("127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 " + port);
      assertThat(reported(tls, port, version.source(source)))
          .isEqualTo("192.0.2.7 4321 127.0.0.1 " + port);
      assertThat(reported(tls, port, version.source(v6)))
          .matches("2001:db8:(0:0:0:0:0)?:7 4321 ::ffff:127\\.0\\.0\\.1 " + port);
    }
  }

  private static String reported(boolean tls, int port, ProxyProtocol header) {
    ConnectionOptions options = options(tls).proxyProtocol(header);
    try (Witness witness = Witness.open("127.0.0.1", port, options)) {
      return witness.get("/").body();
    }
  }
}
