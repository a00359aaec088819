package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs and the tables of docs/guide/errors.md. */
@Timeout(30)
class ErrorsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Script HELLO =
      visit -> {
        visit.request();
        visit.respond(200, "hello");
        visit.awaitEnd();
      };

  private static Connection open(Origin origin) {
    return Lariat.open(origin.uri("http", "/"));
  }

  @Test
  void everyReasonStepAndBoundHasItsPlaceOnThePage() throws Exception {
    String page = Files.readString(Path.of("../docs/guide/errors.md"));
    Stream<String> reasons =
        Arrays.stream(Reason.class.getPermittedSubclasses()).map(Class::getSimpleName);
    Stream<String> parts =
        Stream.of(Reason.Step.values(), Reason.Bound.values())
            .flatMap(Arrays::stream)
            .map(Enum::name);
    assertThat(Stream.concat(reasons, parts))
        .hasSizeGreaterThan(60)
        .allSatisfy(name -> assertThat(page).contains("| `" + name + "` |"));
  }

  @Test
  void aPageOrWordsForAPerson() throws Exception {
    try (Origin origin = Origin.start(HELLO);
        Connection connection = open(origin)) {
      assertThat(Errors.page(connection, "/", PATIENCE)).isEqualTo("hello");
      assertThat(Errors.page(connection, "/", Duration.ofMillis(500)))
          .isEqualTo("The server is too slow, or away: The response took longer than 500 ms.");
    }
    ConnectionOptions small = ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.body(4));
    try (Origin origin = Origin.start(HELLO);
        Connection connection = Lariat.open(origin.uri("http", "/"), small)) {
      assertThat(Errors.page(connection, "/", PATIENCE))
          .isEqualTo(
              "The page is too large: The response body exceeded the limit of 4 bytes"
                  + " (limits.body).");
    }
  }

  @Test
  void theCauseIsTheReasonBeneath() throws Exception {
    try (Origin origin = Origin.start(Script.silent())) {
      origin.refuse();
      try (Connection connection = open(origin)) {
        assertThat(connection.mailbox().take(PATIENCE)).isInstanceOf(Retrying.class);
        FailedException thrown =
            catchThrowableOfType(
                FailedException.class, () -> connection.get("/").text(Duration.ofMillis(300)));
        assertThat(thrown.reason()).isInstanceOf(Reason.Timeout.class);
        assertThat(thrown).hasCauseInstanceOf(FailedException.class);
        assertThat(Errors.root(thrown.reason()))
            .isEqualTo(new Reason.Refused("127.0.0.1:" + origin.port()));
      }
    }
  }

  @Test
  void whatMayBeSentAgain() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.reset();
                },
                visit -> {
                  visit.request();
                  visit.begin(200, Headers.EMPTY, 10).write("half");
                  visit.cutAfter(0);
                  visit.awaitEnd();
                });
        Connection connection = open(origin)) {
      Reason unanswered =
          catchThrowableOfType(FailedException.class, () -> connection.get("/").text(PATIENCE))
              .reason();
      assertThat(unanswered).isInstanceOf(Reason.Unanswered.class);
      assertThat(Errors.maySendAgain("GET", unanswered)).isTrue();
      assertThat(Errors.maySendAgain("POST", unanswered)).isFalse();
      assertThat(Errors.root(unanswered)).isInstanceOf(Reason.Reset.class);
    }
    Reason unsent = new Reason.Unprocessed("the connection closed before it");
    assertThat(Errors.maySendAgain("POST", unsent)).isTrue();
  }

  @Test
  void aLimitIsToldWithItsStream() throws Exception {
    List<String> failures = new ArrayList<>();
    ConnectionOptions once = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.acceptWebSocket();
                  visit.write(Bytes.wrap(new byte[] {(byte) 0x81, (byte) 0x80, 0, 0, 0, 0}));
                  visit.awaitEnd();
                });
        Connection connection = Lariat.open(origin.uri("http", "/"), once)) {
      WebSocket socket = connection.webSocket("/");
      Message message = connection.mailbox().take(PATIENCE);
      for (; !(message instanceof Terminated); message = connection.mailbox().take(PATIENCE)) {
        failures.add(Errors.failure(message));
      }
      failures.add(Errors.failure(message));
      assertThat(failures)
          .containsSubsequence(
              "WebSocket / failed: Protocol error: the server masked a frame (RFC 6455 section"
                  + " 5.1).",
              "ended: No retry follows: Protocol error: the server masked a frame (RFC 6455 section"
                  + " 5.1).");
      assertThatThrownBy(() -> socket.send(new Text("late")))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.BadState.class));
    }
  }

  @Test
  void misuseThrowsInYourThread() {
    assertThatThrownBy(() -> Timeouts.DEFAULT.connect(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("timeouts.connect: 0 s, allowed ");
    assertThatThrownBy(() -> Lariat.open(URI.create("http://localhost/path")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("path");
  }
}
