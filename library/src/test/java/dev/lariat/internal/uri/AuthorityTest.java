package dev.lariat.internal.uri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which host a URI names, and what of it is looked up, verified and sent. */
class AuthorityTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "host host 80",
        "HOST:8080 host 8080",
        "host: host 80",
        "my_host:8080 my_host 8080",
        "_dmarc.a-b.example _dmarc.a-b.example 80",
        "-foo.example -foo.example 80",
        "feed.example. feed.example. 80",
        "127.0.0.1:1 127.0.0.1 1",
        "1.2.3.4. 1.2.3.4 80",
        "1password.example 1password.example 80",
        "[::1] [::1] 80",
        "[FE80::A]:65535 [fe80::a] 65535",
        "[::ffff:1.2.3.4] [::ffff:1.2.3.4] 80"
      })
  void aHostIsANameOrAnAddress(String text, String host, int port) {
    assertThat(Authority.parse(text, 80)).isEqualTo(new Authority(host, "", port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":80",
        ".",
        ".host",
        "a..b",
        "host..",
        "a b",
        "a\"b",
        "a\tb",
        "a\r\nb",
        "a%0d%0ab",
        "a%41",
        "a%",
        "a%c3",
        "a%c3%28",
        "a%zz",
        "a/b",
        "a?b",
        "a#b",
        "a\\b",
        "a!b",
        "a:b",
        "a:1:2",
        "a:+1",
        "a:0",
        "a:65536",
        "a:999999",
        "1.2.3",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.4.5",
        "7",
        "[]",
        "[::1",
        "::1]",
        "[::1]x",
        "[1.2.3.4]",
        "[1::2::3]",
        "[12345::]",
        "[v1.a]",
        "[::1%]",
        "[::1%25]x",
        "[fe80::1%25a/b]",
        "[fe80::1%25a%0d]",
        "user@host",
        "user:secret@host",
        "a\uff0fb", // a slash that fills a square: a plain one by the mapping
        "a\u2100b", // one character that the mapping makes "a/c" of
        "a\u0000",
        "fa\u00df.example",
        "\u03c2.example",
        "a\u200db"
      })
  void whatNamesNoHostIsRefused(String text) {
    assertThatIllegalArgumentException()
        .as(text)
        .isThrownBy(() -> Authority.parse(text, 80))
        .withMessageContaining(", allowed ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret").doesNotContain("\r"));
  }

  @Test
  void aLabelAndANameHaveTheLengthThatALookupCanAskFor() {
    String label = "a".repeat(63);
    String name = String.join(".", label, label, label, "a".repeat(61));
    assertThat(Authority.parse(name, 80).host()).isEqualTo(name);
    assertThatIllegalArgumentException().isThrownBy(() -> Authority.parse(label + "a", 80));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Authority.parse(name + "a", 80))
        .withMessage("host: 254 characters, allowed 1 to 253");
  }

  @ParameterizedTest
  @CsvSource({
    "bücher.example, xn--bcher-kva.example",
    "BÜCHER.example, xn--bcher-kva.example",
    "bu\u0308cher.example, xn--bcher-kva.example",
    "b%C3%BCcher.example, xn--bcher-kva.example",
    "xn--bcher-kva.example, xn--bcher-kva.example",
    "my_host.bücher.example., my_host.xn--bcher-kva.example.",
    "例え。テスト, xn--r8jz45g.xn--zckzah",
    "\ud83d\udca9.example, xn--ls8h.example"
  })
  void aNameBeyondAsciiIsThatOfItsALabels(String text, String host) {
    assertThat(Authority.parse(text, 80).host()).isEqualTo(host);
  }

  @Test
  void aUriThatJavaKnowsNoHostOfHasOne() {
    for (String uri : new String[] {"http://my_host:81/a", "http://b%C3%BCcher.example:81"}) {
      assertThat(URI.create(uri).getHost()).isNull();
      assertThat(Authority.of(URI.create(uri), 80).port()).isEqualTo(81);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Authority.of(URI.create("http:/path"), 80));
  }

  @ParameterizedTest
  @CsvSource({
    "[fe80::1%25eth0]:81, fe80::1%eth0, [fe80::1]:81, '[fe80::1%25eth0]:81'",
    "[fe80::1%eth0]:81, fe80::1%eth0, [fe80::1]:81, '[fe80::1%25eth0]:81'",
    "[fe80::1%25br-0.5_x~]:81, fe80::1%br-0.5_x~, [fe80::1]:81, '[fe80::1%25br-0.5_x~]:81'",
    "[fe80::1%25]:81, fe80::1%25, [fe80::1]:81, '[fe80::1%2525]:81'"
  })
  void rfc6874_4_aZoneIsForThisMachineAlone(String text, String lookup, String field, String uri) {
    Authority zoned = Authority.parse(text, 80);
    assertThat(zoned.lookup()).isEqualTo(lookup);
    assertThat(zoned.field(80)).isEqualTo(field);
    assertThat(zoned).hasToString(uri);
    assertThat(zoned.name()).isEqualTo("fe80::1");
    assertThat(Authority.parse(uri, 80)).isEqualTo(zoned);
  }

  @Test
  void rfc6066_3_theDotAtTheEndIsForTheLookupAndTheHostHeader() {
    Authority rooted = Authority.parse("feed.example.", 443);
    assertThat(rooted.lookup()).isEqualTo("feed.example.");
    assertThat(rooted.field(443)).isEqualTo("feed.example.");
    assertThat(rooted.name()).isEqualTo("feed.example");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, true", "[::1], true", "host, false", "a1, false", "1.a, false"})
  void anAddressIsNoName(String text, boolean address) {
    assertThat(Authority.parse(text, 80).isAddress()).isEqualTo(address);
  }

  @ParameterizedTest
  @CsvSource({"::1, '[::1]', ''", "fe80::1%eth0, '[fe80::1]', eth0", "[::1], '[::1]', ''"})
  void anAddressWithoutAPortMayLackItsBrackets(String text, String host, String zone) {
    assertThat(Authority.of(text, 80)).isEqualTo(new Authority(host, zone, 80));
  }

  @Property
  void whatIsReadIsSafeInAHeaderAndStaysWhatItIs(@ForAll String text) {
    try {
      Authority read = Authority.parse(text, 80);
      assertThat(read.field(80)).matches("[\\x21-\\x7e&&[^/?#@\"%]]+");
      assertThat(Authority.parse(read.toString(), 80)).isEqualTo(read);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).contains(", allowed ");
    }
  }
}
