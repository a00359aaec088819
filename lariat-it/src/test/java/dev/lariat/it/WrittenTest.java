package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.WebSocket;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Binary;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Keepalive;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code written} says, and what {@code close} does, when the socket takes nothing. */
final class WrittenTest {
  private static final Binary CHUNK = new Binary(new byte[256 << 10]);
  private static final int CHUNKS = 256; // more than all buffers hold
  private static final WebSocketOptions ROOMY =
      WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF).sendQueue(1 << 30);

  private final CountDownLatch enough = new CountDownLatch(1);

  @AfterEach
  void enough() {
    enough.countDown();
  }

  /** A server that reads nothing until the test has had enough of that. */
  private Script deaf(Script then) {
    return peer -> {
      peer.upgrade();
      try {
        enough.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      then.play(peer);
    };
  }

  private static List<CompletableFuture<Void>> fill(WebSocket socket) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      all.add(socket.written(CHUNK));
    }
    return all;
  }

  private static void await(CompletableFuture<Void> written) throws Exception {
    written.get(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void writtenWaitsForTheServerToReadWhenTheBuffersAreFull(Way way) throws Exception {
    try (ScriptedServer server = new ScriptedServer(way.tls, deaf(ScriptedServer.Peer::awaitEnd));
        Witness witness = way.open(server.port())) {
      List<CompletableFuture<Void>> all = fill(witness.upgraded("/", ROOMY));
      await(all.getFirst());
      assertThat(all.getLast()).as("behind 64 MiB that nobody reads").isNotDone();
      enough();
      await(all.getLast());
      assertThat(all).allMatch(written -> written.isDone());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void writtenFailsForTheReasonOfTheLinksEnd(Way way) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(way.tls, deaf(ScriptedServer.Peer::reset), peer -> {});
        Witness witness = way.open(server.port())) {
      WebSocket socket = witness.upgraded("/", ROOMY);
      List<CompletableFuture<Void>> all = fill(socket);
      witness.connection().awaitUp(Witness.PATIENCE); // all of them have come to the loop
      enough();
      Reason reason = witness.until(StreamFailed.class).reason();
      int lost = 0;
      for (CompletableFuture<Void> each : all) {
        ExecutionException failed = catchThrowableOfType(ExecutionException.class, each::get);
        if (failed != null) {
          assertThat(((FailedException) failed.getCause()).reason()).isEqualTo(reason);
          lost++;
        } else {
          assertThat(lost).as("lost before one that was written").isZero();
        }
      }
      assertThat(lost).isPositive();
      assertThatThrownBy(socket.written(CHUNK)::get)
          .cause()
          .isInstanceOfSatisfying(
              FailedException.class,
              failed -> assertThat(failed.reason()).isInstanceOf(Reason.BadState.class));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void closeDoesNotBlockBehindAFullGate(Way way) throws Exception {
    CompletableFuture<byte[]> last = new CompletableFuture<>();
    Script reading =
        peer -> {
          for (byte[] payload = peer.frame(); ; payload = peer.frame()) {
            if (payload.length == 2) {
              last.complete(payload);
              peer.bytes((byte) 0x88, (byte) 2, payload[0], payload[1]);
            }
          }
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, deaf(reading));
        Witness witness = way.open(server.port())) {
      Duration patience = Duration.ofMillis(200);
      WebSocket socket =
          witness.upgraded("/", ROOMY.sendQueue(1).sendTimeout(patience)); // one at a time
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < CHUNKS; i++) {
                  socket.send(CHUNK);
                }
              })
          .isInstanceOf(FailedException.class);
      while (socket.trySend(CHUNK)) {} // the socket may have taken some more meanwhile
      socket.close();
      enough();
      assertThat(last.get(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .containsExactly(0x03, (byte) 0xe8);
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void whatIsWrittenArrives(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.webSocket("/echo", way.webSocket());
      await(socket.written(new Text("one"), new Text("two")));
      await(socket.written(new Text("three")));
      witness.until(Upgraded.class);
      for (String text : List.of("one", "two", "three")) {
        assertThat(witness.frame()).isEqualTo(new Text(text));
      }
    }
  }
}
