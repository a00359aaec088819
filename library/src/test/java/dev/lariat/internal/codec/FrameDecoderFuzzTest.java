package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Random;

/** Whatever a server sends gives frames or a violation, the same however it is cut. */
class FrameDecoderFuzzTest {
  private static final int MAX = 1 << 16;

  @FuzzTest(maxDuration = "3m")
  void plain(byte[] input) {
    assertThat(pieces(input, null)).isEqualTo(whole(input, null));
  }

  @FuzzTest(maxDuration = "3m")
  void inflated(byte[] input) {
    DeflateTerms terms = new DeflateTerms(input.length % 2 == 0, false, 15, 15);
    Decoded whole = whole(input, terms);
    Decoded pieces = pieces(input, terms);
    assertThat(pieces.frames()).isEqualTo(whole.frames());
    assertThat(pieces.reason() == null).isEqualTo(whole.reason() == null);
  }

  private static Decoded whole(byte[] input, DeflateTerms terms) {
    return Decoded.of(input, MAX, terms);
  }

  private static Decoded pieces(byte[] input, DeflateTerms terms) {
    Random random = new Random(Arrays.hashCode(input));
    return Decoded.of(input, MAX, terms, random.ints(5, 0, input.length + 1).sorted().toArray());
  }
}
