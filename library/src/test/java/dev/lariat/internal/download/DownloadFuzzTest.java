package dev.lariat.internal.download;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.codec.ContentRange;
import dev.lariat.internal.codec.ReprDigest;
import dev.lariat.internal.codec.Validator;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** Whatever is in a server's fields or in a state file is a value, none, or a violation. */
class DownloadFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void contentRange(byte[] input) {
    String value = new String(input, StandardCharsets.ISO_8859_1);
    if (!Headers.isValue(value)) {
      return;
    }
    Headers headers = Headers.of("content-range", value);
    ContentRange.complete(headers).ifPresent(n -> assertThat(n).isNotNegative());
    try {
      ContentRange range = ContentRange.of(headers);
      assertThat(range.first()).isBetween(0L, range.last());
      assertThat(range.size()).isPositive();
      range.complete().ifPresent(n -> assertThat(n).isGreaterThan(range.last()));
    } catch (Violation e) {
      assertThat(e.reason().sentence()).endsWith("(RFC 9110 section 14.4).");
    }
  }

  @FuzzTest(maxDuration = "3m")
  void validators(byte[] input) {
    String value = new String(input, StandardCharsets.ISO_8859_1);
    if (!Headers.isValue(value)) {
      return;
    }
    String now = "Mon, 30 Nov 2026 00:00:00 GMT";
    for (String field : new String[] {"etag", "last-modified"}) {
      Headers headers = Headers.of(field, value, "date", now);
      Optional<Validator> validator = Validator.of(headers, Instant.EPOCH);
      validator.ifPresent(
          its -> {
            assertThat(its.differs(headers, true)).isEmpty();
            assertThat(Validator.kept(its.field(), its.value())).hasValue(its);
            assertThat(Headers.of("if-range", its.value()).requireSendable()).isNotNull();
          });
    }
    ReprDigest.sha256(Headers.of("repr-digest", value))
        .ifPresent(digest -> assertThat(digest).hasSize(32));
  }

  @FuzzTest(maxDuration = "3m")
  void state(byte[] input) {
    PartState.parse(input).ifPresent(state -> assertThat(state.encode()).isEqualTo(input));
  }
}
