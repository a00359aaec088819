package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.codec.LineDecoderTest.Decoded;
import dev.lariat.internal.codec.LineDecoderTest.Line;
import java.util.Arrays;

class LineDecoderFuzzTest {

  /** Any bytes are lines: how they are cut does not matter, and none passes the limit. */
  @FuzzTest(maxDuration = "3m")
  void lines(byte[] input) {
    int limit = 40;
    Decoded whole = Decoded.of(limit, input);
    int step = input.length == 0 ? 1 : 1 + (input[0] & 0x1f);
    byte[][] parts = new byte[(input.length + step - 1) / step][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = Arrays.copyOfRange(input, i * step, Math.min(input.length, (i + 1) * step));
    }
    assertThat(Decoded.of(limit, parts)).isEqualTo(whole);
    long before = 0;
    for (Line line : whole.lines()) {
      assertThat(line.number()).isGreaterThan(before);
      assertThat(line.text()).isNotBlank().doesNotContain("\n").hasSizeLessThanOrEqualTo(limit);
      before = line.number();
    }
  }
}
