package dev.lariat.fleet.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka's clients from the user's properties and those on which exactly-once depends. */
record Clients(Map<String, Object> properties, String fleet, Duration timeout) {
  /** What the user cannot set, since this module does. */
  static final Set<String> OWN =
      Set.of(
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          ProducerConfig.TRANSACTION_TWO_PHASE_COMMIT_ENABLE_CONFIG,
          ProducerConfig.MAX_BLOCK_MS_CONFIG,
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);

  /** The writer of a slot. A newer one with the same slot fences it. */
  KafkaProducer<byte[], byte[]> producer(int slot) {
    Map<String, Object> all = common(fleet + "-" + slot);
    all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId(slot));
    all.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis(timeout));
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout.toMillis());
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(timeout));
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }

  String transactionalId(int slot) {
    return "lariat-" + fleet + "-" + slot;
  }

  /** A reader of what is committed. It is in no group. */
  KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> all = common(fleet + "-positions");
    all.remove(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG); // those of producers
    all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(timeout));
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10); // close waits for the last fetch
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  Admin admin() {
    Map<String, Object> all = common(fleet + "-admin");
    all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(timeout));
    return Admin.create(all);
  }

  /**
   * There are many clients, so by default they neither have MBeans nor send metrics to the brokers.
   */
  private Map<String, Object> common(String name) {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    all.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    all.putAll(properties);
    all.put(
        ProducerConfig.CLIENT_ID_CONFIG,
        properties.getOrDefault(ProducerConfig.CLIENT_ID_CONFIG, "lariat") + "-" + name);
    all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(timeout.dividedBy(2)));
    return all;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  /** Refuses properties of which no client can be made. */
  void check() {
    try {
      producer(0).close(Duration.ZERO);
    } catch (KafkaException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ConfigException) {
          throw new IllegalArgumentException("kafka.properties: " + cause.getMessage(), e);
        }
      }
      throw e;
    }
  }

  /** Waits for an answer of the administration. */
  static <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException its ? its : new KafkaException(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e); // interrupts the thread
    }
  }
}
