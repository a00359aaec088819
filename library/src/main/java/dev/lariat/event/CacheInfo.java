package dev.lariat.event;

/**
 * The state of an HTTP cache at one moment.
 *
 * @param hits how many requests got a stored response, and were not sent
 * @param validated how many requests got a stored response that the server had confirmed by a 304
 * @param misses how many requests were sent and got the server's response, except those that the
 *     cache does not serve
 * @param bypassed how many requests the cache did not serve, because of their method or their
 *     headers
 * @param rescued how many requests got a stale response since the server had failed
 * @param evicted how many responses were removed to make room for others
 * @param entries how many responses are stored
 * @param bytes how much room they take
 * @param total how much room there is
 */
public record CacheInfo(
    long hits,
    long validated,
    long misses,
    long bypassed,
    long rescued,
    long evicted,
    long entries,
    long bytes,
    long total) {

  /** One line. */
  @Override
  public String toString() {
    return entries
        + " entries, "
        + bytes
        + " of "
        + total
        + " bytes; so far "
        + hits
        + " hits, "
        + validated
        + " validated, "
        + misses
        + " misses, "
        + bypassed
        + " bypassed, "
        + rescued
        + " rescued, "
        + evicted
        + " evicted";
  }
}
