package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Random;

/** Whatever a server sends is told, or breaks a rule that is named, the same however it is cut. */
class Http2DecoderFuzzTest {

  @FuzzTest(maxDuration = "3m")
  void cuts(byte[] input) {
    Http2Told whole = Http2Told.of(input);
    Random random = new Random(Arrays.hashCode(input));
    int[] cuts = random.ints(5, 0, input.length + 1).sorted().toArray();
    assertThat(Http2Told.of(input, cuts)).isEqualTo(whole);
    assertThat(Http2Told.of(input, random.ints(40, 0, input.length + 1).sorted().toArray()))
        .isEqualTo(whole);
  }
}
