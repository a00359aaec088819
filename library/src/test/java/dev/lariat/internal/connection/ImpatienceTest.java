package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that want an attempt at once and fail with it, and what others learn of attempts. */
class ImpatienceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:80");
  private static final Reason BROKEN = new Reason.Reset("Connection reset");
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  /** Tries three times more, a second after each failure. */
  private static final Backoff THREE =
      Backoff.DEFAULT.jitter(false).delays(SECOND, SECOND).attempts(3);

  private final Scene scene = new Scene(ConnectionOptions.DEFAULT.retry(THREE));

  private Stream call(String path) {
    Stream stream = scene.stream("call " + path);
    scene.command(
        new Command.Request(
            stream,
            Request.of("GET", path),
            true,
            Engine.NEVER,
            List.of(),
            FieldNames.PLAIN,
            true));
    return stream;
  }

  private void failsFirst() {
    scene.attempt().fails(REFUSED);
    assertThat(scene.owner.told()).containsExactly(new Retrying(scene.ref, 1, SECOND, REFUSED));
  }

  private static StreamFailed failed(Stream stream, Reason reason) {
    return new StreamFailed(stream.ref(), reason);
  }

  // ---- impatient requests

  @Test
  void anImpatientRequestFailsWithTheAttemptThatRuns() {
    Stream call = call("/");
    Stream patient = scene.get("/patient");
    scene.attempt().fails(REFUSED);
    assertThat(scene.owner.told())
        .containsExactly(failed(call, REFUSED), new Retrying(scene.ref, 1, SECOND, REFUSED));
    scene.advance(SECOND);
    assertThat(Scene.sent(scene.up())).startsWith("GET /patient ");
    assertThat(scene.actor.inspect().whyWaiting(patient.ref())).isEmpty();
  }

  @Test
  void anImpatientRequestMakesAnAttemptAtOnce() {
    failsFirst();
    call("/now");
    assertThat(Scene.sent(scene.up())).startsWith("GET /now ");
  }

  @Test
  void anAttemptOutOfTurnDoesNotCountAndIsToldToWhoeverAskedForIt() {
    failsFirst();
    Stream patient = scene.get("/patient");
    for (int i = 0; i < 10; i++) {
      Stream call = call("/" + i);
      scene.attempt().fails(REFUSED);
      assertThat(scene.owner.told()).containsExactly(failed(call, REFUSED));
    }
    scene.advance(SECOND.minusNanos(1));
    assertThat(scene.attempts).isEmpty();
    scene.advance(Duration.ofNanos(1));
    scene.attempt().fails(REFUSED);
    assertThat(scene.owner.told())
        .as("the policy's own attempt came in its time, and is the second")
        .containsExactly(new Retrying(scene.ref, 2, SECOND, REFUSED));
    assertThat(scene.actor.inspect().whyWaiting(patient.ref())).contains(REFUSED);
  }

  @Test
  void anAttemptOutOfTurnThatLastsUntilThePolicysOwnIsDueIsThatOne() {
    failsFirst();
    Stream call = call("/");
    scene.advance(SECOND);
    scene.attempt().fails(REFUSED);
    assertThat(scene.owner.told())
        .containsExactly(failed(call, REFUSED), new Retrying(scene.ref, 2, SECOND, REFUSED));
  }

  @Test
  void callsShareAnAttempt() {
    failsFirst();
    Stream one = call("/1");
    Stream two = call("/2");
    scene.attempt().fails(REFUSED);
    assertThat(scene.owner.told()).containsExactly(failed(one, REFUSED), failed(two, REFUSED));
  }

  @Test
  void anImpatientRequestOutlastsTheEndOfAnIdleConnection() {
    Scene.Socket idle = scene.up();
    scene.get("/before");
    scene.receive(idle, OK);
    idle.close();
    scene.run();
    scene.owner.told();
    Stream call = call("/again");
    Scene.Socket next = scene.up();
    assertThat(Scene.sent(next)).startsWith("GET /again ");
    scene.receive(next, OK);
    assertThat(scene.owner.told()).noneMatch(failed(call, BROKEN).getClass()::isInstance);
  }

  @Test
  void aLossThatTookARequestWithItIsNoAttemptThatFailed() {
    Scene.Socket channel = scene.up();
    scene.get("/lost");
    channel.close();
    scene.run();
    call("/next");
    assertThat(Scene.sent(scene.up())).startsWith("GET /next ");
  }

  @Test
  void anImpatientRequestFailsWithTheOnlyAttempt() {
    Scene once = new Scene(ConnectionOptions.DEFAULT.retry(Backoff.NEVER));
    Stream call = once.stream("call");
    once.command(
        new Command.Request(
            call, Request.of("GET", "/"), true, Engine.NEVER, List.of(), FieldNames.PLAIN, true));
    once.attempt().fails(REFUSED);
    assertThat(once.owner.told())
        .containsExactly(
            failed(call, REFUSED), new Terminated(once.ref, new Reason.GaveUp(0, REFUSED)));
  }

  // ---- why there is no connection

  @Test
  void theReasonIsThatOfTheLastAttempt() {
    Stream waits = scene.get("/");
    assertThat(scene.actor.inspect().whyWaiting(waits.ref())).as("the first one runs").isEmpty();
    scene.attempt().fails(REFUSED);
    assertThat(scene.actor.inspect().whyWaiting(waits.ref())).contains(REFUSED);
    scene.advance(SECOND);
    assertThat(scene.actor.inspect().whyWaiting(waits.ref()))
        .as("the next one runs")
        .contains(REFUSED);
    assertThat(scene.actor.inspect().whyNotUp()).contains(REFUSED);
    scene.up();
    assertThat(scene.actor.inspect().whyNotUp()).isEmpty();
  }

  @Test
  void anAttemptThatHasNotFailedSaysHowFarItIs() {
    Reason slow = new Reason.Timeout(Reason.Step.TLS, SECOND);
    Scene.Attempt attempt = scene.attempt();
    attempt.soFar = slow;
    Stream waits = scene.get("/");
    assertThat(scene.actor.inspect().whyWaiting(waits.ref())).contains(slow);
  }

  @Test
  void afterALossItIsTheLossUntilAnAttemptFailsOrSucceeds() {
    Scene.Socket channel = scene.up();
    scene.get("/lost");
    channel.pipeline().fireExceptionCaught(new java.io.IOException("Connection reset"));
    scene.run();
    assertThat(scene.actor.inspect().whyNotUp()).contains(BROKEN);
    scene.advance(SECOND);
    Scene.Attempt attempt = scene.attempt();
    attempt.soFar = new Reason.Ongoing(Reason.Step.TLS, SECOND);
    assertThat(scene.actor.inspect().whyNotUp()).as("while the next attempt runs").contains(BROKEN);
    attempt.fails(REFUSED);
    assertThat(scene.actor.inspect().whyNotUp()).contains(REFUSED);
  }

  @Test
  void afterAnEndInGoodOrderItIsWhatTheNextAttemptWaitsFor() {
    Reason slow = new Reason.Ongoing(Reason.Step.TLS, SECOND);
    EmbeddedChannel channel = scene.up();
    scene.get("/1");
    scene.receive(channel, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    channel.close();
    scene.run();
    scene.get("/2");
    scene.attempt().soFar = slow;
    assertThat(scene.actor.inspect().whyNotUp()).contains(slow);
  }
}
