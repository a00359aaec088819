package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What tells one version of a resource from each other one: a strong validator (RFC 9110 section
 * 8.8.1), which an {@code If-Range} may have (section 13.1.5).
 *
 * @param field {@code etag} or {@code last-modified}
 * @param value its value, as the server wrote it
 */
public record Validator(String field, String value) {
  private static final String ETAG = "etag";
  private static final String LAST_MODIFIED = "last-modified";
  private static final Pattern STRONG = Pattern.compile("\"[\\x21\\x23-\\x7e]*\"");
  private static final int LONGEST = 1024; // characters; servers use less than 100

  /**
   * How much older than its response a file must be. The file can have changed twice in the second
   * of its date, and the server's clocks can differ (section 8.8.2.2).
   */
  private static final Duration OLD_ENOUGH = Duration.ofMinutes(1);

  /** The same, from what was kept; empty if no response could have had it. */
  public static Optional<Validator> kept(String field, String value) {
    boolean etag = field.equals(ETAG) && isStrong(value);
    boolean date = field.equals(LAST_MODIFIED) && HttpDate.parse(value, Instant.EPOCH).isPresent();
    return etag || date ? Optional.of(new Validator(field, value)) : Optional.empty();
  }

  private static boolean isStrong(String etag) {
    return etag.length() <= LONGEST && STRONG.matcher(etag).matches();
  }

  /**
   * The strong validator of a response; empty if there is none. A date is one only if there is no
   * entity tag, not even a weak one.
   */
  public static Optional<Validator> of(Headers headers, Instant now) {
    List<String> tags = headers.all(ETAG);
    if (!tags.isEmpty()) {
      String tag = tags.getFirst().strip();
      return tags.size() == 1 && isStrong(tag)
          ? Optional.of(new Validator(ETAG, tag))
          : Optional.empty();
    }
    Optional<Instant> changed = date(headers, LAST_MODIFIED, now);
    Optional<Instant> sent = date(headers, "date", now);
    boolean old =
        changed.isPresent()
            && sent.isPresent()
            && !changed.get().plus(OLD_ENOUGH).isAfter(sent.get());
    return old
        ? Optional.of(
            new Validator(LAST_MODIFIED, headers.first(LAST_MODIFIED).orElseThrow().strip()))
        : Optional.empty();
  }

  private static Optional<Instant> date(Headers headers, String field, Instant now) {
    List<String> values = headers.all(field);
    return values.size() == 1 ? HttpDate.parse(values.getFirst().strip(), now) : Optional.empty();
  }

  /**
   * How the version of this response differs, as a clause; empty if it does not. A 206 must repeat
   * an entity tag, but need not repeat a date (section 15.3.7).
   *
   * @param part whether it is a 206
   */
  public Optional<String> differs(Headers headers, boolean part) {
    List<String> values = headers.all(field).stream().map(String::strip).toList();
    String name = field.equals(ETAG) ? "ETag" : "Last-Modified";
    if (values.isEmpty()) {
      boolean needed = part && field.equals(ETAG);
      return needed
          ? Optional.of("the server sent a part without the " + name + " of the file")
          : Optional.empty();
    }
    return values.equals(List.of(value))
        ? Optional.empty()
        : Optional.of("the file changed: its " + name + " is not " + value + " any more");
  }
}
