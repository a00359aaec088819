package dev.lariat.internal.pipeline;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;

/** The end of a pipeline: hands everything to the host, until the host lets go of the channel. */
final class HostHandler extends ChannelInboundHandlerAdapter {
  private static final Host NOBODY = new Nobody();

  private Host host;

  HostHandler(Host host) {
    this.host = host;
  }

  /** Whatever else happens on the channel is nobody's business any more. */
  void letGo() {
    host = NOBODY;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      host.received(message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    host.writabilityChanged();
  }

  /**
   * TLS 1.3 takes the peer's {@code close_notify} for a half-close; a peer that sends it has
   * nothing more to say. That none came is told before the codec knows of the end, which it could
   * take for a good one.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCloseCompletionEvent end) {
      if (end.isSuccess()) {
        host.inputClosed();
      } else {
        host.inputCut();
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      host.inputClosed(); // where this side may go on alone
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    host.inputClosed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    host.broke(cause);
  }

  private static final class Nobody implements Host {
    @Override
    public void received(Object message) {}

    @Override
    public void writabilityChanged() {}

    @Override
    public void inputCut() {}

    @Override
    public void inputClosed() {}

    @Override
    public void broke(Throwable cause) {}
  }
}
