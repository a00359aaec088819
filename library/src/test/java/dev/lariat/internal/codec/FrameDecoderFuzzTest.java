package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Whatever a server sends gives frames or a violation, the same however it is cut, in parts or not,
 * and whenever credit comes.
 */
class FrameDecoderFuzzTest {
  private static final int MAX = 1 << 16;

  @FuzzTest(maxDuration = "3m")
  void plain(byte[] input) {
    Decoded whole = whole(input, null);
    assertThat(pieces(input, null)).isEqualTo(whole);
    assertThat(credited(input, false, null)).isEqualTo(whole);
    Decoded parts = credited(input, true, null);
    if (whole.reason() instanceof Reason.Limit) {
      assertBeginsWith(parts.frames(), whole.frames());
    } else {
      assertThat(parts).isEqualTo(whole);
    }
  }

  @FuzzTest(maxDuration = "3m")
  void inflated(byte[] input) {
    DeflateTerms terms = new DeflateTerms(input.length % 2 == 0, false, 15, 15);
    Decoded whole = whole(input, terms);
    assertAlike(pieces(input, terms), whole);
    assertAlike(credited(input, false, terms), whole);
    Decoded parts = credited(input, true, terms);
    if (whole.reason() instanceof Reason.Limit) {
      assertBeginsWith(parts.frames(), whole.frames());
    } else {
      assertAlike(parts, whole);
    }
  }

  /** Which of two rules was broken first cannot always be told where inflating is one of them. */
  private static void assertAlike(Decoded decoded, Decoded whole) {
    assertThat(decoded.frames()).isEqualTo(whole.frames());
    assertThat(decoded.reason() == null).isEqualTo(whole.reason() == null);
  }

  private static void assertBeginsWith(List<Frame> frames, List<Frame> first) {
    assertThat(frames).hasSizeGreaterThanOrEqualTo(first.size());
    assertThat(frames.subList(0, first.size())).isEqualTo(first);
  }

  private static Decoded whole(byte[] input, DeflateTerms terms) {
    return Decoded.of(input, MAX, terms);
  }

  private static Decoded pieces(byte[] input, DeflateTerms terms) {
    return Decoded.of(input, MAX, terms, cuts(input));
  }

  private static int[] cuts(byte[] input) {
    Random random = new Random(Arrays.hashCode(input));
    return random.ints(5, 0, input.length + 1).sorted().toArray();
  }

  /** In pieces, some of which wait for credit. */
  private static Decoded credited(byte[] input, boolean inParts, DeflateTerms terms) {
    Decoded.Run run = new Decoded.Run(MAX, inParts, input.length % 3, Decoded.inflation(terms));
    int from = 0;
    for (int cut : cuts(input)) {
      run.feed(Arrays.copyOfRange(input, from, cut));
      if (cut % 2 == 0) {
        run.credit(1 + cut % 3);
      }
      from = cut;
    }
    run.feed(Arrays.copyOfRange(input, from, input.length));
    run.credit(Long.MAX_VALUE);
    run.decoder.release();
    return run.result();
  }
}
