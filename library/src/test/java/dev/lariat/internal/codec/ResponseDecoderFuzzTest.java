package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class ResponseDecoderFuzzTest {

  /**
   * However the words of a server are cut, they come to the same. The first octet says how they are
   * read.
   */
  @FuzzTest(maxDuration = "3m")
  void cuts(byte[] input) {
    int how = input.length == 0 ? 0 : input[0];
    boolean tolerant = (how & 1) != 0;
    boolean head = (how & 2) != 0;
    String said =
        new String(
            input,
            Math.min(1, input.length),
            Math.max(0, input.length - 1),
            StandardCharsets.ISO_8859_1);
    Responded whole = Responded.of(said, tolerant, head, Math.max(1, said.length()));
    for (int step : new int[] {1, 2, 7}) {
      assertThat(Responded.of(said, tolerant, head, step)).isEqualTo(whole);
    }
  }

  /** What is taken without tolerance is taken with it, and comes to the same. */
  @FuzzTest(maxDuration = "3m")
  void tolerance(byte[] input) {
    String said = new String(input, StandardCharsets.ISO_8859_1);
    Responded strict = Responded.of(said, false, false, 512);
    if (strict.refused().isEmpty()) {
      assertThat(Responded.of(said, true, false, 512)).isEqualTo(strict);
    }
  }
}
