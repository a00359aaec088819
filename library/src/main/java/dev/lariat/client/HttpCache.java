package dev.lariat.client;

import static dev.lariat.client.Arguments.given;

import dev.lariat.event.CacheInfo;
import dev.lariat.internal.cache.Asking;
import dev.lariat.internal.cache.CacheRules;
import dev.lariat.internal.cache.Decision;
import dev.lariat.internal.cache.Fingerprints;
import dev.lariat.internal.cache.Stored;
import dev.lariat.internal.cache.Timeline;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Bytes;
import dev.lariat.option.CacheOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A private HTTP cache (RFC 9111) for {@link Client} and {@link Caller}, in memory or in a folder.
 * Pass it to {@link Client#cache}. Several clients can share one cache, if they act for the same
 * user. Any number of threads can use it.
 *
 * <p>It stores complete responses to {@code GET}, if the server does not forbid it and says for how
 * long they are fresh or how to validate them. A fresh response answers {@code GET} and {@code
 * HEAD} without the network. A response that is not fresh is validated by its {@code ETag} and
 * {@code Last-Modified}. {@code Vary}, {@code Cache-Control} of the request and the response,
 * {@code stale-while-revalidate} and {@code stale-if-error} (RFC 5861) and {@code immutable} (RFC
 * 8246) are obeyed. {@link Answer#cache} says what the cache did.
 *
 * <p>The following is neither stored nor answered by the cache: requests with {@code no-store},
 * with a body, with {@code Range} or their own conditions, with a {@code Host} of another server,
 * and with credentials unless {@code cache.authorization} is on. Partial responses (206), {@code
 * Vary: *}, trailers and {@code Set-Cookie} are not stored.
 */
public final class HttpCache implements AutoCloseable {
  private static final int KEY = 32; // bytes
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What a request can come to, for the statistics. */
  enum Outcome {
    HIT,
    VALIDATED,
    MISS,
    BYPASSED,
    RESCUED
  }

  private final CacheOptions options;
  private final CacheRules rules;
  private final Storage storage;

  private final Lock lock = new ReentrantLock();

  // under the lock
  private final Map<String, List<Flight>> flights = new HashMap<>(); // by key
  private final Map<Outcome, Long> counted = new EnumMap<>(Outcome.class);
  private @Nullable Timeline timeline; // since the first request, whose clock it is
  private long landed; // how many flights

  /** A request that is on its way to the server. */
  static final class Flight {
    final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private final Asking asking;
    private final boolean shared;
    private volatile boolean outdated; // something has invalidated what it will bring

    Flight(Asking asking, boolean shared) {
      this.asking = asking;
      this.shared = shared;
    }
  }

  /**
   * A place in a flight.
   *
   * @param leads whether it is the caller's own
   */
  record Seat(Flight flight, boolean leads) {}

  private HttpCache(CacheOptions options, Storage storage) {
    byte[] key = new byte[KEY];
    RANDOM.nextBytes(key);
    this.options = options;
    this.rules = new CacheRules(options, new Fingerprints(key));
    this.storage = storage;
  }

  /**
   * {@return a cache in memory}
   *
   * @param total how many bytes it may take: 1 KiB to 1 PiB
   * @throws IllegalArgumentException if it is out of range
   */
  public static HttpCache inMemory(long total) {
    return inMemory(CacheOptions.DEFAULT.total(total));
  }

  /**
   * {@return a cache in memory}
   *
   * @param options what it stores, and how much
   */
  public static HttpCache inMemory(CacheOptions options) {
    return new HttpCache(given("options", options), new Memory(options.total()));
  }

  /**
   * Opens a cache in a folder; see {@link #inFolder(Path, CacheOptions)}.
   *
   * @param folder the folder
   * @param total how many bytes its files may have: 1 KiB to 1 PiB
   * @return the cache
   * @throws FolderInUseException if another cache uses the folder
   * @throws IOException if the folder cannot be made or read
   * @throws IllegalArgumentException if the number is out of range
   */
  public static HttpCache inFolder(Path folder, long total) throws IOException {
    return inFolder(folder, CacheOptions.DEFAULT.total(total));
  }

  /**
   * Opens a cache in a folder, which has what the last cache there has stored. It makes the folder
   * if it does not exist; then only its owner can read it. Use a folder of its own. Each response
   * is a file with checksums. A file that is damaged, was not written to its end, or has another
   * version of the format counts as absent and is deleted. Responses are read and written on the
   * threads that call the client. If a response cannot be written, a warning is logged, and the
   * call goes on. Only one cache at a time can use a folder, by a lock on the file {@code
   * lariat-cache.lock}.
   *
   * @param folder the folder
   * @param options what it stores, and how much
   * @return the cache
   * @throws FolderInUseException if another cache uses the folder
   * @throws IOException if the folder cannot be made or read
   */
  public static HttpCache inFolder(Path folder, CacheOptions options) throws IOException {
    return new HttpCache(
        given("options", options), Folder.open(given("folder", folder), options.total()));
  }

  // ---- what users do

  /** {@return the options of this cache} */
  public CacheOptions options() {
    return options;
  }

  /**
   * Removes all responses that are stored for a URL, whatever headers they vary by.
   *
   * @param url a whole URL with the scheme {@code http} or {@code https}
   * @throws IllegalArgumentException if the URL is not valid
   */
  public void remove(String url) {
    invalidate(Set.of(Asking.key(Arguments.parsed(url))));
  }

  /** Removes all responses. What is on its way now will not be stored either. */
  public void clear() {
    lock.lock();
    try {
      flights.values().forEach(all -> all.forEach(flight -> flight.outdated = true));
    } finally {
      lock.unlock();
    }
    storage.clear();
  }

  /** {@return how the cache stands now; its text is one line} */
  public CacheInfo info() {
    Storage.Fill fill = storage.fill();
    lock.lock();
    try {
      return new CacheInfo(
          counted(Outcome.HIT),
          counted(Outcome.VALIDATED),
          counted(Outcome.MISS),
          counted(Outcome.BYPASSED),
          counted(Outcome.RESCUED),
          fill.evicted(),
          fill.entries(),
          fill.bytes(),
          options.total());
    } finally {
      lock.unlock();
    }
  }

  private long counted(Outcome outcome) {
    return counted.getOrDefault(outcome, 0L);
  }

  /**
   * Ends the cache: a folder can be used by another one. Clients go on without it. What a folder
   * has stays there; what was in memory is gone.
   */
  @Override
  public void close() {
    storage.close();
  }

  /** {@return how the cache stands now, in one line} */
  @Override
  public String toString() {
    return "HttpCache[" + info() + "]";
  }

  // ---- what calls do

  CacheRules rules() {
    return rules;
  }

  void count(Outcome outcome) {
    lock.lock();
    try {
      counted.merge(outcome, 1L, Long::sum);
    } finally {
      lock.unlock();
    }
  }

  /** The time, on a line that never runs back. */
  Instant now(Time time) {
    Instant wall = time.now();
    long nanos = time.nanos();
    lock.lock();
    try {
      if (timeline == null) {
        timeline = new Timeline(wall, nanos);
      }
      return timeline.at(wall, nanos);
    } finally {
      lock.unlock();
    }
  }

  Decision decide(Asking asking, Time time) {
    List<Stored> found = storage.find(asking.key());
    return rules.decide(asking, found, now(time));
  }

  Optional<Bytes> body(Stored found) {
    return storage.body(found);
  }

  void remove(Stored found) {
    storage.remove(found);
  }

  /** Stores what a flight has brought, unless that is outdated. */
  boolean put(Stored stored, Flight flight) {
    return storage.put(stored, () -> !flight.outdated);
  }

  /** How many flights have landed so far. */
  long landed() {
    lock.lock();
    try {
      return landed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Finds the flight that a request can share, or begins one.
   *
   * @param shared whether this one can share another's, and another one this
   */
  Seat board(Asking asking, boolean shared) {
    lock.lock();
    try {
      List<Flight> all = flights.computeIfAbsent(asking.key(), first -> new ArrayList<>());
      for (Flight flight : all) {
        if (shared && flight.shared && !flight.outdated && flight.asking.equals(asking)) {
          return new Seat(flight, false);
        }
      }
      Flight own = new Flight(asking, shared);
      all.add(own);
      return new Seat(own, true);
    } finally {
      lock.unlock();
    }
  }

  /** A flight is over, and what it brought is stored. */
  void land(Flight flight) {
    lock.lock();
    try {
      landed++;
      flights.computeIfPresent(
          flight.asking.key(),
          (key, all) -> {
            all.remove(flight);
            return all.isEmpty() ? null : all;
          });
    } finally {
      lock.unlock();
    }
    flight.over.complete(true);
  }

  /** What is stored for these keys has changed at its server. */
  void invalidate(Set<String> keys) {
    lock.lock();
    try {
      for (String key : keys) {
        flights.getOrDefault(key, List.of()).forEach(flight -> flight.outdated = true);
      }
    } finally {
      lock.unlock();
    }
    keys.forEach(storage::remove);
  }
}
