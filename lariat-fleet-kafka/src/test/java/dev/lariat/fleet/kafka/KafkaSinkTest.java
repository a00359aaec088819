package dev.lariat.fleet.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.contract.PositionStoreContract;
import dev.lariat.fleet.kafka.KafkaSinkException.Problem;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Text;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sinks and stores over a broker that stays up. */
@Timeout(60)
class KafkaSinkTest extends PositionStoreContract {
  private final Broker broker = Broker.shared();
  private final String fleet = "fleet-" + UUID.randomUUID();
  private final String topic = broker.topic();

  private KafkaSink sink() {
    return KafkaSink.to(topic, broker.properties()).fleet(fleet);
  }

  @Override
  protected KafkaSink store() throws IOException {
    KafkaSink sink = sink();
    sink.open(SLOTS);
    return sink;
  }

  // ---- events

  @Test
  void eventsAreThereInOrderWithTheirHeaders() throws Exception {
    Instant at = Instant.ofEpochMilli(1_700_000_000_123L);
    FeedEvent first = new FeedEvent("btc", Optional.of("1"), at, "message", new Text("eins ü"));
    FeedEvent second =
        new FeedEvent(
            "btc", Optional.empty(), at, "trade", new Binary(Bytes.copyOf(new byte[] {104, 105})));
    try (KafkaSink sink = store();
        Committed committed = new Committed(broker, topic)) {
      sink.claim(Set.of(5));
      sink.write(new Batch(5, 1, List.of(first, second)));
      assertThat(committed.values(2)).containsExactly("eins ü", "hi");
      var record = committed.records.get(0);
      assertThat(record.key()).isEqualTo("btc");
      assertThat(record.timestamp()).isEqualTo(at.toEpochMilli());
      assertThat(headers(record)).containsExactly("btc", "message", "1", "5", "1");
      var other = committed.records.get(1);
      assertThat(headers(other)).containsExactly("btc", "trade", null, "5", "1");
      assertThat(other.partition()).isEqualTo(record.partition());
    }
  }

  private static List<String> headers(
      org.apache.kafka.clients.consumer.ConsumerRecord<String, String> record) {
    List<String> all = new ArrayList<>();
    for (String name : List.of("feed", "type", "position", "slot", "epoch")) {
      all.add(Committed.header(record, name));
    }
    return all;
  }

  @Test
  void aRecordMayBeTheUsersOwn() throws Exception {
    String other = broker.topic();
    KafkaSink sink =
        sink()
            .record(
                event ->
                    new ProducerRecord<>(
                        other, 1, null, ("own " + event.position().orElseThrow()).getBytes()));
    try (sink;
        Committed committed = new Committed(broker, other)) {
      sink.open(SLOTS);
      sink.claim(Set.of(1));
      sink.write(batch(1, 1, 2));
      assertThat(committed.values(2)).containsExactly("own 1", "own 2");
      assertThat(committed.records).allMatch(its -> its.partition() == 1 && its.key() == null);
      assertThat(Committed.header(committed.records.get(0), "feed")).isEqualTo("a");
    }
  }

  @Test
  void theNextOwnerContinuesAfterTheLastCommittedPosition() throws Exception {
    try (KafkaSink first = store();
        KafkaSink second = store()) {
      first.claim(Set.of(1));
      first.write(batch(1, 1, 2));
      first.write(batch(1, 3, 3));
      assertThat(second.claim(Set.of(1))).containsEntry(1, new Claimed(2, Map.of("a", "3")));
    }
  }

  @Test
  void whatAnOlderOwnerWritesLaterIsRefused() throws Exception {
    try (KafkaSink old = store();
        KafkaSink next = store();
        Committed committed = new Committed(broker, topic)) {
      old.claim(Set.of(1));
      old.write(batch(1, 1, 2));
      next.claim(Set.of(1));
      assertThatThrownBy(() -> old.write(batch(1, 3, 4)))
          .isInstanceOf(FencedException.class)
          .hasMessage("slot 1 has a newer owner than that of epoch 1");
      assertThatThrownBy(() -> old.write(batch(1, 3, 4))).isInstanceOf(FencedException.class);
      next.write(batch(2, 3, 3));
      assertThat(committed.values(3)).containsExactly("1", "2", "3");
      old.claim(Set.of(1));
      assertThatThrownBy(() -> next.write(batch(2, 4, 4))).isInstanceOf(FencedException.class);
      assertThat(old.save(List.of(new Saving(1, 1, Map.of("a", "9"))))).containsExactly(1);
    }
  }

  /** One event of the batch is too large, so those before it must not be seen. */
  @Test
  void aTransactionThatIsAbortedLeavesNothing() throws Exception {
    FeedEvent large =
        new FeedEvent(
            "a", Optional.of("2"), Instant.EPOCH, "message", new Text("x".repeat(2 << 20)));
    try (KafkaSink sink = store();
        Committed committed = new Committed(broker, topic)) {
      sink.claim(Set.of(1));
      Batch bad = new Batch(1, 1, List.of(event(1), large));
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> sink.write(bad))
            .isInstanceOfSatisfying(
                KafkaSinkException.class, e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE))
            .hasMessageStartingWith("Kafka has not taken a batch of slot 1: The message is");
      }
      sink.write(batch(1, 3, 3));
      assertThat(committed.values(1)).containsExactly("3");
      assertThat(sink.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "3"));
    }
  }

  @Test
  void eachSlotHasAWriterAndManyWriteAtTheSameTime() throws Exception {
    try (KafkaSink sink = store();
        Committed committed = new Committed(broker, topic)) {
      Set<Integer> slots = Set.of(0, 1, 2, 3, 4, 5, 6, 7);
      assertThat(sink.claim(slots)).hasSize(8);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int slot : slots) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  try {
                    for (int i = 1; i <= 20; i++) {
                      sink.write(new Batch(slot, 1, List.of(event("feed " + slot, i))));
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                },
                task -> Thread.ofVirtual().start(task)));
      }
      all.forEach(CompletableFuture::join);
      committed.values(160);
      for (int slot : slots) {
        assertThat(
                committed.records.stream()
                    .filter(its -> its.key().equals("feed " + slot))
                    .map(its -> its.value()))
            .containsExactlyElementsOf(
                IntStream.rangeClosed(1, 20).mapToObj(Integer::toString).toList());
      }
    }
  }

  // ---- positions

  @Test
  void thousandsOfPositionsAreReadBack() throws Exception {
    Map<String, String> many = new HashMap<>();
    List<FeedEvent> events = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      many.put("feed " + i, Integer.toString(i % 7 + 1));
      events.add(event("feed " + i, i % 7 + 1));
    }
    try (KafkaSink sink = store()) {
      sink.claim(Set.of(1, 2));
      sink.write(new Batch(1, 1, events));
      sink.write(batch(1, 8, 9));
      many.put("a", "9");
      Map<Integer, Claimed> claimed = sink.claim(Set.of(1, 2));
      assertThat(claimed.get(1)).isEqualTo(new Claimed(2, many));
      assertThat(claimed.get(2)).isEqualTo(new Claimed(2, Map.of()));
    }
  }

  @Test
  void halfASurrogatePairIsKept() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1));
      store.save(List.of(new Saving(1, 1, Map.of("\ud800 \\u", "\udc00\\", "?", "other"))));
      assertThat(store.claim(Set.of(1)).get(1).positions())
          .containsOnly(Map.entry("\ud800 \\u", "\udc00\\"), Map.entry("?", "other"));
    }
  }

  @Test
  void whatTheFleetSavesAfterTheSinkDoesNotSetThePositionsBack() throws Exception {
    try (KafkaSink sink = store()) {
      sink.claim(Set.of(1));
      sink.write(batch(1, 1, 5));
      assertThat(sink.save(List.of(new Saving(1, 1, Map.of("a", "1"))))).isEmpty();
      assertThat(sink.claim(Set.of(1)).get(1).positions()).containsEntry("a", "5");
    }
  }

  /** What is saved as another node claims the slot is either refused, or seen by that claim. */
  @Test
  void noPositionComesBetweenAClaimAndWhatItShows() throws Exception {
    try (KafkaSink old = store();
        KafkaSink next = store()) {
      for (int round = 0; round < 5; round++) {
        long epoch = old.claim(Set.of(1)).get(1).epoch();
        old.write(batch(epoch, 1, 1));
        CompletableFuture<Integer> last =
            CompletableFuture.supplyAsync(() -> writeUntilRefused(old, epoch));
        Claimed claimed = claimed(next);
        assertThat(claimed.epoch()).isGreaterThan(epoch);
        assertThat(claimed.positions()).containsEntry("a", last.get().toString());
      }
    }
  }

  /** The number of the last event that was committed. A batch that fails is written again. */
  private static int writeUntilRefused(KafkaSink sink, long epoch) {
    int number = 2;
    Batch batch = batch(epoch, number, number);
    while (true) {
      try {
        sink.write(batch);
        number++;
        batch = batch(epoch, number, number);
      } catch (FencedException e) {
        return number - 1;
      } catch (KafkaSinkException e) {
        // it is not known whether it was committed: again
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A claim that fails is made again, as a fleet does. */
  private static Claimed claimed(KafkaSink sink) throws Exception {
    while (true) {
      try {
        return sink.claim(Set.of(1)).get(1);
      } catch (KafkaSinkException | KafkaException e) {
        // again
      }
    }
  }

  @Test
  void aSlotThatIsReleasedHasNoWriter() throws Exception {
    try (KafkaSink sink = store()) {
      sink.claim(Set.of(1));
      sink.released(1, 0); // another tenure
      sink.write(batch(1, 1, 1));
      sink.released(1, 1);
      assertThatThrownBy(() -> sink.write(batch(1, 2, 2))).isInstanceOf(FencedException.class);
      assertThat(sink.save(List.of(new Saving(1, 1, Map.of("a", "2"))))).containsExactly(1);
    }
  }

  // ---- what does not fit

  @Test
  void anotherNumberOfSlotsIsRefused() throws Exception {
    store().close();
    refusedToOpen(
        sink(),
        SLOTS + 1,
        Problem.OTHER_SLOTS,
        "fleet.slots: 9, allowed 8, as the topic lariat-" + fleet + "-positions has partitions");
  }

  @Test
  void topicsThatDoNotFitAreRefused() {
    String deleted = "deleted-" + UUID.randomUUID();
    broker.make(new NewTopic(deleted, SLOTS, (short) 1));
    refusedToOpen(
        sink().positions(deleted),
        SLOTS,
        Problem.NOT_COMPACTED,
        "cleanup.policy of the topic " + deleted + ": delete, allowed compact");
    refusedToOpen(
        KafkaSink.to("missing", broker.properties()).fleet(fleet),
        SLOTS,
        Problem.NO_TOPIC,
        "the topic of the events, missing, is missing");
  }

  @Test
  void whoDoesNotAnswerIsUnreachable() {
    KafkaSink sink =
        KafkaSink.to("events", Map.of("bootstrap.servers", "127.0.0.1:1"))
            .timeout(Duration.ofSeconds(1));
    assertThatThrownBy(() -> sink.open(SLOTS))
        .isInstanceOfSatisfying(
            KafkaSinkException.class, e -> assertThat(e.problem()).isEqualTo(Problem.UNREACHABLE));
  }

  private static void refusedToOpen(KafkaSink sink, int slots, Problem problem, String message) {
    assertThatThrownBy(() -> sink.open(slots))
        .isInstanceOfSatisfying(
            KafkaSinkException.class, e -> assertThat(e.problem()).isEqualTo(problem))
        .hasMessage(message);
  }

  @Test
  void aSinkThatIsNotTheStoreSaysSo() {
    assertThatThrownBy(() -> sink().write(batch(1, 1, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the sink is not open: it must be the fleet's store of positions too");
  }

  @Test
  void misuseIsRefusedAtOnceByNameValueAndRange() {
    Map<String, Object> properties = broker.properties();
    refused(
        () -> KafkaSink.to("a b", properties),
        "kafka.topic: a b, allowed 1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..");
    refused(
        () -> KafkaSink.to("..", properties),
        "kafka.topic: .., allowed 1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..");
    refused(
        () -> KafkaSink.to("a", Map.of("bootstrap.servers", "b:1", "acks", "1")),
        "kafka.properties: acks, allowed those that the sink does not set itself");
    refused(
        () -> KafkaSink.to("a", Map.of()),
        "kafka.properties: no bootstrap.servers, allowed with bootstrap.servers");
    refused(
        () -> sink().fleet("a/b"),
        "kafka.fleet: a/b, allowed 1 to 100 of the characters A-Z a-z 0-9 . _ -");
    refused(
        () -> sink().positions(""),
        "kafka.positions: , allowed 1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..");
    refused(
        () -> sink().timeout(Duration.ofMillis(999)),
        "kafka.timeout: 999 ms, allowed 1000 ms to 900 s");
    assertThatThrownBy(() -> sink().record(null))
        .hasMessage("kafka.record: null, allowed any other value");
    assertThatThrownBy(
            () ->
                KafkaSink.to(topic, Map.of("bootstrap.servers", "b:1", "batch.size", "many"))
                    .open(SLOTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "kafka.properties: Invalid value many for configuration batch.size");
  }

  private static void refused(Runnable misuse, String message) {
    assertThatThrownBy(misuse::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  // ---- events for it

  private static Batch batch(long epoch, int first, int last) {
    return new Batch(
        1, epoch, IntStream.rangeClosed(first, last).mapToObj(KafkaSinkTest::event).toList());
  }

  private static FeedEvent event(int number) {
    return event("a", number);
  }

  private static FeedEvent event(String feed, int number) {
    String text = Integer.toString(number);
    return new FeedEvent(feed, Optional.of(text), Instant.EPOCH, "message", new Text(text));
  }
}
