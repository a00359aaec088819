package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6455 section 5.2. What a connection does with a wrong header, FrameDecoderTest shows. */
class FrameHeaderTest {

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  @ParameterizedTest
  @CsvSource({
    "8100, 2, 0",
    "817d, 2, 125",
    "817e007e, 4, 126",
    "817effff, 4, 65535",
    "827f0000000000010000, 10, 65536",
    "827f7fffffffffffffff, 10, 9223372036854775807"
  })
  void aHeaderIsReadTheSameInPlaceAndFromPieces(String hex, int size, long payload)
      throws Violation {
    ByteBuffer in = bytes("00" + hex); // it need not begin at the first byte
    assertThat(FrameHeader.size(in, 1, in.limit())).isEqualTo(size);
    assertThat(FrameHeader.payload(in, 1, size)).isEqualTo(payload);
    assertThat(FrameHeader.isShortest(in.get(2), payload)).isTrue();

    FrameHeader cut = new FrameHeader();
    for (int at = 1; at < in.limit(); at++) {
      assertThat(cut.isWhole()).isFalse();
      assertThat(FrameHeader.size(in, 1, at)).isZero();
      cut.add(in.get(at), false, false);
    }
    assertThat(cut.isWhole()).isTrue();
    assertThat(cut.first()).isEqualTo(in.get(1) & 0xff);
    assertThat(cut.second()).isEqualTo(in.get(2) & 0xff);
    assertThat(cut.payload()).isEqualTo(payload);
  }

  @ParameterizedTest
  @CsvSource({"7d, 125", "7e, 126", "7e, 65535", "7f, 65536"})
  void aLengthOfTheShortestFormPasses(String second, long length) throws Violation {
    FrameHeader.check(0x82, Integer.parseInt(second, 16), length, false, false);
  }

  @ParameterizedTest
  @CsvSource({"7e, 125", "7e, 0", "7f, 65535", "7f, 0"})
  void aLongerFormOfALengthIsRefused(String second, long length) {
    assertThatThrownBy(
            () -> FrameHeader.check(0x82, Integer.parseInt(second, 16), length, false, false))
        .isInstanceOfSatisfying(
            Violation.class,
            v -> assertThat(v.reason().sentence()).contains("does not use the fewest bytes"));
  }

  @Test
  void aMaskedLengthIsNoneOfTheShortestForm() { // so that it never takes the short way
    for (int second = 0x80; second <= 0xff; second++) {
      assertThat(FrameHeader.isShortest(second, second & 0x7f)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"b1, a frame has reserved bits set", "83, reserved opcode 3", "09, is fragmented"})
  void theFirstOctetFailsAlone(String first, String why) {
    assertThatThrownBy(() -> new FrameHeader().add(bytes(first).get(), true, false))
        .isInstanceOfSatisfying(
            Violation.class, v -> assertThat(v.reason().sentence()).contains(why));
  }
}
