package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Host;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.nio.channels.ClosedChannelException;

/**
 * Makes a socket of TLS to a proxy: the handlers after it see what they would see on a socket
 * without TLS, so that TLS to the server, or the end of the pipeline, needs to know nothing of it.
 */
final class Relay implements Host {
  private final Channel channel;
  private ChannelHandlerContext context;

  private Relay(Channel channel) {
    this.channel = channel;
    this.context = channel.pipeline().lastContext();
  }

  /** Stands at the end of the pipeline, after this TLS. */
  static void above(SslHandler tls, Channel channel) {
    Relay relay = new Relay(channel);
    HostHandler handler =
        new HostHandler(relay, tls) {
          @Override
          public void channelReadComplete(ChannelHandlerContext context) {
            super.channelReadComplete(context);
            context.fireChannelReadComplete();
          }
        };
    channel.pipeline().addLast(handler);
    relay.context = channel.pipeline().context(handler);
  }

  @Override
  public void received(ByteBuf bytes) {
    context.fireChannelRead(bytes.readRetainedSlice(bytes.readableBytes()));
  }

  @Override
  public void writabilityChanged() {
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void inputCut() {
    context.fireUserEventTriggered(new SslCloseCompletionEvent(new ClosedChannelException()));
  }

  /** As a socket does: the end of the peer's side is the end of both, unless that is asked for. */
  @Override
  public void inputClosed() {
    if (Boolean.TRUE.equals(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
      context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      context.close();
    }
  }

  @Override
  public void closed() {
    if (channel.isActive()) {
      context.close(); // only TLS has ended
    } else {
      context.fireChannelInactive();
    }
  }

  @Override
  public void broke(Throwable cause) {
    context.fireExceptionCaught(cause);
  }

  @Override
  public void outputEnded() {} // a lane tells that, and a channel is none

  @Override
  public void failed(Reason reason) {} // as above
}
