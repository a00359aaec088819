package dev.lariat.live;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lariat.Asleep;
import dev.lariat.FailedException;
import dev.lariat.World;
import dev.lariat.internal.codec.Sent;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that the server acknowledges, on a network and by a clock that are the test's. */
@Timeout(30)
class AcknowledgementTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Outbox OUTBOX =
      Outbox.DEFAULT.acknowledge(
          sent -> after("m", sent), received -> after("ok ", received)); // "ok 1" is for "m1"

  private final World world = new World();
  private LiveOptions options =
      LiveOptions.DEFAULT
          .connection(world.options())
          .webSocket(WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF))
          .outbox(OUTBOX)
          .healing(
              Healing.DEFAULT
                  .classifier(reason -> Verdict.RETRY)
                  .spread(Duration.ZERO)
                  .retry(Backoff.DEFAULT.jitter(false).delays(SECOND, SECOND)));
  private LiveWebSocket.Plan plan = LiveWebSocket.to("ws://feed.example/orders");
  private LiveWebSocket feed;

  private static Object after(String prefix, Frame frame) {
    return frame instanceof Text(var text) && text.startsWith(prefix)
        ? text.substring(prefix.length())
        : null;
  }

  private World.Line open() {
    feed = plan.options(options).open();
    return world.attempt().up().accept();
  }

  private World.Line next() {
    world.advance(SECOND);
    return world.attempt().up().accept();
  }

  private Delivery deliver(String text) {
    Delivery delivery = feed.deliver(new Text(text));
    world.run();
    return delivery;
  }

  private List<Message> told() {
    return world.told(feed.mailbox());
  }

  @AfterEach
  void nothingIsLeftBehind() {
    feed.close();
    world.run();
  }

  @Test
  void whatIsNotAcknowledgedIsSentAgainOnEverySession() {
    World.Line line = open();
    Delivery first = deliver("m1");
    Delivery second = deliver("m2");
    assertThat(line.texts()).containsExactly("m1", "m2");
    line.receive(text("ok 1"));
    assertThat(first.state()).isEqualTo(Delivery.State.ACKNOWLEDGED);
    assertThat(first.settled()).isCompletedWithValue(first);
    assertThat(second.state()).as("written").isEqualTo(Delivery.State.QUEUED);
    line.hangUp();
    Delivery third = deliver("m3");
    line = next();
    assertThat(line.texts()).containsExactly("m2", "m3");
    line.hangUp();
    line = next();
    assertThat(line.texts()).containsExactly("m2", "m3");
    line.receive(join(text("ok 3"), text("ok 2")));
    line.hangUp();
    assertThat(next().texts()).isEmpty();
    assertThat(List.of(second, third))
        .extracting(Delivery::state)
        .containsOnly(Delivery.State.ACKNOWLEDGED);
    assertThat(told()).noneMatch(Rejected.class::isInstance);
  }

  @Test
  void replayAloneDoesNotSendAgainWhatIsWritten() {
    options = options.outbox(Outbox.DEFAULT.replay(true));
    World.Line line = open();
    Delivery delivery = deliver("m1");
    line.hangUp(); // the server may not have read it
    assertThat(delivery.state()).isEqualTo(Delivery.State.WRITTEN);
    assertThat(next().texts()).isEmpty();
  }

  @Test
  void theOrderIsKeptWhateverHadBeenWritten() {
    World.Line line = open();
    feed.send(new Text("m1"), new Text("plain"), new Text("m2"));
    world.run();
    assertThat(line.texts()).containsExactly("m1", "plain", "m2");
    line.channel.clog();
    feed.send(new Text("m3"), new Text("m4"));
    world.run();
    line.hangUp();
    feed.send(new Text("m5"));
    line = next();
    assertThat(line.texts())
        .as("all but what is written")
        .containsExactly("m1", "m2", "m3", "m4", "m5");
    line.receive(text("ok 2"));
    line.hangUp();
    assertThat(next().texts()).containsExactly("m1", "m3", "m4", "m5");
  }

  @Test
  void aMessageWithoutAnIdentityNeedsNoAcknowledgement() {
    World.Line line = open();
    Delivery delivery = deliver("plain");
    assertThat(delivery.state()).isEqualTo(Delivery.State.WRITTEN);
    line.hangUp();
    assertThat(next().texts()).isEmpty();
  }

  @Test
  void whatIsNotAcknowledgedTakesRoomInTheOutbox() {
    options = options.outbox(OUTBOX.messages(2).overflow(Overflow.FAIL));
    World.Line line = open();
    deliver("m1");
    deliver("m2");
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.send(new Text("m3")))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(new Reason.Limit(Reason.Bound.OUTBOX, 2)));
    assertThat(feed.trySend(new Text("plain"))).as("passes through").isTrue();
    line.receive(text("ok 1"));
    assertThat(feed.trySend(new Text("m3"))).isTrue();
    assertThat(feed.trySend(new Text("m4"))).isFalse();
    line.hangUp();
    assertThat(feed.trySend(new Text("m5"))).as("it waits again, and takes its room").isFalse();
    assertThat(next().texts()).containsExactly("m2", "m3");
  }

  @Test
  void itsBytesCountToo() {
    options = options.outbox(OUTBOX.bytes(20).overflow(Overflow.FAIL));
    World.Line line = open();
    deliver("m1234567890");
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> feed.send(new Text("m2")))
        .satisfies(
            e -> assertThat(e.reason()).isEqualTo(new Reason.Limit(Reason.Bound.OUTBOX_BYTES, 20)));
    line.receive(text("ok 1234567890"));
    feed.send(new Text("m2"));
    world.run();
    assertThat(line.texts()).containsExactly("m1234567890", "m2");
  }

  @Test
  void aBlockedSenderGoesOnWhenTheServerAcknowledges() throws Exception {
    options = options.outbox(OUTBOX.messages(1));
    World.Line line = open();
    deliver("m1");
    Thread sender = Thread.startVirtualThread(() -> feed.send(new Text("m2")));
    Asleep.await(sender);
    world.run();
    line.receive(text("ok 1"));
    sender.join();
    world.run();
    assertThat(line.texts()).containsExactly("m1", "m2");
  }

  @Test
  void aMessageThatWaitsAgainIsTakenBackByItsAcknowledgement() throws Exception {
    plan = plan.onOpen(session -> session.receive(Duration.ofSeconds(20)));
    feed = plan.options(options).open();
    World.Line line = world.attempt().up().accept();
    line.receive(text("welcome"));
    world.runThreads();
    Delivery first = deliver("m1");
    deliver("m2");
    line.hangUp();
    line = next();
    line.receive(text("ok 1")); // read by the step
    world.runThreads();
    assertThat(first.state()).isEqualTo(Delivery.State.ACKNOWLEDGED);
    assertThat(line.texts()).containsExactly("m2");
  }

  @Test
  void ofTheSameIdentityTheOldestIsAcknowledged() {
    World.Line line = open();
    Delivery first = deliver("m1");
    Delivery second = deliver("m1");
    line.receive(join(text("ok 1"), text("ok 7")));
    assertThat(first.state()).isEqualTo(Delivery.State.ACKNOWLEDGED);
    assertThat(second.state()).isEqualTo(Delivery.State.QUEUED);
    line.receive(text("ok 1"));
    assertThat(second.state()).isEqualTo(Delivery.State.ACKNOWLEDGED);
  }

  @Test
  void aFunctionThatThrowsEndsItsSession() {
    options =
        options.outbox(
            Outbox.DEFAULT.acknowledge(
                sent -> sent,
                received -> {
                  throw new IllegalStateException("on purpose");
                }));
    World.Line line = open();
    told();
    line.receive(text("ok 1"));
    assertThat(told())
        .last()
        .isInstanceOfSatisfying(
            Waiting.class,
            away -> assertThat(away.reason()).isInstanceOf(Reason.HandlerThrew.class));
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void shutdownWaitsForAcknowledgements() {
    World.Line line = open();
    Delivery delivery = deliver("m1");
    feed.shutdown();
    world.run();
    assertThat(line.texts()).containsExactly("m1");
    line.receive(text("ok 1"));
    assertThat(line.frames()).containsExactly(Sent.close(1001, ""));
    line.receive(close(1001, ""));
    line.hangUp();
    assertThat(delivery.state()).isEqualTo(Delivery.State.ACKNOWLEDGED);
    assertThat(told()).last().isInstanceOf(Gone.class);
  }

  @Test
  void whatIsNotAcknowledgedAtTheEndIsUnknownAndWhatWasNotSentIsDropped() {
    World.Line line = open();
    Delivery written = deliver("m1");
    feed.send(new Text("m2"));
    world.run();
    line.hangUp();
    Delivery waits = deliver("m3");
    told();
    feed.close();
    assertThat(told())
        .containsExactly(
            new Rejected(feed, "send", new Reason.Unconfirmed(new Reason.OwnerClosed())),
            new Gone(feed, new Reason.OwnerClosed()));
    assertThat(written.state()).isEqualTo(Delivery.State.UNKNOWN);
    assertThat(waits.state()).isEqualTo(Delivery.State.DROPPED);
  }

  @Test
  void whatIsNotAcknowledgedWithinTheTimeForClosingIsUnknown() {
    open();
    Delivery delivery = deliver("m1");
    feed.shutdown();
    world.run();
    world.advance(options.connection().timeouts().closing());
    assertThat(delivery.state()).isEqualTo(Delivery.State.UNKNOWN);
    assertThat(told()).last().isInstanceOf(Gone.class);
  }

  /** Cuts the connection anywhere, and lets acknowledgements get lost with it. */
  @RepeatedTest(50)
  void everyMessageArrivesAtLeastOnceWhateverIsCut(RepetitionInfo round) {
    SplittableRandom random = new SplittableRandom(round.getCurrentRepetition());
    World.Line line = open();
    List<Delivery> deliveries = new ArrayList<>();
    Set<String> arrived = new HashSet<>();
    int sent = 0;
    while (sent < 200 || deliveries.stream().anyMatch(AcknowledgementTest::isQueued)) {
      for (int i = random.nextInt(5); i > 0 && sent < 200; i--) {
        deliveries.add(feed.deliver(new Text("m" + ++sent)));
      }
      world.run();
      boolean takes = random.nextInt(4) > 0; // else they are lost with the session
      for (Sent frame : takes ? line.frames() : List.<Sent>of()) {
        String text = frame.payload().utf8();
        arrived.add(text);
        if (random.nextInt(4) > 0) {
          line.receive(text("ok " + text.substring(1)));
        }
      }
      if (!takes || random.nextInt(10) == 0) {
        line.hangUp();
        line = next();
      }
    }
    assertThat(arrived)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, sent).mapToObj(n -> "m" + n).toList());
    assertThat(deliveries).extracting(Delivery::state).containsOnly(Delivery.State.ACKNOWLEDGED);
  }

  private static boolean isQueued(Delivery delivery) {
    return delivery.state() == Delivery.State.QUEUED;
  }
}
