package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.client.Caller;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.supervision.Supervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a thread's interrupt, in each kind of call that waits; the server is silent. */
@Timeout(60)
final class InterruptTest {
  private static final Duration LONG = Duration.ofHours(1);

  private ServerSocket silent;

  @BeforeEach
  void listen() throws IOException {
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    Thread.interrupted();
    silent.close();
  }

  private Connection connect() {
    return Lariat.open("127.0.0.1", silent.getLocalPort());
  }

  private String uri(String scheme) {
    return scheme + "://127.0.0.1:" + silent.getLocalPort() + "/";
  }

  /** The thread is interrupted when the call begins, so it waits not even for a moment. */
  private static Throwable interrupted(ThrowingCallable call) {
    Thread.currentThread().interrupt();
    return catchThrowable(call);
  }

  private static void clears(ThrowingCallable call) {
    assertThat(interrupted(call)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  private static void keeps(ThrowingCallable call) {
    Throwable thrown = interrupted(call);
    assertThat(thrown).isInstanceOf(FailedException.class);
    assertThat(((FailedException) thrown).reason())
        .isInstanceOfSatisfying(
            Reason.BadState.class, reason -> assertThat(reason.sentence()).contains("interrupted"));
    assertThat(Thread.interrupted()).isTrue();
  }

  /** Whatever is there is told before the wait. */
  private static void takeAll(Mailbox mailbox) throws InterruptedException {
    while (true) {
      mailbox.take(LONG);
    }
  }

  @Test
  void aCallThatThrowsInterruptedExceptionClearsTheStatus() {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open("127.0.0.1", silent.getLocalPort(), mailbox);
        LiveWebSocket socket = LiveWebSocket.to(uri("ws")).open();
        LiveEvents events = LiveEvents.to(uri("http")).open();
        Supervisor supervisor = Supervisor.open()) {
      Exchange exchange = connection.get("/");
      clears(() -> mailbox.await(exchange, LONG));
      mailbox.flush(exchange);
      clears(() -> takeAll(mailbox));
      clears(() -> connection.awaitTermination(LONG));
      clears(() -> socket.awaitOpen(LONG));
      clears(() -> socket.awaitTermination(LONG));
      clears(() -> events.awaitOpen(LONG));
      clears(() -> events.awaitTermination(LONG));
      clears(() -> Lariat.awaitTermination(LONG));
      clears(supervisor::join);
      clears(() -> supervisor.join(LONG));
    }
  }

  @Test
  void aCallThatThrowsFailedExceptionKeepsTheStatus() {
    LiveOptions narrow = LiveOptions.DEFAULT.outbox(Outbox.DEFAULT.messages(1));
    Text text = new Text("waits");
    try (Connection connection = connect();
        Connection other = connect();
        LiveWebSocket socket = LiveWebSocket.to(uri("ws")).options(narrow).open();
        LiveEvents events = LiveEvents.to(uri("http")).open()) {
      keeps(() -> connection.get("/").text(LONG));
      keeps(() -> connection.get("/").body(LONG));
      keeps(() -> connection.get("/").response(LONG));
      keeps(() -> connection.get("/").lines(LONG).toList());
      keeps(() -> Caller.on(connection).get("/", LONG));
      keeps(() -> socket.iterator().hasNext());
      keeps(() -> events.iterator().hasNext());
      socket.send(text);
      keeps(() -> socket.send(text));
      keeps(() -> socket.deliver(text));
      WebSocket plain = other.webSocket("/", WebSocketOptions.DEFAULT.sendQueue(1));
      plain.send(text);
      keeps(() -> plain.send(text));
    }
  }
}
