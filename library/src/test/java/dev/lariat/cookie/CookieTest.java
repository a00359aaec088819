package dev.lariat.cookie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookieTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

  private static Cookie cookie(String name, String value, String domain, String path) {
    return new Cookie(
        name, value, domain, path, Optional.empty(), NOW, false, false, false, SameSite.DEFAULT);
  }

  // ---- section 5.1.3

  @ParameterizedTest
  @CsvSource({
    "example.com, example.com, true",
    "www.example.com, example.com, true",
    "a.b.example.com, example.com, true",
    "example.com, www.example.com, false",
    "wwwexample.com, example.com, false",
    "example.com, com, true",
    "example.com., example.com, false",
    "127.0.0.1, 127.0.0.1, true",
    "127.0.0.1, 0.0.1, false",
    "127.0.0.1, 1, false",
    "1.2.3.x4, 2.3.x4, true",
    "a.b2, b2, true",
    "::1, ::1, true",
    "::ffff:1.2.3.4, 3.4, false"
  })
  void aHostMatchesItsDomainAndThoseAbove(String host, String domain, boolean matches) {
    assertThat(Cookie.domainMatches(host, domain)).isEqualTo(matches);
  }

  // ---- section 5.1.4

  @ParameterizedTest
  @CsvSource({
    "/, /, true",
    "/a, /, true",
    "/a, /a, true",
    "/a/, /a, true",
    "/a/b, /a, true",
    "/a/b, /a/, true",
    "/a, /a/, false",
    "/ab, /a, false",
    "/A, /a, false",
    "/, /a, false",
    "*, /, true",
    "'', /, true",
    "'', /a, false"
  })
  void aPathMatchesWhatLiesBeneathIt(String requested, String path, boolean matches) {
    assertThat(Cookie.pathMatches(requested, path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "'', /",
    "*, /",
    "/a, /",
    "/a/, /a",
    "/a/b, /a",
    "/a/b/, /a/b",
    "//, /",
    "a/b, /"
  })
  void theDefaultPathIsTheFolderOfWhatWasRequested(String requested, String path) {
    assertThat(new RequestUri(false, "h", requested).defaultPath()).isEqualTo(path);
  }

  @Test
  void aCookieOfOneHostIsNotForThoseBeneathIt() {
    Cookie all = cookie("a", "b", "example.com", "/");
    Cookie one =
        new Cookie(
            "a",
            "b",
            "example.com",
            "/",
            Optional.empty(),
            NOW,
            true,
            true,
            false,
            SameSite.DEFAULT);
    assertThat(all.matches(RequestUri.of(URI.create("http://www.example.com/x")))).isTrue();
    assertThat(one.matches(RequestUri.of(URI.create("https://www.example.com/x")))).isFalse();
    assertThat(one.matches(RequestUri.of(URI.create("https://example.com/x")))).isTrue();
    assertThat(one.matches(RequestUri.of(URI.create("http://example.com/x")))).isFalse();
  }

  // ---- URIs

  @ParameterizedTest
  @CsvSource({
    "http://Example.COM/a?b=/c, false, example.com, /a",
    "https://example.com:8443, true, example.com, ''",
    "ws://example.com/, false, example.com, /",
    "wss://[::1]:80/a/b, true, ::1, /a/b",
    "https://my_host:8080/, true, my_host, /",
    "https://bücher.example/, true, xn--bcher-kva.example, /",
    "https://feed.example./, true, feed.example, /",
    "http://[fe80::1%25eth0]/, false, fe80::1, /"
  })
  void ofAUriSchemeHostAndPathMatter(URI uri, boolean secure, String host, String path) {
    assertThat(RequestUri.of(uri)).isEqualTo(new RequestUri(secure, host, path));
  }

  @ParameterizedTest
  @CsvSource({
    "example.com:80, example.com",
    "example.com, example.com",
    "[::1]:80, ::1",
    "my_host:80, my_host",
    "example.com.:80, example.com",
    "[::1], ::1"
  })
  void ofAnAuthorityThePortDoesNotMatter(String authority, String host) {
    assertThat(RequestUri.of(true, authority, "/a?b")).isEqualTo(new RequestUri(true, host, "/a"));
  }

  @Test
  void aUriIsTakenAsItIsSent() {
    assertThat(RequestUri.of(URI.create("http://h/\u00e4/b?\u00e4")).path()).isEqualTo("/%C3%A4/b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://h/", "/a", "mailto:a@b", "http:/a"})
  void anotherUriIsRefused(URI uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestUri.of(uri))
        .withMessageStartingWith("uri: ")
        .withMessageContaining(", allowed ");
  }

  // ---- what a cookie may be

  @ParameterizedTest
  @CsvSource({"a, b", "'', b", "a, ''", "'', 'a=b'", "a, '\"b\"'", "a, 'b\tc'", "a b, ä"})
  void aCookieHasANameOrAValue(String name, String value) {
    Cookie cookie = cookie(name, value, "h", "/");
    assertThat(cookie.pair()).isEqualTo(name.isEmpty() ? value : name + "=" + value);
    assertThat(cookie.toString()).doesNotContain(value.isEmpty() ? "=" : value);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', h, /",
    "a=b, c, h, /",
    "a;b, c, h, /",
    "a, b;c, h, /",
    "a, 'b\nc', h, /",
    "a, 'b\u007f', h, /",
    "a, €, h, /",
    "' a', b, h, /",
    "a, 'b ', h, /",
    "a, b, '', /",
    "a, b, H, /",
    "a, b, .h, /",
    "a, b, 'h ', /",
    "a, b, '#h', /",
    "a, b, 'h/', /",
    "a, b, h, ''",
    "a, b, h, a",
    "a, b, h, '/\n'",
    "a, b, h, /€"
  })
  void whatNoHeaderCanCarryIsRefused(String name, String value, String domain, String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cookie(name, value, domain, path))
        .withMessageStartingWith("cookie")
        .withMessageContaining("allowed ");
  }

  @Test
  void aNameAndItsValueHave4096CharactersAtTheMost() {
    String name = "n".repeat(96);
    assertThat(cookie(name, "v".repeat(4000), "h", "/").pair()).hasSize(4097);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cookie(name, "v".repeat(4001), "h", "/"))
        .withMessage("cookie: a name and value of 4097 characters, allowed 4096");
  }
}
