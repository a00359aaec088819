package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Headers;
import dev.lariat.option.Request;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** Whatever a server writes into a field is a value, none, or a violation. */
class FieldsFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void field(byte[] input) {
    String value = new String(input, StandardCharsets.ISO_8859_1);
    try {
      for (Challenge challenge : Challenge.parse(value)) {
        Digest.of(challenge)
            .ifPresent(
                d ->
                    assertThat(d.answer("u", "p", "GET", "/", input, d.nonce(), 1, "own"))
                        .startsWith("Digest username="));
      }
    } catch (Violation e) {
      assertThat(e.reason().sentence()).isNotEmpty();
    }
    try {
      HttpUri resolved = HttpUri.of(true, Authority.of("a", 81)).target("/b/c?d").resolve(value);
      assertThat(Request.of("GET", resolved.target()).target()).startsWith("/");
    } catch (Violation e) {
      assertThat(e.reason().sentence()).isNotEmpty();
    }
    RetryAfter.parse(value, Instant.EPOCH)
        .ifPresent(wait -> assertThat(wait.isNegative()).isFalse());
    if (Headers.isValue(value)) {
      CacheControl control = CacheControl.of(Headers.of("cache-control", value));
      assertThat(CacheControl.of(Headers.of("cache-control", control.toString())))
          .isEqualTo(control);
      KeepAlive keepAlive = KeepAlive.of(Headers.of("keep-alive", value));
      assertThat(keepAlive.timeout()).isPositive();
      assertThat(keepAlive.max()).isPositive();
    }
    assertThat(TextEncoding.decode(Optional.of(value), input)).isNotNull();
  }
}
