package dev.lariat.fleet.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.kafka.KafkaSinkException.Problem;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fleets and sinks over a broker that is killed, and frozen. */
@Timeout(90)
class KafkaFleetTest {
  private static final Broker BROKER = Broker.start();
  private static final int SLOTS = 4;

  private final String topic = BROKER.topic();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final FleetOptions options =
      FleetOptions.DEFAULT.slots(SLOTS).batch(7).listener(happened::add);

  @AfterAll
  static void end() {
    BROKER.close();
  }

  private KafkaSink sink() {
    return KafkaSink.to(topic, BROKER.properties()).fleet(topic);
  }

  @Test
  void aFleetThatIsRestartedContinuesAndEachEventIsThereOnce() throws Exception {
    Numbers numbers = new Numbers();
    try (Origin origin = Origin.start(numbers::visit);
        Committed committed = new Committed(BROKER, topic)) {
      numbers.publish(50);
      try (Fleet fleet = open(sink())) {
        feeds(fleet, origin);
        committed.values(5 * 50);
      }
      numbers.publish(50);
      try (Fleet fleet = open(sink())) {
        feeds(fleet, origin);
        committed.values(5 * 100);
      }
      assertEachOnceInOrder(committed, 100);
      assertThat(happened)
          .noneMatch(FleetEvent.SinkFailed.class::isInstance)
          .noneMatch(FleetEvent.StoreFailed.class::isInstance);
    }
  }

  /** The second fleet is another node, which does not know of the first. */
  @Test
  void aFleetWhoseSlotsAnotherTakesLosesThemAndNothingIsThereTwice() throws Exception {
    Numbers numbers = new Numbers();
    try (Origin origin = Origin.start(numbers::visit);
        Committed committed = new Committed(BROKER, topic);
        Fleet first = open(sink())) {
      numbers.publish(20);
      feeds(first, origin);
      committed.values(5 * 20);
      try (KafkaSink second = sink()) {
        second.open(SLOTS);
        second.claim(Set.of(0, 1, 2, 3));
        numbers.publish(20); // the first one finds that it is fenced, and takes its slots again
        committed.values(5 * 40);
      }
      assertEachOnceInOrder(committed, 40);
      FleetEvent.SlotLost lost = told(FleetEvent.SlotLost.class);
      assertThat(lost.epoch()).isEqualTo(1);
      assertThat(lost.loss()).isEqualTo(FleetEvent.Loss.REFUSED);
      assertThat(told(FleetEvent.SlotTaken.class).epoch()).isEqualTo(3);
    }
  }

  @Test
  void whenTheBrokerIsKilledAndStartedNothingIsLostAndNothingIsThereTwice() throws Exception {
    Numbers numbers = new Numbers();
    try (Origin origin = Origin.start(numbers::visit);
        Fleet fleet = open(sink().timeout(Duration.ofSeconds(2)))) {
      feeds(fleet, origin);
      numbers.publish(40);
      try (Committed committed = new Committed(BROKER, topic)) {
        committed.until("some", its -> its.size() > 20);
      }
      BROKER.kill(); // while it writes
      numbers.publish(20);
      told(FleetEvent.SinkFailed.class);
      BROKER.resume();
      told(FleetEvent.SinkRecovered.class);
      numbers.publish(10);
      try (Committed committed = new Committed(BROKER, topic)) {
        committed.values(5 * 70);
        assertEachOnceInOrder(committed, 70);
      }
    }
  }

  /** The broker has committed, but its answer is lost, so the client does not know. */
  @Test
  void aBatchWhoseCommitIsInDoubtIsNotWrittenTwice() throws Exception {
    try (KafkaSink sink =
            KafkaSink.to(topic, BROKER.gated()).fleet(topic).timeout(Duration.ofSeconds(2));
        Committed committed = new Committed(BROKER, topic)) {
      sink.open(SLOTS);
      sink.claim(Set.of(1));
      sink.write(batch(1));
      BROKER.gate.loseFrom(Gate.END);
      Batch inDoubt = batch(2);
      failsUnreachable(() -> sink.write(inDoubt));
      assertThat(BROKER.gate.hasLost()).isTrue();
      assertThat(committed.values(2)).containsExactly("1", "2"); // though the sink has thrown
      failsUnreachable(() -> sink.write(inDoubt)); // it cannot find out yet
      BROKER.gate.open();
      BROKER.gate.loseFrom(Gate.BEGINNING);
      failsUnreachable(() -> sink.write(inDoubt)); // it has found that no newer owner is there
      assertThat(BROKER.gate.hasLost()).isTrue();
      BROKER.gate.open();
      sink.write(inDoubt);
      sink.write(batch(3));
      assertThat(committed.values(3)).containsExactly("1", "2", "3");
      assertThat(sink.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "3"));
    }
  }

  /** As by a broker of Kafka 4.3 and 4.4 that is killed as it commits. */
  @Test
  void aCommitThatIsInDoubtAndThatTheBrokerLeavesOpenIsNotThereTwice() throws Exception {
    try (KafkaSink sink = gated()) {
      sink.write(batch(1));
      assertThere("1"); // so it is ended
      BROKER.gate.loseFrom(Gate.END);
      Batch inDoubt = batch(2);
      leavesOpen(() -> failsUnreachable(() -> sink.write(inDoubt)));
      BROKER.gate.open();
      sink.write(inDoubt);
      sink.write(batch(3));
      assertThere("1", "2", "3");
      assertThat(sink.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "3"));
    }
  }

  /**
   * The client is told that its batch is committed, and the next one fails, in another partition.
   */
  @Test
  void aCommitThatTheBrokerLeavesOpenIsNotLost() throws Exception {
    try (KafkaSink sink = gated()) {
      sink.write(batch(1));
      assertThere("1");
      leavesOpen(() -> sink.write(batch(2)));
      BROKER.gate.loseFrom(Gate.PRODUCE);
      Batch next = batch(3);
      failsUnreachable(() -> sink.write(next));
      BROKER.gate.open();
      sink.write(next);
      assertThere("1", "2", "3");
      assertThat(sink.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "3"));
    }
  }

  /** The node dies as well, and the next one knows nothing of the batch. */
  @Test
  void theNextOwnerRollsBackWhatTheBrokerHasLeftOpen() throws Exception {
    try (KafkaSink first = sink()) {
      first.open(SLOTS);
      first.claim(Set.of(1));
      first.write(batch(1));
      assertThere("1");
      leavesOpen(() -> first.write(batch(2)));
    }
    try (KafkaSink second = sink()) {
      second.open(SLOTS);
      assertThat(second.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "1"));
      assertThere("1");
      second.write(new Batch(1, 2, batch(2).events()));
      assertThere("1", "2");
    }
  }

  /**
   * Has slot 1. Events with odd positions are in one partition, and those with even ones in
   * another.
   */
  private KafkaSink gated() throws Exception {
    KafkaSink sink =
        KafkaSink.to(topic, BROKER.gated())
            .fleet(topic)
            .timeout(Duration.ofSeconds(2))
            .record(
                event -> {
                  byte[] number = event.position().orElseThrow().getBytes();
                  int partition = number[0] % 2;
                  return new ProducerRecord<>(topic, partition, null, number);
                });
    sink.open(SLOTS);
    sink.claim(Set.of(1));
    return sink;
  }

  private static void leavesOpen(ThrowingCallable commit) throws Exception {
    BROKER.inner.pretendEnds(true);
    try {
      commit.call();
      BROKER.inner.awaitPretended();
    } catch (Throwable e) {
      throw new AssertionError(e);
    } finally {
      BROKER.inner.pretendEnds(false);
    }
  }

  private void assertThere(String... values) {
    try (Committed committed = new Committed(BROKER, topic)) {
      assertThat(committed.values(values.length)).containsExactlyInAnyOrder(values);
    }
  }

  private static void writes(KafkaSink sink, Batch batch) throws Exception {
    while (!wrote(sink, batch)) {
      Thread.onSpinWait();
    }
  }

  private static void failsUnreachable(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOfSatisfying(
            KafkaSinkException.class, e -> assertThat(e.problem()).isEqualTo(Problem.UNREACHABLE));
  }

  @Test
  void aBrokerThatDoesNotAnswerFailsTheWriteInTime() throws Exception {
    try (KafkaSink sink = sink().timeout(Duration.ofSeconds(1))) {
      sink.open(SLOTS);
      sink.claim(Set.of(1));
      BROKER.signal("STOP");
      try {
        failsUnreachable(() -> sink.write(batch(1)));
      } finally {
        BROKER.signal("CONT");
      }
      writes(sink, batch(1));
    }
  }

  private static boolean wrote(KafkaSink sink, Batch batch) throws Exception {
    try {
      sink.write(batch);
      return true;
    } catch (KafkaSinkException e) {
      return false;
    }
  }

  private static Batch batch(int number) {
    String text = Integer.toString(number);
    return new Batch(
        1,
        1,
        List.of(new FeedEvent("a", Optional.of(text), Instant.EPOCH, "message", new Text(text))));
  }

  // ---- a fleet and its server

  private Fleet open(KafkaSink kafka) throws IOException {
    return Fleet.open(kafka, kafka, options);
  }

  private static Stream<String> ids() {
    return IntStream.range(0, 5).mapToObj(i -> "feed " + i);
  }

  private static void feeds(Fleet fleet, Origin origin) {
    fleet.feeds(
        ids()
            .map(
                id ->
                    Feed.webSocket(id, origin.uri("ws", "/").toString())
                        .position(PositionFinder.json("/seq"))
                        .resume(Resume.query("after")))
            .toList());
  }

  private static void assertEachOnceInOrder(Committed committed, int count) {
    List<String> all =
        IntStream.rangeClosed(1, count).mapToObj(i -> "{\"seq\":" + i + "}").toList();
    ids()
        .forEach(
            id ->
                assertThat(
                        committed.records.stream()
                            .filter(its -> its.key().equals(id))
                            .map(its -> its.value())
                            .toList())
                    .as(id)
                    .isEqualTo(all));
  }

  private <E extends FleetEvent> E told(Class<E> type) throws InterruptedException {
    while (true) {
      FleetEvent event = happened.poll(60, TimeUnit.SECONDS);
      assertThat(event).as("awaited %s", type).isNotNull();
      if (type.isInstance(event)) {
        return type.cast(event);
      }
    }
  }

  /** A server of numbered events, which sends those after {@code ?after=}. */
  private static final class Numbers {
    private final List<Semaphore> more = new CopyOnWriteArrayList<>();
    private volatile int published;

    void publish(int count) {
      published += count;
      more.forEach(Semaphore::release);
    }

    void visit(Visit visit) throws IOException, InterruptedException {
      var request = visit.head();
      if (request == null) {
        return;
      }
      int at = request.target().indexOf("after=");
      int next = at < 0 ? 1 : Integer.parseInt(request.target().substring(at + 6)) + 1;
      Semaphore its = new Semaphore(0);
      more.add(its);
      WebSocketVisit socket = visit.acceptWebSocket();
      while (true) {
        for (; next <= published; next++) {
          socket.send(new Text("{\"seq\":" + next + "}"));
        }
        its.acquire();
      }
    }
  }
}
