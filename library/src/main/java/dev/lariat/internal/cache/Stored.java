package dev.lariat.internal.cache;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A stored response.
 *
 * @param key the key of the URI that was asked for
 * @param variant what tells it from other responses to that URI
 * @param status its status
 * @param headers its headers, without those that are not stored
 * @param initialAge its age when it was received, the corrected one (RFC 9111 section 4.2.3)
 * @param received when that was, on the cache's {@link Timeline}
 * @param body its whole body
 */
public record Stored(
    String key,
    Variant variant,
    int status,
    Headers headers,
    Duration initialAge,
    Instant received,
    Bytes body) {
  private static final int OVERHEAD = 400; // of the objects, about

  /**
   * What a request must have in common with the one that was answered.
   *
   * @param identity in whose name it was made, as a {@link Fingerprints fingerprint}; mostly empty
   * @param decoded whether the body is decompressed
   * @param varied the fingerprints of the headers that {@code Vary} names, by their names; empty
   *     for one that was absent
   */
  public record Variant(String identity, boolean decoded, SortedMap<String, String> varied) {

    /** Copies the map. */
    public Variant {
      varied = Collections.unmodifiableSortedMap(new TreeMap<>(varied));
    }

    /** What tells it from others of its key. */
    public String name() {
      return identity + "\n" + decoded + "\n" + varied;
    }
  }

  /** The same with this body. */
  public Stored body(Bytes its) {
    return new Stored(key, variant, status, headers, initialAge, received, its);
  }

  /** How much room it takes, in bytes. */
  public long weight() {
    long weight = OVERHEAD + body.size() + 2L * key.length();
    for (Map.Entry<String, String> each : variant.varied().entrySet()) {
      weight += each.getKey().length() + each.getValue().length() + 2 * Long.BYTES;
    }
    for (Headers.Field field : headers) {
      weight += field.name().length() + field.value().length() + 2 * Long.BYTES;
    }
    return weight;
  }
}
