package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.message.Headers;
import java.time.Instant;
import java.util.Base64;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields of a response by which a download continues (RFC 9110 sections 8.8 and 14.4). */
class RangeFieldsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final String OLD = "Sun, 29 Nov 2026 00:00:00 GMT";

  // ---- Content-Range

  @ParameterizedTest
  @CsvSource({
    "bytes 0-0/1, 0, 0, 1",
    "bytes 42-1233/1234, 42, 1233, 1234",
    "BYTES 42-1233/1234, 42, 1233, 1234",
    "bytes 42-1233/*, 42, 1233, -1",
    "bytes 0-9223372036854775805/9223372036854775806, 0, 9223372036854775805, 9223372036854775806"
  })
  void aRangeNamesItsFirstAndLastByte(String value, long first, long last, long complete)
      throws Violation {
    ContentRange range = ContentRange.of(Headers.of("content-range", value));
    assertThat(range.first()).isEqualTo(first);
    assertThat(range.last()).isEqualTo(last);
    assertThat(range.complete().orElse(-1)).isEqualTo(complete);
    assertThat(range.size()).isEqualTo(last - first + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=0-1/2",
        "bytes 1-0/2",
        "bytes 0-1/1",
        "bytes 0-2/2",
        "bytes */2",
        "bytes 0-1",
        "bytes -1/2",
        "bytes 0-/2",
        "bytes 0 - 1/2",
        "bytes  0-1/2",
        "bytes 0-1/2, bytes 0-1/2",
        "items 0-1/2",
        "bytes +0-1/2",
        "bytes 0-1/99999999999999999999",
        "bytes 0-9223372036854775807/*",
        "bytes 0-9999999999999999999/*",
        "bytes 0x0-1/2"
      })
  void aMalformedRangeIsAViolation(String value) {
    Headers headers = Headers.of("content-range", value);
    Violation violation = catchThrowableOfType(Violation.class, () -> ContentRange.of(headers));
    assertThat(violation.reason().sentence())
        .startsWith("Protocol error: the server's Content-Range is malformed: ")
        .endsWith(" (RFC 9110 section 14.4).");
  }

  @Test
  void aPartHasExactlyOneRange() {
    Headers one = Headers.of("content-range", "bytes 0-1/2");
    assertThat(catchThrowableOfType(Violation.class, () -> ContentRange.of(Headers.EMPTY)))
        .hasMessageContaining("a part without a Content-Range");
    Headers two = one.with("content-range", "bytes 0-1/2");
    assertThat(catchThrowableOfType(Violation.class, () -> ContentRange.of(two)))
        .hasMessageContaining("several values of Content-Range");
  }

  @Test
  void eachCutOfARangeIsNoneOrSaysTheSamePositions() {
    String whole = "bytes 42-1233/12345";
    for (int cut = 0; cut < whole.length(); cut++) {
      Headers headers = Headers.of("content-range", whole.substring(0, cut));
      try {
        ContentRange range = ContentRange.of(headers);
        assertThat(range.first()).isEqualTo(42);
        assertThat(range.complete().orElseThrow()).isGreaterThan(range.last());
      } catch (Violation e) {
        assertThat(e.reason().sentence()).contains("RFC 9110 section 14.4");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"bytes */1234, 1234", "bytes */0, 0", "bytes 0-1/2, -1", "bytes */*, -1", "x, -1"})
  void aRefusedRangeNamesTheLengthOfTheWhole(String value, long complete) {
    assertThat(ContentRange.complete(Headers.of("content-range", value)).orElse(-1))
        .isEqualTo(complete);
    assertThat(ContentRange.complete(Headers.EMPTY)).isEqualTo(OptionalLong.empty());
  }

  // ---- validators

  @ParameterizedTest
  @ValueSource(
      strings = {"\"\"", "\"a\"", "\"5f-1c,W/\\ \"x", "\"5f-1c!#~\"", "W/\"a\"", "a", "\"a"})
  void onlyAWellFormedStrongEntityTagIsAValidator(String tag) {
    boolean strong = tag.matches("\"[!#-~]*\"");
    assertThat(Validator.of(Headers.of("etag", tag), NOW).isPresent()).isEqualTo(strong);
  }

  @Test
  void twoEntityTagsAreNone() {
    Headers headers = Headers.of("etag", "\"a\"", "etag", "\"a\"");
    assertThat(Validator.of(headers, NOW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Sun, 29 Nov 2026 00:00:00 GMT; Sun, 29 Nov 2026 00:01:00 GMT; true",
        "Sun, 29 Nov 2026 00:00:00 GMT; Sun, 29 Nov 2026 00:00:59 GMT; false",
        "Sun, 29 Nov 2026 00:00:00 GMT; Sat, 28 Nov 2026 00:00:00 GMT; false",
        "Sunday, 29-Nov-26 00:00:00 GMT; Sun, 29 Nov 2026 00:01:00 GMT; true",
        "yesterday; Sun, 29 Nov 2026 00:01:00 GMT; false",
        "Sun, 29 Nov 2026 00:00:00 GMT; today; false"
      })
  void aDateIsAValidatorIfTheFileIsOldEnough(String changed, String sent, boolean strong) {
    Headers headers = Headers.of("last-modified", changed, "date", sent);
    assertThat(Validator.of(headers, NOW).map(Validator::value).filter(changed::equals).isPresent())
        .isEqualTo(strong);
  }

  @Test
  void aDateIsNoValidatorBesideAWeakEntityTagOrWithoutTheTimeOfTheResponse() {
    Headers dates = Headers.of("last-modified", OLD, "date", "Mon, 30 Nov 2026 00:00:00 GMT");
    assertThat(Validator.of(dates, NOW)).isPresent();
    assertThat(Validator.of(dates.with("etag", "W/\"a\""), NOW)).isEmpty();
    assertThat(Validator.of(Headers.of("last-modified", OLD), NOW)).isEmpty();
  }

  @Test
  void aPartMustRepeatTheEntityTagAndMayLeaveOutTheDate() {
    Validator tag = new Validator("etag", "\"a\"");
    assertThat(tag.differs(Headers.of("etag", "\"a\""), true)).isEmpty();
    assertThat(tag.differs(Headers.of("etag", "\"b\""), true)).isPresent();
    assertThat(tag.differs(Headers.of("etag", "W/\"a\""), true)).isPresent();
    assertThat(tag.differs(Headers.EMPTY, true)).isPresent();
    assertThat(tag.differs(Headers.EMPTY, false)).isEmpty();
    Validator date = new Validator("last-modified", OLD);
    assertThat(date.differs(Headers.EMPTY, true)).isEmpty();
    assertThat(date.differs(Headers.of("last-modified", OLD), true)).isEmpty();
    assertThat(date.differs(Headers.of("last-modified", "another"), true)).isPresent();
  }

  // ---- Repr-Digest

  @Test
  void theDigestOfTheWholeIsFoundAmongOthers() {
    byte[] sum = new byte[32];
    sum[0] = 7;
    String one = "sha-256=:" + Base64.getEncoder().encodeToString(sum) + ":";
    assertThat(ReprDigest.sha256(Headers.of("repr-digest", one))).hasValue(sum);
    assertThat(ReprDigest.sha256(Headers.of("repr-digest", "sha-512=:AAAA:, " + one)))
        .hasValue(sum);
    assertThat(ReprDigest.sha256(Headers.of("repr-digest", "md5=:AAAA:", "repr-digest", one)))
        .hasValue(sum);
    assertThat(ReprDigest.sha256(Headers.of("repr-digest", one + ";a=1"))).hasValue(sum);
    for (int cut = 0; cut < one.length(); cut++) {
      assertThat(ReprDigest.sha256(Headers.of("repr-digest", one.substring(0, cut)))).isEmpty();
    }
    assertThat(ReprDigest.sha256(Headers.of("repr-digest", "x" + one))).isEmpty();
    assertThat(ReprDigest.sha256(Headers.EMPTY)).isEmpty();
  }
}
