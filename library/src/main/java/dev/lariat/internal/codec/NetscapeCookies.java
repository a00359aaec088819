package dev.lariat.internal.codec;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.SameSite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cookies as the text that Netscape's browser kept them in, with curl's mark for those of HTTP
 * alone: a line for each, of seven fields with tabs between them. The text is ISO 8859-1.
 *
 * <p>The format has no place for {@code SameSite} and the time of creation; the order of the lines
 * is that in which the cookies were made. What it cannot express is left out: cookies without a
 * name, for curl takes their value for one, and those with a tab in the name or path.
 */
public final class NetscapeCookies {
  private static final String TITLE = "# Netscape HTTP Cookie File\n";
  private static final String HTTP_ONLY = "#HttpOnly_";
  private static final Pattern SECONDS = Pattern.compile("(\\d+)(?:\\.\\d*)?"); // some write more
  private static final int DIGITS = 11; // the year 5138

  private NetscapeCookies() {}

  /** The text of these cookies. */
  public static String write(List<Cookie> cookies) {
    StringBuilder text = new StringBuilder(TITLE);
    for (Cookie cookie : cookies) {
      boolean expressible = (cookie.name() + cookie.path()).indexOf('\t') < 0;
      if (expressible && !cookie.name().isEmpty()) {
        write(cookie, text);
      }
    }
    return text.toString();
  }

  private static void write(Cookie cookie, StringBuilder text) {
    long expires = cookie.expires().map(when -> Math.max(1, when.getEpochSecond())).orElse(0L);
    text.append(cookie.httpOnly() ? HTTP_ONLY : "")
        .append(cookie.hostOnly() ? "" : ".")
        .append(cookie.domain())
        .append(cookie.hostOnly() ? "\tFALSE\t" : "\tTRUE\t")
        .append(cookie.path())
        .append(cookie.secure() ? "\tTRUE\t" : "\tFALSE\t")
        .append(expires)
        .append('\t')
        .append(cookie.name())
        .append('\t')
        .append(cookie.value())
        .append('\n');
  }

  /**
   * The cookies of a text, in its order, as made now. Lines that are none are passed over, as curl
   * does.
   */
  public static List<Cookie> read(String text, Instant now) {
    List<Cookie> cookies = new ArrayList<>();
    for (String line : text.split("\r?\n", -1)) {
      cookie(line, now).ifPresent(cookies::add);
    }
    return List.copyOf(cookies);
  }

  private static Optional<Cookie> cookie(String line, Instant now) {
    boolean httpOnly = line.startsWith(HTTP_ONLY);
    String bare = httpOnly ? line.substring(HTTP_ONLY.length()) : line;
    String[] fields = bare.split("\t", 7);
    if (bare.startsWith("#") || fields.length < 6) {
      return Optional.empty();
    }
    Matcher expires = SECONDS.matcher(fields[4]);
    if (!expires.matches()) {
      return Optional.empty();
    }
    String domain = fields[0].startsWith(".") ? fields[0].substring(1) : fields[0];
    try {
      return Optional.of(
          new Cookie(
              fields[5],
              fields.length == 7 ? fields[6] : "", // curl's way with an empty value
              domain.toLowerCase(Locale.ROOT),
              fields[2],
              time(expires.group(1)),
              now,
              !fields[1].equalsIgnoreCase("TRUE"),
              fields[3].equalsIgnoreCase("TRUE"),
              httpOnly,
              SameSite.DEFAULT));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no cookie could be so
    }
  }

  private static Optional<Instant> time(String seconds) {
    String digits = seconds.replaceFirst("^0+", "");
    if (digits.isEmpty()) {
      return Optional.empty(); // of the session
    }
    String sane = digits.length() > DIGITS ? "9".repeat(DIGITS) : digits;
    return Optional.of(Instant.ofEpochSecond(Long.parseLong(sane)));
  }
}
