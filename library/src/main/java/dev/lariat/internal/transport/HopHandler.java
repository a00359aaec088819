package dev.lariat.internal.transport;

import dev.lariat.internal.hop.Negotiation;
import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The end of the pipeline while a proxy is asked for a tunnel. When the tunnel is there, it leaves
 * the pipeline, and what it has read beyond the proxy's answer goes to the handlers that were added
 * after it.
 */
final class HopHandler extends ByteToMessageDecoder {

  /** Whom to call with what the negotiation comes to. */
  interface Outcome {

    /** The tunnel is there. */
    void through();

    /**
     * The user's authenticator is to answer these challenges.
     *
     * @param then gets the answer on the loop, unless the attempt ends before
     */
    void challenged(List<String> challenges, Consumer<Optional<String>> then);

    /** The proxy is to be asked again on another connection. */
    void anew();

    /** There will be no tunnel. */
    void failed(Reason reason);
  }

  private final Negotiation negotiation;
  private final Outcome outcome;

  /** Whether this side has sent its first request. */
  private boolean asked;

  private boolean over;

  HopHandler(Negotiation negotiation, Outcome outcome) {
    this.negotiation = negotiation;
    this.outcome = outcome;
  }

  /**
   * The request is sent in a task of its own: before it runs, this handler gets what came together
   * with the end of the step before, from whatever is beneath. None of that can be an answer.
   */
  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ByteBuf out = context.alloc().buffer();
    negotiation.begin(out);
    context
        .executor()
        .execute(
            () -> {
              if (over || context.isRemoved()) {
                out.release();
              } else {
                asked = true;
                send(context, out);
              }
            });
  }

  /** The cause of a write that fails says more than the end of the channel, which follows it. */
  private void send(ChannelHandlerContext context, ByteBuf out) {
    context
        .writeAndFlush(out)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                exceptionCaught(context, done.cause());
              }
            });
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> unused) {
    if (over) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (!asked) {
      progressed(context, new Progress.Refused(negotiation.early()));
      return;
    }
    ByteBuf out = context.alloc().buffer();
    Progress progress = negotiation.received(in, out);
    if (out.isReadable()) {
      send(context, out);
    } else {
      out.release();
    }
    progressed(context, progress);
  }

  private void progressed(ChannelHandlerContext context, Progress progress) {
    switch (progress) {
      case Progress.More more -> {}
      case Progress.Through through -> {
        over = true;
        outcome.through();
        context.pipeline().remove(this); // which passes on what is left
      }
      case Progress.Challenged(var challenges) ->
          outcome.challenged(challenges, credentials -> answered(context, credentials));
      case Progress.Anew anew -> {
        over = true;
        outcome.anew();
      }
      case Progress.Refused(var why) -> {
        over = true;
        outcome.failed(why);
      }
    }
  }

  private void answered(ChannelHandlerContext context, Optional<String> credentials) {
    if (over) {
      return;
    }
    Progress progress = negotiation.answered(credentials);
    if (progress instanceof Progress.More) {
      ByteBuf out = context.alloc().buffer();
      negotiation.askAgain(out);
      context.writeAndFlush(out);
    } else {
      progressed(context, progress);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    super.userEventTriggered(context, event);
    if (event instanceof ChannelInputShutdownEvent) {
      ended(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    ended(context);
  }

  private void ended(ChannelHandlerContext context) {
    if (!over) {
      progressed(context, negotiation.ended());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!over) {
      over = true;
      outcome.failed(Failures.broken(cause));
    }
  }
}
