package dev.lariat.internal.http2;

import dev.lariat.internal.text.Priority;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Streams that wait to send, in the order in which they are served (RFC 9218 section 10): the most
 * urgent first. Those of one urgency take turns. The ones among them that are sent one after the
 * other, in the order of their numbers, have one turn together.
 */
final class Turns {
  /** What the next stream's urgency is if there is none. */
  static final int NONE = Priority.LEAST_URGENT + 1;

  /** The streams of each urgency; null where there never was one. */
  private final @Nullable Level[] levels = new Level[NONE];

  /** A bit for each urgency of which there are streams. */
  private int used;

  /** The streams of one urgency. */
  private static final class Level {
    private final Deque<Http2Stream> inTurn = new ArrayDeque<>();

    /** Those that are sent one after the other. */
    private final Queue<Http2Stream> inOrder =
        new PriorityQueue<>(1, Comparator.comparingInt(stream -> stream.id));

    /** How many of {@code inTurn} come before the first of {@code inOrder}. */
    private int before;

    void add(Http2Stream stream) {
      of(stream).add(stream);
    }

    void remove(Http2Stream stream) {
      of(stream).remove(stream);
    }

    private Queue<Http2Stream> of(Http2Stream stream) {
      return stream.priority == null || stream.priority.incremental() ? inTurn : inOrder;
    }

    boolean isEmpty() {
      return inTurn.isEmpty() && inOrder.isEmpty();
    }

    Http2Stream next() {
      if (inOrder.isEmpty() || before > 0 && !inTurn.isEmpty()) {
        before = Math.max(0, before - 1);
        return inTurn.remove();
      }
      before = inTurn.size();
      return inOrder.remove();
    }
  }

  private static int urgency(Http2Stream stream) {
    return stream.priority == null ? Priority.DEFAULT.urgency() : stream.priority.urgency();
  }

  boolean isEmpty() {
    return used == 0;
  }

  /** The urgency of the next stream; {@link #NONE} if there is none. */
  int urgency() {
    return used == 0 ? NONE : Integer.numberOfTrailingZeros(used);
  }

  void add(Http2Stream stream) {
    int urgency = urgency(stream);
    Level level = levels[urgency];
    if (level == null) {
      level = new Level();
      levels[urgency] = level;
    }
    level.add(stream);
    used |= 1 << urgency;
  }

  void remove(Http2Stream stream) {
    int urgency = urgency(stream);
    Level level = levels[urgency];
    if (level != null) {
      level.remove(stream);
      left(urgency, level);
    }
  }

  /** Takes the next stream; null if there is none. */
  @Nullable Http2Stream next() {
    int urgency = urgency();
    Level level = urgency == NONE ? null : levels[urgency];
    if (level == null) {
      return null;
    }
    Http2Stream next = level.next();
    left(urgency, level);
    return next;
  }

  private void left(int urgency, Level level) {
    if (level.isEmpty()) {
      used &= ~(1 << urgency);
    }
  }
}
