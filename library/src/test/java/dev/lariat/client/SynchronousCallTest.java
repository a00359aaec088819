package dev.lariat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.World;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.Backoff;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread is thrown that waits for an answer of a server to which there is no connection. */
@Timeout(30)
class SynchronousCallTest {
  private static final Duration FIVE = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:81");
  private static final Reason UNKNOWN =
      new Reason.Unresolved("nowhere.invalid", "no address is known for it");
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final World world = new World();
  private final Connection connection =
      Lariat.open("nowhere.invalid", 80, world.options().retry(Backoff.DEFAULT));

  @BeforeEach
  @AfterEach
  void settle() {
    world.run();
  }

  /** What becomes of this on a thread of its own. */
  private static <T> CompletableFuture<T> away(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(call.call());
              } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
              }
            });
    return result;
  }

  private World.Attempt attempt() {
    while (world.attempts.isEmpty()) {
      world.run();
      Thread.onSpinWait();
    }
    return world.attempt();
  }

  /** Waits until a request waits for the connection. */
  private void untilHeld(Connection at) {
    while (true) {
      CompletableFuture<ConnectionInfo> info = at.info();
      world.run();
      if (info.join().streams() == 1) {
        return;
      }
      Thread.onSpinWait();
    }
  }

  private FailedException failure(CompletableFuture<?> call) throws Exception {
    while (!call.isDone()) {
      world.run();
      Thread.onSpinWait();
    }
    Throwable thrown = call.handle((value, failure) -> failure).get(20, TimeUnit.SECONDS);
    assertThat(thrown).isInstanceOf(FailedException.class);
    return (FailedException) thrown;
  }

  /** What it fails with when time passes; it may begin to wait at any moment. */
  private FailedException late(CompletableFuture<?> call) throws Exception {
    while (!call.isDone()) {
      world.advance(FIVE);
      Thread.onSpinWait();
    }
    return failure(call);
  }

  // ---- an exchange

  @Test
  void theDeadlineOfAnExchangeNamesTheLastFailure() throws Exception {
    Exchange exchange = connection.get("/");
    CompletableFuture<String> text = away(() -> exchange.text(FIVE));
    attempt().fails(REFUSED);
    FailedException failed = late(text);
    assertThat(failed.reason())
        .isEqualTo(new Reason.Timeout(Step.RESPONSE, FIVE, Optional.of(REFUSED)));
    assertThat(failed)
        .hasMessage(
            "The response took longer than 5 s: The address 127.0.0.1:81 refused the connection.")
        .hasCauseInstanceOf(FailedException.class);
    assertThat(failed.getCause()).hasMessage(REFUSED.sentence());
  }

  @Test
  void theDeadlineOfARequestNamesTheLastFailure() throws Exception {
    Exchange exchange = connection.request(Request.of("GET", "/").timeout(FIVE));
    CompletableFuture<String> text = away(() -> exchange.text(LONG));
    attempt().fails(UNKNOWN);
    assertThat(late(text).reason())
        .isEqualTo(new Reason.Timeout(Step.RESPONSE, FIVE, Optional.of(UNKNOWN)));
  }

  @Test
  void theDeadlineOfAwaitUpNamesTheLastFailure() throws Exception {
    attempt().fails(REFUSED);
    assertThat(failure(away(() -> connection.awaitUp(FIVE))).reason())
        .as("a failure that nobody knew is told at once")
        .isEqualTo(REFUSED);
    CompletableFuture<?> waits = away(() -> connection.awaitUp(FIVE));
    assertThat(late(waits).reason())
        .isEqualTo(new Reason.Timeout(Step.AWAIT_UP, FIVE, Optional.of(REFUSED)));
  }

  @Test
  void whatWasSentAndNotAnsweredHasNoSuchReason() throws Exception {
    attempt().up();
    Exchange exchange = connection.get("/");
    world.run();
    CompletableFuture<String> text = away(() -> exchange.text(FIVE));
    assertThat(late(text).reason()).isEqualTo(new Reason.Timeout(Step.RESPONSE, FIVE));
  }

  @Test
  void aConnectionThatHasTerminatedSaysWhy() throws Exception {
    Connection once = Lariat.open("nowhere.invalid", 80, world.options().retry(Backoff.NEVER));
    world.run();
    world.attempts.removeLast().fails(REFUSED);
    Throwable thrown = catchThrowable(() -> once.get("/"));
    assertThat(thrown)
        .hasMessage(
            "The operation request is not possible: the connection has terminated: The address"
                + " 127.0.0.1:81 refused the connection.")
        .hasCauseInstanceOf(FailedException.class);
    assertThat(((FailedException) thrown.getCause()).reason()).isEqualTo(REFUSED);
  }

  // ---- a caller

  @Test
  void aCallFailsWithTheAttempt() throws Exception {
    CompletableFuture<Answer> call = away(() -> Caller.on(connection).get("/", LONG));
    World.Attempt first = attempt();
    untilHeld(connection);
    first.fails(UNKNOWN);
    assertThat(failure(call).reason()).isEqualTo(UNKNOWN);
  }

  @Test
  void aCallMakesAnAttemptAtOnceWhileTheConnectionWaits() throws Exception {
    attempt().fails(REFUSED);
    CompletableFuture<Answer> call = away(() -> Caller.on(connection).get("/", LONG));
    attempt().fails(UNKNOWN);
    assertThat(failure(call).reason()).as("no older failure").isEqualTo(UNKNOWN);
    CompletableFuture<Answer> next = away(() -> Caller.on(connection).get("/", LONG));
    World.Line line = attempt().up();
    line.receive(OK);
    assertThat(next.get(20, TimeUnit.SECONDS).text()).isEqualTo("ok");
  }

  @Test
  void aCallIsTriedAgainByItsOwnPolicyWhateverItsMethod() throws Exception {
    Duration pause = Duration.ofMillis(10);
    RequestRetry twice =
        RequestRetry.DEFAULT.backoff(
            Backoff.DEFAULT.attempts(2).jitter(false).delays(pause, pause));
    Caller caller = Caller.on(connection).retry(twice);
    CompletableFuture<Answer> call =
        away(() -> caller.send(Request.of("POST", "/"), Duration.ofDays(300)));
    World.Attempt first = attempt();
    untilHeld(connection);
    first.fails(REFUSED);
    int more = 0;
    while (!call.isDone()) {
      world.advance(pause);
      Thread.onSpinWait();
      if (!world.attempts.isEmpty()) {
        world.attempt().fails(REFUSED);
        more++;
      }
    }
    assertThat(more).isGreaterThanOrEqualTo(2);
    assertThat(failure(call).reason()).isEqualTo(REFUSED);
  }

  @Test
  void aConnectionThatIsNotTriedAgainEndsACallWithItsOwnReason() throws Exception {
    Connection once = Lariat.open("nowhere.invalid", 80, world.options().retry(Backoff.NEVER));
    world.run();
    World.Attempt only = world.attempts.removeLast();
    CompletableFuture<Answer> call =
        away(() -> Caller.on(once).retry(RequestRetry.DEFAULT).get("/", LONG));
    untilHeld(once);
    only.fails(REFUSED);
    assertThat(failure(call).reason()).isEqualTo(REFUSED);
  }

  @Test
  void theDeadlineOfACallNamesWhatTheAttemptWaitsFor() throws Exception {
    Reason slow = new Reason.Ongoing(Step.TLS, Duration.ofMillis(4990));
    CompletableFuture<Answer> call = away(() -> Caller.on(connection).get("/", FIVE));
    attempt().soFar = slow;
    untilHeld(connection);
    FailedException failed = late(call);
    assertThat(failed.reason())
        .isEqualTo(new Reason.Timeout(Step.RESPONSE, FIVE, Optional.of(slow)));
    assertThat(failed.getCause()).hasMessage("The TLS handshake has taken 4990 ms so far.");
  }
}
