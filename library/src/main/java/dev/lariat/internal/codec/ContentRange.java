package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code Content-Range} field in bytes (RFC 9110 section 14.4).
 *
 * @param first the position of the first byte, from 0
 * @param last the position of the last byte; no less than {@code first}
 * @param complete the length of the whole, which is more than {@code last}; empty if the server
 *     does not know it
 */
public record ContentRange(long first, long last, OptionalLong complete) {
  private static final String SECTION = "RFC 9110 section 14.4";
  private static final Pattern RANGE =
      Pattern.compile("(?i:bytes) ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\\*)");
  private static final Pattern UNSATISFIED = Pattern.compile("(?i:bytes) \\*/([0-9]{1,19})");
  private static final int SHOWN = 80; // characters of a malformed value, in a sentence

  /** The range of a response with the status 206. */
  public static ContentRange of(Headers headers) throws Violation {
    List<String> values = headers.all("content-range");
    if (values.size() != 1) {
      String number = values.isEmpty() ? "without a" : "with several values of";
      throw wrong("the server sent a part " + number + " Content-Range");
    }
    String value = values.getFirst().strip();
    Matcher range = RANGE.matcher(value);
    if (!range.matches()) {
      throw malformed(value);
    }
    try {
      long first = Long.parseLong(range.group(1));
      long last = Long.parseLong(range.group(2));
      OptionalLong complete =
          range.group(3).equals("*")
              ? OptionalLong.empty()
              : OptionalLong.of(Long.parseLong(range.group(3)));
      if (last < first || last == Long.MAX_VALUE || complete.orElse(Long.MAX_VALUE) <= last) {
        throw malformed(value);
      }
      return new ContentRange(first, last, complete);
    } catch (NumberFormatException e) { // 2^63 or more
      throw malformed(value);
    }
  }

  /** The length of the whole that a response with the status 416 names; empty if it names none. */
  public static OptionalLong complete(Headers headers) {
    List<String> values = headers.all("content-range");
    Matcher range = UNSATISFIED.matcher(values.size() == 1 ? values.getFirst().strip() : "");
    try {
      return range.matches()
          ? OptionalLong.of(Long.parseLong(range.group(1)))
          : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** How many bytes are in the range. */
  public long size() {
    return last - first + 1;
  }

  private static Violation malformed(String value) {
    String shown = value.replaceAll("[^\\x20-\\x7e]", "?");
    String cut = shown.length() > SHOWN ? shown.substring(0, SHOWN) + "\u2026" : shown;
    return wrong("the server's Content-Range is malformed: " + cut);
  }

  /** A broken rule about the range of a response. */
  public static Violation wrong(String rule) {
    return Violation.protocol(rule, SECTION);
  }
}
