package dev.lariat.client;

import dev.lariat.internal.cache.Stored;
import dev.lariat.message.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Where an {@link HttpCache} keeps its responses; used by any threads. */
interface Storage extends AutoCloseable {

  /** What there is. */
  record Fill(long entries, long bytes, long evicted) {}

  /** All that is stored for this key, perhaps without the bodies. */
  List<Stored> find(String key);

  /** The body of something that was found; empty if it is gone, or was replaced, or is damaged. */
  Optional<Bytes> body(Stored found);

  /**
   * Stores a response instead of the one of the same variant.
   *
   * @param wanted whether it is still to be stored, asked when nothing can come between
   * @return whether it is stored
   */
  boolean put(Stored stored, BooleanSupplier wanted);

  /** Removes this variant. */
  void remove(Stored found);

  /** Removes all that is stored for this key. */
  void remove(String key);

  /** Removes everything. */
  void clear();

  /** How full it is. */
  Fill fill();

  /** Stores nothing from now on, and finds nothing. */
  @Override
  void close();
}
