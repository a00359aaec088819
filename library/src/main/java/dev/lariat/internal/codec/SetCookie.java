package dev.lariat.internal.codec;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.SameSite;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a cookie of a {@code Set-Cookie} header (RFC 6265bis section 5.6), or none where the header
 * is to be ignored: as far as that depends on the header and the request, and not on other cookies
 * (section 5.7).
 */
public final class SetCookie {
  private static final int ATTRIBUTE = 1024; // what is longer is no attribute (section 5.6)
  private static final Duration AGE = Duration.ofDays(400); // the longest life (section 5.5)

  private final String name;
  private final String value;
  private final RequestUri uri;
  private final Instant now;

  // the attributes, of each kind the last
  private @Nullable Instant maxAge;
  private @Nullable Instant expires;
  private String domain = "";
  private @Nullable String path;
  private boolean secure;
  private boolean httpOnly;
  private SameSite sameSite = SameSite.DEFAULT;

  private SetCookie(String name, String value, RequestUri uri, Instant now) {
    this.name = name;
    this.value = value;
    this.uri = uri;
    this.now = now;
  }

  /**
   * The cookie that a header sets.
   *
   * @param header its value, in ISO 8859-1
   * @param uri what was requested
   * @param now the time
   */
  public static Optional<Cookie> parse(String header, RequestUri uri, Instant now) {
    if (!header.chars().allMatch(SetCookie::isAllowed) || !Cookie.isDomain(uri.host())) {
      return Optional.empty();
    }
    int end = endOf(header, 0);
    String pair = header.substring(0, end);
    int equals = pair.indexOf('=');
    String name = trimmed(pair.substring(0, Math.max(0, equals)));
    String value = trimmed(pair.substring(equals + 1));
    if (name.isEmpty() && value.isEmpty() || name.length() + value.length() > Cookie.SIZE) {
      return Optional.empty();
    }
    SetCookie cookie = new SetCookie(name, value, uri, now);
    while (end < header.length()) {
      int start = end + 1;
      end = endOf(header, start);
      cookie.attribute(header.substring(start, end));
    }
    return cookie.cookie();
  }

  /** No control characters but the tab; nothing that is no octet. */
  private static boolean isAllowed(int c) {
    return (c >= ' ' || c == '\t') && c != 0x7f && c <= 0xff;
  }

  private static int endOf(String header, int start) {
    int semicolon = header.indexOf(';', start);
    return semicolon < 0 ? header.length() : semicolon;
  }

  /** Without the spaces and tabs around it. */
  private static String trimmed(String text) {
    return text.trim(); // there are no other control characters
  }

  private void attribute(String text) {
    int equals = text.indexOf('=');
    String kind = trimmed(equals < 0 ? text : text.substring(0, equals));
    String given = equals < 0 ? "" : trimmed(text.substring(equals + 1));
    if (given.length() > ATTRIBUTE) {
      return;
    }
    switch (kind.toLowerCase(Locale.ROOT)) {
      case "expires" -> CookieDate.parse(given).ifPresent(date -> expires = limited(date));
      case "max-age" -> maxAge(given);
      case "domain" ->
          domain = (given.startsWith(".") ? given.substring(1) : given).toLowerCase(Locale.ROOT);
      case "path" -> path = given.startsWith("/") ? given : uri.defaultPath();
      case "secure" -> secure = true;
      case "httponly" -> httpOnly = true;
      case "samesite" -> sameSite = sameSite(given);
      default -> {} // unknown attributes are ignored
    }
  }

  private void maxAge(String seconds) {
    boolean negative = seconds.startsWith("-");
    String digits = negative ? seconds.substring(1) : seconds;
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return;
    }
    String number = digits.replaceFirst("^0+", "");
    if (negative || number.isEmpty()) {
      maxAge = Instant.MIN;
    } else if (number.length() > 9) { // thirty years and more
      maxAge = now.plus(AGE);
    } else {
      maxAge = limited(now.plusSeconds(Long.parseLong(number)));
    }
  }

  private Instant limited(Instant date) {
    Instant latest = now.plus(AGE);
    return date.isAfter(latest) ? latest : date;
  }

  private static SameSite sameSite(String given) {
    return switch (given.toLowerCase(Locale.ROOT)) {
      case "none" -> SameSite.NONE;
      case "lax" -> SameSite.LAX;
      case "strict" -> SameSite.STRICT;
      default -> SameSite.DEFAULT;
    };
  }

  /** The cookie, unless a rule of section 5.7 says that this request may not set it. */
  private Optional<Cookie> cookie() {
    // a server beneath a public suffix may name it only where it is that host itself
    boolean suffix = !domain.isEmpty() && PublicSuffixes.contains(domain);
    boolean hostOnly = domain.isEmpty() || suffix && domain.equals(uri.host());
    if (!hostOnly && (suffix || !Cookie.domainMatches(uri.host(), domain))) {
      return Optional.empty();
    }
    if (secure && !uri.secure()) {
      return Optional.empty();
    }
    String where = path == null ? uri.defaultPath() : path;
    // a nameless cookie must not pass for one with a prefix
    String claimed = (name.isEmpty() ? value : name).toLowerCase(Locale.ROOT);
    boolean securePrefix = claimed.startsWith("__secure-");
    boolean hostPrefix = claimed.startsWith("__host-");
    if ((securePrefix || hostPrefix) && (name.isEmpty() || !secure)
        || hostPrefix && !(hostOnly && path != null && where.equals("/"))) {
      return Optional.empty();
    }
    return Optional.of(
        new Cookie(
            name,
            value,
            hostOnly ? uri.host() : domain,
            where,
            Optional.ofNullable(maxAge != null ? maxAge : expires),
            now,
            hostOnly,
            secure,
            httpOnly,
            sameSite));
  }
}
