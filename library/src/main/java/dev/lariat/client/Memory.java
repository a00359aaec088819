package dev.lariat.client;

import dev.lariat.internal.cache.Shelf;
import dev.lariat.internal.cache.Stored;
import dev.lariat.message.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Responses in memory. */
final class Memory implements Storage {
  private final Lock lock = new ReentrantLock();

  // under the lock
  private final Shelf<Stored> shelf;
  private boolean closed;

  Memory(long total) {
    this.shelf = new Shelf<>(total);
  }

  @Override
  public List<Stored> find(String key) {
    lock.lock();
    try {
      return shelf.all(key);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Bytes> body(Stored found) {
    return Optional.of(found.body());
  }

  @Override
  public boolean put(Stored stored, BooleanSupplier wanted) {
    lock.lock();
    try {
      boolean puts = !closed && wanted.getAsBoolean();
      if (puts) {
        shelf.put(stored.key(), stored.variant().name(), stored, stored.weight());
      }
      return puts;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(Stored found) {
    lock.lock();
    try {
      shelf.remove(found.key(), found.variant().name());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(String key) {
    lock.lock();
    try {
      shelf.remove(key);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void clear() {
    lock.lock();
    try {
      shelf.clear();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Fill fill() {
    lock.lock();
    try {
      return new Fill(shelf.size(), shelf.weight(), shelf.evicted());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      shelf.clear();
    } finally {
      lock.unlock();
    }
  }
}
