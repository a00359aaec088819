package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Frames say the same however they are cut. */
class Http2DecoderTest {

  /** One frame of each kind, padded and continued where that is allowed. */
  static byte[] conversation() {
    ByteBuf all = Unpooled.buffer();
    header(all, 6, SETTINGS, 0, 0).writeShort(MAX_CONCURRENT_STREAMS).writeInt(100);
    header(all, 0, SETTINGS, ACK, 0);
    header(all, 8, HEADERS, PADDED | WITH_PRIORITY, 1).writeByte(1);
    all.writeInt(0).writeByte(15).writeByte(0x88).writeByte(0);
    header(all, 1, CONTINUATION, 0, 1).writeByte(0x88);
    header(all, 0, CONTINUATION, END_HEADERS, 1);
    header(all, 5, DATA, PADDED, 1).writeByte(2).writeBytes(new byte[] {1, 2, 0, 0});
    header(all, 0, DATA, 0, 1);
    header(all, 8, PING, 0, 0).writeLong(42);
    header(all, 5, PRIORITY, 0, 3).writeInt(1).writeByte(1);
    header(all, 3, 0x42, 0xff, 7).writeMedium(1);
    header(all, 4, WINDOW_UPDATE, 0, 1).writeInt(1000);
    header(all, 3, DATA, END_STREAM, 1).writeMedium(7);
    header(all, 4, RST_STREAM, 0, 3).writeInt(CANCEL);
    header(all, 5, PUSH_PROMISE, END_HEADERS, 1).writeInt(2).writeByte(0x88);
    header(all, 9, GOAWAY, 0, 0).writeInt(1).writeInt(NO_ERROR).writeByte('x');
    return ByteBufUtil.getBytes(all);
  }

  @Test
  void eachFrameIsToldOnce() {
    assertThat(Http2Told.of(conversation()))
        .satisfies(told -> assertThat(told.reason()).isNull())
        .extracting(Http2Told::calls)
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .containsExactly(
            "SETTINGS 000300000064",
            "SETTINGS ACK",
            "HEADERS 1 8888",
            "DATA 1 flow 5 content 2",
            "content 0102",
            "DATA 1 flow 0 content 0",
            "PING 42",
            "ignored",
            "ignored",
            "WINDOW_UPDATE 1 1000",
            "DATA 1 flow 3 content 3",
            "content 000007 end",
            "RST_STREAM 3 8",
            "PUSH_PROMISE 1 2 88",
            "GOAWAY 1 0 Bytes[1: 78]");
  }

  @Test
  void eachCutTellsTheSame() {
    byte[] input = conversation();
    Http2Told whole = Http2Told.of(input);
    for (int first = 0; first <= input.length; first++) {
      for (int second = first; second <= Math.min(input.length, first + 12); second++) {
        assertThat(Http2Told.of(input, first, second)).isEqualTo(whole);
      }
    }
  }

  @Property(tries = 2000)
  void randomFramesTellTheSameHoweverTheyAreCut(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = Http2FrameSoup.of(random, 1 + random.nextInt(12));
    int[] cuts = random.ints(random.nextInt(8), 0, input.length + 1).sorted().toArray();
    assertThat(Http2Told.of(input, cuts)).isEqualTo(Http2Told.of(input));
  }
}
