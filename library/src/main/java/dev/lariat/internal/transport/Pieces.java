package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.SentFile;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.SslHandler;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** Pieces of files, in the form in which a channel takes them with the least copying. */
public final class Pieces {
  private Pieces() {}

  /**
   * This piece of a file: from the file to the socket where nothing stands between them, else what
   * was read of it. The file stays open until the piece was sent, or will not be.
   *
   * @throws IOException if it cannot be read, or ends before the piece does
   */
  public static Object of(SentFile file, long position, long size, Channel channel)
      throws IOException {
    if (file.channel().size() < position + size) {
      throw shorter();
    }
    return channel.pipeline().get(SslHandler.class) == null && !(channel instanceof StreamChannel)
        ? new Region(file, position, size)
        : read(file.channel(), position, (int) size, channel);
  }

  /** What is thrown where a file ends before a piece of it does. */
  static EOFException shorter() {
    return new EOFException("it has become shorter");
  }

  private static ByteBuf read(FileChannel file, long position, int size, Channel channel)
      throws IOException {
    ByteBuf piece = channel.alloc().buffer(size, size);
    try {
      while (piece.isWritable()) {
        if (piece.writeBytes(file, position + piece.writerIndex(), piece.writableBytes()) < 0) {
          throw shorter();
        }
      }
      return piece;
    } catch (IOException e) {
      piece.release();
      throw e;
    }
  }

  /** Holds the file, which is not this piece's alone. */
  private static final class Region extends DefaultFileRegion {
    private final SentFile file;

    Region(SentFile file, long position, long size) {
      super(file.channel(), position, size);
      this.file = file;
      file.hold();
    }

    @Override
    protected void deallocate() {
      file.letGo();
    }
  }
}
