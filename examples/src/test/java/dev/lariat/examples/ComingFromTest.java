package dev.lariat.examples;

import static dev.lariat.examples.Scene.next;
import static dev.lariat.examples.Scene.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Client;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Both sides of the pages "Coming from": theirs and ours do the same against the same server. */
@Timeout(60)
class ComingFromTest {
  @RegisterExtension final Terminal terminal = new Terminal();

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch twice = new CountDownLatch(2);

  /** Answers requests of HTTP. */
  private final Script http =
      visit -> {
        for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
          boolean order = asked.method().equals("POST");
          seen.add(asked.headers().first("content-type").orElse("") + asked.body().utf8());
          visit.respond(order ? 201 : 200, asked.method() + " " + asked.target());
        }
      };

  /** Takes a subscription, and is gone; the second time it stays. */
  private final Script feed =
      visit -> {
        WebSocketVisit socket = visit.acceptWebSocket();
        seen.add(next(socket));
        say(socket, "session " + visit.number());
        twice.countDown();
        if (visit.number() == 1) {
          socket.close(1012, "restart");
        } else {
          Scene.untilItLeaves(socket);
        }
      };

  /** Waits until a program has subscribed twice. */
  private void subscribedTwice() throws InterruptedException {
    assertThat(twice.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).containsExactly("subscribe all", "subscribe all");
  }

  @Test
  void pagesAreTheSame() throws Exception {
    try (Origin origin = Origin.start(http);
        Client client = Client.open();
        HttpClient jdk = HttpClient.newHttpClient()) {
      String uri = origin.uri("http", "/page").toString();
      OkHttpClient okHttp = new OkHttpClient();

      assertThat(TheirOkHttp.page(okHttp, uri)).isEqualTo("GET /page");
      assertThat(TheirJdkClient.page(jdk, uri)).isEqualTo("GET /page");
      assertThat(Ported.page(client, uri)).isEqualTo("GET /page");
      Hello.main(new String[] {origin.uri("http", "/").toString()});
      assertThat(terminal.lines()).containsExactly("GET /");
      assertThat(Ported.awaited("127.0.0.1", origin.port())).isEqualTo("http/1.1 200 GET /");
      okHttp.connectionPool().evictAll();
    }
  }

  @Test
  void ordersAreTheSame() throws Exception {
    try (Origin origin = Origin.start(http);
        Client client = Client.open();
        Connection connection = Lariat.open(origin.uri("http", "/"))) {
      OkHttpClient okHttp = new OkHttpClient();
      String uri = origin.uri("http", "/orders").toString();

      assertThat(TheirOkHttp.order(okHttp, uri, "{}")).isEqualTo("POST /orders");
      assertThat(Ported.order(client, uri, "{}")).isEqualTo("POST /orders");
      assertThat(Ported.called(connection).status()).isEqualTo(200);

      assertThat(seen)
          .containsExactly("application/json; charset=utf-8{}", "application/json{}", "");
      okHttp.connectionPool().evictAll();
    }
  }

  @Test
  void theFeedOfOkHttpReconnectsAndSubscribes() throws Exception {
    try (Origin origin = Origin.start(feed)) {
      TheirOkHttp.Feed theirs = new TheirOkHttp.Feed(origin.uri("ws", "/feed").toString());
      subscribedTwice();
      theirs.end();
    }
  }

  @Test
  void theFeedOfJavaWebSocketReconnectsAndSubscribes() throws Exception {
    try (Origin origin = Origin.start(feed)) {
      TheirJavaWebSocket.Feed theirs = new TheirJavaWebSocket.Feed(origin.uri("ws", "/feed"));
      theirs.connect();
      subscribedTwice();
      theirs.end();
    }
  }

  @Test
  void theFeedOfTheJdkReconnectsAndSubscribes() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    try (Origin origin = Origin.start(feed)) {
      new TheirJdkClient.Feed(client, origin.uri("ws", "/feed"));
      subscribedTwice();
      client.shutdownNow();
    }
  }

  @Test
  void oursReconnectsAndSubscribes() throws Exception {
    try (Origin origin = Origin.start(feed)) {
      CompletableFuture<Reason> end = new CompletableFuture<>();
      Thread reader =
          Thread.startVirtualThread(
              () -> {
                try {
                  Ported.feed(origin.uri("ws", "/feed").toString());
                } catch (FailedException e) {
                  end.complete(e.reason());
                }
              });
      subscribedTwice();
      reader.interrupt();
      assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(Reason.BadState.class);
    }
  }

  @Test
  void ourCallbacksReconnectAndSubscribe() throws Exception {
    try (Origin origin = Origin.start(feed);
        LiveWebSocket ours = Ported.callbacks(origin.uri("ws", "/feed").toString())) {
      subscribedTwice();
      ours.shutdown();
      assertThat(ours.awaitTermination(Duration.ofSeconds(20))).isTrue();
      assertThat(terminal.lines())
          .contains("open", "session 2")
          .last()
          .asString()
          .contains("owner");
    }
  }

  @Test
  void aSocketThatIsOpenedOnce() throws Exception {
    try (Origin origin = Origin.start(Script.echo())) {
      Ported.once(origin.uri("http", "/"));
      Ported.loop("127.0.0.1", origin.port());
      assertThat(terminal.lines()).containsSubsequence("hello", "hello");
    }
    try (Origin origin = Origin.start(Script.status(404))) {
      assertThatThrownBy(() -> Ported.once(origin.uri("http", "/"))).hasMessage("status 404");
      assertThatThrownBy(() -> Ported.loop("127.0.0.1", origin.port())).hasMessage("status 404");
    }
  }
}
