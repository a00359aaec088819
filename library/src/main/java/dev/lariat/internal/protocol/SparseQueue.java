package dev.lariat.internal.protocol;

import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a line that is empty most of the time. A connection has several such lines, and
 * thousands of connections are idle at once. So an empty line holds nothing, a single element needs
 * no array, and the array of a long line goes when the line has moved on.
 *
 * @param <E> what waits
 */
public final class SparseQueue<E> extends AbstractCollection<E> {
  private @Nullable E first; // the head; null if the line is empty
  private @Nullable Deque<E> rest; // what is after the head; null or empty if nothing is

  @Override
  public boolean isEmpty() {
    return first == null;
  }

  @Override
  public int size() {
    Deque<E> others = rest;
    return (first == null ? 0 : 1) + (others == null ? 0 : others.size());
  }

  /** Puts this at the end. */
  @Override
  public boolean add(E last) {
    if (first == null) {
      first = last;
    } else {
      rest().addLast(last);
    }
    return true;
  }

  /** Puts this before all that waits. */
  public void addFirst(E next) {
    E second = first;
    if (second != null) {
      rest().addFirst(second);
    }
    first = next;
  }

  private Deque<E> rest() {
    Deque<E> others = rest;
    if (others == null) {
      others = rest = new ArrayDeque<>(2);
    }
    return others;
  }

  /** The head; null if nothing waits. */
  public @Nullable E peek() {
    return first;
  }

  /** The end of the line; null if nothing waits. */
  public @Nullable E peekLast() {
    E last = rest == null ? null : rest.peekLast();
    return last == null ? first : last;
  }

  /** Takes the head away; null if nothing waits. */
  public @Nullable E poll() {
    E head = first;
    Deque<E> others = rest;
    if (others == null) {
      first = null;
    } else {
      first = others.poll();
      rest = others.isEmpty() ? null : others;
    }
    return head;
  }

  /**
   * Takes the head away.
   *
   * @throws NoSuchElementException if nothing waits
   */
  public E remove() {
    E head = poll();
    if (head == null) {
      throw new NoSuchElementException("nothing waits");
    }
    return head;
  }

  /**
   * Takes the end of the line away.
   *
   * @throws NoSuchElementException if nothing waits
   */
  public E removeLast() {
    E last = rest == null ? null : rest.pollLast();
    return last == null ? remove() : last;
  }

  @Override
  public void clear() {
    first = null;
    rest = null;
  }

  @Override
  public Iterator<E> iterator() {
    return new Elements();
  }

  private final class Elements implements Iterator<E> {
    private boolean pastFirst; // whether the head was given, and was not removed
    private @Nullable Iterator<E> others; // once it has come to those after the head

    @Override
    public boolean hasNext() {
      if (others != null) {
        return others.hasNext();
      }
      return pastFirst ? rest != null && !rest.isEmpty() : first != null;
    }

    @Override
    public E next() {
      if (!hasNext()) {
        throw new NoSuchElementException("nothing more waits");
      }
      if (!pastFirst) {
        pastFirst = true;
        return Objects.requireNonNull(first);
      }
      if (others == null) {
        others = rest().iterator();
      }
      return others.next();
    }

    @Override
    public void remove() {
      if (others != null) {
        others.remove();
      } else if (pastFirst) {
        pastFirst = false; // what was after the head is the head now
        SparseQueue.this.remove();
      } else {
        throw new IllegalStateException("nothing was given yet, or it is removed");
      }
    }
  }
}
