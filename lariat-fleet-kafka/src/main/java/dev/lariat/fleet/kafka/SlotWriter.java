package dev.lariat.fleet.kafka;

import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.kafka.PositionTopic.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a slot during one tenure: a transactional producer, whose beginning has fenced all
 * older ones of the slot.
 *
 * <p>If a transaction fails, the producer is given up. The next write begins with a new one, which
 * ends that transaction, and then looks up in the topic of the positions which batch was the last
 * one. It must not do so if the slot has a newer epoch, since a beginning fences the newer owner
 * too; so it looks before that as well.
 *
 * <p>So nothing is written while it is not known what became of an earlier transaction. What a
 * broker has left open of one ({@link LeftOpen}) would become part of the next one. So the
 * beginning aborts it, and it is written again: this may also be the last batch of which Kafka has
 * said that it is committed.
 */
final class SlotWriter {
  private final Clients clients;
  private final PositionTopic topic;
  private final LeftOpen leftOpen;
  final int slot;

  private final Lock lock = new ReentrantLock();
  private volatile @Nullable KafkaProducer<byte[], byte[]> producer; // null if it was given up
  private volatile boolean closed;
  private volatile boolean fenced;
  private volatile long epoch; // changed under the lock
  private long batch; // under the lock: the number of the last one that is committed
  private @Nullable Written last; // under the lock: that one, if it is not only an epoch
  private @Nullable Written inDoubt; // under the lock: the batch of which that is not known
  private final Map<TopicPartition, Long> kept = new HashMap<>(); // under the lock: last offsets
  private final Set<String> topics = ConcurrentHashMap.newKeySet(); // of events

  /** A batch. The identity is that by which a call knows itself. */
  private record Written(
      Object identity,
      List<ProducerRecord<byte[], byte[]>> records,
      Map<String, String> positions) {}

  SlotWriter(Clients clients, PositionTopic topic, LeftOpen leftOpen, String events, int slot) {
    this.clients = clients;
    this.topic = topic;
    this.leftOpen = leftOpen;
    this.slot = slot;
    topics.add(events);
  }

  // ---- the beginning of a tenure

  /**
   * Fences all older writers of the slot. What they have committed can be read after this, and
   * nothing is open.
   */
  void begin() {
    rollBack(fence(), Map.of());
  }

  private KafkaProducer<byte[], byte[]> fence() {
    KafkaProducer<byte[], byte[]> its = clients.producer(slot);
    producer = its;
    if (closed) { // while it was made
      its.close(Duration.ZERO);
    }
    its.initTransactions();
    return its;
  }

  /**
   * Aborts what a broker has left open, by a transaction in the same partitions. It has records,
   * which nobody sees who reads what is committed. If it fails, it can be done again.
   *
   * @param kept up to which offset nothing may be aborted
   */
  private void rollBack(KafkaProducer<byte[], byte[]> its, Map<TopicPartition, Long> kept) {
    Set<TopicPartition> all = new HashSet<>(Set.of(topic.partition(slot)));
    for (String events : topics) {
      for (PartitionInfo partition : its.partitionsFor(events)) {
        all.add(new TopicPartition(events, partition.partition()));
      }
    }
    long id = leftOpen.producer(clients.transactionalId(slot));
    Map<TopicPartition, Long> open = leftOpen.starts(id, all);
    open.entrySet().removeIf(start -> start.getValue() <= kept.getOrDefault(start.getKey(), -1L));
    if (!open.isEmpty()) {
      its.beginTransaction();
      open.keySet().forEach(partition -> its.send(nothing(partition)));
      its.flush();
      its.abortTransaction();
      leftOpen.awaitEnded(id, open.keySet(), clients.timeout());
    }
  }

  private static ProducerRecord<byte[], byte[]> nothing(TopicPartition partition) {
    return new ProducerRecord<>(partition.topic(), partition.partition(), new byte[0], new byte[0]);
  }

  /** Commits an epoch that is greater than those that were read. */
  void draw(Reading reading) throws IOException {
    lock.lock();
    try {
      KafkaProducer<byte[], byte[]> its = begun();
      long drawn = reading.earlier() + 1;
      its.beginTransaction();
      Future<RecordMetadata> mark = its.send(topic.mark(slot, drawn, 0));
      its.commitTransaction(); // tells what becomes of it
      keep(mark);
      reading.drawnAt(mark.resultNow().offset());
      epoch = drawn;
    } catch (KafkaException e) {
      throw KafkaSinkException.of("Kafka has not taken an epoch of slot " + slot, e);
    } finally {
      lock.unlock();
    }
  }

  private void keep(Future<RecordMetadata> written) {
    RecordMetadata at = written.resultNow();
    kept.merge(new TopicPartition(at.topic(), at.partition()), at.offset(), Math::max);
  }

  /** Does not wait for a write. */
  long epoch() {
    return epoch;
  }

  private KafkaProducer<byte[], byte[]> begun() {
    KafkaProducer<byte[], byte[]> its = producer;
    if (its == null) {
      throw new IllegalStateException("the writer of slot " + slot + " has not begun");
    }
    return its;
  }

  // ---- what is written

  /**
   * Commits records and positions together. If it throws, the same call can be made again: what is
   * committed already is not committed twice.
   *
   * @param identity by which a call knows itself
   * @throws FencedException if the slot has a newer owner
   * @throws KafkaSinkException if it fails for another reason
   */
  void write(
      long itsEpoch,
      Object identity,
      List<ProducerRecord<byte[], byte[]>> records,
      Map<String, String> positions)
      throws IOException {
    lock.lock();
    try {
      if (fenced || itsEpoch != epoch) {
        throw new FencedException(slot, itsEpoch);
      }
      if (closed) {
        throw new IOException("the writer of slot " + slot + " is closed");
      }
      Written its = new Written(identity, records, positions);
      records.forEach(record -> topics.add(record.topic()));
      if (producer == null && recover(identity)) {
        return; // it was committed
      }
      transact(its, batch + 1);
      batch++;
      last = its;
    } catch (KafkaException e) {
      throw KafkaSinkException.of("Kafka has not taken a batch of slot " + slot, e);
    } finally {
      lock.unlock();
    }
  }

  private void transact(Written batch, long number) throws FencedException {
    KafkaProducer<byte[], byte[]> its = begun();
    boolean committed = false;
    try {
      its.beginTransaction();
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      batch.records().forEach(record -> sent.add(its.send(record)));
      batch.positions().forEach((feed, position) -> its.send(topic.position(slot, feed, position)));
      sent.add(its.send(topic.mark(slot, epoch, number)));
      its.commitTransaction();
      committed = true;
      sent.forEach(this::keep);
    } catch (TimeoutException | InterruptException e) {
      throw e; // it may have been committed
    } catch (KafkaException e) {
      refuseFenced(e);
      abort(its);
      throw e;
    } finally {
      if (!committed) { // also after a failure such as that of a state in which it cannot be used
        giveUp(number > this.batch ? batch : inDoubt);
      }
    }
  }

  /** By that, it finds whether it is fenced. */
  private void abort(KafkaProducer<byte[], byte[]> its) throws FencedException {
    try {
      its.abortTransaction();
    } catch (RuntimeException e) {
      refuseFenced(e);
    }
  }

  private void refuseFenced(Throwable failure) throws FencedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException) {
        fenced = true;
        throw fenced(failure);
      }
    }
  }

  private FencedException fenced(@Nullable Throwable cause) {
    FencedException refusal = new FencedException(slot, epoch);
    if (cause != null) {
      refusal.initCause(cause);
    }
    return refusal;
  }

  private void giveUp(@Nullable Written doubtful) {
    inDoubt = doubtful;
    KafkaProducer<byte[], byte[]> its = producer;
    producer = null;
    if (its != null) {
      its.close(Duration.ZERO);
    }
  }

  // ---- after a failure

  /**
   * Begins anew in the same epoch, and brings the topics to where they were after the last batch.
   *
   * @return whether this batch was in doubt, and is committed
   */
  private boolean recover(Object identity) throws FencedException {
    expect(topic.read(slot));
    boolean sure = false;
    try {
      var its = fence(); // if it fails, it could still succeed later, and hide that doubt
      Reading reading = topic.read(slot);
      expect(reading);
      Written doubtful = inDoubt;
      boolean done = false;
      if (reading.batch() == batch + 1 && doubtful != null) {
        batch++;
        last = doubtful;
        done = doubtful.identity() == identity;
      } else {
        Written lost = reading.batch() == batch - 1 ? last : null; // it is open too
        rollBack(its, lost == null ? kept : Map.of());
        if (lost != null) {
          transact(lost, batch);
        }
      }
      inDoubt = null;
      sure = true;
      return done;
    } finally {
      if (!sure) {
        giveUp(inDoubt);
      }
    }
  }

  private void expect(Reading reading) throws FencedException {
    if (reading.epoch() != epoch) {
      fenced = true;
      throw fenced(null);
    }
  }

  // ---- the end

  /** Ends it at once, from any thread. */
  void close() {
    closed = true;
    KafkaProducer<byte[], byte[]> its = producer;
    if (its != null) {
      its.close(Duration.ZERO);
    }
  }
}
