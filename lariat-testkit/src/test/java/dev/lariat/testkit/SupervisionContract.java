package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Supervision;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.ChildInfo;
import dev.lariat.supervision.Scope;
import dev.lariat.supervision.Supervisor;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What became of a consumer that throws: it is never a connection that nobody reads, but one that
 * is closed, and a fresh one.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(
    value = Protocol.class,
    names = {"HTTP_1_1", "HTTP_2"})
abstract class SupervisionContract {
  @Parameter Protocol protocol;

  private static final String POISON = "poison";

  private final CompletableFuture<Integer> left = new CompletableFuture<>(); // by which visit
  private final CompletableFuture<String> read = new CompletableFuture<>(); // when it ran again
  private Origin origin;
  private Supervisor supervisor;

  abstract Origin origin(Script script);

  abstract ConnectionOptions options();

  private ConnectionOptions speaking() {
    return options().protocols(protocol);
  }

  abstract Supervision supervision();

  abstract <T> T await(CompletableFuture<T> future) throws Exception;

  abstract void end(Origin origin);

  /** On the second visit, so one that had stayed with the first would read nothing. */
  private static String textFor(Visit visit) {
    return visit.number() == 1 ? POISON : "bread of visit " + visit.number();
  }

  private void playSocket(Visit visit) throws Exception {
    visit.acceptWebSocket().send(new Text(textFor(visit)));
    visit.awaitEnd();
    left.complete(visit.number());
  }

  private void playEvents(Visit visit) throws Exception {
    visit.request();
    visit.events().send(String.valueOf(visit.number()), textFor(visit));
    visit.awaitEnd();
    left.complete(visit.number());
  }

  private void begin(Script script, Child.Task task) {
    origin = origin(script);
    supervisor = Supervisor.open(supervision());
    supervisor.start(Child.of("consumer", task));
  }

  @AfterEach
  void end() {
    supervisor.close();
    end(origin);
  }

  private void consume(Scope scope, String text) throws Exception {
    if (text.equals(POISON)) {
      throw new IllegalArgumentException("it is poison");
    }
    read.complete(
        text + ", behind " + scope.formerEnd().flatMap(ChildInfo.End::thrown).orElseThrow());
  }

  private void assertRestartedWithAFreshConnection() throws Exception {
    assertThat(await(read))
        .isEqualTo("bread of visit 2, behind java.lang.IllegalArgumentException: it is poison");
    assertThat(await(left)).isEqualTo(1);
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(supervisor.children())
        .singleElement()
        .satisfies(
            info -> {
              assertThat(info.state()).isEqualTo(ChildInfo.State.RUNNING);
              assertThat(info.restarts()).isEqualTo(1);
              assertThat(info.abandoned()).isZero();
            });
  }

  @Test
  void aReaderOfAWebSocketThatThrowsStartsAnew() throws Exception {
    begin(
        this::playSocket,
        scope -> {
          Connection connection = Lariat.open(origin.uri("ws", "/"), speaking());
          WebSocket socket = connection.webSocket("/");
          while (true) {
            Message message = connection.mailbox().take();
            if (message instanceof WebSocketFrame(var of, Text(var text)) && of == socket) {
              consume(scope, text);
            }
          }
        });

    assertRestartedWithAFreshConnection();
  }

  @Test
  void aReaderOfALiveWebSocketThatThrowsStartsAnew() throws Exception {
    begin(
        this::playSocket,
        scope -> {
          LiveWebSocket feed =
              LiveWebSocket.to(origin.uri("ws", "/"))
                  .options(LiveOptions.DEFAULT.connection(speaking()))
                  .open();
          for (Frame frame : feed) {
            if (frame instanceof Text(var text)) {
              consume(scope, text);
            }
          }
        });

    assertRestartedWithAFreshConnection();
  }

  @Test
  void aReaderOfLiveEventsThatThrowsStartsAnew() throws Exception {
    begin(
        this::playEvents,
        scope -> {
          LiveEvents events =
              LiveEvents.to(origin.uri("http", "/"))
                  .options(EventOptions.DEFAULT.connection(speaking()))
                  .open();
          for (ServerSentEvent event : events) {
            consume(scope, event.data());
          }
        });

    assertRestartedWithAFreshConnection();
  }

  @Test
  void aReceiverOfTheTasksOwnMailboxThatThrowsStartsAnewToo() throws Exception {
    begin(
        this::playSocket,
        scope -> {
          Mailbox mailbox = scope.own(Mailbox.create());
          Lariat.open(origin.uri("ws", "/"), speaking(), mailbox).webSocket("/");
          while (true) {
            if (mailbox.take() instanceof WebSocketFrame(var of, Text(var text))) {
              consume(scope, text);
            }
          }
        });

    assertRestartedWithAFreshConnection();
  }

  @Test
  void closeEndsTheConnectionsOfAReaderThatWaits() throws Exception {
    CompletableFuture<String> waits = new CompletableFuture<>();
    begin(
        this::playSocket,
        scope -> {
          LiveWebSocket feed =
              LiveWebSocket.to(origin.uri("ws", "/"))
                  .options(LiveOptions.DEFAULT.connection(speaking()))
                  .open();
          for (Frame frame : feed) {
            waits.complete(String.valueOf(frame));
          }
        });
    assertThat(await(waits)).contains(POISON);

    supervisor.close();

    assertThat(await(left)).isEqualTo(1);
    assertThat(supervisor.children())
        .singleElement()
        .satisfies(info -> assertThat(info.ends().getFirst().abandoned()).isFalse());
  }
}
