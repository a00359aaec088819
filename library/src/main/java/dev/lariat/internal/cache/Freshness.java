package dev.lariat.internal.cache;

import dev.lariat.internal.codec.CacheControl;
import dev.lariat.internal.codec.HttpDate;
import dev.lariat.message.Headers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How old a response is, and for how long it is fresh (RFC 9111 section 4.2). Where a header is
 * invalid or contradicts itself, the response is not fresh.
 */
final class Freshness {
  /** The statuses that may be guessed to be fresh (RFC 9110 section 15.1), but for 206. */
  private static final Set<Integer> HEURISTIC =
      Set.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);

  private static final int FRACTION = 10; // section 4.2.2: of the time since the last change

  /** Older than anything may be. */
  static final Duration FOREVER = Duration.ofSeconds(1L << 50);

  private Freshness() {}

  /** The corrected initial age (section 4.2.3). */
  static Duration initialAge(Headers headers, Duration delay, Instant now) {
    Duration apparent =
        date(headers, now).map(date -> Timeline.since(date, now)).orElse(Duration.ZERO);
    Duration corrected = said(headers).plus(delay);
    return corrected.compareTo(apparent) > 0 ? corrected : apparent;
  }

  /** What {@code Age} says: of several members the first one (section 5.1). */
  private static Duration said(Headers headers) {
    return headers
        .first("age")
        .map(value -> value.split(",", -1)[0].strip())
        .flatMap(CacheControl::seconds)
        .orElse(Duration.ZERO);
  }

  static Optional<Instant> date(Headers headers, Instant now) {
    return headers.first("date").flatMap(value -> HttpDate.parse(value, now));
  }

  /** The current age (section 4.2.3). What was received in the future is from a wrong clock. */
  static Duration age(Stored stored, Instant now) {
    return now.isBefore(stored.received())
        ? FOREVER
        : stored.initialAge().plus(Duration.between(stored.received(), now));
  }

  /** For how long it is fresh (section 4.2.1), counted from when the server made it. */
  static Duration lifetime(
      int status, Headers headers, CacheControl control, Instant received, Duration longest) {
    return control
        .seconds("max-age", Duration.ZERO)
        .or(() -> expires(headers, received))
        .or(() -> guessed(status, headers, control, received, longest))
        .orElse(Duration.ZERO);
  }

  private static Optional<Duration> expires(Headers headers, Instant received) {
    List<String> all = headers.all("expires").stream().distinct().toList();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Instant date = date(headers, received).orElse(received);
    return Optional.of(all.getFirst())
        .filter(value -> all.size() == 1)
        .flatMap(value -> HttpDate.parse(value, received))
        .map(expires -> Timeline.since(date, expires))
        .or(() -> Optional.of(Duration.ZERO));
  }

  /** A guess (section 4.2.2). */
  private static Optional<Duration> guessed(
      int status, Headers headers, CacheControl control, Instant received, Duration longest) {
    if (!isHeuristic(status) && !control.has("public")) {
      return Optional.empty();
    }
    Instant date = date(headers, received).orElse(received);
    return headers
        .first("last-modified")
        .flatMap(value -> HttpDate.parse(value, received))
        .map(modified -> Timeline.since(modified, date).dividedBy(FRACTION))
        .map(guess -> guess.compareTo(longest) > 0 ? longest : guess);
  }

  static boolean isHeuristic(int status) {
    return HEURISTIC.contains(status);
  }
}
