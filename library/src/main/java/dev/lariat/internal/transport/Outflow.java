package dev.lariat.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Whether the socket takes anything of what waits for it. It stands beneath TLS, so what it counts
 * is what the socket sees; and it is put there only when something waits for the first time, since
 * most links never make it wait.
 *
 * <p>What the socket took is a count of whole writes and a part of the next one: neither ever goes
 * back, while the buffers themselves are used again and tell nothing.
 */
public final class Outflow extends ChannelOutboundHandlerAdapter {
  private final Channel channel;
  private long written; // since it was put in; what waited before makes the counts begin below zero
  private long flushed;
  private long wholeBefore; // what the socket had taken when it was asked last
  private long partBefore;

  private Outflow(Channel channel) {
    this.channel = channel;
  }

  /** Begins to watch the channel, between two flushes. */
  public static Outflow of(Channel channel) {
    Outflow outflow = new Outflow(channel);
    channel.pipeline().addFirst(outflow);
    outflow.moved();
    return outflow;
  }

  /** Whether the socket did not take all that was flushed. */
  public static boolean waits(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty(); // null on a channel that is closed
  }

  /** Whether the socket has taken anything, be it one byte, since this was asked last. */
  public boolean moved() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (buffer == null) {
      return false;
    }
    long whole = flushed - buffer.size();
    long part = buffer.currentProgress();
    boolean moved = whole != wholeBefore || part != partBefore;
    wholeBefore = whole;
    partBefore = part;
    return moved;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    written++;
    context.write(message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    flushed = written;
    context.flush();
  }
}
