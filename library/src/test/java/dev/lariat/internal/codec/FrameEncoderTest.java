package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameEncoderTest {
  private final FrameEncoder encoder = new FrameEncoder(new MaskKeys(new SecureRandom()));

  private byte[] encoded(Frame frame, boolean compressed, ByteBuffer payload) {
    ByteBuf out = Unpooled.buffer(FrameEncoder.size(payload.remaining()));
    encoder.encode(out, frame, compressed, payload);
    assertThat(out.readableBytes()).isEqualTo(FrameEncoder.size(payload.remaining()));
    return ByteBufUtil.getBytes(out);
  }

  /** RFC 6455 section 5.3, as it is written there. */
  private static byte[] unmasked(byte[] frame, int header) {
    byte[] payload = Arrays.copyOfRange(frame, header + 4, frame.length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= frame[header + i % 4];
    }
    return payload;
  }

  static IntStream lengths() {
    return IntStream.concat(
        IntStream.rangeClosed(0, 300), IntStream.of(65534, 65535, 65536, 65537, 1_000_003));
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void aPayloadIsMaskedOctetByOctet(int length) {
    byte[] payload = pattern(length);
    byte[] frame = encoded(new Text(""), false, ByteBuffer.wrap(payload));
    int header = length < 126 ? 2 : length < 65536 ? 4 : 10;
    assertThat(frame[0]).isEqualTo((byte) 0x81);
    assertThat(frame[1] & 0x80).isEqualTo(0x80);
    byte[] unmaskedHeader = ServerFrames.header(0x81, length);
    unmaskedHeader[1] |= (byte) 0x80;
    assertThat(Arrays.copyOf(frame, header)).isEqualTo(unmaskedHeader);
    assertThat(unmasked(frame, header)).isEqualTo(payload);
  }

  @Test
  void everyFrameHasItsOpcode() {
    ByteBuffer none = ByteBuffer.allocate(0);
    assertThat(encoded(new Text(""), false, none)[0]).isEqualTo((byte) 0x81);
    assertThat(encoded(new Binary(Bytes.EMPTY), false, none)[0]).isEqualTo((byte) 0x82);
    assertThat(encoded(Close.EMPTY, false, none)[0]).isEqualTo((byte) 0x88);
    assertThat(encoded(Ping.EMPTY, false, none)[0]).isEqualTo((byte) 0x89);
    assertThat(encoded(new Pong(Bytes.EMPTY), false, none)[0]).isEqualTo((byte) 0x8a);
    assertThat(encoded(new Text(""), true, none)[0]).isEqualTo((byte) 0xc1);
    assertThat(encoded(new Binary(Bytes.EMPTY), true, none)[0]).isEqualTo((byte) 0xc2);
  }

  @Test
  void everyKindOfPayloadIsReadWhereItIsAndLeftAlone() {
    byte[] octets = pattern(77);
    byte[] wide = new byte[100];
    System.arraycopy(octets, 0, wide, 10, 77);
    ByteBuffer middle = ByteBuffer.wrap(wide, 10, 77);
    ByteBuffer sliced = ByteBuffer.wrap(wide, 10, 77).slice();
    ByteBuffer little = ByteBuffer.wrap(wide, 10, 77).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer direct = ByteBuffer.allocateDirect(100).put(10, octets).position(10).limit(87);
    for (ByteBuffer payload :
        List.of(
            middle, sliced, little, direct, middle.asReadOnlyBuffer(), direct.asReadOnlyBuffer())) {
      int position = payload.position();
      int limit = payload.limit();
      ByteOrder order = payload.order();
      byte[] frame = encoded(new Binary(Bytes.EMPTY), false, payload);
      assertThat(unmasked(frame, 2)).isEqualTo(octets);
      assertThat(payload.position()).isEqualTo(position);
      assertThat(payload.limit()).isEqualTo(limit);
      assertThat(payload.order()).isEqualTo(order);
    }
    assertThat(Arrays.copyOfRange(wide, 10, 87)).isEqualTo(octets);
  }

  @Test
  void framesAreAppendedToEveryKindOfBuffer() {
    byte[] octets = pattern(200);
    for (ByteBuf out :
        List.of(
            Unpooled.buffer(1000),
            Unpooled.directBuffer(1000),
            PooledByteBufAllocator.DEFAULT.directBuffer(1000),
            PooledByteBufAllocator.DEFAULT.heapBuffer(1000),
            Unpooled.buffer(1200).slice(150, 1000).clear())) {
      out.writeShort(0x1234);
      encoder.encode(out, new Binary(Bytes.EMPTY), false, ByteBuffer.wrap(octets));
      encoder.encode(out, new Binary(Bytes.EMPTY), false, ByteBuffer.wrap(octets));
      out.writeShort(0x5678); // in network order: Netty's own view was given back as it was
      byte[] all = ByteBufUtil.getBytes(out);
      assertThat(all).hasSize(2 * FrameEncoder.size(200) + 4);
      assertThat(Arrays.copyOf(all, 2)).isEqualTo(ServerFrames.hex("12 34"));
      assertThat(unmasked(Arrays.copyOfRange(all, 2, 210), 4)).isEqualTo(octets);
      assertThat(unmasked(Arrays.copyOfRange(all, 210, 418), 4)).isEqualTo(octets);
      assertThat(out.getShort(418)).isEqualTo((short) 0x5678);
      assertThat(out.nioBuffer().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(out.internalNioBuffer(0, 2).order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      out.release();
    }
  }

  @Test
  void nettyReadsWhatIsWritten() {
    EmbeddedChannel server =
        new EmbeddedChannel(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(true)
                    .maxFramePayloadLength(1 << 20)
                    .build()));
    for (int length : lengths().toArray()) {
      byte[] payload = pattern(length);
      server.writeInbound(
          Unpooled.wrappedBuffer(
              encoded(new Binary(Bytes.EMPTY), false, ByteBuffer.wrap(payload))));
      WebSocketFrame frame = server.readInbound();
      assertThat(frame.isFinalFragment()).isTrue();
      assertThat(frame.rsv()).isZero();
      assertThat(ByteBufUtil.getBytes(frame.content())).isEqualTo(payload);
      frame.release();
    }
    assertThat(server.finish()).isFalse();
  }

  // ---- RFC 6455 section 10.3

  @Test
  void keysDoNotRepeatWithinOrAcrossBlocks() {
    MaskKeys one = new MaskKeys(new SecureRandom());
    MaskKeys other = new MaskKeys(new SecureRandom());
    int count = 3 * 1024 + 1; // past three blocks
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      seen.add(one.next());
      seen.add(other.next());
    }
    // by chance there is a pair among 6146 of 2^32 once in 230 runs, three pairs never
    assertThat(seen).hasSizeGreaterThan(2 * count - 3);
  }

  @Test
  void everyFrameHasAnotherKey() {
    byte[] zeros = new byte[4];
    Set<Bytes> keys = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      byte[] frame = encoded(new Binary(Bytes.EMPTY), false, ByteBuffer.wrap(zeros));
      keys.add(Bytes.wrap(Arrays.copyOfRange(frame, 2, 6)));
    }
    assertThat(keys).hasSizeGreaterThan(98);
  }
}
