package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Data;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Trailers;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Request;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What an origin does for its scripts, with Lariat as the client; the same in both worlds and on
 * both protocols.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(
    value = Protocol.class,
    names = {"HTTP_1_1", "HTTP_2"})
abstract class OriginContract {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final WebSocketOptions TOLD = WebSocketOptions.DEFAULT.silencePings(false);
  private static final Backoff OFTEN =
      Backoff.DEFAULT.delays(Duration.ofMillis(20), Duration.ofMillis(50)).jitter(false);

  @Parameter Protocol protocol;

  /** What the script has seen. */
  private final Queue<Object> seen = new ConcurrentLinkedQueue<>();

  abstract Origin origin(Script... scripts);

  /** What connections to it need beside their own options. */
  abstract ConnectionOptions options(ConnectionOptions options);

  abstract Connection open(Origin origin, ConnectionOptions options);

  /** Lets everything end in good order. */
  abstract void end(Origin origin);

  private Connection open(Origin origin) {
    return open(origin, Backoff.NEVER);
  }

  private Connection open(Origin origin, Backoff retry) {
    return open(origin, options(ConnectionOptions.DEFAULT.retry(retry).protocols(protocol)));
  }

  /** A test with one script and one connection. */
  private interface Client {
    void use(Connection connection) throws Exception;
  }

  private void play(Script script, Client client) throws Exception {
    Origin origin = origin(script);
    try (Connection connection = open(origin)) {
      client.use(connection);
    }
    origin.awaitScripts(PATIENCE);
    end(origin);
  }

  private static Message next(Connection connection, WebSocket socket) throws Exception {
    return connection.mailbox().await(socket, PATIENCE);
  }

  private static Message next(Connection connection, Exchange exchange) throws Exception {
    return connection.mailbox().await(exchange, PATIENCE);
  }

  private static Frame frame(Connection connection, WebSocket socket) throws Exception {
    return ((WebSocketFrame) next(connection, socket)).frame();
  }

  private static WebSocket upgraded(Connection connection) throws Exception {
    return upgraded(connection, WebSocketOptions.DEFAULT);
  }

  private static WebSocket upgraded(Connection connection, WebSocketOptions options)
      throws Exception {
    WebSocket socket = connection.webSocket("/feed", options);
    assertThat(next(connection, socket)).isInstanceOf(Upgraded.class);
    return socket;
  }

  private static Reason failure(Connection connection, WebSocket socket) throws Exception {
    Message message = next(connection, socket);
    while (!(message instanceof StreamFailed)) {
      assertThat(message).isNotNull();
      message = next(connection, socket);
    }
    return ((StreamFailed) message).reason();
  }

  // ---- HTTP

  @Test
  void aRequestIsSeenAsItWasSent() throws Exception {
    play(
        visit -> {
          Asked asked = visit.request();
          seen.add(asked.method() + " " + asked.target());
          seen.add(asked.headers().first("x-mine").orElseThrow());
          visit.respond(201, Headers.of("x-yours", "b"), asked.body());
          seen.add(visit.request() == null);
        },
        connection -> {
          Exchange exchange =
              connection.post("/a?b=c", Headers.of("X-Mine", "a"), Bytes.ofUtf8("grüß"));
          Response response = exchange.response(PATIENCE);
          assertThat(response.status()).isEqualTo(201);
          assertThat(response.headers().first("x-yours")).hasValue("b");
          assertThat(exchange.text(PATIENCE)).isEqualTo("grüß");
        });
    assertThat(seen).containsExactly("POST /a?b=c", "a", true);
  }

  @Test
  void aBodyInChunksIsJoined() throws Exception {
    play(
        visit -> {
          Asked asked = visit.request();
          visit.respond(200, asked.body().utf8());
        },
        connection -> {
          Exchange exchange = connection.begin(Request.of("POST", "/"));
          exchange.data(Bytes.ofUtf8("one "), false);
          exchange.data(Bytes.ofUtf8("two"), true);
          assertThat(exchange.text(PATIENCE)).isEqualTo("one two");
        });
  }

  @Test
  void aClientThatExpectsContinueIsToldToGoOn() throws Exception {
    play(
        visit -> visit.respond(200, visit.request().body().utf8()),
        connection -> {
          Request request =
              Request.of("PUT", "/").header("content-length", "4").expectContinue(PATIENCE);
          Exchange exchange = connection.begin(request);
          exchange.data(Bytes.ofUtf8("body"), true);
          assertThat(next(connection, exchange))
              .isInstanceOfSatisfying(
                  Inform.class, inform -> assertThat(inform.status()).isEqualTo(100));
          assertThat(exchange.text(PATIENCE)).isEqualTo("body");
        });
  }

  @Test
  void aScriptMayAnswerBeforeItReadsTheBody() throws Exception {
    play(
        visit -> {
          assertThat(visit.head().body()).isEqualTo(Bytes.EMPTY);
          visit.respond(200, "early");
          seen.add(visit.body().utf8());
          visit.respond(200, visit.request().target());
        },
        connection -> {
          assertThat(connection.post("/", Headers.EMPTY, Bytes.ofUtf8("late")).text(PATIENCE))
              .isEqualTo("early");
          assertThat(connection.get("/second").text(PATIENCE)).isEqualTo("/second");
        });
    assertThat(seen).containsExactly("late");
  }

  @Test
  void aBodyIsWrittenPieceByPiece() throws Exception {
    play(
        visit -> {
          visit.request();
          Reply reply = visit.beginChunked(200, Headers.EMPTY);
          reply.write("one ");
          reply.write("");
          reply.write("two");
          reply.end(Headers.of("checksum", "7"));
          visit.request();
          Reply exact = visit.begin(200, Headers.EMPTY, 5);
          exact.write("ex");
          exact.write("act");
          exact.end();
          visit.request();
          visit.beginUntilClose(200, Headers.EMPTY).write("to the end");
        },
        connection -> {
          Exchange chunked = connection.get("/");
          StringBuilder body = new StringBuilder();
          Message message = next(connection, chunked);
          for (; !(message instanceof Trailers); message = next(connection, chunked)) {
            if (message instanceof Data data) {
              body.append(data.bytes().utf8());
            }
          }
          assertThat(body).hasToString("one two");
          assertThat(((Trailers) message).headers().first("checksum")).hasValue("7");
          assertThat(connection.get("/").text(PATIENCE)).isEqualTo("exact");
          assertThat(connection.get("/").text(PATIENCE)).isEqualTo("to the end");
        });
  }

  @Test
  void interimResponsesComeFirst() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.inform(103, Headers.of("link", "</style>"));
          visit.respond(204);
        },
        connection -> {
          Exchange exchange = connection.get("/");
          assertThat(next(connection, exchange))
              .isInstanceOfSatisfying(
                  Inform.class,
                  inform -> {
                    assertThat(inform.status()).isEqualTo(103);
                    assertThat(inform.headers().first("link")).hasValue("</style>");
                  });
          assertThat(exchange.response(PATIENCE).status()).isEqualTo(204);
        });
  }

  @Test
  void aHeadIsAnsweredWithoutABody() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.respond(200, "seven b");
          visit.request();
          visit.respond(200, "next");
        },
        connection -> {
          Response response = connection.head("/").response(PATIENCE);
          assertThat(response.headers().first("content-length")).hasValue("7");
          assertThat(connection.get("/").text(PATIENCE)).isEqualTo("next");
        });
  }

  @Test
  void unavailableSaysWhenToComeBack() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.unavailable(503, Duration.ofMillis(1500));
          visit.request();
          visit.unavailable(429, Duration.ZERO);
        },
        connection -> {
          Response first = connection.get("/").response(PATIENCE);
          assertThat(first.status()).isEqualTo(503);
          assertThat(first.headers().first("retry-after")).hasValue("2");
          Response second = connection.get("/").response(PATIENCE);
          assertThat(second.status()).isEqualTo(429);
          assertThat(second.headers().first("retry-after")).hasValue("0");
        });
  }

  // ---- scripts and visits

  @Test
  void eachConnectionHasItsScriptAndTheLastOneIsForAllFurther() throws Exception {
    Origin origin = origin(answering("first"), answering("second"));
    for (String expected : List.of("first 1", "second 2", "second 3")) {
      try (Connection connection = open(origin)) {
        assertThat(connection.get("/").text(PATIENCE)).isEqualTo(expected);
      }
    }
    origin.script(answering("changed"), answering("again"));
    for (String expected : List.of("changed 4", "again 5", "again 6")) {
      try (Connection connection = open(origin)) {
        assertThat(connection.get("/").text(PATIENCE)).isEqualTo(expected);
      }
    }
    assertThat(origin.visits()).isEqualTo(6);
    end(origin);
  }

  private static Script answering(String word) {
    return visit -> {
      while (visit.request() != null) {
        visit.respond(200, word + " " + visit.number());
      }
    };
  }

  @Test
  void readyMadeScriptsAnswer() throws Exception {
    Origin origin = origin(Script.status(404), Script.unavailable(Duration.ofSeconds(3)));
    try (Connection connection = open(origin)) {
      assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(404);
    }
    try (Connection connection = open(origin)) {
      Response response = connection.get("/").response(PATIENCE);
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.headers().first("retry-after")).hasValue("3");
    }
    end(origin);
  }

  @Test
  void whatAScriptThrowsFailsTheTest() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.request();
              visit.respond(200);
              assertThat(1).as("what the script counts").isEqualTo(2);
            });
    Connection connection = open(origin);
    assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(200);
    connection.close();

    assertThatThrownBy(() -> end(origin))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("visit 1")
        .hasMessageContaining("what the script counts")
        .hasCauseInstanceOf(AssertionError.class);
    assertThatCode(origin::check).as("it is thrown once").doesNotThrowAnyException();
  }

  @Test
  void aClientThatGoesIsNoFailure() throws Exception {
    play(
        visit -> {
          WebSocketVisit none = visit.acceptWebSocket();
          visit.awaitEnd();
          seen.add(visit.clientGone());
          for (int i = 0; i < 1000; i++) { // until the reset of a closed socket is known
            none.send(new Text("x".repeat(10_000)));
          }
        },
        connection -> upgraded(connection));
    assertThat(seen).containsExactly(true);
  }

  @Test
  void aClientThatIsThereIsNotGone() throws Exception {
    play(
        visit -> {
          visit.request();
          seen.add(visit.clientGone());
          visit.respond(200);
          seen.add(visit.request().target());
          visit.respond(200);
        },
        connection -> {
          connection.get("/").response(PATIENCE);
          connection.get("/still").response(PATIENCE);
        });
    assertThat(seen).containsExactly(false, "/still");
  }

  /** Answers, and then does something else than to wait for its client. */
  private static Script answersAnd(Script then) {
    return visit -> {
      visit.request();
      visit.respond(200);
      then.play(visit);
    };
  }

  private Origin answered(Script then) throws Exception {
    Origin origin = origin(answersAnd(then));
    try (Connection connection = open(origin)) {
      assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(200);
    }
    return origin;
  }

  @Test
  void aScriptThatDoesNotEndIsToldOf() throws Exception {
    Origin origin = answered(visit -> visit.pause(Duration.ofDays(1)));
    assertThatThrownBy(() -> origin.awaitScripts(Duration.ofMillis(10)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("visit 1")
        .hasMessageContaining("10 ms");
    end(origin);
  }

  @Test
  void closingCutsAPauseShort() throws Exception {
    Origin origin =
        answered(
            visit -> {
              try {
                visit.pause(Duration.ofDays(1));
              } finally {
                seen.add("cut short");
              }
            });
    long before = nanos();
    origin.close();
    assertThat(Duration.ofNanos(nanos() - before)).isLessThan(PATIENCE.dividedBy(2));
    assertThat(seen).containsExactly("cut short");
    end(origin);
  }

  @Test
  void anInterruptThatAScriptWrapsIsNoFailure() throws Exception {
    Origin origin =
        answered(
            visit -> {
              try {
                visit.pause(Duration.ofDays(1));
              } catch (InterruptedException e) {
                seen.add("wrapped");
                throw new IllegalStateException(e);
              }
            });
    origin.close();
    assertThat(seen).containsExactly("wrapped");
    end(origin);
  }

  @Test
  void aScriptThatIgnoresItsInterruptFailsTheTest() throws Exception {
    Origin origin =
        answered(
            visit -> {
              try {
                visit.pause(Duration.ofDays(1));
              } catch (InterruptedException e) {
                visit.pause(Duration.ofSeconds(1));
              }
            });
    origin.end(Duration.ofMillis(50));
    assertThatThrownBy(origin::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("visit 1")
        .hasMessageContaining("50 ms")
        .hasStackTraceContaining("OriginContract"); // where it stands
    origin.awaitScripts(PATIENCE);
    end(origin);
  }

  @Test
  void aScriptThatFailsWhileItIsCutShortFailsTheTest() throws Exception {
    Origin origin =
        answered(
            visit -> {
              try {
                visit.pause(Duration.ofDays(1));
              } catch (InterruptedException e) {
                throw new IllegalStateException("of its own");
              }
            });
    assertThatThrownBy(origin::close).hasMessageContaining("of its own");
    end(origin);
  }

  // ---- WebSocket

  @Test
  void aWebSocketIsPlayed() throws Exception {
    play(
        visit -> {
          Asked asked = visit.request();
          seen.add(asked.target());
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("hello"));
          seen.add(socket.receive());
          socket.close(1012, "restart");
          seen.add(socket.receive() == null);
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(frame(connection, socket)).isEqualTo(new Text("hello"));
          socket.send(new Binary(new byte[] {1, 2, 3}));
          assertThat(frame(connection, socket)).isEqualTo(new Close(1012, "restart"));
          assertThat(next(connection, socket))
              .isInstanceOfSatisfying(
                  WebSocketClosed.class,
                  closed -> {
                    assertThat(closed.handshake().initiator()).isEqualTo(Side.SERVER);
                    assertThat(closed.handshake().received().code()).isEqualTo(1012);
                  });
        });
    assertThat(seen).containsExactly("/feed", new Binary(new byte[] {1, 2, 3}), true);
  }

  @Test
  void aSubprotocolIsChosenAndAnExtensionIsNot() throws Exception {
    play(
        visit -> {
          Asked asked = visit.request();
          seen.add(asked.headers().contains("sec-websocket-extensions"));
          visit.acceptWebSocket(Headers.of("sec-websocket-protocol", "chat", "x-more", "1"));
          visit.awaitEnd();
        },
        connection -> {
          WebSocket socket =
              connection.webSocket(
                  "/", WebSocketOptions.compressed().subprotocols(Subprotocols.of("chat")));
          assertThat(next(connection, socket))
              .isInstanceOfSatisfying(
                  Upgraded.class,
                  upgraded -> {
                    assertThat(upgraded.headers().first("x-more")).hasValue("1");
                    assertThat(upgraded.headers().first("sec-websocket-protocol")).hasValue("chat");
                    assertThat(upgraded.headers().contains("sec-websocket-extensions")).isFalse();
                  });
        });
    assertThat(seen).containsExactly(true);
  }

  @Test
  void aWebSocketIsRefused() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.respond(403);
        },
        connection -> {
          WebSocket socket = connection.webSocket("/");
          assertThat(next(connection, socket))
              .isInstanceOfSatisfying(
                  Response.class, response -> assertThat(response.status()).isEqualTo(403));
        });
  }

  @Test
  void messagesOfEverySizeArriveWhole() throws Exception {
    int[] sizes = {0, 1, 125, 126, 127, 65_535, 65_536, 300_000};
    play(
        Script.echo(),
        connection -> {
          WebSocket socket = upgraded(connection);
          for (int size : sizes) {
            Text text = new Text("x".repeat(size));
            socket.send(text);
            assertThat(frame(connection, socket)).isEqualTo(text);
          }
        });
  }

  @Test
  void fragmentsMakeOneMessageBothWays() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.sendFragments(new Text("in three"), 3);
          socket.sendFragments(new Text(""), 3);
          socket.sendFragment(2, false, Bytes.ofUtf8("a"));
          socket.send(Ping.EMPTY);
          socket.sendFragment(0, true, Bytes.ofUtf8("b"));
          seen.add(socket.receive());
          seen.add(socket.receive());
        },
        connection -> {
          WebSocket socket = upgraded(connection, TOLD);
          assertThat(frame(connection, socket)).isEqualTo(new Text("in three"));
          assertThat(frame(connection, socket)).isEqualTo(new Text(""));
          List<Frame> rest =
              new ArrayList<>(List.of(frame(connection, socket), frame(connection, socket)));
          assertThat(rest).containsExactly(Ping.EMPTY, new Binary(Bytes.ofUtf8("ab")));
          socket.sendText(new java.io.StringReader("y".repeat(200_000)));
          assertThat(next(connection, socket)).isNotInstanceOf(WebSocketFrame.class);
        });
    assertThat(seen).containsExactly(new Pong(Bytes.EMPTY), new Text("y".repeat(200_000)));
  }

  @Test
  void pingsAreAnsweredUnlessTheScriptDoesSo() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          seen.add(socket.receive()); // behind a ping that it answers
          socket.automatic(false);
          seen.add(socket.receive());
          socket.send(new Pong(Bytes.ofUtf8("by hand")));
          seen.add(socket.receive());
          socket.send(new Close(3000, "by hand"));
        },
        connection -> {
          WebSocket socket = upgraded(connection, TOLD);
          socket.send(new Ping(Bytes.ofUtf8("a")));
          socket.send(new Text("b"));
          assertThat(frame(connection, socket)).isEqualTo(new Pong(Bytes.ofUtf8("a")));
          socket.send(new Ping(Bytes.ofUtf8("c")));
          assertThat(frame(connection, socket)).isEqualTo(new Pong(Bytes.ofUtf8("by hand")));
          socket.send(new Close(3001, ""));
          assertThat(frame(connection, socket)).isEqualTo(new Close(3000, "by hand"));
        });
    assertThat(seen)
        .containsExactly(new Text("b"), new Ping(Bytes.ofUtf8("c")), new Close(3001, ""));
  }

  @Test
  void receiveGivesUpAfterItsTime() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          seen.add("" + socket.receive(Duration.ofMillis(50)) + visit.clientGone());
          socket.send(new Text("now"));
          seen.add(socket.receive(PATIENCE));
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(frame(connection, socket)).isEqualTo(new Text("now"));
          socket.send(new Text("then"));
          assertThat(next(connection, socket)).isInstanceOf(StreamFailed.class);
        });
    assertThat(seen).containsExactly("nullfalse", new Text("then"));
  }

  @Test
  void aRequestThatAsksForNoWebSocketIsNotAccepted() throws Exception {
    Origin origin = origin(visit -> visit.acceptWebSocket());
    Connection connection = open(origin);
    assertThatThrownBy(() -> connection.get("/").response(PATIENCE))
        .isInstanceOf(FailedException.class);
    connection.close();
    assertThatThrownBy(() -> end(origin)).hasMessageContaining("RFC 6455 section 4.1");
  }

  // ---- server-sent events

  @Test
  void eventsAreStreamed() throws Exception {
    play(
        visit -> {
          seen.add(visit.request().headers().first("last-event-id").orElseThrow());
          EventStream events = visit.events();
          events.retry(Duration.ofSeconds(2));
          events.comment("keeps it alive");
          events.send("plain");
          events.send("7", "two\nlines");
          events.send("8", "price", "");
          events.end();
        },
        connection -> {
          Request request =
              Request.of("GET", "/").header("last-event-id", "6").content(Content.EVENTS);
          List<ServerSentEvent> events = connection.request(request).events(PATIENCE).toList();
          assertThat(events)
              .extracting(event -> event.id() + "|" + event.type() + "|" + event.data())
              .containsExactly("|message|plain", "7|message|two\nlines", "8|price|");
          assertThat(events.getFirst().retry()).hasValue(Duration.ofSeconds(2));
        });
    assertThat(seen).containsExactly("6");
  }

  // ---- faults

  @Test
  void anOriginRefusesAndListensAgain() throws Exception {
    Origin origin = origin(Script.silent());
    int port = origin.port();
    origin.refuse();
    Connection connection = open(origin, OFTEN);
    Message message = connection.mailbox().take(PATIENCE);
    assertThat(message)
        .isInstanceOfSatisfying(
            Retrying.class,
            retrying -> assertThat(retrying.reason()).isInstanceOf(Reason.Refused.class));

    origin.listen();
    origin.listen();
    while (!(message instanceof Up)) {
      assertThat(message).isInstanceOf(Retrying.class);
      message = connection.mailbox().take(PATIENCE);
    }
    assertThat(origin.port()).isEqualTo(port);
    connection.close();
    end(origin);
    assertThatThrownBy(origin::listen).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSilentOriginIsWaitedFor() throws Exception {
    play(
        Script.silent(),
        connection ->
            assertThatThrownBy(() -> connection.get("/").response(Duration.ofMillis(200)))
                .isInstanceOfSatisfying(
                    FailedException.class,
                    e -> assertThat(e.reason()).isInstanceOf(Reason.Timeout.class)));
  }

  @Test
  void aHalfOpenConnectionSaysNothingAnyMore() throws Exception {
    Origin origin = origin(Script.echo());
    try (Connection connection = open(origin)) {
      Keepalive keepalive =
          Keepalive.every(Duration.ofMillis(300)).deadline(Duration.ofMillis(300));
      WebSocket socket = upgraded(connection, WebSocketOptions.DEFAULT.keepalive(keepalive));
      socket.send(new Text("before"));
      assertThat(frame(connection, socket)).isEqualTo(new Text("before"));

      origin.halfOpen();
      socket.send(new Text("into the void"));

      assertThat(failure(connection, socket))
          .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofMillis(300)));
    }
    end(origin);
  }

  @Test
  void aVisitIsMadeHalfOpenByItsScript() throws Exception {
    Origin origin =
        origin(
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket();
              socket.send(socket.receive());
              visit.halfOpen();
              socket.send(new Text("never sent"));
            });
    try (Connection connection = open(origin)) {
      Keepalive keepalive =
          Keepalive.every(Duration.ofMillis(300)).deadline(Duration.ofMillis(300));
      WebSocket socket = upgraded(connection, WebSocketOptions.DEFAULT.keepalive(keepalive));
      socket.send(new Text("before"));
      assertThat(frame(connection, socket)).isEqualTo(new Text("before"));
      assertThat(next(connection, socket))
          .isInstanceOfSatisfying(
              StreamFailed.class,
              failed ->
                  assertThat(failed.reason())
                      .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofMillis(300))));
    }
    end(origin);
  }

  @Test
  void aWebSocketIsClosedWithAnyCode() throws Exception {
    for (Close close : List.of(new Close(1001, ""), new Close(1013, "later"), Close.EMPTY)) {
      AtomicReference<Close> answer = new AtomicReference<>();
      Origin origin = origin(closing(close, answer));
      try (Connection connection = open(origin)) {
        WebSocket socket = upgraded(connection);
        assertThat(frame(connection, socket)).isEqualTo(close);
        assertThat(next(connection, socket)).isInstanceOf(WebSocketClosed.class);
      }
      origin.awaitScripts(PATIENCE);
      assertThat(answer.get().code()).isEqualTo(close.code());
      origin.close();
    }
  }

  private static Script closing(Close close, AtomicReference<Close> answer) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      socket.send(close);
      answer.set((Close) socket.receive());
    };
  }

  @Test
  void aResponseIsSentTwice() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.respond(200, "the same");
          visit.respond(200, "the same");
          visit.awaitEnd();
        },
        connection -> {
          assertThat(connection.get("/").text(PATIENCE)).isEqualTo("the same");
          Message message = connection.mailbox().take(PATIENCE);
          while (!(message instanceof Terminated)) {
            assertThat(message).isNotNull();
            message = connection.mailbox().take(PATIENCE);
          }
          assertThat(message.toString())
              .contains(
                  switch (protocol) {
                    case HTTP_2 -> "on a stream that has ended";
                    default -> "a response answers no request";
                  });
        });
  }

  @Test
  void aSlowOriginTrickles() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.slow(Duration.ofMillis(2));
          visit.respond(200, "slowly");
        },
        connection -> {
          long before = nanos();
          assertThat(connection.get("/").text(PATIENCE)).isEqualTo("slowly");
          assertThat(Duration.ofNanos(nanos() - before)).isGreaterThan(Duration.ofMillis(100));
        });
  }

  /** The time of this world. */
  abstract long nanos();

  @Test
  void aFrameIsCutInItsMiddle() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("whole"));
          visit.cutAfter(4);
          socket.send(new Text("never whole"));
          socket.send(new Text("nor this"));
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(frame(connection, socket)).isEqualTo(new Text("whole"));
          assertThat(failure(connection, socket)).isEqualTo(new Reason.Closed());
        });
  }

  @Test
  void aHeadIsCutInItsMiddle() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.cutAfter(20);
          visit.respond(200, "nothing of this");
        },
        connection ->
            assertThatThrownBy(() -> connection.get("/").response(PATIENCE))
                .isInstanceOf(FailedException.class));
  }

  @Test
  void aChunkIsCutInItsMiddle() throws Exception {
    play(
        visit -> {
          visit.request();
          Reply reply = visit.beginChunked(200, Headers.EMPTY);
          reply.write("first");
          visit.cutAfter(5);
          reply.write("second");
          reply.end();
        },
        connection -> {
          Exchange exchange = connection.get("/");
          assertThat(exchange.response(PATIENCE).status()).isEqualTo(200);
          assertThatThrownBy(() -> exchange.text(PATIENCE)).isInstanceOf(FailedException.class);
        });
  }

  @Test
  void nothingIsWrittenBehindACutOfNothing() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.cutAfter(0);
          visit.respond(200);
        },
        connection ->
            assertThatThrownBy(() -> connection.get("/").response(PATIENCE))
                .isInstanceOfSatisfying(
                    FailedException.class,
                    e -> assertThat(e.reason()).isInstanceOf(Reason.Unanswered.class)));
  }

  @Test
  void aResetBreaksTheConnection() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          seen.add(socket.receive());
          visit.reset();
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          socket.send(new Text("go"));
          assertThat(failure(connection, socket)).isInstanceOf(Reason.Reset.class);
        });
  }

  @Test
  void allConnectionsAreBrokenAtOnce() throws Exception {
    Origin origin = origin(Script.echo());
    try (Connection first = open(origin);
        Connection second = open(origin)) {
      WebSocket one = upgraded(first);
      WebSocket two = upgraded(second);

      origin.reset();

      assertThat(failure(first, one)).isInstanceOf(Reason.Reset.class);
      assertThat(failure(second, two)).isInstanceOf(Reason.Reset.class);
    }
    end(origin);
  }

  @Test
  void allConnectionsAreDroppedWithoutACloseFrame() throws Exception {
    Origin origin = origin(Script.echo());
    try (Connection connection = open(origin)) {
      WebSocket socket = upgraded(connection);

      origin.drop();

      assertThat(failure(connection, socket)).isInstanceOf(Reason.Closed.class);
    }
    end(origin);
  }

  @Test
  void aFrameIsSentTwice() throws Exception {
    play(
        visit -> {
          visit.acceptWebSocket().sendTwice(new Text("again"));
          visit.awaitEnd();
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(frame(connection, socket)).isEqualTo(new Text("again"));
          assertThat(frame(connection, socket)).isEqualTo(new Text("again"));
        });
  }

  @Test
  void aPayloadIsCorrupt() throws Exception {
    play(
        visit -> {
          visit.acceptWebSocket().sendCorrupt(new Text("a"), 16 + 7);
          visit.awaitEnd();
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(frame(connection, socket)).isEqualTo(new Text("`"));
        });
  }

  @Test
  void aHeaderIsCorrupt() throws Exception {
    play(
        visit -> {
          visit.acceptWebSocket().sendCorrupt(new Text("a"), 1);
          visit.awaitEnd();
        },
        connection -> {
          WebSocket socket = upgraded(connection);
          assertThat(failure(connection, socket))
              .isInstanceOfSatisfying(
                  Reason.Protocol.class,
                  broken -> assertThat(broken.section()).isEqualTo("RFC 6455 section 5.2"));
        });
  }

  @Test
  void garbageIsNoHttp() throws Exception {
    play(
        Script.garbage(),
        connection ->
            assertThatThrownBy(() -> connection.get("/").response(PATIENCE))
                .isInstanceOfSatisfying(
                    FailedException.class,
                    e -> assertThat(e.reason()).isInstanceOf(Reason.Protocol.class)));
  }

  @Test
  void aConnectionIsResetAsSoonAsItIsThere() throws Exception {
    Origin origin = origin(Script.reset());
    Connection connection = open(origin, OFTEN);
    Mailbox mailbox = connection.mailbox();
    Message message = mailbox.take(PATIENCE);
    while (!(message instanceof Retrying)) {
      assertThat(message).isNotNull();
      message = mailbox.take(PATIENCE);
    }
    assertThat(((Retrying) message).reason()) // it may come before the client knows it is up
        .isInstanceOfAny(Reason.Reset.class, Reason.Unreachable.class, Reason.Tls.class);
    connection.close();
    end(origin);
  }
}
