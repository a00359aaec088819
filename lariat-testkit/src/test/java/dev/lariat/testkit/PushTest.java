package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.ResponsePublisher;
import dev.lariat.client.Caller;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.Event;
import dev.lariat.event.StreamInfo;
import dev.lariat.flight.JfrListener;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server pushes, as its user meets it. */
@Timeout(60)
class PushTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Headers CSS = Headers.of("content-type", "text/css");

  private final Simulation simulation = Simulation.seeded(1);
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Queue<Boolean> pushed = new ConcurrentLinkedQueue<>();
  private ConnectionOptions options =
      ConnectionOptions.DEFAULT
          .platform(simulation.platform())
          .protocols(Protocol.HTTP_2)
          .http2(Http2.DEFAULT.push(true))
          .listener(events::add);

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

  /** Answers each request with a page, beside which a style sheet is pushed. */
  private void page(Visit visit) throws Exception {
    while (visit.request() != null) {
      int style = visit.http2().promise("/style?secret=1", Headers.of("accept", "text/css"));
      visit.respond(200, "page");
      pushed.add(visit.http2().push(style, 200, CSS, Bytes.ofUtf8("style")));
    }
  }

  private static <T extends Message> T next(Mailbox mailbox, Class<T> kind) throws Exception {
    Message message = mailbox.take(SOON);
    while (message instanceof Up || message instanceof Notice) {
      message = mailbox.take(SOON);
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  @Test
  void whatIsPushedIsReadAsAnyResponse() throws Exception {
    play(
        this::page,
        connection -> {
          Exchange page = connection.get("/");
          Push push = next(connection.mailbox(), Push.class);
          assertThat(push.stream()).isSameAs(page);
          assertThat(push.method()).isEqualTo("GET");
          assertThat(push.uri()).isEqualTo("http://origin.example:8080/style?secret=1");
          assertThat(push.headers()).isEqualTo(Headers.of("accept", "text/css"));
          Exchange style = Exchange.of(push.promised());
          assertThat(style.connection()).isSameAs(connection);
          assertThat(style.toString()).startsWith("GET /style?");
          assertThat(style.response(SOON).headers()).isEqualTo(CSS);
          assertThat(style.text(SOON)).isEqualTo("style");
          assertThat(page.text(SOON)).isEqualTo("page");
          assertThat(simulation.await(style.info()).state()).isEqualTo(StreamInfo.State.ENDED);
        });
    assertThat(pushed).containsExactly(true);
  }

  @Test
  void nothingIsSentOnAPushedStream() throws Exception {
    play(
        this::page,
        connection -> {
          connection.get("/");
          Exchange style = Exchange.of(next(connection.mailbox(), Push.class).promised());
          FailedException failed =
              catchThrowableOfType(
                  FailedException.class, () -> style.data(Bytes.ofUtf8("x"), true));
          assertThat(failed.reason())
              .isEqualTo(new Reason.BadState("data", "the server made the request"));
        });
  }

  @Test
  void itIsTakenWithTheCreditOfItsRequest() throws Exception {
    play(
        this::page,
        connection -> {
          connection.request(Request.of("GET", "/").credit(1));
          Exchange style = Exchange.of(next(connection.mailbox(), Push.class).promised());
          assertThat(style.body(SOON)).isEqualTo(Bytes.ofUtf8("style"));
        });
  }

  @Test
  void itIsCancelledByItsHandle() throws Exception {
    play(
        visit -> {
          visit.request();
          int style = visit.http2().promise("/style", Headers.EMPTY);
          visit.respond(200, "page");
          visit.request();
          pushed.add(visit.http2().push(style, 200, CSS, Bytes.ofUtf8("style")));
          visit.respond(200, "again");
        },
        connection -> {
          Exchange page = connection.get("/");
          Exchange style = Exchange.of(next(connection.mailbox(), Push.class).promised());
          assertThat(simulation.await(style.info()).state()).isEqualTo(StreamInfo.State.RUNNING);
          style.cancel();
          assertThat(page.text(SOON)).isEqualTo("page");
          assertThat(connection.get("/again").text(SOON)).isEqualTo("again");
          assertThat(next(connection.mailbox(), StreamFailed.class))
              .isEqualTo(new StreamFailed(style, new Reason.Cancelled()));
        });
    assertThat(pushed).containsExactly(false);
  }

  @Test
  void whoWaitsForOneResponseIsNotLeftWithOthers() throws Exception {
    play(
        this::page,
        connection -> {
          for (int i = 0; i < 3; i++) {
            assertThat(connection.get("/").text(SOON)).isEqualTo("page");
          }
          simulation.await(connection.info()); // what was asked before is done
          simulation.advance(Duration.ofSeconds(1));
          connection.mailbox().take(Duration.ZERO); // Up
          Message left = connection.mailbox().take(Duration.ZERO);
          assertThat(left == null || left instanceof Notice).as("%s", left).isTrue();
        });
  }

  @Test
  void whoGivesARequestUpIsNotLeftWithWhatIsPushedWithIt() throws Exception {
    play(
        visit -> {
          visit.request();
          int style = visit.http2().promise("/style", Headers.EMPTY);
          visit.http2().push(style, 200, CSS, Bytes.ofUtf8("style"));
          visit.http2().promise("/script", Headers.EMPTY);
          visit.awaitEnd();
        },
        connection -> {
          Exchange page = connection.get("/");
          simulation.advance(Duration.ofSeconds(1)); // the promises are here, and not read
          page.cancel();
          simulation.await(connection.info());
          simulation.advance(Duration.ofSeconds(1));
          assertThat(next(connection.mailbox(), StreamFailed.class).stream()).isSameAs(page);
          assertThat(connection.mailbox().take(Duration.ZERO)).isNull();
        });
  }

  @Test
  void aCallerIsPushedNothing() throws Exception {
    play(
        this::page,
        connection -> assertThat(Caller.on(connection).get("/", SOON).text()).isEqualTo("page"));
    assertThat(refused())
        .containsExactly(
            new Reason.BadState("push", "nobody takes what is pushed with this request"));
  }

  @Test
  void aSubscriberIsPushedNothing() throws Exception {
    play(
        this::page,
        connection -> {
          ResponsePublisher response = connection.publish(Request.of("GET", "/"));
          assertThat(simulation.await(response.response()).status()).isEqualTo(200);
          response.exchange().cancel();
        });
    assertThat(refused()).hasSize(1);
  }

  private List<Reason> refused() {
    return events.stream()
        .filter(Event.PushRefused.class::isInstance)
        .map(event -> ((Event.PushRefused) event).reason())
        .toList();
  }

  @Test
  void aMailboxThatIsFullOfPushesTakesNoMore() throws Exception {
    Mailbox mailbox = Mailbox.bounded(20);
    Origin origin =
        simulation.origin(
            "origin.example",
            8080,
            visit -> {
              visit.request();
              for (int i = 0; i < 800; i++) {
                int promised = visit.http2().promise("/" + i, Headers.EMPTY);
                visit.http2().push(promised, 204, Headers.EMPTY, Bytes.EMPTY);
              }
              visit.awaitEnd();
            });
    try (Connection connection = Lariat.open(origin.uri("http", "/"), options, mailbox)) {
      connection.get("/");
      simulation.advance(Duration.ofSeconds(10));
      assertThat(mailbox.size()).isLessThan(1100); // of 1,600: the capacity, and one batch
      assertThat(refused()).contains(new Reason.BadState("push", "the mailbox is full"));
    }
    origin.awaitScripts(SOON);
  }

  @Test
  void headersOfPushesCountForTheMailbox() throws Exception {
    Mailbox mailbox = Mailbox.bounded(1000, 10_000);
    Headers large = Headers.of("a", "x".repeat(4_000));
    Origin origin =
        simulation.origin(
            "origin.example",
            8080,
            visit -> {
              visit.request();
              for (int i = 0; i < 100; i++) {
                int promised = visit.http2().promise("/" + i, Headers.EMPTY);
                visit.http2().push(promised, 204, large, Bytes.EMPTY);
                visit.pause(Duration.ofMillis(10));
              }
              visit.awaitEnd();
            });
    try (Connection connection = Lariat.open(origin.uri("http", "/"), options, mailbox)) {
      connection.get("/");
      simulation.advance(Duration.ofSeconds(10));
      assertThat(mailbox.size()).isLessThan(20);
    }
    origin.awaitScripts(SOON);
  }

  @Test
  void cookiesOfAPushedResponseAreKept() throws Exception {
    CookieJar jar = CookieJar.create();
    options = options.cookies(jar);
    play(
        visit -> {
          visit.request();
          int style = visit.http2().promise("/style", Headers.EMPTY);
          Headers cookie = Headers.of("set-cookie", "a=b");
          visit.http2().push(style, 204, cookie, Bytes.EMPTY);
          visit.respond(200, "page");
          visit.respond(200, visit.request().headers().first("cookie").orElse("none"));
        },
        connection -> {
          assertThat(connection.get("/").text(SOON)).isEqualTo("page");
          assertThat(connection.get("/").text(SOON)).isEqualTo("a=b");
        });
  }

  @Test
  void listenersSeeThePromiseAndItsResponse() throws Exception {
    play(
        this::page,
        connection -> {
          connection.get("/");
          Exchange style = Exchange.of(next(connection.mailbox(), Push.class).promised());
          assertThat(style.text(SOON)).isEqualTo("style");
          assertThat(events)
              .filteredOn(
                  event ->
                      event instanceof Event.PushPromise
                          || event instanceof Event.OfStream of && of.stream() == style)
              .extracting(Object::getClass)
              .isEqualTo(
                  List.of(
                      Event.PushPromise.class,
                      Event.ResponseStart.class,
                      Event.ResponseHeaders.class,
                      Event.ResponseEnd.class));
        });
  }

  @Test
  void whereQueriesAreHiddenThatOfAPromiseIsToo() throws Exception {
    options = options.hideQueries(true);
    play(
        this::page,
        connection -> {
          connection.get("/");
          next(connection.mailbox(), Push.class);
        });
    assertThat(events)
        .filteredOn(Event.PushPromise.class::isInstance)
        .extracting(event -> ((Event.PushPromise) event).uri())
        .containsExactly("http://origin.example:8080/style?secret=***");
  }

  @Test
  void aFlightRecordingHasThePushedResponse(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("push.jfr");
    options = options.listener(JfrListener.INSTANCE);
    try (Recording recording = new Recording()) {
      recording.enable("dev.lariat.Request").withoutThreshold();
      recording.start();
      play(
          this::page,
          connection -> {
            connection.get("/");
            Exchange.of(next(connection.mailbox(), Push.class).promised()).text(SOON);
          });
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().equals("dev.lariat.Request"))
        .filteredOn(event -> event.getBoolean("pushed"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("target"))
                  .isEqualTo("http://origin.example:8080/style?secret=1");
              assertThat(event.getInt("status")).isEqualTo(200);
            });
  }

  @Test
  void aScriptCannotPushWhatTheClientHasSwitchedOff() throws Exception {
    options = options.http2(Http2.DEFAULT);
    play(
        visit -> {
          visit.request();
          assertThat(visit.http2().pushes()).isFalse();
          assertThatThrownBy(() -> visit.http2().promise("/style", Headers.EMPTY))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("switched push off");
          assertThatThrownBy(() -> visit.http2().push(2, 200, CSS, Bytes.EMPTY))
              .isInstanceOf(IllegalStateException.class)
              .hasMessage("stream 2 was not promised");
          visit.respond(200, "page");
        },
        connection -> assertThat(connection.get("/").text(SOON)).isEqualTo("page"));
  }
}
