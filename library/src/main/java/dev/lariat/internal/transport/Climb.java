package dev.lariat.internal.transport;

import dev.lariat.internal.hop.Negotiation;
import dev.lariat.internal.hop.ProxyHeader;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way from a channel to the first place of an attempt to the server: TLS to each proxy and its
 * negotiation, one inside the other, and at last TLS to the server. It stacks what stays into the
 * channel's pipeline: for each proxy with TLS a handler of TLS, and a {@link HostHandler} that
 * makes the {@link Relay} a socket of what is in it. After a proxy that speaks HTTP/2 it goes on
 * with another channel, on a stream of the connection to that proxy ({@link Http2Hop}).
 */
final class Climb {
  private final Dialing dialing;
  private Channel channel;
  private final SocketAddress remote;
  private final List<Negotiation> negotiations;

  /** The next of the hops. */
  private int index;

  /** A climb on a channel that has just connected. */
  Climb(Dialing dialing, Channel channel, SocketAddress remote, List<Negotiation> negotiations) {
    this.dialing = dialing;
    this.channel = channel;
    this.remote = remote;
    this.negotiations = negotiations;
  }

  void begin() {
    dialing.dialer.header.ifPresent(
        header -> {
          ByteBuf bytes = channel.alloc().buffer();
          ProxyHeader.write(header, Wire.local(channel), Wire.remote(channel), bytes);
          channel.writeAndFlush(bytes);
        });
    next();
  }

  /** Goes on with the next hop, or with the server after the last one. */
  private void next() {
    if (index == dialing.dialer.hops.size()) {
      dialing.at(null);
      secureTheServer();
      return;
    }
    Hop hop = dialing.dialer.hops.get(index);
    dialing.at(hop);
    dialing.observer.proxyStart(hop.number(), hop.proxy().uri());
    if (hop.tls().isEmpty()) {
      arrived(hop, Optional.empty());
    } else {
      secure(
          hop.tls().get(),
          hop.authority(),
          Wire.PROXY_TLS + hop.number(),
          Alpn.ofProxy(hop.proxy()),
          tls -> {
            Relay.above(tls, channel);
            arrived(hop, Optional.ofNullable(tls.applicationProtocol()));
          });
    }
  }

  private void arrived(Hop hop, Optional<String> chosen) {
    if (index < negotiations.size()) {
      ask(hop, chosen);
    } else { // it receives the requests themselves
      dialing.observer.proxyEnd(hop.number(), hop.proxy().uri());
      dialing.at(null);
      succeed();
    }
  }

  /**
   * Asks this hop for the tunnel.
   *
   * @param chosen what it chose by ALPN
   */
  private void ask(Hop hop, Optional<String> chosen) {
    Negotiation negotiation = negotiations.get(index);
    boolean http2 = hop.speaksHttp2(chosen);
    dialing.step(Step.PROXY, hop.proxy().timeout());
    index++;
    Outcome outcome = new Outcome(hop);
    if (http2) {
      channel.config().setAutoRead(false); // until the connection reads
      Http2Hop connection = new Http2Hop(dialing, hop, negotiation, outcome, channel);
      dialing.asks(connection::refusal);
      connection.begin(remote, outcome::through);
    } else {
      dialing.asks(negotiation::refusal);
      channel.pipeline().addLast(new HopHandler(negotiation, outcome));
      channel.config().setAutoRead(true);
    }
  }

  /** What a negotiation comes to. */
  private final class Outcome implements Http2Hop.Outcome {
    private final Hop hop;

    Outcome(Hop hop) {
      this.hop = hop;
    }

    /** The tunnel is another channel. */
    void through(Channel tunnel) {
      channel = tunnel;
      through();
    }

    @Override
    public void through() {
      if (!dialing.over()) {
        dialing.observer.proxyEnd(hop.number(), hop.proxy().uri());
        dialing.guarded(Climb.this::next);
      }
    }

    @Override
    public void challenged(List<String> challenges, Consumer<Optional<String>> then) {
      dialing.asks(hop).answer(challenges, then, () -> {}); // the channel is closed by itself
    }

    @Override
    public void anew() {
      if (!dialing.over()) {
        dialing.guarded(dialing::anew);
      }
    }

    @Override
    public void fallBack() {
      if (!dialing.over()) {
        dialing.dialer.fallBack(hop);
        anew();
      }
    }

    @Override
    public void failed(Reason reason) {
      dialing.fail(reason);
    }
  }

  private void secureTheServer() {
    Optional<TlsContext> tls = dialing.dialer.tls;
    if (tls.isEmpty()) {
      succeed();
      return;
    }
    dialing.observer.tlsStart(channel, remote);
    secure(
        tls.get(),
        dialing.dialer.server(),
        Wire.TLS,
        Alpn.ofServer(dialing.dialer.options),
        handler -> {
          dialing.observer.tlsEnd(channel, Wire.tls(channel));
          succeed();
        });
  }

  private void succeed() {
    channel.config().setAutoRead(false);
    dialing.succeed(channel);
  }

  /** A handshake on top of what there is. */
  private void secure(
      TlsContext context, Authority server, String name, Alpn alpn, Consumer<SslHandler> then) {
    dialing.step(Step.TLS, dialing.dialer.timeouts.tls());
    SslHandler handler = context.handler(channel, server);
    NoRenegotiation guard = new NoRenegotiation();
    Untold end = new Untold();
    channel.pipeline().addLast(guard).addLast(name, handler).addLast(end);
    channel.config().setAutoRead(true);
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (dialing.over()) {
                channel.close();
              } else if (done.isSuccess()) {
                Optional<String> chosen = Optional.ofNullable(handler.applicationProtocol());
                Optional<Reason> refusal = alpn.refuses(context.offered(), chosen);
                if (refusal.isPresent()) {
                  dialing.fail(refusal.get());
                  return;
                }
                channel.pipeline().remove(end);
                if (handler.engine().getSession().getProtocol().equals("TLSv1.3")) {
                  channel.pipeline().remove(guard);
                }
                dialing.guarded(() -> then.accept(handler));
              } else {
                dialing.fail(Failures.handshake(channel, done.cause(), end.broken));
              }
            });
  }

  /** The end of the pipeline during the handshake, whose future has what is wrong with TLS. */
  private static final class Untold extends ChannelInboundHandlerAdapter {
    /** What broke the channel beneath TLS. The future only says that it was closed. */
    @Nullable Throwable broken;

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof DecoderException)) { // as TLS throws
        broken = cause;
      }
    }
  }
}
