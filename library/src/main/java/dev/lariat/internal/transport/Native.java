package dev.lariat.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

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
  };

  static final Native BEST = Epoll.isAvailable() ? EPOLL : NIO;

  abstract IoHandlerFactory ioHandler();

  abstract ChannelFactory<? extends Channel> channels(boolean unix);

  abstract SocketAddress address(Path socket);
}
