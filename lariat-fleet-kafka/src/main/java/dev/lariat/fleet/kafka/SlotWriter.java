package dev.lariat.fleet.kafka;

import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.kafka.PositionTopic.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a slot during one tenure: a transactional producer, whose beginning has fenced all
 * older ones of the slot.
 *
 * <p>If a transaction fails in a way after which it is not known what became of it, the producer is
 * given up. The next write begins with a new one, which ends that transaction, and then looks up in
 * the topic of the positions which batch was the last one. It must not do so if the slot has a
 * newer epoch, since a beginning fences the newer owner too; so it looks before that as well.
 */
final class SlotWriter {
  private final Clients clients;
  private final PositionTopic topic;
  final int slot;

  private final Lock lock = new ReentrantLock();
  private volatile @Nullable KafkaProducer<byte[], byte[]> producer; // null if it was given up
  private volatile boolean closed;
  private volatile boolean fenced;
  private volatile long epoch; // changed under the lock
  private long batch; // under the lock: the number of the last one that is committed
  private @Nullable Object inDoubt; // under the lock: the batch of which that is not known

  SlotWriter(Clients clients, PositionTopic topic, int slot) {
    this.clients = clients;
    this.topic = topic;
    this.slot = slot;
  }

  // ---- the beginning of a tenure

  /** Fences all older writers of the slot. What they have committed can be read after this. */
  void begin() {
    KafkaProducer<byte[], byte[]> its = clients.producer(slot);
    producer = its;
    if (closed) { // while it was made
      its.close(Duration.ZERO);
    }
    its.initTransactions();
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
      reading.drawnAt(mark.resultNow().offset());
      epoch = drawn;
    } catch (KafkaException e) {
      throw KafkaSinkException.of("Kafka has not taken an epoch of slot " + slot, e);
    } finally {
      lock.unlock();
    }
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
      if (producer == null) {
        recover();
        if (inDoubt == identity) {
          inDoubt = null;
          return; // it was committed
        }
        inDoubt = null;
      }
      transact(identity, records, positions);
    } catch (KafkaException e) {
      throw KafkaSinkException.of("Kafka has not taken a batch of slot " + slot, e);
    } finally {
      lock.unlock();
    }
  }

  private void transact(
      Object identity, List<ProducerRecord<byte[], byte[]>> records, Map<String, String> positions)
      throws FencedException {
    KafkaProducer<byte[], byte[]> its = begun();
    try {
      its.beginTransaction();
      records.forEach(its::send);
      positions.forEach((feed, position) -> its.send(topic.position(slot, feed, position)));
      its.send(topic.mark(slot, epoch, batch + 1));
      its.commitTransaction();
      batch++;
    } catch (TimeoutException | InterruptException e) {
      giveUp(identity); // it may have been committed
      throw e;
    } catch (KafkaException e) {
      refuseFenced(e);
      abort(its, identity);
      throw e;
    } catch (RuntimeException e) { // such as that of a state in which it cannot be used
      giveUp(identity);
      throw e;
    }
  }

  /** Keeps the producer if the transaction is certainly not committed. */
  private void abort(KafkaProducer<byte[], byte[]> its, Object identity) throws FencedException {
    try {
      its.abortTransaction();
    } catch (RuntimeException e) {
      refuseFenced(e);
      giveUp(identity);
    }
  }

  private void refuseFenced(Throwable failure) throws FencedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException) {
        fenced = true;
        giveUp(null);
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

  private void giveUp(@Nullable Object identity) {
    inDoubt = identity;
    KafkaProducer<byte[], byte[]> its = producer;
    producer = null;
    if (its != null) {
      its.close(Duration.ZERO);
    }
  }

  // ---- after a failure

  /**
   * Begins anew in the same epoch. Then {@link #inDoubt} is null if that batch is not committed.
   */
  private void recover() throws FencedException {
    expect(topic.read(slot));
    boolean sure = false;
    try {
      begin(); // if it fails, it could still succeed later, and hide that the batch is in doubt
      Reading reading = topic.read(slot);
      expect(reading);
      if (reading.batch() == batch + 1) {
        batch++;
      } else {
        inDoubt = null;
      }
      sure = true;
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
