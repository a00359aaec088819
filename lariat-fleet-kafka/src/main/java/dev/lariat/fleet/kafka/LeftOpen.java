package dev.lariat.fleet.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Finds transactions that are open although Kafka takes them for ended. Brokers of Kafka 4.3 and
 * 4.4 take a partition that has no leader for one that was deleted, and end a transaction without
 * it (KAFKA-20734). That is so when a broker is killed as it commits, and the partition has no
 * other replica that could lead. There, what was written stays open, and becomes part of the next
 * transaction of the same transactional id: if that is the same batch again, it is there twice.
 */
final class LeftOpen {
  private static final long PAUSE_MILLIS = 20;

  private final Admin admin;

  LeftOpen(Admin admin) {
    this.admin = admin;
  }

  /** The id of the producer with this transactional id, which has begun. */
  long producer(String transactionalId) {
    return Clients.answer(
            admin.describeTransactions(List.of(transactionalId)).description(transactionalId))
        .producerId();
  }

  /** Where this producer has a transaction open: the offset of its first record. */
  Map<TopicPartition, Long> starts(long producer, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Clients.answer(admin.describeProducers(partitions).all())
        .forEach(
            (partition, state) -> {
              for (ProducerState its : state.activeProducers()) {
                if (its.producerId() == producer) {
                  its.currentTransactionStartOffset()
                      .ifPresent(offset -> starts.put(partition, offset));
                }
              }
            });
    return starts;
  }

  /** Waits until this producer has no open transaction there. */
  void awaitEnded(long producer, Collection<TopicPartition> partitions, Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    while (!starts(producer, partitions).isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException("a transaction does not end in " + partitions);
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }
}
