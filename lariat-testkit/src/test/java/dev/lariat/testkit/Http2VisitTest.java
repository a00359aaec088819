package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a script can do on HTTP/2 alone, with Lariat as the client. */
@Timeout(30)
class Http2VisitTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW_SIZE = 4;

  private final Simulation simulation = Simulation.seeded(1);
  private final Queue<Object> seen = new ConcurrentLinkedQueue<>();
  private ConnectionOptions options =
      ConnectionOptions.DEFAULT
          .platform(simulation.platform())
          .protocols(Protocol.HTTP_2)
          .retry(Backoff.DEFAULT.jitter(false));

  @AfterEach
  void end() {
    simulation.close();
  }

  private interface Client {
    void use(Connection connection) throws Exception;
  }

  private void play(Script script, Client client) throws Exception {
    Origin origin = simulation.origin("origin.example", 8080, script);
    try (Connection connection = Lariat.open(origin.uri("http", "/"), options)) {
      client.use(connection);
    }
    origin.awaitScripts(SOON);
  }

  private static Reason failure(ThrowingCallable call) {
    FailedException failed = catchThrowableOfType(FailedException.class, call);
    assertThat(failed).isNotNull();
    return failed.reason();
  }

  private static Down down(Connection connection) throws Exception {
    Message message = connection.mailbox().take(SOON);
    while (!(message instanceof Down)) {
      assertThat(message).isNotNull();
      message = connection.mailbox().take(SOON);
    }
    return (Down) message;
  }

  @Test
  void aRefusedStreamIsUnprocessedAndTheConnectionGoesOn() throws Exception {
    play(
        visit -> {
          seen.add(visit.request().target());
          seen.add(visit.http2().stream());
          visit.http2().refuse();
          seen.add(visit.request().target());
          seen.add(visit.http2().stream());
          visit.respond(200, "well");
          visit.awaitEnd();
        },
        connection -> {
          assertThat(failure(() -> connection.get("/1").text(SOON)))
              .isInstanceOf(Reason.Unprocessed.class);
          assertThat(connection.get("/2").text(SOON)).isEqualTo("well");
        });
    assertThat(seen).containsExactly("/1", 1, "/2", 3);
  }

  @Test
  void aStreamIsResetWithItsCode() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.beginChunked(200, Headers.EMPTY).write("a part");
          visit.http2().reset(2);
          visit.awaitEnd();
        },
        connection ->
            assertThat(failure(() -> connection.get("/").text(SOON)))
                .isEqualTo(new Reason.StreamReset(2)));
  }

  @Test
  void whatGoAwayLeavesIsAskedOfTheNextConnection() throws Exception {
    play(
        visit -> {
          String target = visit.request().target();
          seen.add(visit.number() + target);
          if (visit.number() == 1) {
            visit.http2().goAway(1, 0, "");
            visit.respond(200, target);
            visit.awaitEnd();
          } else {
            visit.respond(200, target);
          }
        },
        connection -> {
          Exchange first = connection.get("/1");
          Exchange second = connection.get("/2");
          assertThat(first.text(SOON)).isEqualTo("/1");
          assertThat(failure(() -> second.text(SOON))).isInstanceOf(Reason.Unprocessed.class);
          assertThat(connection.get("/3").text(SOON)).isEqualTo("/3");
        });
    assertThat(seen).containsExactly("1/1", "2/3");
  }

  @Test
  void goAwayWithAnErrorSaysWhy() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.http2().goAway(1, 11, "too many pings");
        },
        connection -> {
          connection.get("/");
          assertThat(down(connection).reason()).isEqualTo(new Reason.GoAway(11, "too many pings"));
        });
  }

  @Test
  void theEndOfAScriptLeavesWhatItHasNotReadUnprocessed() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.respond(200, "the only one");
        },
        connection -> {
          Exchange first = connection.get("/1");
          Exchange second = connection.get("/2");
          assertThat(first.text(SOON)).isEqualTo("the only one");
          assertThat(failure(() -> second.text(SOON))).isInstanceOf(Reason.Unprocessed.class);
        });
  }

  @Test
  void responsesCrossEachOther() throws Exception {
    play(
        visit -> {
          visit.request();
          Reply first = visit.beginChunked(200, Headers.EMPTY);
          first.write("one");
          visit.request();
          visit.respond(200, "two");
          first.write(" at last");
          first.end(Headers.of("checksum", "7"));
          visit.awaitEnd();
        },
        connection -> {
          Exchange first = connection.get("/1");
          Exchange second = connection.get("/2");
          assertThat(second.text(SOON)).isEqualTo("two");
          assertThat(first.text(SOON)).isEqualTo("one at last");
        });
  }

  @Test
  void aWebSocketIsPlayedBesideARequest() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          visit.request();
          visit.respond(200, "beside it");
          socket.send(new Text("said"));
          seen.add(socket.receive());
          socket.close(1000, "");
        },
        connection -> {
          WebSocket socket = connection.webSocket("/feed");
          assertThat(connection.mailbox().await(socket, SOON)).isInstanceOf(Upgraded.class);
          Exchange request = connection.get("/");
          assertThat(request.text(SOON)).isEqualTo("beside it");
          assertThat(connection.mailbox().await(socket, SOON))
              .isInstanceOfSatisfying(
                  WebSocketFrame.class,
                  frame -> assertThat(frame.frame()).isEqualTo(new Text("said")));
          socket.send(new Text("heard"));
          connection.mailbox().await(socket, SOON);
        });
    assertThat(seen).containsExactly(new Text("heard"));
  }

  @Test
  void windowsThatAreShutHoldABodyBack() throws Exception {
    play(
        visit -> {
          visit.http2().settings(INITIAL_WINDOW_SIZE, 0);
          visit.request();
          visit.respond(200);
          visit.head();
          for (int i = 0; i < 4; i++) {
            visit.pause(Duration.ofSeconds(1));
            visit.http2().window(visit.http2().stream(), 25_000);
          }
          seen.add(visit.body().size());
          visit.respond(200, "well");
          visit.awaitEnd();
        },
        connection -> {
          connection.get("/").response(SOON); // the server's SETTINGS are known from now on
          long start = simulation.elapsed().toMillis();
          Exchange post = connection.post("/", Headers.EMPTY, Bytes.wrap(new byte[100_000]));
          assertThat(post.text(SOON)).isEqualTo("well");
          assertThat(simulation.elapsed().toMillis() - start).isBetween(4000L, 4100L);
        });
    assertThat(seen).containsExactly(100_000);
  }

  @Test
  void aBodyThatTheServerDoesNotReadTakesItsWindowOnly() throws Exception {
    options = options.timeouts(Timeouts.DEFAULT.write(Duration.ofSeconds(2)));
    play(
        visit -> {
          visit.http2().automatic(false);
          visit.head();
          visit.awaitEnd();
        },
        connection ->
            assertThat(
                    failure(
                        () ->
                            connection
                                .post("/", Headers.EMPTY, Bytes.wrap(new byte[100_000]))
                                .text(SOON)))
                .isEqualTo(new Reason.Timeout(Reason.Step.WRITE, Duration.ofSeconds(2))));
  }

  @Test
  void oneStreamAtATimeIsAllowed() throws Exception {
    play(
        visit -> {
          visit.http2().settings(MAX_CONCURRENT_STREAMS, 1);
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            visit.pause(Duration.ofSeconds(1));
            visit.respond(200, asked.target());
          }
        },
        connection -> {
          connection.get("/0").text(SOON); // the server's SETTINGS are known from now on
          long start = simulation.elapsed().toMillis();
          List<Exchange> all = List.of(connection.get("/1"), connection.get("/2"));
          for (Exchange one : all) {
            one.text(SOON);
          }
          assertThat(simulation.elapsed().toMillis() - start).isBetween(2000L, 2100L);
        });
  }

  @Test
  void aServerThatAcknowledgesNoPingIsDead() throws Exception {
    Duration half = Duration.ofMillis(500);
    options = options.http2(Http2.DEFAULT.keepalive(Keepalive.every(half).deadline(half)));
    play(
        visit -> {
          visit.request();
          visit.http2().automatic(false);
          visit.awaitEnd();
        },
        connection -> {
          connection.get("/");
          assertThat(down(connection).reason())
              .isEqualTo(new Reason.Timeout(Reason.Step.PONG, half));
        });
  }

  @Test
  void aServerThatAcknowledgesPingsIsAlive() throws Exception {
    Duration half = Duration.ofMillis(500);
    options = options.http2(Http2.DEFAULT.keepalive(Keepalive.every(half).deadline(half)));
    play(
        visit -> {
          visit.request();
          visit.awaitEnd();
        },
        connection -> {
          Exchange silent = connection.get("/");
          assertThat(failure(() -> silent.text(Duration.ofMinutes(1))))
              .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, Duration.ofMinutes(1)));
        });
  }

  @Test
  void pingsAreAcknowledgedByTheClient() throws Exception {
    play(
        visit -> {
          visit.request();
          for (int i = 0; i < 10; i++) {
            visit.http2().ping(i);
          }
          visit.respond(200, "well");
          visit.awaitEnd();
        },
        connection -> assertThat(connection.get("/").text(SOON)).isEqualTo("well"));
  }

  @Test
  void aFrameMayBeWhatever() throws Exception {
    play(
        visit -> {
          visit.request();
          visit.http2().frame(0xbe, 0xff, 1, Bytes.ofUtf8("an extension is ignored"));
          visit.http2().frame(9, 4, 1, Bytes.EMPTY); // CONTINUATION of nothing
          visit.awaitEnd();
        },
        connection ->
            assertThat(failure(() -> connection.get("/").text(SOON)).sentence())
                .contains("RFC 9113 section 6.10"));
  }

  @Test
  void aRequestThatTheClientCancelsIsPassedOver() throws Exception {
    play(
        visit -> {
          seen.add(visit.request().target());
          visit.respond(200);
          visit.pause(Duration.ofSeconds(1));
          seen.add(visit.request().target()); // the second is cancelled within its body
          visit.respond(200);
          visit.awaitEnd();
        },
        connection -> {
          connection.get("/1").response(SOON);
          Exchange second = connection.begin(Request.of("POST", "/2"));
          second.data(Bytes.ofUtf8("a part"), false);
          simulation.advance(Duration.ofMillis(100));
          second.cancel();
          connection.get("/3").response(SOON);
        });
    assertThat(seen).containsExactly("/1", "/3");
  }

  @Test
  void aScriptSeesThatItsResponseIsCancelled() throws Exception {
    play(
        visit -> {
          visit.request();
          Reply endless = visit.beginChunked(200, Headers.EMPTY);
          assertThatThrownBy(
                  () -> {
                    for (int i = 0; i < 100; i++) {
                      endless.write("and on");
                      visit.pause(Duration.ofMillis(10));
                    }
                  })
              .isInstanceOf(ClientGoneException.class)
              .hasMessageContaining("error code 8");
          seen.add(visit.clientGone());
          visit.request();
          visit.respond(200, "well");
          visit.awaitEnd();
        },
        connection -> {
          Exchange exchange = connection.get("/1");
          exchange.response(SOON);
          exchange.cancel();
          assertThat(connection.get("/2").text(SOON)).isEqualTo("well");
        });
    assertThat(seen).containsExactly(false);
  }

  @Test
  void whatIsSentWhileAWebSocketClosesIsRefused() throws Exception {
    play(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.receive();
          socket.sendCorrupt(new Text("a"), 1); // breaks a rule
          visit.pause(Duration.ofSeconds(1));
        },
        connection -> {
          WebSocket socket = connection.webSocket("/feed");
          assertThat(connection.mailbox().await(socket, SOON)).isInstanceOf(Upgraded.class);
          socket.send(new Text("go"));
          assertThat(connection.mailbox().await(socket, SOON)).isInstanceOf(StreamFailed.class);
          assertThat(failureOf(socket.written(new Text("too late"))))
              .isInstanceOf(FailedException.class);
        });
  }

  private Throwable failureOf(CompletableFuture<?> future) {
    return catchThrowableOfType(ExecutionException.class, () -> simulation.await(future))
        .getCause();
  }

  @Test
  void onlyHttp2HasItsFrames() throws Exception {
    options = options.protocols(Protocol.HTTP_1_1);
    play(
        visit -> {
          assertThat(visit.protocol()).isEqualTo(Protocol.HTTP_1_1);
          assertThatIllegalStateException()
              .isThrownBy(visit::http2)
              .withMessage("the client speaks HTTP/1.1");
          visit.request();
          visit.respond(200, "well");
        },
        connection -> assertThat(connection.get("/").text(SOON)).isEqualTo("well"));
  }
}
