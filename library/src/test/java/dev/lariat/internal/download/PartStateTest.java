package dev.lariat.internal.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Validator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept beside a part, in a file that anybody can change. */
class PartStateTest {
  private static final PartState STATE =
      new PartState(
          PartState.digest("http://a.example/secret?token=1"),
          PartState.digest("http://b.example/"),
          new Validator("etag", "\"5f-1c\""),
          "",
          OptionalLong.of(1234));

  @Test
  void aStateIsReadAsItWasWritten() {
    assertThat(PartState.parse(STATE.encode())).hasValue(STATE);
    PartState unknown = STATE.total(OptionalLong.empty());
    assertThat(PartState.parse(unknown.encode())).hasValue(unknown);
    PartState dated =
        new PartState(
            STATE.uri(),
            STATE.source(),
            new Validator("last-modified", "Sun, 29 Nov 2026 00:00:00 GMT"),
            "gzip",
            OptionalLong.of(0));
    assertThat(PartState.parse(dated.encode())).hasValue(dated);
    assertThat(STATE.encode()).hasSizeLessThan(PartState.MOST);
  }

  @Test
  void itShowsNoUri() {
    assertThat(new String(STATE.encode(), StandardCharsets.ISO_8859_1))
        .doesNotContain("example", "secret", "token");
  }

  @Test
  void noCutOfAStateIsOne() {
    byte[] whole = STATE.encode();
    for (int cut = 0; cut < whole.length; cut++) {
      assertThat(PartState.parse(Arrays.copyOf(whole, cut))).isEmpty();
      assertThat(PartState.parse(Arrays.copyOfRange(whole, cut + 1, whole.length))).isEmpty();
    }
    assertThat(PartState.parse(Arrays.copyOf(whole, whole.length + 1))).isEmpty();
  }

  @Test
  void noStateWithAnotherByteIsOne() {
    byte[] whole = STATE.encode();
    for (int i = 0; i < whole.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) (1 << bit);
        assertThat(PartState.parse(damaged)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"etag W/\"a\"", "etag \"a", "last-modified now", "date \"a\"", "etag"})
  void aStateWithoutAStrongValidatorIsNone(String validator) {
    String text = new String(STATE.encode(), StandardCharsets.ISO_8859_1);
    String other = text.replace("etag \"5f-1c\"", validator);
    assertThat(PartState.parse(other.getBytes(StandardCharsets.ISO_8859_1))).isEmpty();
  }
}
