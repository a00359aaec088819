package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** What is done through proxies with nginx, in front of python3-websockets. */
final class Through {
  private Through() {}

  static ConnectionOptions options(boolean tls, Proxy... via) {
    return (tls ? Way.TLS : Way.PLAIN).options().via(via);
  }

  static int port(boolean tls) {
    return Servers.nginx().port(tls ? 1 : 0);
  }

  static Witness open(boolean tls, Proxy... via) {
    return Witness.open("127.0.0.1", port(tls), options(tls, via));
  }

  static void pageAndWebSocket(boolean tls, Proxy... via) {
    try (Witness witness = open(tls, via)) {
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
      assertThat(witness.get("/large.txt").body()).hasSize(1_000_000);
      WebSocket socket = witness.upgraded("/ws/echo", WebSocketOptions.DEFAULT);
      Text text = new Text("through " + via.length);
      socket.send(text);
      assertThat(witness.frame()).isEqualTo(text);
    }
  }

  static void much(boolean tls, Proxy... via) {
    try (Witness witness = open(tls, via)) {
      assertThat(witness.get("/huge.bin").body().length()).isGreaterThan(1 << 20);
    }
  }

  static void endOfTheServer(boolean tls, Proxy... via) {
    try (Witness witness = open(tls, via)) {
      Request last = Request.of("GET", "/page.txt").header("connection", "close");
      assertThat(witness.ask(last).body()).isEqualTo("a page\n");
      assertThat(witness.until(Down.class).reason()).isEqualTo(new Reason.Closed());
    }
  }

  /** Why the last of these proxies does not go to this port. */
  static Reason refusal(int port, Proxy... via) {
    try (Witness witness = Witness.open("127.0.0.1", port, options(false, via))) {
      Reason.Hop hop = (Reason.Hop) witness.next(Retrying.class).reason();
      assertThat(hop.number()).isEqualTo(via.length);
      assertThat(hop.proxy()).isEqualTo(via[via.length - 1].uri());
      return hop.why();
    }
  }

  /** A live WebSocket goes through this server, which is killed and starts again. */
  static void healing(Server server, Proxy proxy) throws Exception {
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

  private static void echoes(LiveWebSocket socket, String text) throws Exception {
    socket.send(new Text(text));
    assertThat(next(socket, WebSocketFrame.class).frame()).isEqualTo(new Text(text));
  }

  private static <T extends Message> T next(LiveWebSocket socket, Class<T> kind)
      throws InterruptedException {
    List<Message> passed = new ArrayList<>();
    for (Message m = take(socket); m != null; m = take(socket)) {
      if (kind.isInstance(m)) {
        return kind.cast(m);
      }
      passed.add(m);
    }
    throw new AssertionError("no " + kind.getSimpleName() + " after " + passed);
  }

  private static Message take(LiveWebSocket socket) throws InterruptedException {
    return socket.mailbox().take(Witness.PATIENCE.multipliedBy(3));
  }
}
