package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Host;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The end of a Netty pipeline, or of the part of it that leads to a proxy: calls the {@link Host}
 * with everything that happens on the channel, until the host lets go of it.
 *
 * <p>The hard part is the end of the peer's side under TLS. Netty tells it by up to three events,
 * whose order and meaning differ by TLS version, provider and operating system:
 *
 * <ul>
 *   <li>{@code SslCloseCompletionEvent}: a close_notify has come, or the channel ended without one.
 *       BoringSSL tells success also for this side's own close_notify, so the engine is asked
 *       whether its input is done; until it is, the end is {@code inDoubt};
 *   <li>{@code ChannelInputShutdownEvent}: the TCP input has ended. TLS has its say one task later;
 *   <li>{@code channelInactive}: the channel is closed.
 * </ul>
 *
 * <p>The host is called once with the end of TLS ({@code tlsHasEnded}), and {@code inputCut} comes
 * before {@code inputClosed}.
 *
 * <p>It extends no adapter of Netty's. Netty reads the annotations of an adapter, for which the JDK
 * generates proxy classes, and that delays the first response of a new JVM.
 */
class HostHandler implements ChannelInboundHandler {
  private static final Host NOBODY = new Nobody();

  /** The TLS whose end is the end of the channel; null if there is none. */
  private final @Nullable SslHandler tls;

  /** Whom to call; {@link #NOBODY} after the host has let go of the channel. */
  private Host host;

  /** Whether TLS told an end that may be this side's own, so it must be looked at again. */
  private boolean inDoubt;

  /** Whether the host knows that the peer's side of TLS has ended, in good order or not. */
  private boolean tlsHasEnded;

  /** Whether the peer has reset the connection, so only TLS can still tell an end in good order. */
  private boolean wasReset;

  HostHandler(Host host, @Nullable SslHandler tls) {
    this.host = host;
    this.tls = tls;
  }

  /** Calls the host no more. */
  void letGo() {
    host = NOBODY;
  }

  /** A write has failed, or the channel. */
  void broke(Throwable cause) {
    wasReset |= Failures.isReset(cause);
    host.broke(cause);
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
   * In TLS 1.3 the peer's {@code close_notify} ends its side only. If none came the host learns
   * that first, since the end alone looks like a good one.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslCloseCompletionEvent end) {
      if (end.isSuccess()) {
        tlsEnded();
      } else {
        cutOff();
      }
    } else if (event instanceof ChannelInputShutdownEvent) { // comes only if half-close is allowed
      if (tls == null) {
        cutOffByReset();
        host.inputClosed();
      } else {
        context.executor().execute(this::endedBeneathTls); // TLS tells its own end first, in a task
      }
    }
  }

  /** With BoringSSL, Netty tells this for this side's own close_notify, too. */
  private void tlsEnded() {
    inDoubt = tls != null && !tls.engine().isInboundDone();
    if (inDoubt || tlsHasEnded) {
      return;
    }
    tlsHasEnded = true;
    host.inputClosed();
    if (tls != null && tls.engine().isOutboundDone()) {
      host.closed(); // TLS has ended this side as well
    }
  }

  private void cutOff() {
    if (!tlsHasEnded) {
      tlsHasEnded = true;
      host.inputCut();
    }
  }

  private void cutOffByReset() {
    if (wasReset && tls == null) {
      host.inputCut();
    }
  }

  private void endedBeneathTls() {
    if (!tlsHasEnded) {
      tlsEnded();
      cutOff();
      host.inputClosed();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (inDoubt) {
      tlsEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (inDoubt) {
      endedBeneathTls();
    }
    cutOffByReset();
    host.closed();
  }

  @Override
  @SuppressWarnings("deprecation") // of the interface, for handlers of another kind
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    broke(cause);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {}

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {}

  @Override
  public void channelRegistered(ChannelHandlerContext context) {}

  @Override
  public void channelUnregistered(ChannelHandlerContext context) {}

  @Override
  public void channelActive(ChannelHandlerContext context) {}

  private static final class Nobody implements Host {
    @Override
    public void failed(Reason reason) {}

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
