package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Host;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/** The end of a pipeline: hands everything to the host, until the host lets go of the channel. */
final class HostHandler extends ChannelInboundHandlerAdapter {
  private static final Host NOBODY = new Nobody();

  private Host host;
  private boolean inDoubt; // whether the peer's side of TLS has ended, as TLS says
  private boolean tlsHasEnded; // wholly or cut off, and the host knows

  HostHandler(Host host) {
    this.host = host;
  }

  /** Whatever else happens on the channel is nobody's business any more. */
  void letGo() {
    host = NOBODY;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (bytes.isReadable()) {
        host.received(bytes);
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    host.writabilityChanged();
  }

  /**
   * TLS 1.3 takes the peer's {@code close_notify} for a half-close; a peer that sends it has
   * nothing more to say. That none came is told before the end, which could be taken for a good
   * one.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCloseCompletionEvent end) {
      if (end.isSuccess()) {
        tlsEnded(context);
      } else {
        cutOff();
      }
    } else if (event instanceof ChannelInputShutdownEvent) { // where this side may go on alone
      if (context.pipeline().get(SslHandler.class) == null) {
        host.inputClosed();
      } else {
        context
            .executor()
            .execute(() -> endedBeneathTls(context)); // its own word comes a task later
      }
    }
  }

  /** BoringSSL, as Netty has it, says this of this side's end too, once something is read. */
  private void tlsEnded(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    inDoubt = tls != null && !tls.engine().isInboundDone();
    if (inDoubt || tlsHasEnded) {
      return;
    }
    tlsHasEnded = true;
    host.inputClosed();
    if (tls != null && tls.engine().isOutboundDone()) {
      host.closed(); // it has answered at once, and this side cannot go on either
    }
  }

  private void cutOff() {
    if (!tlsHasEnded) {
      tlsHasEnded = true;
      host.inputCut();
    }
  }

  private void endedBeneathTls(ChannelHandlerContext context) {
    if (!tlsHasEnded) {
      tlsEnded(context);
      cutOff();
      host.inputClosed();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (inDoubt) {
      tlsEnded(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (inDoubt) {
      endedBeneathTls(context);
    }
    host.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    host.broke(cause);
  }

  private static final class Nobody implements Host {
    @Override
    public void received(ByteBuf bytes) {}

    @Override
    public void writabilityChanged() {}

    @Override
    public void inputCut() {}

    @Override
    public void inputClosed() {}

    @Override
    public void outputEnded() {}

    @Override
    public void closed() {}

    @Override
    public void broke(Throwable cause) {}
  }
}
