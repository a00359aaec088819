package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8ValidatorTest {
  private final CharsetDecoder reference = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer room = CharBuffer.allocate(8);
  private final Utf8Validator validator = new Utf8Validator();

  private boolean valid(byte[] octets, int length) {
    reference.reset();
    room.clear();
    return !reference.decode(ByteBuffer.wrap(octets, 0, length), room, true).isError();
  }

  private boolean ours(byte[] octets, int length) {
    boolean accepted = validator.accepts(octets, 0, length);
    return validator.ends() && accepted;
  }

  @Test
  void allSequencesOfThreeOctetsAreJudgedAsTheJdkJudgesThem() {
    byte[] octets = new byte[3];
    for (int first = 0x70; first < 0x100; first++) {
      octets[0] = (byte) first;
      assertThat(ours(octets, 1)).isEqualTo(valid(octets, 1));
      for (int second = 0; second < 0x100; second++) {
        octets[1] = (byte) second;
        check(octets, 2);
        for (int third = 0x70; third < 0xd0; third++) {
          octets[2] = (byte) third;
          check(octets, 3);
        }
      }
    }
  }

  @Test
  void sequencesOfFourOctetsAreJudgedAsTheJdkJudgesThem() {
    int[] edges = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    byte[] octets = new byte[4];
    for (int first = 0xee; first < 0x100; first++) {
      for (int second = 0x70; second < 0xd0; second++) {
        for (int third : edges) {
          for (int fourth : edges) {
            octets[0] = (byte) first;
            octets[1] = (byte) second;
            octets[2] = (byte) third;
            octets[3] = (byte) fourth;
            check(octets, 4);
          }
        }
      }
    }
  }

  /** Checked without a message, which would cost more than the check. */
  private void check(byte[] octets, int length) {
    if (ours(octets, length) != valid(octets, length)) {
      assertThat(octets).as("%d octets", length).isNull();
    }
  }

  @Test
  void whatIsAcceptedSoFarCanBeContinued() {
    byte[] octets = new byte[6];
    int[] rest = {0x80, 0x90, 0xa0};
    for (int first = 0; first < 0x100; first++) {
      for (int second = 0; second < 0x100; second++) {
        octets[0] = (byte) first;
        octets[1] = (byte) second;
        boolean accepted = validator.accepts(octets, 0, 2);
        validator.ends();
        boolean continued = valid(octets, 2);
        for (int third : rest) {
          octets[2] = (byte) third;
          octets[3] = (byte) 0x80;
          continued |= valid(octets, 3) || valid(octets, 4);
          octets[4] = (byte) 0x80;
          continued |= valid(octets, 5);
        }
        assertThat(accepted).as("%02x %02x", first, second).isEqualTo(continued);
      }
    }
  }

  @Test
  void aWrongOctetIsFoundAtEveryPlaceOfALongText() {
    for (int length = 1; length < 40; length++) {
      for (int at = 0; at < length; at++) {
        byte[] octets = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
        assertThat(ours(octets, length)).isTrue();
        octets[at] = (byte) 0x80;
        assertThat(ours(octets, length)).isFalse();
      }
    }
  }
}
