package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Through Apache and nghttpx over HTTP/2, alone and among others, to nginx. */
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

  private static ConnectionOptions options(boolean tls, Proxy... via) {
    return (tls ? Way.TLS : Way.PLAIN).options().via(via);
  }

  private static int port(boolean tls) {
    return Servers.nginx().port(tls ? 1 : 0);
  }

  private static void pageAndWebSocket(boolean tls, Proxy... via) {
    try (Witness witness = Witness.open("127.0.0.1", port(tls), options(tls, via))) {
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
      assertThat(witness.get("/large.txt").body()).hasSize(1_000_000);
      WebSocket socket = witness.upgraded("/ws/echo", WebSocketOptions.DEFAULT);
      Text text = new Text("through " + via.length);
      socket.send(text);
      assertThat(witness.frame()).isEqualTo(text);
    }
  }

  // ---- through

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2"})
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
    try (Witness witness = Witness.open("127.0.0.1", port(true), options(true, forward.proxy()))) {
      assertThat(witness.get("/huge.bin").body().length()).isGreaterThan(1 << 20);
    }
  }

  @Test
  void theServersEndComesThrough() {
    Proxy proxy = ForwardProxy.APACHE_H2.proxy();
    for (boolean tls : new boolean[] {false, true}) {
      try (Witness witness = Witness.open("127.0.0.1", port(tls), options(tls, proxy))) {
        Request last = Request.of("GET", "/page.txt").header("connection", "close");
        assertThat(witness.ask(last).body()).isEqualTo("a page\n");
        assertThat(witness.until(Down.class).reason()).isEqualTo(new Reason.Closed());
      }
    }
  }

  // ---- ALPN

  private static Optional<Protocol> spoken(Proxy proxy) throws Exception {
    try (Witness witness = Witness.open("127.0.0.1", port(false), options(false, proxy))) {
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
    assertThat(spoken(ForwardProxy.SQUID_TLS.proxy().protocols(BOTH))).contains(Protocol.HTTP_1_1);
  }

  @Test
  void aProxyThatDoesNotChooseHttp2IsRefusedIfNothingElseIsAllowed() {
    Proxy squid = ForwardProxy.SQUID_TLS.proxy().protocols(Protocol.HTTP_2);
    assertThat(refusal(port(false), squid)).isInstanceOf(Reason.Tls.class);
  }

  // ---- refusals

  private static Reason refusal(int port, Proxy... via) {
    try (Witness witness = Witness.open("127.0.0.1", port, options(false, via))) {
      Reason.Hop hop = (Reason.Hop) witness.next(Retrying.class).reason();
      assertThat(hop.number()).isEqualTo(via.length);
      assertThat(hop.proxy()).isEqualTo(via[via.length - 1].uri());
      return hop.why();
    }
  }

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
  @EnumSource(names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2"})
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
      LiveOptions live =
          LiveOptions.DEFAULT
              .connection(options(true, proxy))
              .healing(Healing.DEFAULT.retry(Witness.QUICK.retry()));
      URI uri = URI.create("wss://127.0.0.1:" + port(true) + "/ws/echo");
      try (LiveWebSocket socket = LiveWebSocket.to(uri).options(live).open()) {
        echoes(socket, "before");
        server.kill();
        Reason reason = null;
        while (!(reason instanceof Reason.Hop)) {
          reason = next(socket, Waiting.class).reason();
        }
        assertThat(((Reason.Hop) reason).number()).isEqualTo(1);
        server.restart();
        echoes(socket, "after");
      }
    }
  }

  private static void echoes(LiveWebSocket socket, String text) throws Exception {
    socket.send(new Text(text));
    assertThat(next(socket, WebSocketFrame.class).frame()).isEqualTo(new Text(text));
  }

  private static <T extends Message> T next(LiveWebSocket socket, Class<T> kind) throws Exception {
    Message message = take(socket);
    while (!kind.isInstance(message)) {
      assertThat(message).as("before a " + kind.getSimpleName()).isNotNull();
      message = take(socket);
    }
    return kind.cast(message);
  }

  private static Message take(LiveWebSocket socket) throws InterruptedException {
    return socket.mailbox().take(Witness.PATIENCE.multipliedBy(3));
  }
}
