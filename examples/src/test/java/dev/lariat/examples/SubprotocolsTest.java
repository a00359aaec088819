package dev.lariat.examples;

import static dev.lariat.examples.Scene.next;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Backoff;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The programs of docs/guide/subprotocols.md, each against a server that follows a script. */
@Timeout(30)
class SubprotocolsTest {
  private static final LiveOptions OPTIONS =
      LiveOptions.DEFAULT.healing(
          Healing.DEFAULT
              .spread(Duration.ZERO)
              .shortestWait(Duration.ofMillis(1))
              .retry(Backoff.DEFAULT.delays(Duration.ofMillis(1), Duration.ofMillis(10))));
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension final Terminal terminal = new Terminal();

  private final List<String> seen = new CopyOnWriteArrayList<>();

  private void hear(WebSocketVisit socket, int messages) throws IOException {
    for (int i = 0; i < messages; i++) {
      seen.add(next(socket));
    }
  }

  /** The next value that the handler made. */
  private static Object value(LiveWebSocket feed) throws InterruptedException {
    while (true) {
      if (feed.mailbox().take(PATIENCE) instanceof SubprotocolMessage(var stream, var value)) {
        return value;
      }
    }
  }

  // ---- graphql-transport-ws

  private LiveWebSocket.Plan prices(Origin origin) {
    String uri = origin.uri("ws", "/graphql").toString();
    return GraphQl.plan(uri, OPTIONS, "secret", Map.of("p", "subscription { price }"));
  }

  private WebSocketVisit acknowledge(Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket("graphql-transport-ws");
    hear(socket, 1);
    say(socket, "{\"type\":\"connection_ack\"}");
    hear(socket, 1);
    return socket;
  }

  @Test
  void graphQlSubscribesAnewInEverySessionAndAnswersPings() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = acknowledge(visit);
                  hear(socket, 1); // so the session is open
                  say(
                      socket,
                      "{\"type\":\"next\",\"id\":\"p\",\"payload\":{\"data\":{\"price\":1}}}");
                },
                visit -> {
                  WebSocketVisit socket = acknowledge(visit);
                  say(socket, "{\"type\":\"ping\"}");
                  hear(socket, 1);
                  say(
                      socket,
                      "{\"type\":\"next\",\"id\":\"p\",\"payload\":{\"data\":{\"price\":2}}}",
                      "{\"type\":\"complete\",\"id\":\"p\"}");
                  untilItLeaves(socket);
                });
        LiveWebSocket feed = prices(origin).open()) {
      feed.send(new Text("{\"type\":\"ping\"}"));

      GraphQl.print(feed);

      assertThat(terminal.lines())
          .containsExactly(
              "p: {\"price\":1}",
              "The server closed the connection.",
              "p: {\"price\":2}",
              "p has ended: []");
      String init = "{\"type\":\"connection_init\",\"payload\":{\"token\":\"secret\"}}";
      String subscribe =
          "{\"id\":\"p\",\"type\":\"subscribe\",\"payload\":{\"query\":\"subscription { price"
              + " }\"}}";
      assertThat(seen)
          .containsExactly(
              init, subscribe, "{\"type\":\"ping\"}", init, subscribe, "{\"type\":\"pong\"}");
    }
  }

  @Test
  void graphQlTellsTheErrorsOfAnOperation() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = acknowledge(visit);
                  say(
                      socket,
                      "{\"type\":\"error\",\"id\":\"p\",\"payload\":[{\"message\":\"no price\"}]}");
                  untilItLeaves(socket);
                });
        LiveWebSocket feed = prices(origin).open()) {

      GraphQl.print(feed);

      assertThat(terminal.lines()).containsExactly("p has ended: [{\"message\":\"no price\"}]");
    }
  }

  @Test
  void graphQlEndsForGoodIfItMayNotEnter() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = visit.acceptWebSocket("graphql-transport-ws");
                  hear(socket, 1);
                  socket.close(4403, "Forbidden");
                });
        LiveWebSocket feed = prices(origin).open()) {

      GraphQl.print(feed);

      assertThat(terminal.lines())
          .containsExactly(
              "The server closed the WebSocket with code 4403 \"Forbidden\", and the client"
                  + " answered with code 4403.");
      assertThat(origin.visits()).isEqualTo(1);
    }
  }

  // ---- STOMP

  private LiveWebSocket.Plan orders(Origin origin) {
    return Stomp.plan(origin.uri("ws", "/ws").toString(), OPTIONS, "ann", "s:3", "/topic/orders");
  }

  private WebSocketVisit connected(Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket("v12.stomp");
    hear(socket, 1);
    say(socket, "CONNECTED\nversion:1.2\nserver:broker/1:2\n\n\0");
    hear(socket, 1);
    return socket;
  }

  @Test
  void stompLogsInAndSubscribesInEverySession() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = connected(visit);
                  hear(socket, 1); // so the session is open
                  say(
                      socket,
                      "\nMESSAGE\r\nsubscription:0\r\nmessage-id:1\r\nkey:a\\cb\\\\c\\n\r\n"
                          + "key:second\r\n\r\none\0\n\n");
                },
                visit -> {
                  WebSocketVisit socket = connected(visit);
                  say(socket, "MESSAGE\nmessage-id:2\n\ntwo\0MESSAGE\nmessage-id:3\nconte");
                  socket.send(new Binary("nt-length:7\n\ndr\0".getBytes(UTF_8)));
                  socket.send(new Binary("ei\u00e4".getBytes(UTF_8)));
                  say(socket, "\0ERROR\nmessage:enough\n\n\0");
                  untilItLeaves(socket);
                });
        LiveWebSocket feed = orders(origin).open()) {
      feed.send(new Stomp.StompFrame("SEND", Map.of("destination", "/queue/a"), "b").encoded());

      Stomp.print(feed);

      assertThat(terminal.lines())
          .containsExactly(
              "MESSAGE {subscription=0, message-id=1, key=a:b\\c",
              "} one",
              "The server closed the connection.",
              "MESSAGE {message-id=2} two",
              "MESSAGE {message-id=3, content-length=7} dr\0ei\u00e4",
              "ERROR {message=enough} ");
      assertThat(seen).hasSize(5);
      assertThat(seen.get(2)).isEqualTo("SEND\ndestination:/queue/a\n\nb\0");
      assertThat(seen.get(0).split("\n"))
          .startsWith("CONNECT")
          .contains(
              "accept-version:1.2", "host:127.0.0.1", "heart-beat:0,0", "login:ann", "passcode:s:3")
          .endsWith("", "\0");
      assertThat(seen.get(1).split("\n"))
          .startsWith("SUBSCRIBE")
          .contains("id:0", "destination:/topic/orders", "ack:auto");
    }
  }

  @Test
  void stompEscapesWhatAClientSends() {
    var frame = new Stomp.StompFrame("SEND", Map.of("a:b", "c\\d\ne"), "body");
    assertThat(frame.encoded()).isEqualTo(new Text("SEND\na\\cb:c\\\\d\\ne\n\nbody\0"));
  }

  @Test
  void stompTriesAgainIfTheLoginIsRefused() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = visit.acceptWebSocket("v12.stomp");
                  hear(socket, 1);
                  say(socket, "ERROR\nmessage:busy\n\n\0");
                  untilItLeaves(socket);
                },
                visit -> {
                  WebSocketVisit socket = connected(visit);
                  say(socket, "ERROR\nmessage:enough\n\n\0");
                  untilItLeaves(socket);
                });
        LiveWebSocket feed = orders(origin).open()) {

      Stomp.print(feed);

      assertThat(terminal.lines())
          .containsExactly(
              "The opening step threw: java.lang.IllegalStateException: ERROR" + " {message=busy}.",
              "ERROR {message=enough} ");
    }
  }

  // ---- Phoenix channels

  @Test
  void phoenixJoinsAnewAndSendsHeartbeats() throws Exception {
    Script crashes =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          hear(socket, 1);
          say(socket, "[\"1\",\"1\",\"room:1\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
          say(socket, "[\"1\",null,\"room:1\",\"phx_error\",{}]");
          untilItLeaves(socket);
        };
    Script refuses =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          hear(socket, 1);
          say(socket, "[\"1\",\"1\",\"room:1\",\"phx_reply\",{\"status\":\"error\"}]");
          untilItLeaves(socket);
        };
    Script talks =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          hear(socket, 1);
          say(socket, "[\"1\",\"1\",\"room:1\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
          hear(socket, 1); // the heartbeat
          say(
              socket,
              "[null,\"0\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]",
              "[\"1\",null,\"room:1\",\"new_msg\",{\"body\":\"hi\"}]",
              "[\"1\",null,\"room:1\",\"bye\",{}]");
          untilItLeaves(socket);
        };
    try (Origin origin = Origin.start(crashes, refuses, talks);
        LiveWebSocket feed =
            Phoenix.plan(
                    origin.uri("ws", "/socket/websocket?vsn=2.0.0").toString(),
                    OPTIONS,
                    "room:1",
                    Json.object().put("user", 7),
                    Duration.ofSeconds(3))
                .open()) {

      Phoenix.print(feed);

      assertThat(terminal.lines())
          .containsExactly(
              "The handler threw: java.lang.IllegalStateException: room:1: phx_error.",
              "The opening step threw: java.lang.IllegalStateException: cannot join"
                  + " room:1: {\"status\":\"error\"}.",
              "room:1 new_msg: {\"body\":\"hi\"}",
              "room:1 bye: {}");
      String join = "[\"1\",\"1\",\"room:1\",\"phx_join\",{\"user\":7}]";
      assertThat(seen)
          .containsExactly(join, join, join, "[null,\"0\",\"phoenix\",\"heartbeat\",{}]");
    }
  }

  // ---- OCPP

  @Test
  void ocppBootsCallsAndAnswers() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket("ocpp1.6");
              hear(socket, 1);
              say(socket, "[3,\"boot\",{\"status\":\"Pending\",\"interval\":1}]");
              untilItLeaves(socket);
            },
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket("ocpp1.6");
              hear(socket, 1);
              say(socket, "[3,\"boot\",{\"status\":\"Accepted\",\"interval\":300}]");
              say(socket, "[2,\"c1\",\"Reset\",{\"type\":\"Soft\"}]", "[2,\"c2\",\"Dance\",{}]");
              String call = "";
              for (int message = 0; message < 4; message++) { // two answers and two calls, mixed
                String next = next(socket);
                JsonNode parsed = Json.of(next);
                if (parsed.path(0).asInt() == 2) {
                  boolean known = parsed.path(2).asText().equals("Heartbeat");
                  String id = parsed.path(1).asText();
                  seen.add(parsed.path(2).asText());
                  say(
                      socket,
                      known
                          ? "[3,\"" + id + "\",{\"currentTime\":\"now\"}]"
                          : "[4,\"" + id + "\",\"NotSupported\",\"\",{}]");
                } else {
                  seen.add(next);
                }
              }
              untilItLeaves(socket);
            })) {
      Ocpp station =
          new Ocpp(
              origin.uri("ws", "/ocpp/CP1").toString(),
              OPTIONS,
              Json.object().put("chargePointVendor", "V").put("chargePointModel", "M"));
      Thread reader =
          Thread.startVirtualThread(
              () ->
                  station.run(
                      call ->
                          call.action().equals("Reset")
                              ? Json.object().put("status", "Accepted")
                              : null));

      JsonNode answer = station.call("Heartbeat", Json.object(), PATIENCE);
      assertThat(answer.path("currentTime").asText()).isEqualTo("now");
      assertThatThrownBy(() -> station.call("Sing", Json.object(), PATIENCE))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("NotSupported");
      station.close();
      reader.join();

      String boot =
          "[2,\"boot\",\"BootNotification\",{\"chargePointVendor\":\"V\",\"chargePointModel\":\"M\"}]";
      assertThat(seen)
          .startsWith(boot, boot)
          .containsExactlyInAnyOrder(
              boot,
              boot,
              "Heartbeat",
              "Sing",
              "[3,\"c1\",{\"status\":\"Accepted\"}]",
              "[4,\"c2\",\"NotImplemented\",\"Dance\",{}]");
      assertThat(terminal.lines())
          .containsExactly(
              "The opening step threw: java.lang.IllegalStateException: not accepted:"
                  + " [3,\"boot\",{\"status\":\"Pending\",\"interval\":1}].",
              "The owner closed the connection.");
    }
  }

  // ---- MQTT

  private static Binary hex(String bytes) {
    return new Binary(HexFormat.of().parseHex(bytes));
  }

  private void hearBytes(WebSocketVisit socket, int messages) throws IOException {
    for (int i = 0; i < messages; i++) {
      seen.add(HexFormat.of().formatHex(((Binary) socket.receive()).bytes().toArray()));
    }
  }

  private WebSocketVisit subscribed(Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket("mqtt");
    hearBytes(socket, 1);
    socket.send(hex("20020000")); // CONNACK
    hearBytes(socket, 1);
    socket.send(hex("9003000101")); // SUBACK
    return socket;
  }

  @Test
  void mqttSubscribesInEverySessionAndAcknowledges() throws Exception {
    String connect = "100e" + "00044d5154540402" + "0000" + "00026331";
    String subscribe = "8208" + "0001" + "0003" + "612f23" + "01";
    try (Origin origin =
            Origin.start(
                visit -> {
                  WebSocketVisit socket = visit.acceptWebSocket("mqtt");
                  hearBytes(socket, 1);
                  socket.send(hex("20020005")); // not authorized
                  socket.receive();
                },
                visit -> {
                  WebSocketVisit socket = subscribed(visit);
                  // two packets in one message, and the beginning of a third
                  socket.send(hex("3006" + "0003612f31" + "31" + "d000" + "32"));
                  socket.send(hex("08" + "0003612f")); // cut between any bytes
                  socket.send(hex("31" + "000a" + "32"));
                  hearBytes(socket, 1); // PUBACK
                  String big = "78".repeat(200);
                  socket.send(hex("30cd"));
                  socket.send(hex("01" + "0003612f32" + big));
                  hearBytes(socket, 1);
                  untilItLeaves(socket);
                });
        LiveWebSocket feed =
            Mqtt.plan(origin.uri("ws", "/mqtt").toString(), OPTIONS, "c1", "a/#").open()) {

      assertThat(value(feed)).isEqualTo(new Mqtt.Published("a/1", Bytes.ofUtf8("1")));
      assertThat(value(feed)).isEqualTo(new Mqtt.Published("a/1", Bytes.ofUtf8("2")));
      assertThat(value(feed)).isEqualTo(new Mqtt.Published("a/2", Bytes.ofUtf8("x".repeat(200))));
      feed.send(Mqtt.publish("b", Bytes.ofUtf8("hello")));
      feed.shutdown();
      assertThat(feed.awaitTermination(PATIENCE)).isTrue();
      origin.awaitScripts(PATIENCE);

      assertThat(seen)
          .containsExactly(
              connect, connect, subscribe, "4002000a", "3008" + "000162" + "68656c6c6f");
    }
  }
}
