package dev.lariat.internal.transport;

import dev.lariat.internal.hop.Negotiation;
import dev.lariat.internal.hop.Negotiation.Progress;
import dev.lariat.internal.protocol.Command;
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
import java.util.function.Consumer;

/**
 * A proxy that speaks HTTP/2. The channel to it becomes a connection, the {@link Carrier}. What
 * follows after this proxy stands on a stream of that connection (RFC 9113 section 8.5), which is a
 * channel again. Each of the two ends with the other.
 */
final class Http2Hop implements StreamChannel.Outer {
  /** For what was written and for the proxy's end, when the tunnel has ended. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final Duration LONGEST = Duration.ofDays(365); // the step has a deadline

  private final Dialing dialing;
  private final Hop hop;
  private final Negotiation negotiation;
  private final HopHandler.Outcome outcome;
  private final Channel channel;
  private final StreamRef tunnel;
  private final Carrier carrier;

  /** Whether the proxy has opened the tunnel. */
  private boolean through;

  /** Makes a connection of this channel. */
  Http2Hop(
      Dialing dialing,
      Hop hop,
      Negotiation negotiation,
      HopHandler.Outcome outcome,
      Channel channel) {
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
    dialing.opened(made);
    made.closeFuture()
        .addListener(done -> carrier.post(through ? new Command.Shutdown() : new Command.Close()));
    connecting.addListener(
        done -> {
          through = done.isSuccess();
          if (dialing.over()) {
            made.close();
          } else if (through) {
            then.accept(made);
          } else {
            failed(why(done.cause()));
          }
        });
  }

  private void failed(Reason why) {
    switch (negotiation.failed(why)) {
      case Progress.Anew anew -> outcome.anew();
      case Progress.Refused(var reason) -> outcome.failed(reason);
      case Progress.More more -> outcome.failed(why);
      case Progress.Through through -> outcome.failed(why);
    }
  }

  /** What happened on the connection to the proxy. */
  private Reason why(Throwable cause) {
    Reason reason =
        cause instanceof StreamChannel.Failure failure ? failure.reason : Failures.broken(cause);
    Reason there = reason instanceof Reason.Tunnel(var through, var last) ? last : reason;
    if (there instanceof Reason.Unprocessed(var why, var last)) {
      return last.orElse(there);
    }
    return there instanceof Reason.BadState ? carrier.ended().orElse(there) : there;
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
  public boolean hasEnded() {
    return carrier.ended().isPresent();
  }
}
