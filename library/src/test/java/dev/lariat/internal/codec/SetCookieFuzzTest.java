package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Whatever a server sets, or stands in a file, is a cookie or none. */
class SetCookieFuzzTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final List<RequestUri> URIS =
      List.of(
          new RequestUri(true, "www.example.com", "/a/b"),
          new RequestUri(false, "example.co.uk", "*"),
          new RequestUri(true, "127.0.0.1", ""),
          new RequestUri(true, "localhost", "/"));

  @FuzzTest(maxDuration = "3m")
  void header(byte[] input) {
    check(new String(input, StandardCharsets.ISO_8859_1));
  }

  @FuzzTest(maxDuration = "3m")
  void file(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    List<Cookie> read = NetscapeCookies.read(text, NOW);
    String written = NetscapeCookies.write(read);
    assertThat(NetscapeCookies.write(NetscapeCookies.read(written, NOW))).isEqualTo(written);
  }

  /** What comes of it obeys the rules, and goes with the next request to the same place. */
  static void check(String header) {
    for (RequestUri uri : URIS) {
      SetCookie.parse(header, uri, NOW).ifPresent(cookie -> check(cookie, uri));
    }
  }

  private static void check(Cookie cookie, RequestUri uri) {
    assertThat(Cookie.domainMatches(uri.host(), cookie.domain())).isTrue();
    assertThat(cookie.hostOnly() || !PublicSuffixes.contains(cookie.domain())).isTrue();
    assertThat(cookie.secure() && !uri.secure()).isFalse();
    assertThat(cookie.name().length() + cookie.value().length()).isBetween(1, 4096);
    assertThat(cookie.expires().map(NOW.plus(Duration.ofDays(400))::isBefore).orElse(false))
        .isFalse();
    assertThat(cookie.pair()).doesNotContain(";", "\r", "\n", "\0");
    RequestUri there = new RequestUri(uri.secure(), uri.host(), cookie.path());
    assertThat(cookie.matches(there)).isTrue();
  }
}
