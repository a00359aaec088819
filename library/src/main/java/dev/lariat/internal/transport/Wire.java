package dev.lariat.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
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

  /** Lets the peer end its side, which the pipeline then tells, without closing this one. */
  public static void allowHalfClose(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  /** Ends this side, once all that was written is out; with TLS only its own side ends. */
  public static void endOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
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
