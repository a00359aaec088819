package dev.lariat.jackson2;

import static dev.lariat.jackson2.Jackson2.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Values over real sockets. */
@Timeout(30)
class Jackson2SocketsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Headers JSON = Headers.of("content-type", "application/json");
  private static final Headers LINES = Headers.of("content-type", "application/x-ndjson");

  record Tick(String symbol, double price) {}

  private final Origin origin = Origin.start(Script.silent());
  private final Client client = Client.open();

  @AfterEach
  void close() {
    client.close();
    origin.close();
  }

  private static Reason reason(ThrowingCallable call) {
    return Objects.requireNonNull(catchThrowableOfType(FailedException.class, call)).reason();
  }

  private String url(String path) {
    return origin.uri("http", path).toString();
  }

  @Test
  void aValueIsSentAndAnswered() {
    origin.script(
        visit -> {
          Asked asked = Objects.requireNonNull(visit.request());
          assertThat(asked.headers().all("content-type")).containsExactly("application/json");
          visit.respond(201, JSON, asked.body());
        });
    Tick tick = new Tick("z\u00fcrich", 1.5);
    Request request = Request.of("POST", "/").body(json(Tick.class), tick);
    assertThat(client.send(url("/ticks"), request).as(json(Tick.class))).isEqualTo(tick);
  }

  @Test
  void anAnswerInAnotherCharsetIsRead() {
    byte[] latin = "{\"symbol\":\"z\u00fcrich\"}".getBytes(StandardCharsets.ISO_8859_1);
    Headers headers = Headers.of("content-type", "application/json; charset=iso-8859-1");
    origin.script(
        visit -> {
          visit.request();
          visit.respond(200, headers, Bytes.wrap(latin));
        });
    assertThat(client.get(url("/")).as(json(Tick.class)).symbol()).isEqualTo("z\u00fcrich");
  }

  @Test
  void aPageOfALoginIsNamed() {
    origin.script(
        visit -> {
          visit.request();
          visit.respond(
              200, Headers.of("content-type", "text/html"), Bytes.ofUtf8("<html>log in</html>"));
        });
    assertThat(reason(() -> client.get(url("/a?key=1")).as(json(Tick.class))).sentence())
        .matches(
            "The response of http://127.0.0.1:[0-9]+/a\\?key=\\*\\*\\* \\(status 200, an HTML page:"
                + " text/html\\) cannot be read as Jackson2SocketsTest\\$Tick: line 1, column [12]:"
                + " .*<.*");
  }

  @Test
  void linesAreReadAsTheyArriveHoweverTheyAreCut() {
    byte[] body =
        "{\"symbol\":\"\u20ac\",\"price\":1}\r\n\n{\"symbol\":\"\ud83d\ude80\",\"price\":2}"
            .getBytes(StandardCharsets.UTF_8);
    origin.script(
        visit -> {
          visit.request();
          Reply reply = visit.beginChunked(200, LINES);
          for (byte octet : body) {
            reply.write(Bytes.wrap(new byte[] {octet}));
          }
          reply.end();
        });
    Exchange exchange = client.request(url("/"), Request.of("GET", "/"));
    try (Stream<Tick> ticks = exchange.lines(json(Tick.class), SOON)) {
      assertThat(ticks).containsExactly(new Tick("\u20ac", 1), new Tick("\ud83d\ude80", 2));
    }
  }

  @Test
  void aLineThatIsWrongEndsTheStreamAndSaysWhichAndWhere() {
    origin.script(
        visit -> {
          visit.request();
          Reply reply = visit.beginChunked(200, LINES);
          reply.write("{\"symbol\":\"a\",\"price\":1}\n{\"symbol\":\"a\",\"price\":\"x\"}\n");
          visit.awaitEnd();
        });
    Exchange exchange = client.request(url("/"), Request.of("GET", "/"));
    try (Stream<Tick> ticks = exchange.lines(json(Tick.class), SOON)) {
      Iterator<Tick> iterator = ticks.iterator();
      assertThat(iterator.next()).isEqualTo(new Tick("a", 1));
      assertThat(reason(iterator::hasNext).sentence())
          .matches(
              "Line 2 of the response to GET .* cannot be read as Jackson2SocketsTest\\$Tick: line"
                  + " 1, column [0-9]+, \\$\\.price: .*double.*");
    }
  }

  @Test
  void eventsOfOneResponseAreValues() {
    origin.script(
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("1", "tick", "{\"symbol\":\"a\",\"price\":1}");
          events.send("2", "end", "[DONE]");
          events.end();
        });
    Request request = Request.of("GET", "/").content(Content.EVENTS);
    List<String> skipped = new ArrayList<>();
    try (Stream<Tick> ticks =
        client
            .request(url("/"), request)
            .events(json(Tick.class), SOON, why -> skipped.add(why.content().utf8()))) {
      assertThat(ticks).containsExactly(new Tick("a", 1));
    }
    assertThat(skipped).containsExactly("[DONE]");
  }

  @Test
  @SuppressWarnings("try") // closed within, and that ends the iteration
  void textsOfAFeedAreValuesAcrossSessions() {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("{\"symbol\":\"a\",\"price\":1}"));
          socket.send(Ping.EMPTY);
          visit.reset();
        },
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("{\"symbol\":\"b\",\"price\":2}"));
          visit.awaitEnd();
        });
    try (LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).open()) {
      Iterator<Tick> ticks = feed.texts(json(Tick.class)).iterator();
      assertThat(ticks.next()).isEqualTo(new Tick("a", 1));
      assertThat(ticks.next()).isEqualTo(new Tick("b", 2));
      feed.close();
      assertThat(ticks.hasNext()).isFalse();
    }
  }

  @Test
  void aTextThatIsWrongIsToldAndTheFeedGoesOn() {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("{\"price\":\"x\"}"));
          socket.send(new Binary(Bytes.ofUtf8("{}")));
          socket.send(new Text("{\"symbol\":\"b\",\"price\":2}"));
          visit.awaitEnd();
        });
    try (LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).open()) {
      Iterator<Tick> ticks = feed.texts(json(Tick.class)).iterator();
      assertThat(reason(ticks::hasNext).sentence())
          .matches(
              "Message 1 of LiveWebSocket 127.0.0.1:[0-9]+ cannot be read as"
                  + " Jackson2SocketsTest\\$Tick: line 1, column [0-9]+, \\$\\.price: .*");
      assertThat(reason(ticks::hasNext).sentence())
          .startsWith("Message 2 of LiveWebSocket ")
          .endsWith(" cannot be read as Jackson2SocketsTest$Tick: it is a binary message.");
      assertThat(ticks.next()).isEqualTo(new Tick("b", 2));
      assertThat(feed.session()).isEqualTo(1);
    }
  }

  @Test
  void aTextThatIsWrongIsSkippedIfTheUserSaysSo() {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("nothing"));
          socket.send(new Text("{\"symbol\":\"b\",\"price\":2}"));
          visit.awaitEnd();
        });
    List<Reason.Unreadable> skipped = new ArrayList<>();
    try (LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).open()) {
      Iterator<Tick> ticks = feed.texts(json(Tick.class), skipped::add).iterator();
      assertThat(ticks.next()).isEqualTo(new Tick("b", 2));
    }
    assertThat(skipped)
        .singleElement()
        .satisfies(why -> assertThat(why.content()).isEqualTo(Bytes.ofUtf8("nothing")));
  }

  @Test
  void aValueIsSentOnAFeed() {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(Objects.requireNonNull(socket.receive()));
          visit.awaitEnd();
        });
    try (LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).open()) {
      feed.send(json(Tick.class).text(new Tick("c", 3)));
      assertThat(feed.texts(json(Tick.class)).iterator().next()).isEqualTo(new Tick("c", 3));
    }
  }

  @Test
  void eventsOfALiveStreamAreValuesAndTheWrongOneIsNamed() {
    origin.script(
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("7", "tick", "{\"symbol\":\"a\",\"price\":1}");
          events.send("8", "tick", "{\"symbol\":1");
          events.send("9", "tick", "{\"symbol\":\"b\",\"price\":2}");
          visit.awaitEnd();
        });
    try (LiveEvents live = LiveEvents.to(origin.uri("http", "/")).open()) {
      Iterator<Tick> ticks = live.events(json(Tick.class)).iterator();
      assertThat(ticks.next()).isEqualTo(new Tick("a", 1));
      assertThat(reason(ticks::hasNext).sentence())
          .startsWith("Event 2 (type tick, id 8) of LiveEvents 127.0.0.1:");
      assertThat(ticks.next()).isEqualTo(new Tick("b", 2));
    }
  }
}
