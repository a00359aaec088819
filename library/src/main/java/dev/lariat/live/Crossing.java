package dev.lariat.live;

import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way of a stream's messages from the loop of its connection to the loop of its live
 * connection, in their order. While too many are on the way, or their inbox is full, the connection
 * is not read.
 *
 * <p>It holds the loop that it leads to until the last message of the stream has come, so no loop
 * begins anew for the rest of a stream.
 */
final class Crossing implements Inbox {
  private static final int MOST = 4096; // messages on the way, which keeps both loops at work

  private final Loop there;
  private final Inbox inbox;
  private final AtomicInteger onTheWay = new AtomicInteger();

  /** What the connection does when there is room again; null if it does not wait. */
  private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();

  private volatile boolean full; // the inbox, when something came there last
  private boolean asked; // whether the inbox calls when it has room; on the loop there

  /** The way to this loop; on that loop. */
  Crossing(Loop there, Inbox inbox) {
    this.there = there;
    this.inbox = inbox;
    there.retain();
  }

  /** What becomes of a message that is sent, as the loop there learns of it. */
  static Fate fate(Loop there, Fate fate) {
    return new Fate() {
      @Override
      public void written() {
        there.execute(fate::written);
      }

      @Override
      public void lost(Reason reason) {
        there.execute(() -> fate.lost(reason));
      }

      @Override
      public void refused(Reason reason) {
        there.execute(() -> fate.refused(reason));
      }
    };
  }

  @Override
  public void put(Message[] batch, int count) {
    Message[] copy = Arrays.copyOf(batch, count);
    onTheWay.addAndGet(count);
    there.execute(() -> arrive(copy));
  }

  private void arrive(Message[] batch) {
    onTheWay.addAndGet(-batch.length);
    inbox.put(batch, batch.length);
    if (inbox.sleeps()) {
      there.wakeSoon(inbox);
    }
    look();
    if (batch[batch.length - 1] instanceof Message.OfStream last && last.ends()) {
      leave();
    }
  }

  /** Nothing comes any more. */
  void leave() {
    there.release();
  }

  /** On the loop there. */
  private void look() {
    full = inbox.full();
    if (waiting.get() == null) {
      return;
    }
    if (full) {
      if (!asked) {
        asked = true;
        inbox.whenRoom(() -> there.execute(this::hasRoom));
      }
    } else if (onTheWay.get() < MOST) {
      goOn();
    }
  }

  private void hasRoom() {
    asked = false;
    look();
  }

  private void goOn() {
    Runnable action = waiting.getAndSet(null);
    if (action != null) {
      action.run();
    }
  }

  @Override
  public boolean full() {
    return full || onTheWay.get() >= MOST;
  }

  @Override
  public void whenRoom(Runnable action) {
    waiting.set(action);
    if (full()) {
      there.execute(this::look); // if the last message came there before the action was here
    } else {
      goOn();
    }
  }
}
