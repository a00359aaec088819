package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Message;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one connection on their way to its inboxes. They keep their order. Those for one
 * inbox gather in the loop's batch. The batch is handed over when the turn settles, and before that
 * if it is full or the next message is for another inbox. The connection is not read while one of
 * the inboxes is full.
 */
final class Deliveries {
  private final Actor connection;
  private final Loop loop;

  /** The inbox whose messages are in the loop's batch; null if the batch is empty. */
  private @Nullable Inbox told;

  /** How many messages are in the loop's batch. */
  private int batched;

  /** The inboxes that were found full, and have had no room since. Mostly there are none. */
  private Set<Inbox> full = Set.of();

  Deliveries(Actor connection, Loop loop) {
    this.connection = connection;
    this.loop = loop;
  }

  /** Whether all inboxes have room, as far as is known. */
  boolean hasRoom() {
    return full.isEmpty();
  }

  /** Whether this inbox has room, as far as is known. */
  boolean hasRoom(Inbox inbox) {
    return full.isEmpty() || !full.contains(inbox);
  }

  /** Whether this inbox is full now; if so, the connection is told when it has room again. */
  boolean isFull(Inbox inbox) {
    if (hasRoom(inbox) && inbox.full()) {
      pause(inbox);
    }
    return !hasRoom(inbox);
  }

  /** Whether there is something to hand over. */
  boolean pending() {
    return batched > 0;
  }

  void add(Inbox inbox, Message message) {
    if (told != inbox) {
      handOver();
      told = inbox;
    }
    Message[] batch = loop.batch();
    batch[batched++] = message;
    if (batched == batch.length) {
      handOver();
    }
  }

  void handOver() {
    Inbox inbox = told;
    int count = batched;
    told = null;
    batched = 0;
    if (inbox == null || count == 0) {
      return;
    }
    connection.tellVacancies(); // before anybody reads of an end
    Message[] batch = loop.batch();
    try {
      inbox.put(batch, count);
    } catch (Throwable e) { // an inbox must not throw; if it does, that is not kept silent
      connection.inboxFailed(e);
    }
    Arrays.fill(batch, 0, count, null);
    if (inbox.sleeps()) {
      loop.wakeSoon(inbox);
    }
    isFull(inbox);
  }

  /** Leaves further messages with the peer until there is room for them. */
  private void pause(Inbox inbox) {
    if (full.isEmpty()) {
      full = Collections.newSetFromMap(new IdentityHashMap<>(2));
    }
    full.add(inbox);
    connection.applyReading();
    inbox.whenRoom(() -> loop.execute(() -> connection.turn(() -> resume(inbox))));
  }

  private void resume(Inbox inbox) {
    if (!full.isEmpty() && full.remove(inbox)) {
      connection.roomAgain();
    }
  }

  /** Goes on, since there may be room again. */
  void resumeAll() {
    if (!full.isEmpty()) {
      full = Set.of();
      connection.roomAgain();
    }
  }
}
