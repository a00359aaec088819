package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.RawOptions;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tunnels through proxies that others wrote. */
@Needs({Peer.SQUID, Peer.TINYPROXY, Peer.APACHE, Peer.NGHTTPX, Peer.H2O, Peer.PYTHON_WEBSOCKETS})
final class TunnelTest {
  /** Apache serves six streams of a connection at first. */
  private static final int MANY = 5;

  private static final ConnectionOptions TRUSTING =
      ConnectionOptions.DEFAULT.tls(Certificates.trusted());
  private static final ConnectionOptions HTTP2 = TRUSTING.protocols(Protocol.HTTP_2);

  private static final TunnelOptions HEALING =
      TunnelOptions.DEFAULT.retry(
          Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50)));

  /** The owner of a tunnel, which has a mailbox of its own. */
  private static Witness tunnel(Connection through, int port, TunnelOptions options) {
    return new Witness(through.connect("127.0.0.1", port, options.replyTo(Mailbox.create())));
  }

  private static TunnelOptions inside(ConnectionOptions options) {
    return TunnelOptions.DEFAULT.connection(options);
  }

  private static void isUp(Witness tunnel, Protocol protocol) {
    TunnelUp opened = tunnel.next(TunnelUp.class);
    assertThat(opened.stream()).isSameAs(tunnel.connection());
    assertThat(opened.status()).isEqualTo(200);
    assertThat(tunnel.next(Up.class)).isEqualTo(new Up(tunnel.connection(), protocol));
  }

  // ---- what is inside

  @ParameterizedTest
  @EnumSource
  void aRequestIsAnsweredThrough(ForwardProxy proxy) {
    try (Witness outer = proxy.open();
        Witness tunnel = tunnel(outer.connection(), Servers.h2o().port(0), TunnelOptions.DEFAULT)) {
      isUp(tunnel, Protocol.HTTP_1_1);
      assertThat(tunnel.get("/page.txt").body()).isEqualTo("a page\n");
      assertThat(tunnel.get("/large.txt").body()).hasSize(1_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tlsToTheOriginGoesThrough(ForwardProxy proxy) {
    for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
      try (Witness outer = proxy.open();
          Witness tunnel =
              tunnel(
                  outer.connection(),
                  Servers.h2o().port(1),
                  inside(TRUSTING.protocols(protocol)))) {
        isUp(tunnel, protocol);
        assertThat(tunnel.get("/large.txt").body()).hasSize(1_000_000);
        assertThat(tunnel.get("/page.txt").body()).isEqualTo("a page\n");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void webSocketMessagesComeBackThrough(ForwardProxy proxy) {
    for (boolean tls : new boolean[] {false, true}) {
      try (Witness outer = proxy.open();
          Witness tunnel =
              tunnel(
                  outer.connection(),
                  Servers.python().port(tls ? 1 : 0),
                  inside(tls ? TRUSTING : ConnectionOptions.DEFAULT))) {
        WebSocket socket = tunnel.upgraded("/echo", WebSocketOptions.DEFAULT);
        for (int size : new int[] {0, 125, 65_536, 1 << 20}) {
          byte[] bytes = new byte[size];
          new Random(size).nextBytes(bytes);
          socket.send(new Binary(bytes), new Text("after " + size));
          assertThat(tunnel.frame()).isEqualTo(new Binary(bytes));
          assertThat(tunnel.frame()).isEqualTo(new Text("after " + size));
        }
        socket.send(new Close(4000, "enough"));
        assertThat(tunnel.frame()).isInstanceOf(Close.class);
        assertThat(tunnel.next(WebSocketClosed.class).handshake().received().code())
            .isEqualTo(4000);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rawBytesGoThrough(ForwardProxy proxy) {
    try (Witness outer = proxy.open();
        Witness tunnel =
            tunnel(
                outer.connection(),
                Servers.h2o().port(0),
                inside(ConnectionOptions.DEFAULT.protocols(Protocol.RAW)))) {
      var stream = tunnel.raw(RawOptions.DEFAULT);
      stream.data(Bytes.ofUtf8("GET /page.txt HTTP/1.0\r\n\r\n"), false);
      isUp(tunnel, Protocol.RAW);
      StringBuilder read = new StringBuilder();
      while (!read.toString().endsWith("a page\n")) {
        read.append(tunnel.next(Data.class).bytes().utf8());
      }
      assertThat(read).startsWith("HTTP/1.1 200");
      stream.data(Bytes.EMPTY, true); // Apache ends its side of a tunnel after this one's
      assertThat(tunnel.next(Data.class)).isEqualTo(new Data(stream, true, Bytes.EMPTY));
    }
  }

  // ---- many, and in each other

  @ParameterizedTest
  @EnumSource(names = {"APACHE_H2C", "APACHE_H2", "NGHTTPX_H2C", "NGHTTPX_H2"})
  void aConnectionOfHttp2CarriesManyTunnels(ForwardProxy proxy) {
    try (Witness outer = proxy.open()) {
      List<Witness> tunnels = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        boolean tls = i % 2 == 1;
        tunnels.add(
            tunnel(
                outer.connection(),
                Servers.h2o().port(tls ? 1 : 0),
                inside(tls ? TRUSTING : ConnectionOptions.DEFAULT)));
      }
      for (Witness tunnel : tunnels) {
        assertThat(tunnel.connection().get("/large.txt")).isNotNull();
      }
      for (Witness tunnel : tunnels) {
        tunnel.until(Up.class);
      }
      assertThat(outer.connection().info().join().streams()).isEqualTo(MANY);
      for (Witness tunnel : tunnels) {
        tunnel.connection().close();
        tunnel.until(Terminated.class);
      }
      // and the connection goes on
      try (Witness last =
          tunnel(outer.connection(), Servers.h2o().port(0), TunnelOptions.DEFAULT)) {
        isUp(last, Protocol.HTTP_1_1);
        assertThat(last.get("/page.txt").body()).isEqualTo("a page\n");
      }
      assertThat(outer.told()).noneMatch(Down.class::isInstance);
    }
  }

  @Test
  void aTunnelBesideRequests() {
    try (Witness outer = ForwardProxy.APACHE_H2.open();
        Witness tunnel =
            tunnel(outer.connection(), Servers.python().port(0), TunnelOptions.DEFAULT)) {
      WebSocket socket = tunnel.upgraded("/echo", WebSocketOptions.DEFAULT);
      assertThat(outer.get("/page.txt").body()).isEqualTo("a page\n");
      socket.send(new Text("beside"));
      assertThat(tunnel.frame()).isEqualTo(new Text("beside"));
      assertThat(outer.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }

  @Test
  void tunnelsWithinTunnels() {
    TunnelOptions toApache = inside(ForwardProxy.APACHE_H2.options());
    TunnelOptions toSquid = inside(ForwardProxy.SQUID_TLS.options());
    try (Witness first = ForwardProxy.NGHTTPX_H2.open();
        Witness second = tunnel(first.connection(), ForwardProxy.APACHE_H2.port(), toApache);
        Witness third = tunnel(second.connection(), ForwardProxy.SQUID_TLS.port(), toSquid);
        Witness last = tunnel(third.connection(), Servers.h2o().port(1), inside(HTTP2))) {
      isUp(last, Protocol.HTTP_2);
      assertThat(last.get("/large.txt").body()).hasSize(1_000_000);
      assertThat(last.connection().info().join().intermediaries())
          .containsExactly(
              intermediary(ForwardProxy.NGHTTPX_H2, Protocol.HTTP_2),
              intermediary(ForwardProxy.APACHE_H2, Protocol.HTTP_2),
              intermediary(ForwardProxy.SQUID_TLS, Protocol.HTTP_1_1));
    }
  }

  private static Intermediary intermediary(ForwardProxy proxy, Protocol protocol) {
    return new Intermediary("https://127.0.0.1:" + proxy.port(), Optional.of(protocol));
  }

  // ---- what the proxy does not do

  private static Reason.Status refused(Witness tunnel) {
    Reason end = tunnel.end();
    assertThat(end).isInstanceOf(Reason.GaveUp.class);
    Reason last = ((Reason.GaveUp) end).last();
    assertThat(last).isInstanceOf(Reason.Tunnel.class);
    Reason refusal = ((Reason.Tunnel) last).last();
    assertThat(refusal).as(end.sentence()).isInstanceOf(Reason.Status.class);
    return (Reason.Status) refusal;
  }

  @ParameterizedTest
  @EnumSource
  void nobodyThereIsARefusalWithItsBody(ForwardProxy proxy) {
    int nobody = Server.freePorts(1).getFirst();
    try (Witness outer = proxy.open()) {
      try (Witness tunnel = tunnel(outer.connection(), nobody, TunnelOptions.DEFAULT)) {
        Reason.Status refusal = refused(tunnel);
        assertThat(refusal.status()).isBetween(500, 504);
        assertThat(refusal.headers()).isNotEmpty();
      }
      try (Witness tunnel = tunnel(outer.connection(), Servers.h2o().port(0), HEALING)) {
        assertThat(tunnel.get("/page.txt").body())
            .isEqualTo("a page\n"); // though a proxy may close after a refusal
      }
    }
  }

  @Test
  void squidRefusesWhatIsElsewhere() {
    try (Witness outer = ForwardProxy.SQUID.open();
        Witness tunnel =
            new Witness(
                outer
                    .connection()
                    .connect("192.0.2.1", 80, TunnelOptions.DEFAULT.replyTo(Mailbox.create())))) {
      Reason.Status refusal = refused(tunnel);
      assertThat(refusal.status()).isEqualTo(403);
      assertThat(refusal.body().utf8()).contains("Access Denied");
    }
  }

  @Test
  void aProxyThatAsksWhoItIsGetsAnAnswer() {
    Credentials right = Credentials.of(ForwardProxy.USER, ForwardProxy.PASSWORD);
    Credentials wrong = Credentials.of(ForwardProxy.USER, "another");
    for (int port : new int[] {ForwardProxy.squid().port(1), ForwardProxy.apache().port(2)}) {
      for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
        if (protocol == Protocol.HTTP_2 && port == ForwardProxy.squid().port(1)) {
          continue; // which does not speak it
        }
        ConnectionOptions options = Witness.QUICK.protocols(protocol);
        try (Witness outer = Witness.open("127.0.0.1", port, options)) {
          int origin = Servers.h2o().port(0);
          try (Witness none = tunnel(outer.connection(), origin, TunnelOptions.DEFAULT)) {
            assertThat(refused(none).status()).isEqualTo(407);
          }
          try (Witness refused =
              tunnel(outer.connection(), origin, TunnelOptions.DEFAULT.credentials(wrong))) {
            assertThat(refused(refused).status()).isEqualTo(407);
          }
          try (Witness tunnel =
              tunnel(outer.connection(), origin, TunnelOptions.DEFAULT.credentials(right))) {
            assertThat(tunnel.get("/page.txt").body()).isEqualTo("a page\n");
          }
        }
      }
    }
  }

  // ---- the end

  @Test
  void aProxyThatIsKilledEndsTheTunnelAndOneWithAPolicyComesBack() {
    try (Server proxy = ForwardProxy.startTinyproxy("tinyproxy-killed");
        Witness outer = Witness.open(proxy.port(0))) {
      try (Witness tunnel = tunnel(outer.connection(), Servers.python().port(0), HEALING)) {
        WebSocket socket = tunnel.upgraded("/echo", WebSocketOptions.DEFAULT);
        socket.send(new Text("before"));
        assertThat(tunnel.frame()).isEqualTo(new Text("before"));
        proxy.kill();
        Down down = tunnel.until(Down.class);
        assertThat(down.reason()).isInstanceOfAny(Reason.Closed.class, Reason.Tunnel.class);
        assertThat(down.killed()).containsExactly(socket);
        tunnel.until(Retrying.class);
        proxy.restart();
        WebSocket again = tunnel.upgraded("/echo", WebSocketOptions.DEFAULT);
        again.send(new Text("after"));
        assertThat(tunnel.frame()).isEqualTo(new Text("after"));
      }
    }
  }

  @Test
  void theEndOfTheConnectionToTheProxyEndsTheTunnel() {
    try (Witness outer = ForwardProxy.APACHE_H2.open()) {
      Witness tunnel =
          tunnel(
              outer.connection(),
              Servers.h2o().port(0),
              TunnelOptions.DEFAULT.retry(Backoff.DEFAULT));
      isUp(tunnel, Protocol.HTTP_1_1);
      outer.connection().close();
      outer.until(Terminated.class);
      Reason end = tunnel.until(Terminated.class).reason();
      assertThat(end).isInstanceOf(Reason.GaveUp.class);
      assertThat(((Reason.GaveUp) end).last()).isInstanceOf(Reason.Tunnel.class);
      tunnel.connection().close(); // does nothing
    }
  }

  @ParameterizedTest
  @EnumSource
  void shutdownOfTheConnectionToTheProxyClosesTheWebSocketInATunnel(ForwardProxy proxy) {
    try (Witness outer = proxy.open();
        Witness tunnel =
            tunnel(outer.connection(), Servers.python().port(0), TunnelOptions.DEFAULT)) {
      WebSocket socket = tunnel.upgraded("/echo", WebSocketOptions.DEFAULT);
      socket.send(new Text("before"));
      assertThat(tunnel.frame()).isEqualTo(new Text("before"));
      outer.connection().shutdown();
      assertThat(tunnel.until(WebSocketClosed.class).handshake().sent().code()).isEqualTo(1001);
    }
  }

  @Test
  void aUriNamesTheOrigin() {
    try (Witness outer = ForwardProxy.APACHE_H2.open();
        Witness tunnel =
            new Witness(
                outer
                    .connection()
                    .connect(
                        URI.create("https://localhost:" + Servers.h2o().port(1)),
                        inside(HTTP2).replyTo(Mailbox.create())))) {
      isUp(tunnel, Protocol.HTTP_2);
      assertThat(tunnel.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }
}
