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
      sockets
          .keepAliveIdle()
          .ifPresent(time -> options.put(EpollChannelOption.TCP_KEEPIDLE, seconds(time)));
      sockets
          .keepAliveInterval()
          .ifPresent(time -> options.put(EpollChannelOption.TCP_KEEPINTVL, seconds(time)));
      sockets
          .keepAliveCount()
          .ifPresent(count -> options.put(EpollChannelOption.TCP_KEEPCNT, count));
      sockets
          .userTimeout()
          .ifPresent(
              time ->
                  options.put(
                      EpollChannelOption.TCP_USER_TIMEOUT, Math.toIntExact(time.toMillis())));
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
      sockets
          .keepAliveIdle()
          .ifPresent(time -> put(options, ExtendedSocketOptions.TCP_KEEPIDLE, seconds(time)));
      sockets
          .keepAliveInterval()
          .ifPresent(time -> put(options, ExtendedSocketOptions.TCP_KEEPINTERVAL, seconds(time)));
      sockets
          .keepAliveCount()
          .ifPresent(count -> put(options, ExtendedSocketOptions.TCP_KEEPCOUNT, count));
      sockets
          .userTimeout()
          .ifPresent(
              time -> {
                throw new IllegalArgumentException(
                    "sockets.userTimeout: "
                        + time
                        + ", allowed none: the JDK's sockets do not support it, Netty's epoll"
                        + " transport does");
              });
    }

    private static <T> void put(
        Map<ChannelOption<?>, Object> options, SocketOption<T> option, T value) {
      if (!Supported.BY_THE_JDK.contains(option)) {
        throw new IllegalArgumentException(
            "sockets: "
                + option.name()
                + " = "
                + value
                + ", allowed none: this system does not support it");
      }
      options.put(NioChannelOption.of(option), value);
    }
  };

  static final Native BEST = NativeLibrary.EPOLL && Epoll.isAvailable() ? EPOLL : NIO;

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
    sockets.sendBuffer().ifPresent(size -> options.put(ChannelOption.SO_SNDBUF, size));
    sockets.receiveBuffer().ifPresent(size -> options.put(ChannelOption.SO_RCVBUF, size));
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

  /** In whole seconds, the last one begun. */
  private static int seconds(Duration time) {
    return Math.toIntExact(time.plusNanos(999_999_999).toSeconds());
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
