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
 */
final class ReadBuffers implements RecvByteBufAllocator {
  private static final int MAX_READS = 16; // then the loop's other connections have their turn

  private final RecvByteBufAllocator own =
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
    return new Lending((ExtendedHandle) own.newHandle());
  }

  private final class Lending extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle handle;
    private @Nullable ChannelConfig config;
    private int reads;

    Lending(ExtendedHandle handle) {
      super(handle);
      this.handle = handle;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      Loop loop = lender;
      return loop == null ? handle.allocate(allocator) : loop.readBuffer();
    }

    @Override
    public void reset(ChannelConfig config) {
      this.config = config;
      reads = 0;
      super.reset(config);
    }

    @Override
    public boolean continueReading() {
      return lender == null
          ? handle.continueReading()
          : mayContinue() && lastBytesRead() == attemptedBytesRead();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return lender == null ? handle.continueReading(maybeMore) : mayContinue() && more(maybeMore);
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
  }
}
