package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.SameSite;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetscapeCookiesTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

  private static Cookie cookie(
      String name, String value, String path, long expires, boolean hostOnly, boolean secure) {
    return new Cookie(
        name,
        value,
        "example.com",
        path,
        expires == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(expires)),
        NOW,
        hostOnly,
        secure,
        secure,
        SameSite.DEFAULT);
  }

  @Test
  void cookiesAreLinesOfSevenFields() {
    List<Cookie> cookies =
        List.of(
            cookie("a", "b", "/", 0, true, false), cookie("c", "", "/d", 1900000000, false, true));
    String text =
        "# Netscape HTTP Cookie File\n"
            + "example.com\tFALSE\t/\tFALSE\t0\ta\tb\n"
            + "#HttpOnly_.example.com\tTRUE\t/d\tTRUE\t1900000000\tc\t\n";
    assertThat(NetscapeCookies.write(cookies)).isEqualTo(text);
    assertThat(NetscapeCookies.read(text, NOW)).isEqualTo(cookies);
    assertThat(NetscapeCookies.read(text.replace("\n", "\r\n"), NOW)).isEqualTo(cookies);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# a\tTRUE\t/\tTRUE\t0\ta\tb",
        ".#a\tFALSE\t/\tTRUE\t0\ta\tb", // would be a comment when it is written
        "a b c",
        "h\tFALSE\t/\tFALSE\t0",
        "h\tFALSE\t/\tFALSE\tsoon\ta\tb",
        "h\tFALSE\t/\tFALSE\t-1\ta\tb",
        "h\tFALSE\tx\tFALSE\t0\ta\tb",
        "\tFALSE\t/\tFALSE\t0\ta\tb",
        "h\tFALSE\t/\tFALSE\t0\t\t",
        "h\tFALSE\t/\tFALSE\t0\ta\tb;c",
        "h\tFALSE\t/\tFALSE\t0\ta=b\tc",
        "h\tFALSE\t/\tFALSE\t0\ta\tb\u0001"
      })
  void aLineThatIsNoCookieIsPassedOver(String line) {
    String good = "h\tFALSE\t/\tFALSE\t0\ta\tb";
    assertThat(NetscapeCookies.read(line + "\n" + good, NOW))
        .isEqualTo(NetscapeCookies.read(good, NOW))
        .hasSize(1);
  }

  @Test
  void otherProgramsWaysOfWritingAreRead() {
    List<Cookie> read =
        NetscapeCookies.read(
            "H\ttrue\t/\ttrue\t1900000000.25\ta\n.h\tfalse\t/\tno\t999999999999999999999\ta\tb\tc",
            NOW);
    assertThat(read.get(0).domain()).isEqualTo("h");
    assertThat(read.get(0).value()).isEmpty();
    assertThat(read.get(0).hostOnly()).isFalse();
    assertThat(read.get(0).secure()).isTrue();
    assertThat(read.get(0).expires()).contains(Instant.ofEpochSecond(1900000000));
    assertThat(read.get(1).hostOnly()).isTrue();
    assertThat(read.get(1).secure()).isFalse();
    assertThat(read.get(1).expires()).isPresent();
    assertThat(read.get(1).value()).isEqualTo("b\tc");
  }

  @Test
  void whatTheFormatCannotExpressIsLeftOut() {
    assertThat(
            NetscapeCookies.write(
                List.of(
                    cookie("", "b", "/", 0, true, false),
                    cookie("a\tb", "c", "/", 0, true, false),
                    cookie("a", "c", "/\t", 0, true, false))))
        .isEqualTo("# Netscape HTTP Cookie File\n");
  }

  @Provide
  Arbitrary<Cookie> cookies() {
    Arbitrary<String> text =
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .withCharRange((char) 0x80, (char) 0xff)
            .excludeChars(';', '=')
            .ofMaxLength(12)
            .map(String::trim);
    return Combinators.combine(
            text.filter(name -> !name.isEmpty()),
            text,
            text.map(rest -> "/" + rest),
            Arbitraries.longs().between(0, 99_999_999_999L),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false))
        .as(NetscapeCookiesTest::cookie);
  }

  @Property
  void whatIsWrittenIsReadBack(@ForAll List<@net.jqwik.api.From("cookies") Cookie> cookies) {
    assertThat(NetscapeCookies.read(NetscapeCookies.write(cookies), NOW)).isEqualTo(cookies);
  }
}
