package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from single fields: challenges, Location, Retry-After, Content-Type. */
class FieldsTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final HttpUri BASE =
      HttpUri.of(false, Authority.of("a", 80)).target("/b/c/d;p?q"); // as in RFC 3986 section 5.4

  // ---- challenges

  private static Challenge challenge(String scheme, String... parameters) {
    Map<String, String> map = new java.util.HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return new Challenge(scheme, Optional.empty(), map);
  }

  @Test
  void rfc9110_1161_severalChallengesStandInOneField() throws Violation {
    assertThat(
            Challenge.parse(
                "Basic realm=\"simple\", Newauth realm=\"apps\", type=1,"
                    + " title=\"Login to \\\"apps\\\"\""))
        .containsExactly(
            challenge("basic", "realm", "simple"),
            challenge("newauth", "realm", "apps", "type", "1", "title", "Login to \"apps\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic realm=x",
        "basic  realm=x",
        "BASIC REALM=\"x\"",
        ",, Basic realm = x ,",
        "\tBasic realm\t=\t\"\\x\"\t"
      })
  void aChallengeIsReadHoweverItIsSpaced(String field) throws Violation {
    assertThat(Challenge.parse(field)).containsExactly(challenge("basic", "realm", "x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "abc=", "a+/b==", "-._~"})
  void aToken68StandsAlone(String token) throws Violation {
    Challenge negotiate = new Challenge("negotiate", Optional.of(token), Map.of());
    assertThat(Challenge.parse("Negotiate " + token)).containsExactly(negotiate);
    assertThat(Challenge.parse("Negotiate, Negotiate " + token + " , Basic realm=x"))
        .containsExactly(challenge("negotiate"), negotiate, challenge("basic", "realm", "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "realm=x",
        "Basic realm,=",
        "Basic realm=\"a\u0001b\"",
        "Basic realm=\"a\\\u007fb\"",
        "Basic realm=x realm=y",
        "Basic realm=x, realm=y",
        "Basic realm=\"x",
        "Basic realm=\"x\"y",
        "Basic =x",
        "Negotiate abc, realm=x",
        "Negotiate abc def",
        "Basic realm=, x=y",
        "\"Basic\"",
        "Basic;realm=x"
      })
  void aMalformedChallengeIsAViolation(String field) {
    assertThat(catchThrowableOfType(Violation.class, () -> Challenge.parse(field)))
        .as(field)
        .isNotNull()
        .extracting(Violation::reason)
        .isEqualTo(
            new Reason.Protocol(
                "the server's WWW-Authenticate is malformed", "RFC 9110 section 11.2"));
  }

  @Test
  void nothingIsNoChallenge() throws Violation {
    assertThat(Challenge.parse("")).isEmpty();
    assertThat(Challenge.parse(" , ,")).isEmpty();
  }

  @Test
  void informationIsParametersAlone() throws Violation {
    assertThat(Challenge.information("nextnonce=\"a,b\", qop=auth"))
        .isEqualTo(Map.of("nextnonce", "a,b", "qop", "auth"));
    assertThat(catchThrowableOfType(Violation.class, () -> Challenge.information("a b=c")))
        .isNotNull();
  }

  @Property
  void aQuotedParameterIsReadAsItWasWritten(
      @ForAll @StringLength(max = 20) @CharRange(from = ' ', to = 'z') String value)
      throws Violation {
    String quoted = value.replace("\\", "\\\\").replace("\"", "\\\"");
    assertThat(Challenge.parse("A b=\"" + quoted + "\", C d=e"))
        .containsExactly(challenge("a", "b", value), challenge("c", "d", "e"));
  }

  @Property
  void anythingIsChallengesOrAViolation(@ForAll @StringLength(max = 40) String field) {
    try {
      assertThat(Challenge.parse(field)).isNotNull();
    } catch (Violation e) {
      assertThat(e.reason().sentence()).isNotEmpty();
    }
  }

  // ---- Location

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "g http://a/b/c/g",
        "./g http://a/b/c/g",
        "g/ http://a/b/c/g/",
        "/g http://a/g",
        "//g http://g/",
        "?y http://a/b/c/d;p?y",
        "g?y http://a/b/c/g?y",
        "#s http://a/b/c/d;p?q#s",
        "g#s http://a/b/c/g#s",
        "g?y#s http://a/b/c/g?y#s",
        ";x http://a/b/c/;x",
        "g;x?y#s http://a/b/c/g;x?y#s",
        ". http://a/b/c/",
        "./ http://a/b/c/",
        ".. http://a/b/",
        "../ http://a/b/",
        "../g http://a/b/g",
        "../.. http://a/",
        "../../ http://a/",
        "../../g http://a/g",
        "../../../g http://a/g",
        "/./g http://a/g",
        "/../g http://a/g",
        "g. http://a/b/c/g.",
        "..g http://a/b/c/..g",
        "./../g http://a/b/g",
        "./g/. http://a/b/c/g/",
        "g/./h http://a/b/c/g/h",
        "g/../h http://a/b/c/h",
        "g;x=1/../y http://a/b/c/y",
        "g?y/../x http://a/b/c/g?y/../x",
        "g#s/../x http://a/b/c/g#s/../x",
        "http://a/./b/../c http://a/c",
        "HTTPS://G/ https://g/",
        "https://g https://g/",
        "https://g?y https://g/?y",
        "http://g:80/ http://g/",
        "http://g:/ http://g/",
        "https://g:80/ https://g:80/",
        "http://[::1]:81/x http://[::1]:81/x",
        "http://my_host:81/x http://my_host:81/x",
        "http://b\u00c3\u00bccher.example/ http://xn--bcher-kva.example/",
        "http://feed.example./ http://feed.example./",
        "http://[fe80::1%25eth0]/ http://[fe80::1%25eth0]/",
        "/\u00c3\u00a4?\u00e4 http://a/%C3%A4?%E4",
        "/a|b\\c\"d http://a/a%7Cb%5Cc%22d",
        "/%zz%41 http://a/%zz%41"
      })
  void rfc3986_54_aLocationIsResolved(String location, String resolved) throws Violation {
    assertThat(BASE.resolve(location)).hasToString(resolved);
  }

  @Test
  void aFragmentGoesOnWhereThereIsNoOther() throws Violation {
    HttpUri at = BASE.resolve("/x#f");
    assertThat(at.resolve("/y")).hasToString("http://a/y#f");
    assertThat(at.resolve("/y#g")).hasToString("http://a/y#g");
    assertThat(at.target()).isEqualTo("/x");
  }

  @Test
  void aLocationOnTheSameLinkKeepsTheZoneThatTheServerDoesNotKnow() throws Violation {
    HttpUri zoned = HttpUri.of(false, Authority.parse("[fe80::1%25eth0]", 80));
    assertThat(zoned.hostField()).isEqualTo("[fe80::1]");
    HttpUri same = zoned.resolve("http://[fe80::1]/x");
    assertThat(same.sameOrigin(zoned)).isTrue();
    assertThat(zoned.resolve("http://[fe80::1]:81/")).hasToString("http://[fe80::1%25eth0]:81/");
    assertThat(zoned.resolve("http://[fe80::2]/")).hasToString("http://[fe80::2]/");
  }

  @Test
  void anEmptyReferenceIsRefusedButSpacesAroundOneAreNot() throws Violation {
    assertThat(BASE.resolve(" /g\t")).hasToString("http://a/g");
    assertThat(BASE.resolve("/a b")).hasToString("http://a/a%20b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "http:",
        "http:g",
        "http:///g",
        "//",
        "//user@g/",
        "//user:secret@g/",
        "//g:x/",
        "//g:0/",
        "//g:65536/",
        "//g:123456/",
        "//[::1/",
        "//g%41/",
        "//\u00e4/",
        "/a\u0000b",
        "/a\u007fb",
        "1a:b",
        ":b",
        "ftp://g/",
        "javascript:alert(1)",
        "mailto:a@b"
      })
  void aLocationThatNobodyCanFollowIsAViolation(String location) {
    assertThat(catchThrowableOfType(Violation.class, () -> BASE.resolve(location)))
        .as(location)
        .isNotNull()
        .extracting(e -> e.reason().sentence())
        .asString()
        .contains("Location")
        .contains("RFC 9110 section");
  }

  @ParameterizedTest
  @CsvSource({
    "false,a,http://a",
    "true,A,https://a",
    "false,a:81,http://a:81",
    "true,[::1],https://[::1]",
    "true,[::1]:444,https://[::1]:444"
  })
  void anOriginIsThatOfItsHostField(boolean secure, String host, String origin) {
    Authority authority = Authority.parse(host, HttpUri.port(secure));
    assertThat(HttpUri.of(secure, authority).origin()).isEqualTo(origin);
  }

  @Property
  void whatIsResolvedIsARequestTargetAndStaysWhatItIs(
      @ForAll @StringLength(max = 30) @CharRange(from = 0, to = 255) String location) {
    try {
      HttpUri resolved = BASE.resolve(location);
      assertThat(resolved.target()).startsWith("/").matches("[\\x21-\\x7e&&[^#]]*");
      assertThat(BASE.resolve(resolved.toString())).isEqualTo(resolved);
      assertThat(java.net.URI.create(resolved.origin())).isNotNull();
    } catch (Violation e) {
      assertThat(e.reason().sentence()).isNotEmpty();
    }
  }

  // ---- Retry-After

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|PT0S",
        "120|PT2M",
        " 7 |PT7S",
        "9999999999|PT2777777H46M39S",
        "99999999999999999999|PT2777777H46M39S",
        "Tue, 24 Nov 2026 12:00:30 GMT|PT30S",
        "Tuesday, 24-Nov-26 12:01:00 GMT|PT1M",
        "Tue Nov 24 12:00:05 2026|PT5S",
        "Thu Dec  3 12:00:00 2026|PT216H",
        "Mon, 23 Nov 2026 12:00:00 GMT|PT0S",
        "Sunday, 06-Nov-94 08:49:37 GMT|PT0S"
      })
  void aTimeToWaitIsSecondsOrADateInThreeForms(String value, Duration wait) {
    assertThat(RetryAfter.parse(value, NOW)).hasValue(wait);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "+1",
        "1.5",
        "soon",
        "Mon, 24 Nov 2026 12:00:30 GMT",
        "Tue, 24 Nov 2026 12:00:30",
        "Tue, 24 Nov 2026 12:00:30 CET",
        "Tue, 31 Nov 2026 12:00:30 GMT",
        "Tue, 24 Nov 2026 25:00:30 GMT"
      })
  void whatIsNeitherIsNone(String value) {
    assertThat(RetryAfter.parse(value, NOW)).isEmpty();
  }

  @Property
  void anythingIsATimeOrNone(@ForAll @StringLength(max = 30) String value) {
    RetryAfter.parse(value, NOW)
        .ifPresent(wait -> assertThat(wait).isGreaterThanOrEqualTo(Duration.ZERO));
  }

  // ---- Content-Type

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/html|text/html|",
        "Text/HTML; Charset=UTF-8|text/html|UTF-8",
        "text/html;charset=\"utf-8\"|text/html|utf-8",
        "text/html; charset=\"a\\\"b\"|text/html|a\"b",
        "text/html ; a=b ; charset=x|text/html|x",
        "text/html;charset=x;charset=y|text/html|x",
        "text/html;charset|text/html|",
        "text/html;charset=|text/html|",
        "text/html;charset =x|text/html|",
        "text/html;;charset=x;|text/html|x",
        "text/html;a=\"b;charset=x|text/html|x",
        "text/html;a=\"b;c\";charset=x|text/html|x"
      })
  void aTypeHasParametersAndForgivesWhatIsWrongAboutOne(String value, String type, String charset) {
    ContentType read = ContentType.parse(value).orElseThrow();
    assertThat(read.type()).isEqualTo(type);
    assertThat(read.parameters().get("charset")).isEqualTo(charset);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "text", "text/", "/html", "text html", "text/html, a/b", ";charset=x"})
  void whatIsNoTypeIsNone(String value) {
    assertThat(ContentType.parse(value)).isEmpty();
  }

  @Property
  void anythingIsATypeOrNone(@ForAll @StringLength(max = 30) String value, @ForAll byte[] body) {
    ContentType.parse(value).ifPresent(type -> assertThat(type.type()).contains("/"));
    assertThat(TextEncoding.decode(Optional.of(value), body)).isNotNull();
  }

  // ---- Digest

  private static final String RFC7616 =
      "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=%s,"
          + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\","
          + " opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  private static final String OWN = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

  private static String answer(String challenge, String user, String password, String body)
      throws Violation {
    Digest digest = Digest.of(Challenge.parse(challenge).getFirst()).orElseThrow();
    return digest.answer(
        user,
        password,
        "GET",
        "/dir/index.html",
        body.getBytes(StandardCharsets.UTF_8),
        digest.nonce(),
        1,
        OWN);
  }

  @ParameterizedTest
  @CsvSource({
    "MD5,8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256,753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
  })
  void rfc7616_391_theExamplesAreAnsweredAsTheyAreThere(String algorithm, String response)
      throws Violation {
    assertThat(answer(RFC7616.formatted(algorithm), "Mufasa", "Circle of Life", ""))
        .isEqualTo(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\","
                + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\","
                + " uri=\"/dir/index.html\", response=\""
                + response
                + "\", algorithm="
                + algorithm
                + ", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", qop=auth,"
                + " nc=00000001, cnonce=\""
                + OWN
                + "\"");
  }

  @Test
  void rfc7616_392_aUserhashHidesTheName() throws Violation {
    // the value of erratum 4897: the one in the text is of another algorithm
    assertThat(
            answer(
                "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256,"
                    + " nonce=\"n\", charset=UTF-8, userhash=true",
                "J\u00e4s\u00f8n Doe",
                "Secret, or not?",
                ""))
        .contains("username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"")
        .endsWith("userhash=true");
  }

  @Test
  void theOctetsOfARealmAreTakenAsTheyAre() throws Exception {
    String challenge = "Digest realm=\"\u00c3\u00bc\", nonce=n"; // an u umlaut in UTF-8
    String secret = md5("u:\u00fc:p");
    String answer = answer(challenge, "u", "p", "");
    assertThat(response(answer)).isEqualTo(md5(secret + ":n:" + md5("GET:/dir/index.html")));
    assertThat(answer).contains("realm=\"\u00c3\u00bc\"");
  }

  @Test
  void rfc7616_342_theSecretOfASessionStaysWhenTheNonceIsAnother() throws Exception {
    String challenge = "Digest realm=r, nonce=n, algorithm=MD5-sess, qop=auth";
    Digest digest = Digest.of(Challenge.parse(challenge).getFirst()).orElseThrow();
    String secret = md5(md5("u:r:p") + ":n:own");
    assertThat(response(digest.answer("u", "p", "GET", "/", new byte[0], "next", 1, "own")))
        .isEqualTo(md5(secret + ":next:00000001:own:auth:" + md5("GET:/")));
  }

  private static String md5(String text) throws Exception {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(octets));
  }

  @Test
  void aNameThatIsNotAsciiIsExtended() throws Violation {
    assertThat(answer(RFC7616.formatted("MD5"), "J\u00e4 \"", "x", ""))
        .contains("username*=UTF-8''J%C3%A4%20%22, ");
  }

  @Test
  void eachVariantHasAnAnswerOfItsOwn() throws Violation {
    String nonce = "Digest realm=r, nonce=n";
    List<String> answers =
        List.of(
            answer(nonce, "u", "p", ""),
            answer(nonce + ", algorithm=MD5-sess", "u", "p", ""),
            answer(nonce + ", qop=auth", "u", "p", ""),
            answer(nonce + ", qop=auth-int", "u", "p", ""),
            answer(nonce + ", qop=auth-int", "u", "p", "body"),
            answer(nonce + ", qop=auth, algorithm=SHA-256-sess", "u", "p", ""));
    assertThat(answers.stream().map(FieldsTest::response)).doesNotHaveDuplicates();
    // computed by another implementation
    assertThat(answers.stream().map(FieldsTest::response))
        .containsExactly(
            "fef71a1ed020d5dbc919be49210d36ef",
            "62456639f57d064a10ffe4dd8dd734a6",
            "99182cb3256ab848f91c6e0ca7e28778",
            "ca5011099005758040b077f86824add3",
            "ffc6338f693f4e9296272f294ed29729",
            "f0ed95a30b8601fd7cfc0ffb87c9d147802edf5081000df59d11ece5fbf4d188");
  }

  private static String response(String answer) {
    return answer.replaceFirst(".* response=\"([0-9a-f]+)\".*", "$1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic realm=r, nonce=n",
        "Digest nonce=n",
        "Digest realm=r",
        "Digest realm=r, nonce=n, algorithm=SHA-1",
        "Digest realm=r, nonce=n, qop=auth-conf",
        "Digest realm=r, nonce=n, qop=\"\""
      })
  void whatCannotBeAnsweredIsNoDigest(String challenge) throws Violation {
    assertThat(Digest.of(Challenge.parse(challenge).getFirst())).isEmpty();
  }
}
