package dev.lariat.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The read buffers of one channel: Netty's own by default, the loop's one buffer where it is lent.
 * Netty asks for the handle when it first reads, so a channel to which the buffer was lent by then
 * has nothing that counts how large a buffer of its own should be. A channel that has read the
 * answer of a proxy before has such a handle, and turns to the loop's buffer with its next read.
 */
final class ReadBuffers implements RecvByteBufAllocator {
  private static final int MAX_READS = 16; // then the loop's other connections have their turn
  private static final RecvByteBufAllocator OWN =
      new AdaptiveRecvByteBufAllocator(512, 4096, 64 << 10).maxMessagesPerRead(MAX_READS);

  private @Nullable Loop lender;

  void lend(Loop loop) {
    lender = loop;
  }

  @Override
  @SuppressWarnings(
      "deprecation") // what the interface says; all of Netty's transports want the newer
  // ExtendedHandle
  public Handle newHandle() {
    return lender == null ? new Turning() : new Lent(lender);
  }

  /** Reads into buffers of its own, and into the loop's from the turn after that is lent. */
  private final class Turning implements ExtendedHandle {
    private ExtendedHandle now = (ExtendedHandle) OWN.newHandle();

    @Override
    public void reset(ChannelConfig config) {
      if (lender != null && !(now instanceof Lent)) {
        now = new Lent(lender);
      }
      now.reset(config);
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return now.allocate(allocator);
    }

    @Override
    public int guess() {
      return now.guess();
    }

    @Override
    public void incMessagesRead(int count) {
      now.incMessagesRead(count);
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      now.attemptedBytesRead(bytes);
    }

    @Override
    public int attemptedBytesRead() {
      return now.attemptedBytesRead();
    }

    @Override
    public void lastBytesRead(int bytes) {
      now.lastBytesRead(bytes);
    }

    @Override
    public int lastBytesRead() {
      return now.lastBytesRead();
    }

    @Override
    public boolean continueReading() {
      return now.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return now.continueReading(maybeMore);
    }

    @Override
    public void readComplete() {
      now.readComplete();
    }
  }

  /** Reads into the loop's buffer. */
  private static final class Lent implements ExtendedHandle {
    private final Loop loop;
    private @Nullable ChannelConfig config;
    private int reads; // in this turn
    private int attempted; // bytes that the last read had room for
    private int last; // bytes that the last read got

    Lent(Loop loop) {
      this.loop = loop;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return loop.readBuffer();
    }

    @Override
    public int guess() {
      return Loop.READ_BUFFER;
    }

    @Override
    public void reset(ChannelConfig config) {
      this.config = config;
      reads = 0;
    }

    @Override
    public void incMessagesRead(int count) {} // each read counts, whatever it got

    @Override
    public void attemptedBytesRead(int bytes) {
      attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attempted;
    }

    @Override
    public void lastBytesRead(int bytes) {
      last = bytes;
    }

    @Override
    public int lastBytesRead() {
      return last;
    }

    @Override
    public boolean continueReading() {
      return mayContinue() && last == attempted;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return mayContinue() && more(maybeMore);
    }

    private boolean mayContinue() {
      return config != null && config.isAutoRead() && ++reads < MAX_READS;
    }

    private static boolean more(UncheckedBooleanSupplier maybeMore) {
      try {
        return maybeMore.get();
      } catch (Exception e) {
        throw new IllegalStateException("declared by its supertype, never thrown", e);
      }
    }

    @Override
    public void readComplete() {}
  }
}
