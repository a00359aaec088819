package dev.lariat.internal.codec;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** What a buffer of Netty's holds, for decoders that read by index. */
final class Octets {
  private Octets() {}

  /** The readable bytes of the buffer, without a copy. They are for use during one call. */
  static ByteBuffer of(ByteBuf in) {
    int length = in.readableBytes();
    return in.nioBufferCount() == 1
        ? in.internalNioBuffer(in.readerIndex(), length)
        : in.nioBuffer(in.readerIndex(), length);
  }
}
