package dev.lariat.fleet.kafka;

import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.kafka.PositionTopic.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The writers of the slots that this node has, and the threads on which they work. These are
 * platform threads, since Kafka's clients block in monitors, which would hold up the fleet's
 * virtual threads on Java 21.
 */
final class Writers {
  private static final int LANES = 8; // in which many slots are taken or closed at once
  private static final int IDLE_SECONDS = 10;

  private final Clients clients;
  private final PositionTopic topic;
  private final String events; // their topic
  private final Admin admin;
  private final Map<Integer, SlotWriter> writers = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE, // at most one for each slot, and the lanes
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("lariat-fleet-kafka-", 0).factory());

  Writers(Clients clients, PositionTopic topic, String events) {
    this.clients = clients;
    this.topic = topic;
    this.events = events;
    admin = clients.admin();
  }

  // ---- positions

  /**
   * Reads these slots, fences what older owners of them write and draws new epochs, and reads what
   * was committed meanwhile. If it fails, no slot is taken.
   */
  Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
    Map<Integer, SlotWriter> taken = new HashMap<>();
    for (int slot : slots) {
      SlotWriter writer = new SlotWriter(clients, topic, new LeftOpen(admin), events, slot);
      taken.put(slot, writer);
      SlotWriter old = writers.put(slot, writer);
      if (old != null) {
        old.close();
      }
    }
    boolean done = false;
    try {
      Map<Integer, Reading> readings = readings(slots);
      read(readings);
      inLanes(taken.values(), writer -> begin(writer, readings));
      read(readings);
      List<SlotWriter> again = rivals(taken.values(), readings);
      while (!again.isEmpty()) {
        inLanes(again, writer -> writer.draw(of(readings, writer)));
        read(readings);
        again = rivals(again, readings);
      }
      Map<Integer, Claimed> all = new HashMap<>();
      for (SlotWriter writer : taken.values()) {
        all.put(writer.slot, new Claimed(writer.epoch(), of(readings, writer).positions()));
      }
      done = true;
      return all;
    } finally {
      if (!done) {
        close(taken.values());
      }
    }
  }

  /** Reads the positions of these slots, and takes none of them. */
  Map<Integer, Map<String, String>> positions(Set<Integer> slots) throws Exception {
    Map<Integer, Reading> readings = readings(slots);
    ask(
        () -> {
          topic.readWithOpen(readings, admin);
          return null;
        });
    Map<Integer, Map<String, String>> all = new HashMap<>();
    readings.forEach((slot, reading) -> all.put(slot, reading.positions()));
    return all;
  }

  private static Map<Integer, Reading> readings(Set<Integer> slots) {
    Map<Integer, Reading> readings = new HashMap<>();
    slots.forEach(slot -> readings.put(slot, new Reading()));
    return readings;
  }

  private void read(Map<Integer, Reading> readings) throws Exception {
    ask(
        () -> {
          topic.read(readings);
          return null;
        });
  }

  /**
   * Draws an epoch as soon as the older owner is fenced: until then, it could begin anew, and fence
   * this one.
   */
  private static void begin(SlotWriter writer, Map<Integer, Reading> readings) throws Exception {
    writer.begin();
    writer.draw(of(readings, writer));
  }

  /** The slots of which somebody has drawn the same epoch between the reading and the fence. */
  private static List<SlotWriter> rivals(
      Collection<SlotWriter> writers, Map<Integer, Reading> readings) {
    return writers.stream()
        .filter(writer -> of(readings, writer).earlier() >= writer.epoch())
        .toList();
  }

  private static Reading of(Map<Integer, Reading> readings, SlotWriter writer) {
    return Objects.requireNonNull(readings.get(writer.slot), "each slot is read");
  }

  /** Stores positions, unless the sink has done so; and says which slots have a newer owner. */
  Set<Integer> save(List<Saving> all, boolean keptBySink) throws Exception {
    Map<Saving, Future<?>> answers = new HashMap<>();
    Set<Integer> refused = new HashSet<>();
    for (Saving saving : all) {
      SlotWriter writer = writers.get(saving.slot());
      if (writer == null) {
        refused.add(saving.slot());
      } else if (!keptBySink) {
        answers.put(saving, threads.submit(() -> save(writer, saving)));
      } else if (writer.epoch() != saving.epoch()) {
        refused.add(saving.slot());
      }
    }
    for (Map.Entry<Saving, Future<?>> answer : answers.entrySet()) {
      try {
        result(answer.getValue());
      } catch (FencedException e) {
        refused.add(answer.getKey().slot());
      }
    }
    return refused;
  }

  private static Void save(SlotWriter writer, Saving saving) throws Exception {
    writer.write(saving.epoch(), saving, List.of(), saving.positions());
    return null;
  }

  void release(int slot, long epoch) {
    SlotWriter writer = writers.get(slot);
    if (writer != null && writer.epoch() == epoch && writers.remove(slot, writer)) {
      threads.execute(writer::close);
    }
  }

  // ---- events

  /** Commits the records of a batch, and its positions, in one transaction. */
  void write(
      int slot,
      long epoch,
      Object identity,
      List<ProducerRecord<byte[], byte[]>> records,
      Map<String, String> positions)
      throws Exception {
    SlotWriter writer = writers.get(slot);
    if (writer == null) {
      throw new FencedException(slot, epoch);
    }
    ask(
        () -> {
          writer.write(epoch, identity, records, positions);
          return null;
        });
  }

  // ---- threads

  @FunctionalInterface
  private interface Work {
    void on(SlotWriter writer) throws Exception;
  }

  private void inLanes(Collection<SlotWriter> all, Work work) throws Exception {
    List<SlotWriter> list = List.copyOf(all);
    List<Future<?>> lanes = new ArrayList<>();
    for (int lane = 0; lane < Math.min(LANES, list.size()); lane++) {
      int first = lane;
      lanes.add(
          threads.submit(
              () -> {
                for (int i = first; i < list.size(); i += LANES) {
                  work.on(list.get(i));
                }
                return null;
              }));
    }
    for (Future<?> lane : lanes) {
      result(lane);
    }
  }

  private <T> T ask(Callable<T> task) throws Exception {
    return result(threads.submit(task));
  }

  private static <T> T result(Future<T> future) throws Exception {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception its) {
        throw its;
      }
      throw e;
    }
  }

  // ---- the end

  private void close(Collection<SlotWriter> all) throws Exception {
    all.forEach(writer -> writers.remove(writer.slot, writer));
    inLanes(all, SlotWriter::close);
  }

  /** Ends all writers and their threads. What is not committed is aborted. */
  void close() {
    List<SlotWriter> all = List.copyOf(writers.values());
    writers.clear();
    all.forEach(writer -> threads.execute(writer::close));
    threads.shutdown();
    admin.close(Duration.ZERO);
  }
}
