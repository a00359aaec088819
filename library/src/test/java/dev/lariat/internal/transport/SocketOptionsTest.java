package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.SocketOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked for of sockets, as the system says that it is. */
class SocketOptionsTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final CompletableFuture<Channel> connected = new CompletableFuture<>();

  /** Dials with one transport; what is then asked of the socket is asked of the system. */
  private void dial(Native transport, Place place, SocketOptions options, Asking asking)
      throws Exception {
    assumeTrue(transport == Native.NIO || Epoll.isAvailable(), "epoll cannot be loaded");
    try (var group = new MultiThreadIoEventLoopGroup(1, transport.ioHandler())) {
      new NetworkDialer(
              place, Optional.empty(), ConnectionOptions.DEFAULT.sockets(options), transport)
          .dial(
              new Loop(group.next(), new SecureRandom()),
              new Dialer.Outcome() {
                @Override
                public void connected(Channel channel) {
                  connected.complete(channel);
                }

                @Override
                public void failed(Reason reason) {
                  connected.completeExceptionally(new AssertionError(reason.sentence()));
                }
              });
      Channel channel = connected.get(20, TimeUnit.SECONDS);
      try {
        asking.of(channel);
      } finally {
        channel.close().sync();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      }
    }
  }

  private interface Asking {
    void of(Channel channel) throws Exception;
  }

  private static Place.Host place(ServerSocket server) {
    return new Place.Host(LOOPBACK.getHostAddress(), server.getLocalPort());
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 50, LOOPBACK);
  }

  private static <T> T get(Channel channel, ChannelOption<T> option) {
    return channel.config().getOption(option);
  }

  private static List<ChannelOption<Integer>> probes(Native transport) {
    return transport == Native.EPOLL
        ? List.of(
            EpollChannelOption.TCP_KEEPIDLE,
            EpollChannelOption.TCP_KEEPINTVL,
            EpollChannelOption.TCP_KEEPCNT)
        : List.of(
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
  }

  private static List<Integer> probesOf(Channel channel, Native transport) {
    return probes(transport).stream().map(option -> get(channel, option)).toList();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsAskedForIsSet(Native transport) throws Exception {
    SocketOptions options =
        SocketOptions.DEFAULT
            .noDelay(false)
            .keepAliveIdle(Duration.ofMillis(41_500))
            .keepAliveInterval(Duration.ofSeconds(7))
            .keepAliveCount(4)
            .sendBuffer(20_000)
            .receiveBuffer(30_000)
            .reuseAddress(true);
    try (ServerSocket server = listening()) {
      dial(
          transport,
          place(server),
          options,
          channel -> {
            assertThat(get(channel, ChannelOption.TCP_NODELAY)).isFalse();
            assertThat(get(channel, ChannelOption.SO_KEEPALIVE)).isTrue();
            assertThat(get(channel, ChannelOption.SO_REUSEADDR)).isTrue();
            assertThat(probesOf(channel, transport)).containsExactly(42, 7, 4);
            // Linux takes twice as much, for its own needs
            assertThat(get(channel, ChannelOption.SO_SNDBUF)).isBetween(20_000, 40_000);
            assertThat(get(channel, ChannelOption.SO_RCVBUF)).isBetween(30_000, 60_000);
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotAskedForIsTheSystems(Native transport) throws Exception {
    try (ServerSocket server = listening();
        Socket plain = new Socket(LOOPBACK, server.getLocalPort())) {
      List<Integer> probes =
          List.of(
              plain.getOption(ExtendedSocketOptions.TCP_KEEPIDLE),
              plain.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL),
              plain.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT));
      int sendBuffer = plain.getSendBufferSize();
      dial(
          transport,
          place(server),
          SocketOptions.DEFAULT,
          channel -> {
            assertThat(get(channel, ChannelOption.TCP_NODELAY)).isTrue();
            assertThat(get(channel, ChannelOption.SO_KEEPALIVE)).isTrue();
            assertThat(get(channel, ChannelOption.SO_REUSEADDR)).isFalse();
            assertThat(probesOf(channel, transport)).isEqualTo(probes);
            // of which the JDK tells half
            assertThat(get(channel, ChannelOption.SO_SNDBUF)).isIn(sendBuffer, 2 * sendBuffer);
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void thereMayBeNoProbes(Native transport) throws Exception {
    try (ServerSocket server = listening()) {
      dial(
          transport,
          place(server),
          SocketOptions.DEFAULT.keepAlive(false),
          channel -> assertThat(get(channel, ChannelOption.SO_KEEPALIVE)).isFalse());
    }
  }

  @Test
  void whatIsNotAcknowledgedHasALimitWithEpoll() throws Exception {
    SocketOptions options = SocketOptions.DEFAULT.userTimeout(Duration.ofMillis(12_345));
    try (ServerSocket server = listening()) {
      dial(
          Native.EPOLL,
          place(server),
          options,
          channel ->
              assertThat(get(channel, EpollChannelOption.TCP_USER_TIMEOUT)).isEqualTo(12_345));
    }
  }

  @Test
  void theJdksSocketsRefuseThatLimit() {
    SocketOptions options = SocketOptions.DEFAULT.userTimeout(Duration.ofSeconds(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Native.NIO.options(options, false))
        .withMessageStartingWith("sockets.userTimeout: PT5S, allowed none");
  }

  @ParameterizedTest
  @EnumSource
  void aUnixSocketHasBuffersOnly(Native transport, @TempDir Path folder) throws Exception {
    SocketOptions options =
        SocketOptions.DEFAULT
            .userTimeout(Duration.ofSeconds(1))
            .keepAliveCount(3)
            .reuseAddress(true)
            .local(LOOPBACK)
            .sendBuffer(20_000);
    assertThat(transport.options(options, true)).containsOnlyKeys(ChannelOption.SO_SNDBUF);
    Path path = folder.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      if (transport == Native.BEST) { // whose addresses are those of the path
        dial(
            transport,
            new Place.Unix(path, Authority.of("localhost", 80)),
            options,
            channel -> assertThat(get(channel, ChannelOption.SO_SNDBUF)).isBetween(20_000, 40_000));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void thisSideMayHaveAnAddressAndAPort(Native transport) throws Exception {
    int free;
    try (ServerSocket any = listening()) {
      free = any.getLocalPort();
    }
    InetSocketAddress local = new InetSocketAddress("127.0.0.2", free);
    try (ServerSocket server = listening()) {
      dial(
          transport,
          place(server),
          SocketOptions.DEFAULT.local(local).reuseAddress(true),
          channel -> {
            assertThat(channel.localAddress()).isEqualTo(local);
            try (Socket accepted = server.accept()) {
              assertThat(accepted.getRemoteSocketAddress()).isEqualTo(local);
            }
          });
    }
  }

  @Test
  void aConnectionsSocketsAreSetUpAsItsOptionsSay() throws Exception {
    InetAddress from = InetAddress.getByName("127.0.0.3");
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.sockets(SocketOptions.DEFAULT.local(from));
    try (ServerSocket server = listening();
        Connection connection = Lariat.open("127.0.0.1", server.getLocalPort(), options);
        Socket accepted = server.accept()) {
      assertThat(accepted.getInetAddress()).isEqualTo(from);
      assertThat(connection.info()).isNotNull();
    }
  }
}
