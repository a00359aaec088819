package dev.lariat.fleet.internal.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a feed brings on a node that is about to get it, while another node still writes the
 * same events. When this node has the feed, it learns the position up to which everything is
 * written: what was held up to there is dropped, and the rest is to be written. It has no socket,
 * no thread and no clock: what arrives and times go in, and the events that are to be written come
 * out, in their order. All calls come from one thread.
 *
 * <p>Positions are not ordered, so the position is found by equality. If it is not among what is
 * held, this node may be behind the other one: then it waits for the position, but no longer than
 * its patience.
 *
 * <p>If more comes than may be held, or what is held is older than it need be, the oldest is
 * dropped: most likely the other node has written it already. The position of the last one that was
 * dropped is kept, since all that is held comes after it: a feed that is quiet need not hold its
 * last event to be found.
 *
 * <p>Times are nanoseconds of a monotonic clock, which may overflow: they are only subtracted.
 *
 * @param <E> what an event is here
 */
public final class Holding<E> {
  private final long patience;
  private final int most;
  private final long mostSize;
  private final long longest;

  private final Deque<Held<E>> held = new ArrayDeque<>(); // the oldest first
  private long size;
  private @Nullable String before; // the position after which comes what is held
  private boolean dropped; // whether there were more
  private boolean seeks; // whether the position is known, and was not among them
  private @Nullable String sought;
  private long seeksUntil;
  private boolean over; // whether nothing is held any more

  private record Held<E>(@Nullable String position, E event, long size, long at) {}

  /**
   * Holds nothing yet.
   *
   * @param patience how long to wait for a position that was not among what is held
   * @param most how many events may be held
   * @param mostSize how many bytes of events may be held
   * @param longest how old an event may be that is held when another one comes
   */
  public Holding(long patience, int most, long mostSize, long longest) {
    this.patience = patience;
    this.most = most;
    this.mostSize = mostSize;
    this.longest = longest;
  }

  /**
   * What follows comes after this position, as it was asked for, or as the server says. Something
   * may be missing between what is held and that, so nothing before it counts any more.
   */
  public void begins(String position) {
    if (!over) {
      held.clear();
      size = 0;
      before = position;
      if (seeks && position.equals(sought)) {
        end();
      }
    }
  }

  /**
   * An event has arrived.
   *
   * @param position null if it has none
   * @param bytes its size
   */
  public List<E> arrived(@Nullable String position, E event, long bytes, long now) {
    if (over) {
      return List.of(event);
    }
    hold(new Held<>(position, event, bytes, now), now);
    if (seeks && position != null && position.equals(sought)) {
      end();
    }
    return List.of();
  }

  private void hold(Held<E> its, long now) {
    held.add(its);
    size += its.size;
    while (held.size() > most || size > mostSize || isOld(now)) {
      Held<E> oldest = held.remove();
      size -= oldest.size;
      dropped = true;
      if (oldest.position != null) {
        before = oldest.position;
      }
    }
  }

  private boolean isOld(long now) {
    Held<E> oldest = held.peek();
    return oldest != null && now - oldest.at > longest;
  }

  /**
   * This node has the feed.
   *
   * @param position up to which everything is written; null if nothing is
   */
  public List<E> taken(@Nullable String position, long now) {
    if (position == null && !dropped) {
      return rest();
    }
    boolean known = position != null && position.equals(before);
    List<Held<E>> after = new ArrayList<>();
    for (Held<E> its : held) {
      after.add(its);
      if (position != null && position.equals(its.position)) { // the last one, if several are equal
        after.clear();
        known = true;
      }
    }
    if (known) {
      end();
      return events(after);
    }
    seeks = true;
    sought = position;
    seeksUntil = position == null ? now : now + patience; // what was dropped does not come again
    return List.of();
  }

  /** Whether nothing is held any more: what arrives is to be written. */
  public boolean isOver() {
    return over;
  }

  /** Whether the position did not come in time. */
  public boolean isMissed(long now) {
    return seeks && now - seeksUntil >= 0;
  }

  /** How long until {@link #isMissed} may be so; {@link Long#MAX_VALUE} for never. */
  public long delay(long now) {
    return seeks ? Math.max(0, seeksUntil - now) : Long.MAX_VALUE;
  }

  /** Ends it. Returns all that is held, whatever of it is written already. */
  public List<E> rest() {
    List<E> all = events(held);
    end();
    return all;
  }

  private void end() {
    held.clear();
    size = 0;
    seeks = false;
    over = true;
  }

  private static <E> List<E> events(Iterable<Held<E>> all) {
    List<E> events = new ArrayList<>();
    all.forEach(its -> events.add(its.event));
    return events;
  }
}
