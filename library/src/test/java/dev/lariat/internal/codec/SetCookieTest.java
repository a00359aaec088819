package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.SameSite;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sets, and what it may not: RFC 6265bis sections 5.6 and 5.7. */
class SetCookieTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final Instant LATEST = NOW.plus(Duration.ofDays(400));
  private static final String PLAIN = "http://www.example.com/a/b?c";
  private static final String TLS = "https://www.example.com/a/b?c";

  private static Optional<Cookie> parse(String header, String uri) {
    return SetCookie.parse(header, RequestUri.of(URI.create(uri)), NOW);
  }

  private static Cookie parsed(String header) {
    return parse(header, TLS).orElseThrow();
  }

  private static void refused(String header) {
    assertThat(parse(header, TLS)).isEmpty();
  }

  @Test
  void aCookieIsOfItsHostAndFolderAndSession() {
    assertThat(parse("a=b", PLAIN))
        .contains(
            new Cookie(
                "a",
                "b",
                "www.example.com",
                "/a",
                Optional.empty(),
                NOW,
                true,
                false,
                false,
                SameSite.DEFAULT));
  }

  @Test
  void itsFolderMayHaveASemicolon() {
    assertThat(parse("a=b", "http://h/x;y=z/w").orElseThrow().path()).isEqualTo("/x;y=z");
  }

  @Test
  void everyAttributeIsRead() {
    assertThat(
            parse(
                "a=b; Max-Age=60; Domain=.Example.com; Path=/x; Secure; HttpOnly; SameSite=Lax",
                TLS))
        .contains(
            new Cookie(
                "a",
                "b",
                "example.com",
                "/x",
                Optional.of(NOW.plusSeconds(60)),
                NOW,
                false,
                true,
                true,
                SameSite.LAX));
  }

  @Nested
  class NamesAndValues {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        quoteCharacter = '`',
        value = {
          "a=b | a | b",
          "` \ta \t=\t b ` | a | b",
          "a=b=c==; d | a | b=c==",
          "a= | a | ``",
          "a=;Path=/ | a | ``",
          "=b | `` | b",
          "b | `` | b",
          "` b ; Path=/` | `` | b",
          "=b=c | `` | b=c",
          "a=\"b c\" | a | \"b c\"",
          "a=\"b;c\" | a | \"b",
          "a b=c\td | a b | c\td",
          "a,b=c,d | a,b | c,d",
          "a=ä\u00ff\u0080 | a | ä\u00ff\u0080",
          "a=b;;;; | a | b",
          "Secure | `` | Secure",
        })
    void aNameEndsAtTheFirstEqualsAndAValueAtTheFirstSemicolon(
        String header, String name, String value) {
      assertThat(parsed(header).name()).isEqualTo(name);
      assertThat(parsed(header).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "=", " = ", ";", "=; Path=/", "; Path=/"})
    void withoutNameAndValueThereIsNoCookie(String header) {
      refused(header);
    }

    @Test
    void everyControlCharacterButTheTabMakesItNone() {
      for (char c = 0; c < ' '; c++) {
        for (String header : new String[] {"a=b" + c + "c", "a" + c + "=b", "a=b; x" + c}) {
          assertThat(parse(header, TLS).isPresent()).as("%d", (int) c).isEqualTo(c == '\t');
        }
      }
      refused("a=\u007f");
      refused("a=b; Path=/\u007f");
      refused("a=€"); // no octet
    }

    @Test
    void aNameAndItsValueAreOf4096OctetsAtTheMost() {
      assertThat(parsed("a=" + "v".repeat(4095)).value()).hasSize(4095);
      assertThat(parsed("n".repeat(4096) + "=").name()).hasSize(4096);
      assertThat(parsed("v".repeat(4096)).value()).hasSize(4096);
      assertThat(parsed("a=   " + "v".repeat(4095) + "   ; Path=/").value()).hasSize(4095);
      refused("a=" + "v".repeat(4096));
      refused("n".repeat(4097) + "=");
      refused("v".repeat(4097));
    }
  }

  @Nested
  class Attributes {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "a=b;secure",
          "a=b; SECURE",
          "a=b;\tSecure = no",
          "a=b; x=y; ; Secure",
          "a=b;Secure="
        })
    void aNameIsKnownInAnyCase(String header) {
      assertThat(parsed(header).secure()).isTrue();
    }

    @Test
    void unknownOnesAreIgnored() {
      assertThat(parsed("a=b; Version=1; Comment=\"x\"; Partitioned; Port"))
          .isEqualTo(parsed("a=b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Path=/", "Domain=", "Expires=", "Max-Age=", "SameSite=", "x="})
    void onesOfMoreThan1024OctetsAreIgnored(String attribute) {
      assertThat(parsed("a=b; " + attribute + "9".repeat(1025))).isEqualTo(parsed("a=b"));
      assertThat(parsed("a=b; Path=/" + "p".repeat(1023)).path()).hasSize(1024);
      assertThat(parsed("a=b; Path=/x; Path=/" + "p".repeat(1024)).path()).isEqualTo("/x");
    }

    @Test
    void ofSeveralTheLastOneCounts() {
      assertThat(
              parsed(
                  "a=b; Path=/x; Path=/y; Max-Age=1; Max-Age=2; SameSite=Lax; SameSite=Strict;"
                      + " Domain=other.org; Domain=example.com"))
          .satisfies(
              cookie -> {
                assertThat(cookie.path()).isEqualTo("/y");
                assertThat(cookie.expires()).contains(NOW.plusSeconds(2));
                assertThat(cookie.sameSite()).isEqualTo(SameSite.STRICT);
                assertThat(cookie.domain()).isEqualTo("example.com");
              });
    }

    @ParameterizedTest
    @CsvSource({
      "None, NONE",
      "none, NONE",
      "LAX, LAX",
      "Strict, STRICT",
      "Sometimes, DEFAULT",
      "'', DEFAULT"
    })
    void sameSiteIsKept(String given, SameSite kept) {
      assertThat(parsed("a=b; SameSite=" + given).sameSite()).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"/, /", "/x, /x", "/x/, /x/", "x, /a", "'', /a", "' /x ', /x", "\"/x\", /a"})
    void aPathBeginsWithASlashOrIsTheFolder(String given, String path) {
      assertThat(parsed("a=b; Path=" + given).path()).isEqualTo(path);
      assertThat(parsed("a=b; Path").path()).isEqualTo("/a");
    }
  }

  @Nested
  class Life {
    @ParameterizedTest
    @CsvSource({
      "1, 1",
      "00060, 60",
      "34560000, 34560000", // 400 days
      "34560001, 34560000",
      "999999999, 34560000",
      "99999999999999999999999999, 34560000"
    })
    void maxAgeIsSecondsUpTo400Days(String given, long seconds) {
      assertThat(parsed("a=b; Max-Age=" + given).expires()).contains(NOW.plusSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "000", "-1", "-0", "-99999999999999999999"})
    void noAgeIsTheEnd(String given) {
      assertThat(parsed("a=b; Max-Age=" + given).expired(Instant.EPOCH)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", "1.5", "1s", "x", "--1", "1-", "0x1", "\"1\"", "١"})
    void aMalformedAgeIsIgnored(String given) {
      String header = "a=b; Max-Age=5; Max-Age=" + given;
      if (given.equals("١")) {
        refused(header); // no octet at all
      } else {
        assertThat(parsed(header).expires()).contains(NOW.plusSeconds(5));
      }
    }

    @Test
    void maxAgeCountsMoreThanExpiresWhereverItStands() {
      String date = "Expires=Fri, 01 Jan 2027 01:00:00 GMT";
      Optional<Instant> minute = Optional.of(NOW.plusSeconds(60));
      assertThat(parsed("a=b; Max-Age=60; " + date).expires()).isEqualTo(minute);
      assertThat(parsed("a=b; " + date + "; Max-Age=60").expires()).isEqualTo(minute);
      assertThat(parsed("a=b; " + date + "; Max-Age=x").expires()).contains(NOW.plusSeconds(3600));
    }

    @Test
    void expiresIsADateUpTo400DaysAway() {
      assertThat(parsed("a=b; Expires=Fri, 04 Feb 2028 23:59:59 GMT").expires())
          .contains(LATEST.minusSeconds(1));
      assertThat(parsed("a=b; Expires=Fri, 31 Dec 2399 00:00:00 GMT").expires()).contains(LATEST);
      assertThat(parsed("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT").expired(NOW)).isTrue();
    }

    @Test
    void aMalformedDateIsIgnored() {
      assertThat(parsed("a=b; Expires=tomorrow").persistent()).isFalse();
      assertThat(parsed("a=b; Expires=1 Jan 2028 00:00:00; Expires=soon").expires())
          .contains(Instant.parse("2028-01-01T00:00:00Z"));
    }
  }

  @Nested
  class Domains {
    @ParameterizedTest
    @CsvSource({
      "example.com, example.com, false",
      ".example.com, example.com, false",
      "EXAMPLE.com, example.com, false",
      "www.example.com, www.example.com, false",
      "'', www.example.com, true",
      "., www.example.com, true"
    })
    void aServerNamesItselfOrADomainAboveIt(String given, String domain, boolean hostOnly) {
      Cookie cookie = parsed("a=b; Domain=" + given);
      assertThat(cookie.domain()).isEqualTo(domain);
      assertThat(cookie.hostOnly()).isEqualTo(hostOnly);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "com",
          "com.",
          ".com",
          "..example.com",
          "example.com.",
          "other.com",
          "ample.com",
          "x.www.example.com",
          "ww.example.com",
          "example.com:80",
          "exämple.com",
          "\"example.com\""
        })
    void itNamesNoOther(String given) {
      refused("a=b; Domain=" + given);
    }

    @ParameterizedTest
    @CsvSource({
      "http://www.example.co.uk/, co.uk",
      "http://me.github.io/, github.io",
      "http://a.b.kobe.jp/, b.kobe.jp",
      "http://foo.localhost/, localhost",
      "http://www.example.com./, com."
    })
    void noCookieIsForAPublicSuffix(String uri, String domain) {
      assertThat(parse("a=b; Domain=" + domain, uri)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "http://github.io/, github.io",
      "http://localhost/, localhost",
      "http://localhost/, .LocalHost"
    })
    void aHostThatIsOneKeepsItsCookieToItself(String uri, String domain) {
      assertThat(parse("a=b; Domain=" + domain, uri).orElseThrow().hostOnly()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
      "http://127.0.0.1/, 127.0.0.1, true",
      "http://127.0.0.1/, 0.0.1, false",
      "http://127.0.0.1/, 1, false",
      "http://[::1]/, ::1, true"
    })
    void anAddressHasNoDomains(String uri, String domain, boolean taken) {
      assertThat(parse("a=b; Domain=" + domain, uri).isPresent()).isEqualTo(taken);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", ".h", "hö"})
    void aHostThatIsNoneSetsNothing(String host) {
      assertThat(SetCookie.parse("a=b", new RequestUri(true, host, "/"), NOW)).isEmpty();
    }
  }

  @Nested
  class SecurityRules {
    @Test
    void onlyTlsSetsASecureCookie() {
      assertThat(parse("a=b; Secure", "http://h/")).isEmpty();
      assertThat(parse("a=b; Secure", "ws://h/")).isEmpty();
      assertThat(parse("a=b; Secure", "https://h/").orElseThrow().secure()).isTrue();
      assertThat(parse("a=b; Secure", "wss://h/").orElseThrow().secure()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "__Secure-a=b; Secure",
          "__SECURE-a=b; Secure; Domain=example.com",
          "__Host-a=b; Secure; Path=/",
          "__hOsT-a=b; Secure; Path=/; HttpOnly",
          "__Host-=b; Secure; Path=/",
          "__Hosta=b",
          "x__Secure-a=b",
          "a=__Secure-b",
        })
    void aPrefixIsTakenWhereItHolds(String header) {
      assertThat(parse(header, TLS)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "__Secure-a=b",
          "__secure-a=b",
          "__Secure-=b",
          "__Host-a=b; Path=/",
          "__Host-a=b; Secure",
          "__Host-a=b; Secure; Path=/a",
          "__Host-a=b; Secure; Path=/; Domain=www.example.com",
          "__HOST-a=b; Secure; Path=/; Domain=example.com",
          "=__Secure-a; Secure",
          "__Secure-a; Secure",
          "=__Host-a=b; Secure; Path=/",
          "__hOSt-; Secure; Path=/",
        })
    void aPrefixThatDoesNotHoldMakesItNone(String header) {
      refused(header);
    }

    @Test
    void aPathMustBeNamedForTheHostPrefixEvenIfItIsTheRoot() {
      assertThat(parse("__Host-a=b; Secure", "https://h/")).isEmpty();
      assertThat(parse("__Host-a=b; Secure; Path=/", "https://h/")).isPresent();
    }
  }

  @Property
  void anyOctetsGiveACookieThatAHeaderCanCarry(
      @ForAll @StringLength(max = 60) @CharRange(from = 0, to = 255) String octets) {
    SetCookieFuzzTest.check(octets);
    SetCookieFuzzTest.check("a=b; " + octets);
    SetCookieFuzzTest.check("a=b; Expires=" + octets);
    SetCookieFuzzTest.check("a=b; Domain=" + octets + "; Max-Age=" + octets);
  }

  @Property
  void whatACookieSaysIsReadBack(
      @ForAll @StringLength(min = 1, max = 20) @CharRange(from = '!', to = ':') String name,
      @ForAll @StringLength(max = 20) @CharRange(from = '<', to = '~') String value) {
    Cookie cookie = parsed(name + "=" + value + "; Path=/");
    assertThat(cookie.pair()).isEqualTo(name + "=" + value);
    assertThat(parsed(cookie.pair() + "; Path=/")).isEqualTo(cookie);
  }
}
