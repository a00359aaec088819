package dev.lariat.fleet.kafka;

import dev.lariat.fleet.kafka.KafkaSinkException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The compacted topic of the positions. It has a partition for each slot, so what a slot's writer
 * has not finished cannot hide what another one has committed.
 *
 * <pre>
 *   key         value
 *   id of feed  its position
 *   (empty)     how far the slot is: "epoch batch", two decimal numbers
 * </pre>
 *
 * The batch is the number of the last one that this epoch has committed. By it, a writer that does
 * not know what became of its last batch learns it.
 */
final class PositionTopic {
  private static final byte[] MARK = {}; // no feed has an empty id
  private static final Duration POLL = Duration.ofMillis(100);

  /** A topic that is read as a whole when a slot is taken, so it must stay short. */
  private static final Map<String, String> CONFIGURATION =
      Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_COMPACT,
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(1 << 20),
          TopicConfig.SEGMENT_INDEX_BYTES_CONFIG,
          Integer.toString(1 << 16),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.1",
          TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG, // longer than a slot is taken
          Integer.toString(60_000));

  private final Clients clients;
  private final String name;

  PositionTopic(Clients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  // ---- the topic itself

  /** Makes it if there is none, and refuses one that does not fit. */
  void prepare(int slots, String events) throws IOException, InterruptedException {
    try (Admin admin = clients.admin()) {
      if (partitions(admin, events).isEmpty()) {
        throw new KafkaSinkException(
            Problem.NO_TOPIC, "the topic of the events, " + events + ", is missing", null);
      }
      Optional<Integer> partitions = partitions(admin, name);
      if (partitions.isEmpty()) {
        create(admin, slots);
        partitions = partitions(admin, name);
      }
      if (partitions.isPresent()) { // or no broker that was asked knows the new one yet
        check(admin, slots, partitions.get());
      }
    } catch (ExecutionException e) {
      throw KafkaSinkException.of("Kafka fails", e.getCause() == null ? e : e.getCause());
    } catch (KafkaException e) {
      throw KafkaSinkException.of("Kafka fails", e);
    }
  }

  private static Optional<Integer> partitions(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    try {
      TopicDescription description =
          of(admin.describeTopics(List.of(topic)).topicNameValues(), topic).get();
      return Optional.of(description.partitions().size());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void create(Admin admin, int slots) throws ExecutionException, InterruptedException {
    NewTopic topic = new NewTopic(name, Optional.of(slots), Optional.empty());
    try {
      admin.createTopics(List.of(topic.configs(CONFIGURATION))).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) { // another node was quicker
        throw e;
      }
    }
  }

  private void check(Admin admin, int slots, int partitions)
      throws IOException, ExecutionException, InterruptedException {
    if (partitions != slots) {
      throw new KafkaSinkException(
          Problem.OTHER_SLOTS,
          "fleet.slots: "
              + slots
              + ", allowed "
              + partitions
              + ", as the topic "
              + name
              + " has partitions",
          null);
    }
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Config config = of(admin.describeConfigs(List.of(topic)).values(), topic).get();
    String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
    if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw new KafkaSinkException(
          Problem.NOT_COMPACTED,
          "cleanup.policy of the topic " + name + ": " + policy + ", allowed compact",
          null);
    }
  }

  /** Kafka answers for everything that it was asked for. */
  private static <K, V> V of(Map<K, V> answers, K asked) {
    return Objects.requireNonNull(answers.get(asked), () -> "no answer for " + asked);
  }

  TopicPartition partition(int slot) {
    return new TopicPartition(name, slot);
  }

  // ---- what is written

  ProducerRecord<byte[], byte[]> mark(int slot, long epoch, long batch) {
    byte[] value = (epoch + " " + batch).getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(name, slot, MARK, value);
  }

  ProducerRecord<byte[], byte[]> position(int slot, String feed, String position) {
    return new ProducerRecord<>(name, slot, StoredText.of(feed), StoredText.of(position));
  }

  // ---- what is read

  /** Reads what is committed of one slot. */
  Reading read(int slot) {
    Reading reading = new Reading();
    read(Map.of(slot, reading));
    return reading;
  }

  /**
   * Reads what is committed of these slots and was not read before. Fails if nothing arrives for
   * the length of the timeout.
   */
  void read(Map<Integer, Reading> readings) {
    read(readings, Map.of());
  }

  /**
   * The same, and waits for the end of transactions that are open as this begins: Kafka says that
   * one is committed before readers see it.
   */
  void readWithOpen(Map<Integer, Reading> readings, Admin admin) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    readings.keySet().forEach(slot -> asked.put(partition(slot), OffsetSpec.latest()));
    Map<TopicPartition, Long> written = new HashMap<>();
    ListOffsetsOptions all = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
    Clients.answer(admin.listOffsets(asked, all).all())
        .forEach((partition, end) -> written.put(partition, end.offset()));
    read(readings, written);
  }

  private void read(Map<Integer, Reading> readings, Map<TopicPartition, Long> atLeast) {
    try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer()) {
      List<TopicPartition> partitions = readings.keySet().stream().map(this::partition).toList();
      consumer.assign(partitions);
      readings.forEach((slot, its) -> consumer.seek(partition(slot), its.next));
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      atLeast.forEach((partition, end) -> ends.merge(partition, end, Math::max));
      Set<TopicPartition> left = new HashSet<>(partitions);
      long last = System.nanoTime();
      left.removeIf(its -> consumer.position(its) >= of(ends, its));
      while (!left.isEmpty()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        records.forEach(record -> of(readings, record.partition()).read(record));
        boolean more = left.removeIf(its -> consumer.position(its) >= of(ends, its));
        if (more || !records.isEmpty()) {
          last = System.nanoTime();
        } else if (System.nanoTime() - last > clients.timeout().toNanos()) {
          throw new TimeoutException("the topic " + name + " could not be read");
        }
      }
      partitions.forEach(its -> of(readings, its.partition()).next = consumer.position(its));
    }
  }

  /** What was read of a slot. */
  static final class Reading {
    private final Map<String, String> positions = new HashMap<>();
    private long next; // offset
    private long epoch; // of the newest mark, and its batch
    private long batch;
    private long drawnAt = Long.MAX_VALUE; // the offset of this node's own mark
    private long earlier; // the greatest epoch of marks before that

    private void read(ConsumerRecord<byte[], byte[]> record) {
      if (record.key() == null) {
        return; // not ours
      }
      if (record.key().length == 0) {
        mark(record.offset(), new String(record.value(), StandardCharsets.US_ASCII).split(" ", 2));
        return;
      }
      String feed = StoredText.text(record.key());
      if (record.value() == null) { // somebody wants it to be forgotten
        positions.remove(feed);
      } else {
        positions.put(feed, StoredText.text(record.value()));
      }
    }

    private void mark(long offset, String[] numbers) {
      epoch = Long.parseLong(numbers[0]);
      batch = Long.parseLong(numbers[1]);
      if (offset < drawnAt) {
        earlier = Math.max(earlier, epoch);
      }
    }

    Map<String, String> positions() {
      return positions;
    }

    long epoch() {
      return epoch;
    }

    long batch() {
      return batch;
    }

    /** The greatest epoch before the one that this node has drawn, if it has. */
    long earlier() {
      return earlier;
    }

    /** This node has drawn an epoch. */
    void drawnAt(long offset) {
      drawnAt = offset;
    }
  }
}
