package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Observer;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Reason;
import dev.lariat.message.TunnelUp;
import dev.lariat.option.ConnectionOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes channels to one place. */
public interface Dialer {

  /**
   * A dialer over another network than this machine's.
   *
   * @param lookup gives the addresses of a host, at least one, and completes exceptionally where
   *     there are none; on any thread
   * @param channels makes channels that the dialer connects, on its loop
   */
  static Dialer over(
      Place place,
      Optional<TlsContext> tls,
      ConnectionOptions options,
      Function<String, CompletableFuture<List<InetAddress>>> lookup,
      ChannelFactory<? extends Channel> channels) {
    return new NetworkDialer(place, tls, options, lookup::apply, channels);
  }

  /**
   * A dialer that asks a connection for a tunnel.
   *
   * @param outer the connection that carries the tunnel
   */
  static Dialer through(
      Outer outer, Place.Tunnelled to, Optional<TlsContext> tls, ConnectionOptions options) {
    Dialer dialer =
        new NetworkDialer(
            to,
            tls,
            options,
            host -> CompletableFuture.failedFuture(new UnknownHostException(host)), // never asked
            () -> new StreamChannel(outer));
    return new Dialer() {
      @Override
      public boolean isOver() {
        return outer.ended().isPresent();
      }

      @Override
      public Attempt dial(Loop loop, Outcome outcome) {
        Attempt attempt = dialer.dial(loop, outcome);
        return new Attempt() {
          @Override
          public void cancel() {
            attempt.cancel();
            outer.givenUp();
          }

          @Override
          public Optional<Reason> soFar() {
            return outer.soFar().or(attempt::soFar);
          }
        };
      }
    };
  }

  /** Whether no attempt can succeed any more. */
  default boolean isOver() {
    return false;
  }

  /** A dialer like this one that does not offer HTTP/2. */
  default Dialer withoutHttp2() {
    return this;
  }

  /**
   * This dialer, which may have to do without HTTP/2.
   *
   * @param withoutHttp2 makes the dialer that does; on the loop
   */
  default Dialer or(Supplier<Dialer> withoutHttp2) {
    Dialer first = this;
    return new Dialer() {
      @Override
      public Dialer withoutHttp2() {
        return withoutHttp2.get();
      }

      @Override
      public boolean isOver() {
        return first.isOver();
      }

      @Override
      public Attempt dial(Loop loop, Outcome outcome) {
        return first.dial(loop, outcome);
      }
    };
  }

  /**
   * Begins an attempt. Its outcome is told on the loop, once, and never from within this call.
   *
   * @return what to cancel it by
   */
  Attempt dial(Loop loop, Outcome outcome);

  /** An attempt that has begun. */
  interface Attempt {

    /** Ends it, at once and without an outcome; does nothing when that was told. */
    void cancel();

    /**
     * How far it has come: what it waits for, and how long for that; empty if it has only begun. On
     * the loop.
     */
    default Optional<Reason> soFar() {
      return Optional.empty();
    }
  }

  /** Who waits for an attempt. */
  interface Outcome {

    /** The channel is open, TLS included, and is the waiter's from now on. */
    void connected(Channel channel);

    /** A proxy has opened the tunnel that the attempt goes through. */
    default void tunnelUp(TunnelUp opened) {}

    /**
     * A proxy speaks HTTP/2 on this channel: makes a connection of it, which carries the rest of
     * the attempt. On the loop.
     *
     * @param ref what the connection calls itself
     */
    default Carrier carrier(
        Channel channel, Loop loop, ConnectionRef ref, ConnectionOptions options) {
      throw new IllegalStateException("nobody here makes connections to proxies");
    }

    /** The attempt failed. */
    void failed(Reason reason);

    /** Who is told of the attempt's steps. */
    default Observer observer() {
      return Observer.NOBODY;
    }
  }
}
