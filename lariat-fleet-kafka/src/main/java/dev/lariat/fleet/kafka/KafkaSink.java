package dev.lariat.fleet.kafka;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Sink;
import dev.lariat.message.Binary;
import dev.lariat.message.Text;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of a fleet to Apache Kafka, and keeps its positions there, in the same
 * transactions. So each event is there exactly once for readers with {@code
 * isolation.level=read_committed}, even if a node is killed. This needs partitions that always have
 * a leader: brokers of Kafka 4.3 and 4.4 have a fault otherwise, which the sink repairs only in
 * part (KAFKA-20734). Give it to the fleet twice, as the store of positions and as the sink:
 *
 * <pre>{@code
 * KafkaSink kafka = KafkaSink.to("prices", Map.of("bootstrap.servers", "kafka:9092"));
 * try (Fleet fleet = Fleet.open(kafka, kafka, options)) {
 *   …
 * }
 * }</pre>
 *
 * <p>Each slot that a node has needs a transactional producer. A node that takes a slot begins a
 * new one, and Kafka refuses what an older owner still writes. That owner has then lost the slot.
 *
 * <p>A record has the id of its feed as its key, and the data of the event as its value. So the
 * events of a feed are in one partition, in their order. Headers, in UTF-8, say the rest: {@code
 * feed}, {@code type}, {@code position} if the event has one, {@code slot} and {@code epoch}. The
 * timestamp of the record is when the event was read.
 *
 * <p>The options make copies, and a copy is for one fleet. Its methods can be called from any
 * thread, and block.
 */
public final class KafkaSink implements Sink, PositionStore {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(15); // as brokers allow by default

  private final Parts parts;
  private volatile @Nullable Writers writers; // null if it is not open
  private volatile boolean written; // whether the positions come with the events

  private record Parts(
      String topic,
      Map<String, Object> properties,
      String fleet,
      @Nullable String positions, // null for the default
      Function<FeedEvent, ProducerRecord<byte[], byte[]>> record,
      Duration timeout) {

    Parts fleet(String its) {
      return new Parts(topic, properties, its, positions, record, timeout);
    }

    Parts positions(String its) {
      return new Parts(topic, properties, fleet, its, record, timeout);
    }

    Parts record(Function<FeedEvent, ProducerRecord<byte[], byte[]>> its) {
      return new Parts(topic, properties, fleet, positions, its, timeout);
    }

    Parts timeout(Duration its) {
      return new Parts(topic, properties, fleet, positions, record, its);
    }

    String positionsTopic() {
      return positions == null ? "lariat-" + fleet + "-positions" : positions;
    }
  }

  private KafkaSink(Parts parts) {
    this.parts = parts;
  }

  // ---- how one is made

  /**
   * {@return a sink and store in Kafka}
   *
   * @param topic the topic of the events, which must exist: 1 to 249 of the characters A-Z a-z 0-9
   *     . _ -
   * @param properties the configuration of Kafka's clients, such as {@code bootstrap.servers},
   *     credentials or {@code compression.type}. The producers get all of it, and the clients that
   *     read positions and make their topic what concerns them. Metrics are off unless {@code
   *     metric.reporters} or {@code enable.metrics.push} is there. What the sink must decide itself
   *     is refused, such as {@code acks}, {@code transactional.id} and timeouts
   * @throws IllegalArgumentException if one of them is not allowed
   */
  public static KafkaSink to(String topic, Map<String, ?> properties) {
    Allowed.topic("kafka.topic", topic);
    Map<String, Object> all = Map.copyOf(Allowed.present("kafka.properties", properties));
    for (String name : new TreeSet<>(Clients.OWN)) {
      if (all.containsKey(name)) {
        throw Allowed.refused("kafka.properties", name, "those that the sink does not set itself");
      }
    }
    if (!all.containsKey("bootstrap.servers")) {
      throw Allowed.refused("kafka.properties", "no bootstrap.servers", "with bootstrap.servers");
    }
    return new KafkaSink(
        new Parts(
            topic, all, "fleet", null, event -> record(topic, event), Duration.ofSeconds(30)));
  }

  /**
   * Sets the name of the fleet, {@code fleet} by default. It must be the same on all nodes of a
   * fleet, and different from those of other fleets of the same brokers. It is part of the
   * transactional ids, which are {@code lariat-<fleet>-<slot>}.
   *
   * @param name 1 to 100 letters, digits, dots, hyphens and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public KafkaSink fleet(String name) {
    return new KafkaSink(parts.fleet(Allowed.name("kafka.fleet", name)));
  }

  /**
   * Sets the topic of the positions, {@code lariat-<fleet>-positions} by default. It is made if
   * there is none, with a partition for each slot. It belongs to one fleet.
   *
   * @param topic 1 to 249 of the characters A-Z a-z 0-9 . _ -
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public KafkaSink positions(String topic) {
    return new KafkaSink(parts.positions(Allowed.topic("kafka.positions", topic)));
  }

  /**
   * Sets what is written for an event. The function may choose another topic, key or partition for
   * each. If the events of a feed shall stay in order, they must be in one partition. The headers
   * are added to those of the record.
   *
   * @param record makes a new record for each event. It is called in several threads. If it throws,
   *     the sink has failed, and the batch comes again
   * @return a copy with this value
   */
  public KafkaSink record(Function<FeedEvent, ProducerRecord<byte[], byte[]>> record) {
    return new KafkaSink(parts.record(Allowed.present("kafka.record", record)));
  }

  /**
   * Sets how long Kafka may take for a batch, or for an answer; 30 seconds by default. After that,
   * the write fails, and the fleet tries again. It is also how long a transaction may be open: if a
   * node dies in the middle of one, readers of committed records wait in its partitions until
   * another node takes the slot, or this time is over.
   *
   * @param timeout 1 second to 15 minutes, and not more than {@code transaction.max.timeout.ms} of
   *     the brokers
   * @return a copy with this value
   * @throws IllegalArgumentException if it is outside the range
   */
  public KafkaSink timeout(Duration timeout) {
    return new KafkaSink(parts.timeout(Allowed.range("kafka.timeout", timeout, SHORTEST, LONGEST)));
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, FeedEvent event) {
    byte[] data =
        switch (event.data()) {
          case Text(var text) -> utf8(text);
          case Binary(var bytes) -> bytes.toArray();
          default -> throw new IllegalStateException("no event has a " + event.data());
        };
    long at = event.at().toEpochMilli();
    return new ProducerRecord<>(topic, null, at, utf8(event.feed()), data);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- the store

  /**
   * {@inheritDoc}
   *
   * @throws KafkaSinkException if Kafka cannot be used, or the topics do not fit
   * @throws IllegalArgumentException if Kafka's clients do not accept the properties
   */
  @Override
  public void open(int slots) throws IOException {
    Clients clients = new Clients(parts.properties, parts.fleet, parts.timeout);
    clients.check();
    PositionTopic topic = new PositionTopic(clients, parts.positionsTopic());
    try {
      topic.prepare(slots, parts.topic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted as the fleet was opened");
    }
    writers = new Writers(clients, topic, parts.topic);
  }

  @Override
  public Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
    return opened().claim(slots);
  }

  @Override
  public Map<Integer, Map<String, String>> positions(Set<Integer> slots) throws Exception {
    return opened().positions(slots);
  }

  @Override
  public Set<Integer> save(List<Saving> all) throws Exception {
    return opened().save(all, written);
  }

  /** Closes the producer of a slot that the node has left. */
  @Override
  public void released(int slot, long epoch) {
    opened().release(slot, epoch);
  }

  /** {@return true} */
  @Override
  public boolean shared() {
    return true;
  }

  private Writers opened() {
    Writers its = writers;
    if (its == null) {
      throw new IllegalStateException(
          "the sink is not open: it must be the fleet's store of positions too");
    }
    return its;
  }

  // ---- the sink

  /**
   * Commits the events of a batch and their positions in one transaction. If it is not known
   * whether an earlier attempt was committed, it finds out first.
   *
   * @throws FencedException if the slot has a newer owner
   * @throws KafkaSinkException if Kafka does not take the batch
   * @throws IllegalStateException if it is not the store of positions of the fleet
   */
  @Override
  public void write(Batch batch) throws Exception {
    Writers its = opened();
    written = true;
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(batch.events().size());
    Map<String, String> positions = new HashMap<>();
    for (FeedEvent event : batch.events()) {
      ProducerRecord<byte[], byte[]> record = parts.record.apply(event);
      addHeaders(record.headers(), batch, event);
      records.add(record);
      event.position().ifPresent(position -> positions.put(event.feed(), position));
    }
    its.write(batch.slot(), batch.epoch(), batch, records, positions);
  }

  private static void addHeaders(Headers headers, Batch batch, FeedEvent event) {
    headers.add("feed", utf8(event.feed())).add("type", utf8(event.type()));
    event.position().ifPresent(position -> headers.add("position", utf8(position)));
    headers.add("slot", utf8(Integer.toString(batch.slot())));
    headers.add("epoch", utf8(Long.toString(batch.epoch())));
  }

  /** Ends its producers. The fleet calls this twice, for the sink and for the store. */
  @Override
  public void close() {
    Writers its = writers;
    if (its != null) {
      its.close();
    }
  }
}
