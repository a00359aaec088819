package dev.lariat.it;

import static dev.lariat.it.Through.endOfTheServer;
import static dev.lariat.it.Through.healing;
import static dev.lariat.it.Through.much;
import static dev.lariat.it.Through.pageAndWebSocket;
import static dev.lariat.it.Through.port;
import static dev.lariat.it.Through.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Through Apache, nghttpx and haproxy over HTTP/2, alone and among others, to nginx. */
@Needs({
  Peer.SQUID,
  Peer.TINYPROXY,
  Peer.MICROSOCKS,
  Peer.APACHE,
  Peer.NGHTTPX,
  Peer.HAPROXY,
  Peer.NGINX,
  Peer.PYTHON_WEBSOCKETS
})
final class Http2ForwardProxiesTest {
  private static final Protocol[] BOTH = {Protocol.HTTP_2, Protocol.HTTP_1_1};

  // ---- through

  @ParameterizedTest
  @EnumSource(
      names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2", "HAPROXY_H2C", "HAPROXY_H2"})
  void aRequestAndAWebSocketGoThrough(ForwardProxy forward) {
    pageAndWebSocket(false, forward.proxy());
    pageAndWebSocket(true, forward.proxy());
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2"})
  void aRequestAndAWebSocketGoThroughItAmongOthers(ForwardProxy forward) {
    Proxy squid = ForwardProxy.SQUID.proxy();
    Proxy tls = Forward.SQUID_OVER_TLS.proxy();
    Proxy socks = Forward.MICROSOCKS.proxy();
    pageAndWebSocket(true, squid, forward.proxy());
    pageAndWebSocket(true, forward.proxy(), socks);
    pageAndWebSocket(false, socks, forward.proxy(), tls);
  }

  @Test
  void aRequestAndAWebSocketGoThroughTwoOfHttp2() {
    pageAndWebSocket(true, ForwardProxy.APACHE_H2.proxy(), ForwardProxy.NGHTTPX_H2.proxy());
    pageAndWebSocket(false, ForwardProxy.NGHTTPX_H2.proxy(), ForwardProxy.APACHE_H2C.proxy());
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H2", "NGHTTPX_H2"})
  void muchGoesThrough(ForwardProxy forward) {
    much(true, forward.proxy());
  }

  @Test
  void theServersEndComesThrough() {
    Proxy proxy = ForwardProxy.APACHE_H2.proxy();
    endOfTheServer(false, proxy);
    endOfTheServer(true, proxy);
  }

  // ---- ALPN

  private static Optional<Protocol> spoken(Proxy proxy) throws Exception {
    try (Witness witness = Through.open(false, proxy)) {
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
      List<Intermediary> all = witness.connection().info().get().intermediaries();
      assertThat(all).hasSize(1);
      return all.getFirst().protocol();
    }
  }

  @Test
  void theProxyChoosesByAlpn() throws Exception {
    Proxy apache = ForwardProxy.APACHE_H2.proxy();
    assertThat(spoken(apache.protocols(BOTH))).contains(Protocol.HTTP_2);
    assertThat(spoken(apache.protocols(Protocol.HTTP_1_1))).contains(Protocol.HTTP_1_1);
    Proxy haproxy = ForwardProxy.HAPROXY_H2.proxy();
    assertThat(spoken(haproxy.protocols(BOTH))).contains(Protocol.HTTP_2);
    assertThat(spoken(haproxy.protocols(Protocol.HTTP_1_1))).contains(Protocol.HTTP_1_1);
    assertThat(spoken(ForwardProxy.SQUID_TLS.proxy().protocols(BOTH))).contains(Protocol.HTTP_1_1);
  }

  @Test
  void aProxyThatDoesNotChooseHttp2IsRefusedIfNothingElseIsAllowed() {
    Proxy squid = ForwardProxy.SQUID_TLS.proxy().protocols(Protocol.HTTP_2);
    assertThat(refusal(port(false), squid)).isInstanceOf(Reason.Tls.class);
  }

  // ---- refusals

  private static Proxy withLogin(Credentials credentials) {
    return Proxy.of("http://127.0.0.1:" + ForwardProxy.apache().port(2))
        .protocols(Protocol.HTTP_2)
        .credentials(credentials);
  }

  @Test
  void credentialsAnswerAChallenge() {
    pageAndWebSocket(true, withLogin(Credentials.of("user", "secret")));
    pageAndWebSocket(true, withLogin(Credentials.basic("user", "secret")));
  }

  @Test
  void credentialsThatAreWrongAreAStatusOf407() {
    for (Credentials wrong :
        Arrays.asList(Credentials.of("user", "wrong"), Credentials.basic("user", "wrong"))) {
      Reason.Status why = (Reason.Status) refusal(port(false), withLogin(wrong));
      assertThat(why.status()).isEqualTo(407);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2", "HAPROXY_H2"})
  void nobodyAtTheServerIsTheProxysAnswer(ForwardProxy forward) {
    int nobody = Server.freePorts(1).get(0);
    Reason.Status why = (Reason.Status) refusal(nobody, forward.proxy());
    assertThat(why.status()).isGreaterThanOrEqualTo(500);
  }

  // ---- healing

  @Test
  void aLiveWebSocketHealsWhenItsProxyIsKilledAndStartsAgain() throws Exception {
    try (Server server = ForwardProxy.startApache("own-apache")) {
      Proxy proxy =
          Proxy.of("https://127.0.0.1:" + server.port(1))
              .protocols(Protocol.HTTP_2)
              .tls(Certificates.trusted());
      healing(server, proxy);
    }
  }
}
