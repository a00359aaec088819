package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.ServerFrames;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Side;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a WebSocket's sender learns, and when it blocks. */
@Timeout(30)
class WebSocketTest {
  private static final Text FOUR = new Text("1234"); // ten bytes with its header
  private static final Reason CLOSED =
      new Reason.BadState("send", "the WebSocket is closing or closed");

  private final Origin origin = new Origin();

  @AfterEach
  void close() {
    origin.close();
  }

  private static Reason lost(CompletableFuture<Void> written) throws Exception {
    try {
      written.get(Origin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(FailedException.class);
      return ((FailedException) e.getCause()).reason();
    }
    throw new AssertionError("written");
  }

  private List<Message> toTheEnd() throws Exception {
    List<Message> told = new ArrayList<>();
    while (told.isEmpty() || !(told.getLast() instanceof Terminated)) {
      told.add(origin.mailbox.take());
    }
    return told;
  }

  // ---- written

  @Test
  void writtenCompletesWhenTheSocketHasTakenTheLastByte() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    CompletableFuture<Void> written = socket.written(FOUR);
    origin.take(9);
    assertThat(written).isNotDone();
    origin.take(1);
    assertThat(written).isCompleted();
  }

  @Test
  void writtenWaitsForTheLastOfSeveralFrames() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    CompletableFuture<Void> written =
        socket.written(FOUR, new Binary(new byte[100_000]), new Ping(Bytes.EMPTY));
    origin.take(10 + 100_014);
    assertThat(written).isNotDone();
    origin.take(6);
    assertThat(written).isCompleted();
    assertThat(origin.sent()).isEmpty(); // a clogged socket keeps nothing
  }

  @Test
  void writtenOfNothingIsDoneAtOnce() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT);
    assertThat(socket.written()).isCompleted();
  }

  @Test
  void writtenKeepsTheOrderOfItsThread() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    List<Integer> completed = new ArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    origin.clog();
    for (int i = 0; i < 100; i++) {
      int number = i;
      all.add(socket.written(FOUR).thenRun(() -> completed.add(number)));
      if (i % 3 == 0) {
        socket.send(FOUR);
      }
    }
    origin.takeAll();
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
    assertThat(completed).hasSize(100).isSorted();
  }

  @Test
  void writtenIsCompletedOnTheEventLoopWhichMayNotBeBlocked() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(10));
    origin.clog();
    CompletableFuture<Void> further =
        socket
            .written(new Binary(new byte[100_000])) // which is more than the socket's own buffer
            .thenRun(
                () -> {
                  socket.send(FOUR); // there is room for one
                  socket.send(FOUR);
                });
    origin.take(100_014);
    assertThatThrownBy(() -> further.get(20, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("send would block an event loop; on it, use trySend");
  }

  @Test
  void writtenWaitsForTheUpgrade() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT);
    CompletableFuture<Void> written = socket.written(FOUR);
    origin.settle();
    assertThat(written).isNotDone();
    origin.accept();
    assertThat(written).isCompleted();
  }

  @Test
  void writtenFailsWithTheReasonOfTheLinksEnd() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    CompletableFuture<Void> buffered = socket.written(new Binary(new byte[100_000]));
    CompletableFuture<Void> waiting = socket.written(FOUR, FOUR);
    origin.hangUp();
    assertThat(lost(buffered)).isEqualTo(new Reason.Closed());
    assertThat(lost(waiting)).isEqualTo(new Reason.Closed());
    assertThat(toTheEnd()).noneMatch(Rejected.class::isInstance);
  }

  @Test
  void writtenFailsWithTheHandshakeOfTheServersClose() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    origin.clog();
    socket.send(new Binary(new byte[100_000]));
    origin.settle(); // more than the socket's own buffer is given to it
    CompletableFuture<Void> waiting = socket.written(FOUR);
    origin.receive(ServerFrames.close(1000, ""));
    assertThat(lost(waiting))
        .isEqualTo(new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, Side.SERVER));
  }

  @Test
  void writtenFailsAtOnceBehindACloseFrame() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    socket.close();
    assertThat(lost(socket.written(FOUR))).isEqualTo(CLOSED);
    assertThat(lost(socket.written(Close.NORMAL))).isEqualTo(CLOSED);
  }

  @Test
  void writtenOfACloseFrameCompletesToo() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> written = socket.written(FOUR, new Close(4000, "bye"));
    written.get(20, TimeUnit.SECONDS);
    assertThat(origin.sent()).containsExactly(Sent.of(0x81, "1234"), Sent.close(4000, "bye"));
  }

  @Test
  void writtenThrowsWhereItCanTellNobody() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    assertThatIllegalArgumentException().isThrownBy(() -> socket.written(new Text("\udc00")));
    origin.connection.close();
    toTheEnd();
    assertThatThrownBy(() -> socket.written(FOUR))
        .isInstanceOf(FailedException.class)
        .hasMessage(
            "The operation send is not possible: the connection has terminated: The owner closed"
                + " the connection.");
  }

  @Test
  void toCancelItTakesNothingBack() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT);
    CompletableFuture<Void> first = socket.written(FOUR);
    first.cancel(true);
    socket.written(FOUR).get(20, TimeUnit.SECONDS);
    assertThat(origin.sent()).hasSize(2);
  }

  // ---- the gate

  private WebSocket full() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT.sendQueue(20).sendTimeout(Duration.ofMillis(1)));
    socket.send(FOUR, FOUR);
    return socket;
  }

  @Test
  void closeNeverBlocksHoweverFullTheGateIs() throws Exception {
    WebSocket socket = full();
    assertThat(socket.trySend(FOUR)).isFalse();
    socket.close();
    socket.close();
    origin.on(
        () -> {
          socket.close(); // nor on the event loop
          return true;
        });
    origin.accept();
    assertThat(origin.sent())
        .containsExactly(Sent.of(0x81, "1234"), Sent.of(0x81, "1234"), Sent.close(1000, ""));
    assertThat(socket.trySend(FOUR)).as("what was forced in has left").isTrue();
  }

  @Test
  void noMoreFramesWaitForTheUpgradeThanTheLimitAllowsAndAllThatWaitedArrive() throws Exception {
    ConnectionOptions three = ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.heldCommands(3));
    try (Origin narrow = new Origin(three)) {
      WebSocket socket = narrow.asked(Origin.SILENT.sendTimeout(Duration.ofMillis(1)));
      socket.send(FOUR, FOUR);
      CompletableFuture<Void> third = socket.written(FOUR);
      assertThat(socket.trySend(FOUR)).isFalse();
      assertThatThrownBy(() -> socket.send(FOUR))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.Timeout.class));
      narrow.accept();
      third.get(20, TimeUnit.SECONDS);
      assertThat(narrow.sent()).hasSize(3);
      narrow.clog();
      for (int i = 0; i < 10; i++) {
        socket.send(FOUR); // bytes alone bound them now
      }
      narrow.takeAll();
      assertThat(narrow.sent()).hasSize(10);
      assertThat(narrow.mailbox.drain()).noneMatch(Rejected.class::isInstance);
    }
  }

  @Test
  void framesThatWaitWithTheirUpgradeBehindARequestArrive() throws Exception {
    ConnectionOptions two = ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.heldCommands(2));
    try (Origin narrow = new Origin(two)) {
      narrow.connection.awaitUp(Origin.PATIENCE);
      narrow.connection.get("/");
      WebSocket socket = narrow.connection.webSocket("/", Origin.SILENT);
      socket.send(FOUR, FOUR);
      assertThat(socket.trySend(FOUR)).isFalse();
      narrow.connection.get("/another"); // has its own room
      narrow.text();
      narrow.answer("HTTP/1.1 204 No Content\r\n\r\n");
      narrow.accept();
      assertThat(narrow.sent()).hasSize(2);
      assertThat(narrow.mailbox.drain()).noneMatch(Rejected.class::isInstance);
    }
  }

  @Test
  void closeThrowsOnAConnectionThatHasTerminated() throws Exception {
    WebSocket socket = full();
    origin.connection.close();
    toTheEnd();
    assertThatThrownBy(socket::close).isInstanceOf(FailedException.class);
  }

  @Test
  void pingsAndPongsAndEmptyMessagesWaitForRoomAsDataDoes() throws Exception {
    WebSocket socket = full();
    for (Frame frame :
        List.of(
            new Ping(Bytes.EMPTY), new Pong(Bytes.EMPTY), new Text(""), new Binary(Bytes.EMPTY))) {
      assertThat(socket.trySend(frame)).isFalse();
      assertThatThrownBy(() -> socket.send(frame))
          .isInstanceOfSatisfying(
              FailedException.class,
              e ->
                  assertThat(e.reason().sentence())
                      .startsWith("The wait for room to send took longer than 1 ms"));
      assertThatThrownBy(() -> socket.written(frame)).isInstanceOf(FailedException.class);
    }
  }

  @Test
  void emptyMessagesFillTheGate() throws Exception {
    WebSocket socket = origin.asked(Origin.SILENT.sendQueue(60));
    int taken = 0;
    while (socket.trySend(new Text(""))) {
      taken++;
    }
    assertThat(taken).as("of six bytes each, as they are on the wire").isEqualTo(10);
    origin.accept();
    assertThat(socket.trySend(new Text(""))).isTrue();
  }

  @Test
  void theOwnersPingsAreHeldByTheGateWhileTheSocketTakesNothing() throws Exception {
    WebSocket socket = origin.upgraded(Origin.SILENT.sendQueue(6000));
    origin.clog();
    socket.send(new Binary(new byte[100_000]));
    origin.settle();
    int taken = 0;
    while (socket.trySend(new Ping(Bytes.EMPTY))) {
      taken++;
    }
    assertThat(taken).isEqualTo(1000);
    origin.takeAll();
    assertThat(origin.sent()).filteredOn(Sent::isControl).hasSize(1000);
  }
}
