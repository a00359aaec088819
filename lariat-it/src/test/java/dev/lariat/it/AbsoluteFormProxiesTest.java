package dev.lariat.it;

import static dev.lariat.it.Through.options;
import static dev.lariat.it.Through.port;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import dev.lariat.option.RequestRetry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests in absolute form, which squid, tinyproxy, Apache and nghttpx take to nginx. */
@Needs({
  Peer.SQUID,
  Peer.TINYPROXY,
  Peer.APACHE,
  Peer.NGHTTPX,
  Peer.MICROSOCKS,
  Peer.NGINX,
  Peer.PYTHON_WEBSOCKETS
})
final class AbsoluteFormProxiesTest {

  private static Witness open(Proxy... via) {
    Proxy last = via[via.length - 1];
    via[via.length - 1] = last.absoluteForm(true);
    return Witness.open("127.0.0.1", port(false), options(false, via));
  }

  private static void pages(Witness witness) {
    for (int i = 0; i < 3; i++) {
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    }
    assertThat(witness.get("/large.txt").body()).hasSize(1_000_000);
  }

  private static void pages(Protocol spoken, Proxy... via) {
    try (Witness witness = open(via)) {
      pages(witness);
      ConnectionInfo info = witness.connection().info().join();
      assertThat(info.connection().authority()).isEqualTo("127.0.0.1:" + port(false));
      assertThat(info.intermediaries()).hasSize(via.length);
      assertThat(info.intermediaries().getLast())
          .isEqualTo(new Intermediary(via[via.length - 1].uri(), Optional.of(spoken)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SQUID_BASIC", "SQUID_DIGEST", "SQUID_OVER_TLS"})
  void aProxyThatAsksForCredentialsTakesRequests(Forward forward) {
    pages(Protocol.HTTP_1_1, forward.proxy());
  }

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H1", "APACHE_H2C", "APACHE_H2"})
  void aProxyTakesRequests(ForwardProxy forward) {
    pages(forward.protocol, forward.proxy());
  }

  @Test
  void aProxyThatPassesRequestsOnToAnotherTakesThem() {
    int apache = ForwardProxy.apache().port(0);
    try (Server nghttpx = ForwardProxy.startNghttpx("nghttpx-absolute", apache)) {
      Proxy proxy =
          Proxy.of("https://127.0.0.1:" + nghttpx.port(1))
              .tls(Certificates.trusted())
              .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
      pages(Protocol.HTTP_2, proxy);
      pages(Protocol.HTTP_1_1, proxy.protocols(Protocol.HTTP_1_1));
    }
  }

  /** Tinyproxy does so without saying it, and after its challenge, too. */
  @Test
  void aProxyThatEndsTheConnectionAfterEachResponseTakesRequests() {
    for (Proxy proxy : List.of(ForwardProxy.TINYPROXY.proxy(), Forward.TINYPROXY.proxy())) {
      ConnectionOptions options = options(false, proxy.absoluteForm(true));
      try (Connection connection = Lariat.open("127.0.0.1", port(false), options)) {
        Caller caller = Caller.on(connection).retry(RequestRetry.DEFAULT);
        for (int i = 0; i < 3; i++) {
          assertThat(caller.get("/page.txt", Witness.PATIENCE).text()).isEqualTo("a page\n");
        }
        assertThat(caller.get("/large.txt", Witness.PATIENCE).text()).hasSize(1_000_000);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void apacheGetsCredentialsAfterItsChallenge(Protocol protocol) {
    Proxy apache =
        Proxy.of("http://127.0.0.1:" + ForwardProxy.apache().port(2)).protocols(protocol);
    pages(protocol, apache.credentials(Credentials.of("user", "secret")));
    pages(protocol, apache.credentials(Credentials.basic("user", "secret")));
  }

  @Test
  void proxiesBeforeItOpenTunnels() {
    pages(Protocol.HTTP_1_1, Forward.TINYPROXY.proxy(), Forward.SQUID_DIGEST.proxy());
    pages(Protocol.HTTP_2, Forward.MICROSOCKS.proxy(), ForwardProxy.APACHE_H2.proxy());
    pages(Protocol.HTTP_1_1, ForwardProxy.APACHE_H2.proxy(), Forward.SQUID_OVER_TLS.proxy());
  }

  @ParameterizedTest
  @EnumSource(names = {"SQUID_DIGEST", "TINYPROXY"})
  void wrongCredentialsAreTheResponse(Forward forward) {
    for (Credentials wrong :
        List.of(Credentials.of("user", "wrong"), Credentials.basic("user", "wrong"))) {
      try (Witness witness = open(forward.plain(forward.server()).credentials(wrong))) {
        assertThat(witness.get("/page.txt").status()).isIn(407, 401); // tinyproxy says 401
      }
    }
  }

  @Test
  void nobodyAtTheServerIsTheProxysResponse() {
    int nobody = Server.freePorts(1).getFirst();
    Proxy squid = Forward.SQUID_BASIC.proxy().absoluteForm(true);
    try (Witness witness = Witness.open("127.0.0.1", nobody, options(false, squid))) {
      assertThat(witness.get("/").status()).isEqualTo(503);
    }
  }

  @Test
  void aProxyThatIsNotThereIsAHop() {
    Proxy nobody = Proxy.of("http://127.0.0.1:" + Server.freePorts(1).getFirst());
    try (Witness witness = open(nobody)) {
      Reason.Hop hop = (Reason.Hop) witness.next(Retrying.class).reason();
      assertThat(hop.proxy()).isEqualTo(nobody.uri());
      assertThat(hop.why()).isInstanceOf(Reason.Refused.class);
    }
  }
}
