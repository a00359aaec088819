package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.*;
import dev.lariat.option.Request;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs of docs/guide/llm-streams.md, against a service that follows a script. */
@Timeout(30)
class CompletionsTest {
  private static final Request PROMPT = Completions.prompt("/v1/chat", "key", "{\"stream\":true}");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  private final Script answers =
      visit -> {
        for (Asked next = visit.request(); next != null; next = visit.request()) {
          asked.add(next);
          EventStream events = visit.events();
          events.send("{\"n\":1}");
          events.comment("still here");
          events.send("{\"n\":2}");
          events.send("[DONE]");
          events.end();
        }
      };

  private void stream(Origin origin) {
    try (Connection connection = Lariat.open(origin.uri("http", "/"))) {
      Completions.stream(connection, PROMPT, tokens::add);
    }
  }

  private void streamPatiently(Origin origin) {
    Completions.streamPatiently(origin.uri("http", "/v1/chat").toString(), PROMPT, tokens::add);
  }

  @Test
  void anAnswerIsPostedForAndEndsAtDone() throws Exception {
    try (Origin origin = Origin.start(answers)) {
      stream(origin);
      streamPatiently(origin);

      assertThat(tokens).containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":1}", "{\"n\":2}");
      assertThat(asked)
          .hasSize(2)
          .allSatisfy(
              request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.target()).isEqualTo("/v1/chat");
                assertThat(request.body().utf8()).isEqualTo("{\"stream\":true}");
                assertThat(request.headers().first("authorization")).contains("Bearer key");
                assertThat(request.headers().first("accept")).contains("text/event-stream");
              });
    }
  }

  @Test
  void aStreamThatIsReadToItsEndLeavesTheConnectionForTheNext() throws Exception {
    try (Origin origin = Origin.start(answers);
        Connection connection = Lariat.open(origin.uri("http", "/"))) {
      for (int i = 0; i < 5; i++) {
        Completions.streamToItsEnd(connection, PROMPT, tokens::add);
      }
      assertThat(tokens).hasSize(10);
      assertThat(origin.visits()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatHoldsTheResponseOpenAfterDoneIsNotWaitedFor() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              visit.events().send("[DONE]");
              visit.awaitEnd();
            })) {
      stream(origin);
      assertThat(tokens).isEmpty();
    }
  }

  @Test
  void whoStopsReadingStopsTheServer() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              visit.events().send("{}");
              visit.awaitEnd(); // which comes when the client has stopped
            })) {
      try (Connection connection = Lariat.open(origin.uri("http", "/"))) {
        assertThatThrownBy(
                () ->
                    Completions.stream(
                        connection,
                        PROMPT,
                        token -> {
                          throw new IllegalStateException("the user has seen enough");
                        }))
            .hasMessage("the user has seen enough");
        origin.awaitScripts(PATIENCE);
      }
    }
  }

  @Test
  void anAnswerThatIsCutIsNoAnswerAndIsNotAskedForAgain() throws Exception {
    Script cut =
        visit -> {
          asked.add(visit.request());
          visit.events().send("{\"n\":1}");
          visit.reset();
        };
    try (Origin origin = Origin.start(cut)) {
      assertThatThrownBy(() -> streamPatiently(origin))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isInstanceOf(Reason.Reset.class));
      assertThat(asked).hasSize(1);
      assertThatThrownBy(() -> stream(origin))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.Incomplete.class));
      assertThat(asked).hasSize(2);
    }
  }

  @Test
  void anAnswerThatEndsWithoutDoneIsNoAnswer() throws Exception {
    Script half =
        visit -> {
          asked.add(visit.request());
          EventStream events = visit.events();
          events.send("{\"n\":1}");
          events.end();
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(half)) {
      assertThatThrownBy(() -> stream(origin)).hasMessage("the answer ended before [DONE]");
      assertThatThrownBy(() -> streamPatiently(origin))
          .isInstanceOf(FailedException.class)
          .hasMessage("The server ended the response.");
      assertThat(asked).hasSize(2);
    }
  }

  @Test
  void aRequestThatGotNoAnswerIsNotSentAgain() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              asked.add(visit.request());
              visit.reset();
            },
            answers)) {
      assertThatThrownBy(() -> streamPatiently(origin))
          .isInstanceOfSatisfying(
              FailedException.class,
              e -> assertThat(e.reason()).isInstanceOf(Reason.Unanswered.class));
      assertThat(asked).hasSize(1);
    }
  }

  @Test
  void aServiceThatIsBusyIsAskedAgainWhenItWants() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              asked.add(visit.request());
              visit.unavailable(429, Duration.ofSeconds(1));
              visit.awaitEnd();
            },
            Script.status(529),
            answers)) {
      long start = System.nanoTime();
      streamPatiently(origin);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(tokens).containsExactly("{\"n\":1}", "{\"n\":2}");
      assertThat(origin.visits()).isEqualTo(3);
    }
  }

  @Test
  void aRefusalIsToldWithItsBody() throws Exception {
    Script refuses =
        visit -> {
          for (Asked next = visit.request(); next != null; next = visit.request()) {
            asked.add(next);
            visit.respond(
                401,
                Headers.of("content-type", "application/json"),
                Bytes.ofUtf8("{\"error\":\"no such key\"}"));
          }
        };
    try (Origin origin = Origin.start(refuses)) {
      assertThatThrownBy(() -> stream(origin)).hasMessage("401: {\"error\":\"no such key\"}");
      assertThatThrownBy(() -> streamPatiently(origin))
          .isInstanceOf(FailedException.class)
          .hasMessage("The server answered with status 401: {\"error\":\"no such key\"}.");
      assertThat(asked).hasSize(2);
    }
  }

  @Test
  void aServiceThatIsSilentIsNotWaitedForForEver() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              Script.silent(),
              visit -> {
                visit.request();
                EventStream events = visit.events();
                events.send("{}");
                while (!visit.clientGone()) {
                  visit.pause(Duration.ofSeconds(15));
                  events.comment("still here"); // no event
                }
              });
          try (Connection connection = Lariat.open(Scene.HOST, 80, scene.options())) {
            assertThatThrownBy(() -> Completions.stream(connection, PROMPT, tokens::add))
                .hasMessage("The response took longer than 120 s.");
            assertThatThrownBy(() -> Completions.stream(connection, PROMPT, tokens::add))
                .isInstanceOfSatisfying(
                    FailedException.class,
                    e ->
                        assertThat(e.reason())
                            .isEqualTo(
                                new Reason.Timeout(Reason.Step.READ, Duration.ofSeconds(60))));
          }
        });
  }
}
