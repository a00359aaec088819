package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one connection on their way to its inboxes. They are handed over many at a time,
 * in order, and the connection is not read while one of the inboxes is full.
 */
final class Deliveries {
  private final Actor connection;
  private final Loop loop;

  /** The inbox whose messages are in the loop's batch; null if the batch is empty. */
  private @Nullable Inbox told;

  /** How many messages are in the loop's batch. */
  private int batched;

  /** Whether all inboxes have room, as far as is known. */
  private boolean hasRoom = true;

  Deliveries(Actor connection, Loop loop) {
    this.connection = connection;
    this.loop = loop;
  }

  boolean hasRoom() {
    return hasRoom;
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
    Message[] batch = loop.batch();
    try {
      inbox.put(batch, count);
    } catch (Throwable e) { // which it never should; nothing may be lost in silence
      connection.inboxFailed(e);
    }
    Arrays.fill(batch, 0, count, null);
    if (inbox.sleeps()) {
      loop.wakeSoon(inbox);
    }
    if (hasRoom && inbox.full()) {
      pause(inbox);
    }
  }

  /** Leaves further messages with the peer until there is room for them. */
  private void pause(Inbox inbox) {
    hasRoom = false;
    connection.applyReading();
    inbox.whenRoom(() -> loop.execute(() -> connection.turn(this::resume)));
  }

  /** Goes on, since there may be room again. */
  void resume() {
    if (!hasRoom) {
      hasRoom = true;
      connection.applyReading();
    }
  }
}
