package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.client.Caller;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections that are idle: how they are kept, and what becomes of requests where they are not.
 */
@Timeout(60)
final class IdleTest {
  private static final String EMPTY = "HTTP/1.1 204 No\r\n\r\n";
  private static final RequestRetry QUICK =
      RequestRetry.DEFAULT.backoff(
          Backoff.DEFAULT.attempts(3).delays(Duration.ofMillis(5), Duration.ofMillis(20)));

  private static ConnectionOptions options(boolean tls) {
    return (tls ? Way.TLS : Way.PLAIN).options();
  }

  private static void answers(ScriptedServer.Peer peer) throws IOException {
    peer.head();
    peer.text(EMPTY);
  }

  private static void answersAndStays(ScriptedServer.Peer peer) throws IOException {
    answers(peer);
    peer.awaitEnd();
  }

  // ---- kept

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anIdleConnectionWritesEmptyLines(boolean tls) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  answers(peer);
                  heard.complete(Bytes.wrap(peer.body(6)).utf8());
                  peer.awaitEnd();
                });
        Witness witness =
            Witness.open(
                "127.0.0.1",
                server.port(),
                options(tls).http1(Http1.DEFAULT.keepalive(Duration.ofMillis(20))))) {
      assertThat(witness.get("/").status()).isEqualTo(204);
      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("\r\n\r\n\r\n");
    }
  }

  // ---- closed before the request

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aConnectionThatWasClosedWhileIdleTakesNoRequest(boolean tls) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(tls, IdleTest::answers, IdleTest::answersAndStays);
        Witness witness = Witness.open("127.0.0.1", server.port(), options(tls))) {
      assertThat(witness.get("/1").status()).isEqualTo(204);
      Down down = witness.until(Down.class);
      assertThat(down.reason()).isEqualTo(new Reason.Closed());
      assertThat(down.killed()).isEmpty();
      assertThat(witness.ask(Request.of("POST", "/2")).status()).isEqualTo(204);
    }
  }

  @Test
  void aConnectionThatIsClosedBeforeItsFirstRequestTakesNoneEither() throws Exception {
    try (ScriptedServer server = new ScriptedServer(peer -> {}, IdleTest::answersAndStays);
        Witness witness = Witness.open("127.0.0.1", server.port(), options(false))) {
      witness.until(Down.class);
      assertThat(witness.ask(Request.of("POST", "/")).status()).isEqualTo(204);
    }
  }

  // ---- closed under the request

  /** How a server ends a connection whose next request is on its way. */
  private enum Ending {
    CLOSED {
      @Override
      void end(ScriptedServer.Peer peer) throws IOException {
        peer.head();
      }
    },
    /** What lies unread in a socket that is closed makes the close a reset. */
    CLOSED_UNREAD {
      @Override
      void end(ScriptedServer.Peer peer) throws IOException {
        peer.read();
      }
    },
    RESET {
      @Override
      void end(ScriptedServer.Peer peer) throws IOException {
        peer.head();
        peer.reset();
      }
    };

    abstract void end(ScriptedServer.Peer peer) throws IOException;
  }

  /** A server whose first connection ends under its second request; it keeps what is asked for. */
  private static ScriptedServer racing(Ending ending, Queue<String> asked) throws IOException {
    return new ScriptedServer(
        peer -> {
          answers(peer);
          ending.end(peer);
        },
        peer -> {
          asked.add(peer.head().lines().findFirst().orElseThrow());
          peer.text("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
          peer.awaitEnd();
        });
  }

  private static void expectUnanswered(Reason reason) {
    assertThat(reason)
        .isInstanceOfSatisfying(
            Reason.Unanswered.class,
            unanswered ->
                assertThat(unanswered.last())
                    .isInstanceOfAny(Reason.Closed.class, Reason.Reset.class));
  }

  @ParameterizedTest
  @EnumSource
  void aRequestThatMeetsTheCloseIsUnanswered(Ending ending) throws Exception {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    try (ScriptedServer server = racing(ending, asked);
        Witness witness = Witness.open("127.0.0.1", server.port(), options(false))) {
      assertThat(witness.get("/1").status()).isEqualTo(204);
      Exchange lost = witness.request(Request.of("GET", "/2"));
      StreamFailed failed = witness.until(StreamFailed.class);
      assertThat(failed.stream()).isSameAs(lost);
      expectUnanswered(failed.reason());
      assertThat(witness.until(Down.class).killed()).isEqualTo(List.of(lost));
      witness.until(Up.class);
      assertThat(witness.get("/3").status()).isEqualTo(200);
      assertThat(asked).containsExactly("GET /3 HTTP/1.1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallerSendsAnIdempotentRequestAgain(Ending ending) throws Exception {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    try (ScriptedServer server = racing(ending, asked);
        Connection connection = Lariat.open("127.0.0.1", server.port(), options(false))) {
      Caller caller = Caller.on(connection).retry(QUICK);
      assertThat(caller.get("/1", Witness.PATIENCE).status()).isEqualTo(204);
      Request put = Request.of("PUT", "/2").body(Bytes.ofUtf8("a body"));
      assertThat(caller.send(put, Witness.PATIENCE).status()).isEqualTo(200);
      assertThat(asked).containsExactly("PUT /2 HTTP/1.1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallerDoesNotSendAPostAgain(Ending ending) throws Exception {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    try (ScriptedServer server = racing(ending, asked);
        Connection connection = Lariat.open("127.0.0.1", server.port(), options(false))) {
      Caller caller = Caller.on(connection).retry(QUICK);
      assertThat(caller.get("/1", Witness.PATIENCE).status()).isEqualTo(204);
      Request post = Request.of("POST", "/2").body(Bytes.ofUtf8("a body"));
      assertThatThrownBy(() -> caller.send(post, Witness.PATIENCE))
          .isInstanceOfSatisfying(
              FailedException.class, thrown -> expectUnanswered(thrown.reason()));
      assertThat(caller.get("/3", Witness.PATIENCE).status()).isEqualTo(200);
      assertThat(asked).containsExactly("GET /3 HTTP/1.1");
    }
  }

  @Test
  void aPostThatTheServerDidNotProcessIsSentAgain() throws Exception {
    CompletableFuture<String> again = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  peer.head(); // the second request waits for its turn
                  peer.text("HTTP/1.1 204 No\r\nconnection: close\r\n\r\n");
                  peer.awaitEnd();
                },
                peer -> {
                  again.complete(peer.head().lines().findFirst().orElseThrow());
                  peer.text(EMPTY);
                  peer.awaitEnd();
                });
        Connection connection =
            Lariat.open(
                "127.0.0.1",
                server.port(),
                options(false)
                    .http1(Http1.DEFAULT.pipelining(2).pipelinedMethods(Http1.Methods.ALL)))) {
      Exchange first = connection.get("/1");
      Caller caller = Caller.on(connection).retry(QUICK);
      assertThat(caller.send(Request.of("POST", "/2"), Witness.PATIENCE).status()).isEqualTo(204);
      assertThat(again.get(20, TimeUnit.SECONDS)).isEqualTo("POST /2 HTTP/1.1");
      assertThat(first.response(Witness.PATIENCE).status()).isEqualTo(204);
    }
  }
}
