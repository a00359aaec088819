package dev.lariat.internal.entrance;

import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A set that keeps no element alive, and mostly has none: an empty one holds nothing, since every
 * mailbox has such sets.
 *
 * @param <E> what it has
 */
public final class WeakSet<E> extends AbstractSet<E> {
  private @Nullable Set<E> elements; // null while it is empty

  @Override
  public boolean add(E element) {
    Set<E> its = elements;
    if (its == null) {
      its = elements = Collections.newSetFromMap(new WeakHashMap<>(2));
    }
    return its.add(element);
  }

  @Override
  public boolean contains(@Nullable Object element) {
    return elements != null && elements.contains(element);
  }

  @Override
  public boolean remove(@Nullable Object element) {
    Set<E> its = elements;
    if (its == null || !its.remove(element)) {
      return false;
    }
    if (its.isEmpty()) {
      elements = null;
    }
    return true;
  }

  @Override
  public void clear() {
    elements = null;
  }

  @Override
  public int size() {
    return elements == null ? 0 : elements.size();
  }

  @Override
  public Iterator<E> iterator() {
    return elements == null ? Collections.emptyIterator() : elements.iterator();
  }
}
