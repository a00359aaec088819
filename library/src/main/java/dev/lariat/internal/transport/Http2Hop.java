package dev.lariat.internal.transport;

import dev.lariat.internal.hop.Negotiation;
import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that speaks HTTP/2. The channel to it becomes a connection, the {@link Carrier}. What
 * follows after this proxy stands on a stream of that connection (RFC 9113 section 8.5), which is a
 * channel again. Each of the two ends with the other.
 */
final class Http2Hop implements Outer {
  /** For what was written and for the proxy's end, when the tunnel has ended. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final Duration LONGEST = Duration.ofDays(365); // the step has a deadline

  /** Whom to call with what the request comes to. */
  interface Outcome extends HopHandler.Outcome {

    /** The proxy is to be asked again on another connection, over HTTP/1.1. */
    void fallBack();
  }

  private final Dialing dialing;
  private final Hop hop;
  private final Negotiation negotiation;
  private final Outcome outcome;
  private final Channel channel;
  private final StreamRef tunnel;
  private final Carrier carrier;

  /** What follows stands on it; null before it is asked for. */
  private @Nullable Channel made;

  /** Whether the proxy has opened the tunnel. */
  private boolean through;

  /** Makes a connection of this channel. */
  Http2Hop(Dialing dialing, Hop hop, Negotiation negotiation, Outcome outcome, Channel channel) {
    this.dialing = dialing;
    this.hop = hop;
    this.negotiation = negotiation;
    this.outcome = outcome;
    this.channel = channel;
    ConnectionRef connection = this::name;
    this.tunnel = () -> connection;
    this.carrier = dialing.carrier(channel, connection, options(dialing.dialer.options));
  }

  /** Those of the connection to the proxy: what is not about the server. */
  private static ConnectionOptions options(ConnectionOptions users) {
    return ConnectionOptions.DEFAULT
        .protocols(Protocol.HTTP_2)
        .retry(Backoff.NEVER)
        .timeouts(users.timeouts().upgrade(LONGEST).closing(LINGER))
        .limits(users.limits())
        .http2(users.http2());
  }

  /**
   * Asks for the tunnel.
   *
   * @param remote what the new channel says of where it leads
   * @param then gets the new channel when the tunnel is there
   */
  void begin(SocketAddress remote, Consumer<Channel> then) {
    ChannelFuture connecting =
        Reach.bootstrap(dialing.loop, () -> new StreamChannel(this)).connect(remote);
    Channel made = connecting.channel();
    this.made = made;
    dialing.opened(made);
    made.closeFuture()
        .addListener(
            done -> {
              if (through) {
                endInOrder();
              } else if (dialing.over()) {
                leave();
              }
            });
    connecting.addListener(
        done -> {
          through = done.isSuccess();
          if (dialing.over()) {
            made.close();
          } else if (through) {
            then.accept(made);
          } else {
            dialing.closed(made);
            this.made = null; // its refusal is whole
            Reason why = why(done.cause());
            if (Fallback.isRequired(why) && Fallback.isPossible(hop.proxy().protocols())) {
              leave();
              outcome.fallBack();
            } else {
              failed(why, negotiation.failed(why), () -> begin(remote, then));
            }
          }
        });
  }

  /**
   * Ends the connection to the proxy when the proxy has read what was sent, which the answer to a
   * ping shows: whatever it sends to a socket that is closed resets its own.
   */
  private void endInOrder() {
    Runnable shutdown = () -> carrier.post(new Command.Shutdown());
    if (carrier.post(new Command.Ping(answer -> shutdown.run()))) {
      channel.eventLoop().schedule(shutdown, LINGER.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** The proxy's refusal, as far as it has come. */
  Optional<Reason> refusal() {
    return made instanceof StreamChannel stream ? stream.refusal() : Optional.empty();
  }

  /** The proxy has not opened the tunnel: asks again on the same connection, or leaves it. */
  private void failed(Reason why, Progress progress, Runnable again) {
    switch (progress) {
      case Progress.Challenged(var challenges) ->
          dialing
              .asks(hop)
              .answer(
                  challenges,
                  credentials -> failed(why, negotiation.answered(credentials), again),
                  this::leave);
      case Progress.More more -> again.run();
      case Progress.Anew anew -> {
        leave();
        outcome.anew();
      }
      case Progress.Refused(var reason) -> {
        leave();
        outcome.failed(reason);
      }
      case Progress.Through none -> throw new IllegalStateException("it has failed: " + why);
    }
  }

  private void leave() {
    carrier.post(new Command.Close());
  }

  /** What happened on the connection to the proxy. */
  private Reason why(Throwable cause) {
    Reason reason =
        cause instanceof TunnelFailure failure ? failure.reason : Failures.broken(cause);
    Reason there = reason instanceof Reason.Tunnel(var through, var last) ? last : reason;
    if (there instanceof Reason.Unprocessed(var why, var last)) {
      return last.or(carrier::ended).orElse(there);
    }
    return there;
  }

  /** Whether the proxy of this number speaks HTTP/2 on the way of this channel. */
  static boolean isOnTheWay(int number, Channel channel) {
    Channel at = channel;
    while (at instanceof StreamChannel stream && stream.outer() instanceof Http2Hop its) {
      if (its.hop.number() == number) {
        return true;
      }
      at = its.channel;
    }
    return false;
  }

  // ---- what its stream needs

  @Override
  public String name() {
    return hop.authority().toString();
  }

  @Override
  public Command.Connect request(Inbox inbox) {
    return negotiation.request(tunnel, inbox);
  }

  @Override
  public boolean post(Command... commands) {
    return carrier.post(commands);
  }

  @Override
  public Optional<Reason> ended() {
    return carrier.ended();
  }
}
