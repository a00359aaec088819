package dev.lariat.fleet;

import dev.lariat.option.Endpoint;
import java.time.Duration;
import java.util.Optional;

/**
 * How a feed is collected twice at once, over two live connections: each event is written when the
 * first of them brings it. If one is lost, the other one goes on, so there is no gap, even if the
 * server cannot send again what was missed. Start with {@link #DEFAULT}, and set what you need.
 *
 * @param second the server of the second connection; empty for that of the feed
 * @param identity finds by what an event is recognized on the other connection; empty for the
 *     position
 * @param window how many identities are remembered
 * @param patience how long an event may be held
 */
public record Pair(
    Optional<Endpoint> second, Optional<PositionFinder> identity, int window, Duration patience) {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Both connections to the server of the feed, events recognized by their positions. */
  public static final Pair DEFAULT =
      new Pair(Optional.empty(), Optional.empty(), 5000, Duration.ofSeconds(1));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Pair {
    Allowed.present("feed.pair.second", second);
    Allowed.present("feed.pair.identity", identity);
    Allowed.range("feed.pair.window", window, 1, 1_000_000);
    Allowed.range("feed.pair.patience", patience, Duration.ZERO, LONGEST);
  }

  /**
   * Sets the server of the second connection; by default, that of the feed. It must send the same
   * events with the same identities, and understand the same positions.
   *
   * @param second a server of the same kind as that of the feed
   * @return a copy with this value
   */
  public Pair second(Endpoint second) {
    Allowed.present("feed.pair.second", second);
    return new Pair(Optional.of(second), identity, window, patience);
  }

  /**
   * Sets by what an event is recognized on the other connection; by default, its position.
   * Different events should have different identities. Events of one session that have the same are
   * all written. An event without an identity is written from both connections.
   *
   * @param identity finds the identity, such as {@link PositionFinder#json}
   * @return a copy with this value
   */
  public Pair identity(PositionFinder identity) {
    Allowed.present("feed.pair.identity", identity);
    return new Pair(second, Optional.of(identity), window, patience);
  }

  /**
   * Sets how many identities are remembered: 1 to 1,000,000, 5,000 by default. An event that one
   * connection brings so many events after the other one is written again. An identity takes 140 to
   * 180 bytes of memory, however long it is.
   *
   * @param window how many identities
   * @return a copy with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public Pair window(int window) {
    return new Pair(second, identity, window, patience);
  }

  /**
   * Sets how long an event may be held: 0 to 1 min, 1 s by default. The events of a session that
   * begins are held until the other connection brings one of them too, so that they are written in
   * the right order although one connection is behind. After that time, or with 1,000 events or 1
   * MiB, they are written at once, and those before them when they arrive.
   *
   * @param patience the longest time
   * @return a copy with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public Pair patience(Duration patience) {
    return new Pair(second, identity, window, patience);
  }
}
