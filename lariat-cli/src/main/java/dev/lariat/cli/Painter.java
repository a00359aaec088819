package dev.lariat.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;

/**
 * Brings to the screen what there is to show, on a thread of its own: a terminal that is slow, or
 * that its user has stopped, must not hold back the connection. If too much gathers, messages are
 * left out, and their number is told.
 */
final class Painter implements AutoCloseable {
  private static final int MOST = 2_000; // messages that wait, of which each is a line or more
  private static final long MOST_WEIGHT = 4L << 20; // characters and bytes in them
  private static final long PAUSE = 40_000_000; // ns between two pictures: faster than one can read

  /** Something to show; it is rendered when its turn comes. */
  private record Item(long weight, Supplier<AttributedString> what) {}

  private final Editor editor;
  private final @Nullable Standing standing; // what the state line shows; null without one
  private final Thread thread = new Thread(this::paint, "lariat-screen");

  // under the lock
  private final Deque<Item> waiting = new ArrayDeque<>();
  private long weight;
  private long leftOut;
  private boolean stale = true; // the state line
  private boolean closed;

  /** Begins to paint. */
  Painter(Editor editor, @Nullable Standing standing) {
    this.editor = editor;
    this.standing = standing;
    thread.setDaemon(true);
    thread.start();
  }

  /** Shows a line about what happens. */
  synchronized void tell(AttributedString line) {
    tellLeftOut();
    waiting.add(new Item(0, () -> line));
    notifyAll();
  }

  /** Shows a message, if the screen keeps up. */
  synchronized void show(long size, Supplier<AttributedString> message) {
    if (!waiting.isEmpty() && (waiting.size() >= MOST || weight + size > MOST_WEIGHT)) {
      leftOut++;
      return;
    }
    tellLeftOut();
    waiting.add(new Item(size, message));
    weight += size;
    notifyAll();
  }

  private void tellLeftOut() {
    if (leftOut > 0) {
      String counted = Page.counted(leftOut, "message");
      String line =
          Line.line("Left out", counted + ", because they came faster than they are shown");
      leftOut = 0;
      waiting.add(new Item(0, () -> editor.transcript().mark(line)));
    }
  }

  /** The state line is not true any more. */
  synchronized void changed() {
    stale = true;
    notifyAll();
  }

  private void paint() {
    try {
      while (true) {
        List<Item> next = next();
        AttributedString state = standing == null ? null : state(standing);
        editor.show(next.isEmpty() ? null : joined(next), state);
        if (isOver()) {
          editor.hideBelow();
          return;
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that
    }
  }

  private AttributedString state(Standing its) {
    return its.line(Moment.now(), editor.columns(), editor.transcript().look().colours());
  }

  private static AttributedString joined(List<Item> items) {
    return AttributedString.join(
        AttributedString.NEWLINE, items.stream().map(item -> item.what.get()).toList());
  }

  /** Waits for something to show; nothing but the state line may be new. */
  private synchronized List<Item> next() throws InterruptedException {
    while (waiting.isEmpty() && !stale && !closed) {
      Optional<Duration> lasts = standing == null ? Optional.empty() : standing.lasts();
      if (lasts.isPresent()) {
        wait(lasts.get().toMillis() + 1);
        break;
      }
      wait();
    }
    tellLeftOut(); // these came after all that wait
    List<Item> items = new ArrayList<>(waiting);
    waiting.clear();
    weight = 0;
    stale = false;
    return items;
  }

  private synchronized boolean isOver() {
    return closed && waiting.isEmpty();
  }

  private synchronized void pause() throws InterruptedException {
    long end = System.nanoTime() + PAUSE;
    long left = PAUSE;
    while (left > 0 && !closed) {
      wait(left / 1_000_000 + 1);
      left = end - System.nanoTime();
    }
  }

  /** Paints what waits, and ends. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
