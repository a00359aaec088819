package dev.lariat.internal.transport;

import dev.lariat.option.SocketOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * The transports of Netty that are used: epoll where it can be loaded, the JDK's selectors
 * elsewhere.
 */
enum Native {
  EPOLL {
    @Override
    IoHandlerFactory ioHandler() {
      return EpollIoHandler.newFactory();
    }

    @Override
    ChannelFactory<? extends Channel> channels(boolean unix) {
      return unix ? EpollDomainSocketChannel::new : EpollSocketChannel::new;
    }

    @Override
    SocketAddress address(Path socket) {
      return new DomainSocketAddress(socket.toFile());
    }

    @Override
    void more(SocketOptions sockets, Map<ChannelOption<?>, Object> options) {
      put(options, EpollChannelOption.TCP_KEEPIDLE, seconds(sockets.keepAliveIdle()));
      put(options, EpollChannelOption.TCP_KEEPINTVL, seconds(sockets.keepAliveInterval()));
      put(options, EpollChannelOption.TCP_KEEPCNT, sockets.keepAliveCount());
      put(options, EpollChannelOption.TCP_USER_TIMEOUT, millis(sockets.userTimeout()));
    }
  },
  NIO {
    @Override
    IoHandlerFactory ioHandler() {
      return NioIoHandler.newFactory();
    }

    @Override
    ChannelFactory<? extends Channel> channels(boolean unix) {
      return unix ? NioDomainSocketChannel::new : NioSocketChannel::new;
    }

    @Override
    SocketAddress address(Path socket) {
      return UnixDomainSocketAddress.of(socket);
    }

    @Override
    void more(SocketOptions sockets, Map<ChannelOption<?>, Object> options) {
      ask(options, ExtendedSocketOptions.TCP_KEEPIDLE, seconds(sockets.keepAliveIdle()));
      ask(options, ExtendedSocketOptions.TCP_KEEPINTERVAL, seconds(sockets.keepAliveInterval()));
      ask(options, ExtendedSocketOptions.TCP_KEEPCOUNT, sockets.keepAliveCount());
      if (sockets.userTimeout().isPresent()) {
        throw new IllegalArgumentException(
            "sockets.userTimeout: "
                + sockets.userTimeout().get()
                + ", allowed none: the JDK's sockets do not support it, Netty's epoll"
                + " transport does");
      }
    }

    private static void ask(
        Map<ChannelOption<?>, Object> options, SocketOption<Integer> option, OptionalInt value) {
      if (value.isPresent() && !Supported.BY_THE_JDK.contains(option)) {
        throw new IllegalArgumentException(
            "sockets: "
                + option.name()
                + " = "
                + value.getAsInt()
                + ", allowed none: this system does not support it");
      }
      put(options, NioChannelOption.of(option), value);
    }
  };

  static final Native BEST =
      NativeLibrary.isPresent("netty_transport_native_epoll") && Epoll.isAvailable() ? EPOLL : NIO;

  abstract IoHandlerFactory ioHandler();

  abstract ChannelFactory<? extends Channel> channels(boolean unix);

  abstract SocketAddress address(Path socket);

  /** Adds what each transport has its own names for. */
  abstract void more(SocketOptions sockets, Map<ChannelOption<?>, Object> options);

  /**
   * What is to be set on a socket, all but its address.
   *
   * @throws IllegalArgumentException if this transport cannot set it
   */
  Map<ChannelOption<?>, Object> options(SocketOptions sockets, boolean unix) {
    Map<ChannelOption<?>, Object> options = new LinkedHashMap<>();
    put(options, ChannelOption.SO_SNDBUF, sockets.sendBuffer());
    put(options, ChannelOption.SO_RCVBUF, sockets.receiveBuffer());
    if (!unix) {
      options.put(ChannelOption.TCP_NODELAY, sockets.noDelay());
      options.put(ChannelOption.SO_KEEPALIVE, sockets.keepAlive());
      if (sockets.reuseAddress()) {
        options.put(ChannelOption.SO_REUSEADDR, true);
      }
      more(sockets, options);
    }
    return options;
  }

  private static void put(
      Map<ChannelOption<?>, Object> options, ChannelOption<Integer> option, OptionalInt value) {
    if (value.isPresent()) {
      options.put(option, value.getAsInt());
    }
  }

  /** In whole seconds, the last one begun. */
  private static OptionalInt seconds(Optional<Duration> time) {
    return time.isPresent()
        ? OptionalInt.of(Math.toIntExact(time.get().plusNanos(999_999_999).toSeconds()))
        : OptionalInt.empty();
  }

  private static OptionalInt millis(Optional<Duration> time) {
    return time.isPresent()
        ? OptionalInt.of(Math.toIntExact(time.get().toMillis()))
        : OptionalInt.empty();
  }

  /** Asked once, of a socket that serves for nothing else. */
  private static final class Supported {
    static final Set<SocketOption<?>> BY_THE_JDK = byTheJdk();

    private static Set<SocketOption<?>> byTheJdk() {
      try (SocketChannel socket = SocketChannel.open()) {
        return socket.supportedOptions();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
