package dev.lariat.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;

/** How an open channel is read and closed. */
public final class Wire {
  private Wire() {}

  /**
   * Lets this channel read into its loop's one buffer from now on. The buffer never leaves {@code
   * channelRead}, so nothing that keeps bytes may stand before the reader: no TLS, no codec of
   * Netty's.
   *
   * @return whether that is so here
   */
  public static boolean lendReadBuffer(Channel channel, Loop loop) {
    if (channel.pipeline().get(SslHandler.class) != null
        || !(channel.config().getRecvByteBufAllocator() instanceof ReadBuffers buffers)) {
      return false;
    }
    buffers.lend(loop);
    return true;
  }

  /**
   * Closes the channel now. TLS gets its {@code close_notify} out if the socket takes it, but
   * nothing waits for it: the socket is closed beneath whatever is stuck above.
   */
  public static void abort(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null && tls.handshakeFuture().isSuccess()) {
      tls.closeOutbound();
    }
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close(); // goes to the socket past all handlers
    }
  }
}
