package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Http2Frames.*;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;

/** Frames as a server sends them, some of which are wrong. */
final class Http2FrameSoup {
  private static final byte INDEXED = (byte) 0x88; // :status 200, as HPACK has it

  private Http2FrameSoup() {}

  /** So many frames after SETTINGS. */
  static byte[] of(Random random, int frames) {
    ByteBuf all = Unpooled.buffer();
    header(all, 0, SETTINGS, 0, 0);
    for (int i = 0; i < frames; i++) {
      frame(random, all);
    }
    return ByteBufUtil.getBytes(all);
  }

  private static void frame(Random random, ByteBuf all) {
    int type = random.nextInt(12);
    int stream = random.nextInt(8) == 0 ? 0 : 1 + 2 * random.nextInt(3);
    int flags = random.nextInt(256) & ~PADDED & ~WITH_PRIORITY;
    int length = random.nextInt(30);
    switch (type) {
      case HEADERS -> flags |= random.nextInt(4) == 0 ? 0 : END_HEADERS;
      case PRIORITY -> length = size(random, 5);
      case RST_STREAM, WINDOW_UPDATE -> length = size(random, 4);
      case SETTINGS -> {
        stream = size(random, 1) - 1;
        flags = random.nextInt(4) == 0 ? ACK : 0;
        length = flags == ACK ? size(random, 1) - 1 : size(random, 6 * random.nextInt(1, 3));
      }
      case PING -> {
        stream = size(random, 1) - 1;
        length = size(random, 8);
      }
      case GOAWAY -> {
        stream = size(random, 1) - 1;
        length = size(random, 8 + random.nextInt(9));
      }
      default -> {}
    }
    boolean padded = (type == DATA || type == HEADERS) && random.nextInt(3) == 0;
    header(all, length, type, padded ? flags | PADDED : flags, stream);
    for (int i = 0; i < length; i++) {
      boolean block = type == HEADERS || type == CONTINUATION;
      int octet = padded && i == 0 ? random.nextInt(length + 3) : block ? INDEXED : 1 + i;
      all.writeByte(octet);
    }
  }

  /** This size, but now and then another. */
  private static int size(Random random, int size) {
    return random.nextInt(20) == 0 ? size + random.nextInt(3) : size;
  }
}
