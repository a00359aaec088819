package dev.lariat.fleet.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a topic as anybody does who wants committed records only. */
final class Committed implements AutoCloseable {
  private static final long LIMIT = Duration.ofSeconds(60).toNanos();

  private final KafkaConsumer<String, String> consumer;
  final List<ConsumerRecord<String, String>> records = new ArrayList<>();

  Committed(Broker broker, String topic) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", broker.address(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(its -> new TopicPartition(topic, its.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
  }

  /** Reads until this is so of all that was read. */
  List<ConsumerRecord<String, String>> until(
      String what, Predicate<List<ConsumerRecord<String, String>>> so) {
    long end = System.nanoTime() + LIMIT;
    while (!so.test(records)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("awaited: " + what + "; there are " + values());
      }
      consumer.poll(Duration.ofMillis(100)).forEach(records::add);
    }
    return records;
  }

  /** Reads so many, and all that is there besides. */
  List<String> values(int count) {
    until(count + " records", its -> its.size() >= count);
    var ends = consumer.endOffsets(consumer.assignment());
    until(
        "the end",
        its ->
            ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue()));
    return values();
  }

  List<String> values() {
    return records.stream().map(ConsumerRecord::value).toList();
  }

  static String header(ConsumerRecord<String, String> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
