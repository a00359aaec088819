package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.codec.EventDecoderTest.Decoded;
import dev.lariat.internal.codec.EventDecoderTest.Event;
import java.util.Arrays;

class EventDecoderFuzzTest {

  /** Any bytes are a stream: how it is cut does not matter, and no event passes the limit. */
  @FuzzTest(maxDuration = "3m")
  void events(byte[] input) {
    int limit = 40;
    Decoded whole = Decoded.of(limit, input);
    int step = input.length == 0 ? 1 : 1 + (input[0] & 0x1f);
    byte[][] parts = new byte[(input.length + step - 1) / step][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = Arrays.copyOfRange(input, i * step, Math.min(input.length, (i + 1) * step));
    }
    assertThat(Decoded.of(limit, parts)).isEqualTo(whole);
    for (Event event : whole.events()) {
      assertThat(event.type()).isNotEmpty();
      assertThat(event.id()).doesNotContain("\0");
      assertThat(event.data().length() + event.type().length()).isLessThan(limit + 8);
    }
  }
}
