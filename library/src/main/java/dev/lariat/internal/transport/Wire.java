package dev.lariat.internal.transport;

import dev.lariat.event.TlsSession;
import dev.lariat.internal.protocol.Host;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** How an open channel is read and closed. */
public final class Wire {
  /** The name of the handler of TLS to the server. */
  static final String TLS = "tls";

  /** How the names of the handlers of TLS to proxies begin; the number of the hop follows. */
  static final String PROXY_TLS = "tls of hop ";

  private static final Integer DNS_NAME = 2; // RFC 5280 section 4.2.1.6

  private Wire() {}

  /** Tells this host what happens on the channel, from now on. */
  public static void host(Channel channel, Host host) {
    channel.pipeline().addLast(new HostHandler(host, ofTheServer(channel)));
  }

  /** Tells the host nothing more. */
  public static void letGo(Channel channel) {
    if (channel.pipeline().last() instanceof HostHandler handler) {
      handler.letGo();
    }
  }

  /** Tells the host that a write has failed. */
  public static void broke(Channel channel, Throwable cause) {
    if (channel.pipeline().last() instanceof HostHandler handler) {
      handler.broke(cause);
    }
  }

  private static @Nullable SslHandler ofTheServer(Channel channel) {
    return channel.pipeline().get(TLS) instanceof SslHandler tls ? tls : null;
  }

  /** TLS to the server and to the proxies, the innermost first, which is the server's. */
  private static List<SslHandler> all(Channel channel) {
    List<SslHandler> all = new ArrayList<>(1);
    for (var handler : channel.pipeline()) {
      if (handler.getValue() instanceof SslHandler tls) {
        all.addFirst(tls);
      }
    }
    return all;
  }

  /**
   * Lets this channel read into its loop's one buffer from now on. The buffer never leaves {@code
   * channelRead}, so nothing that keeps bytes may stand before the reader: no TLS, no codec of
   * Netty's.
   *
   * @return whether that is so here
   */
  public static boolean lendReadBuffer(Channel channel, Loop loop) {
    if (channel.pipeline().get(SslHandler.class) != null
        || !(channel.config().getRecvByteBufAllocator() instanceof ReadBuffers buffers)) {
      return false;
    }
    buffers.lend(loop);
    return true;
  }

  /** Lets the peer end its side, which the pipeline then tells, without closing this one. */
  public static void allowHalfClose(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  /** Ends this side, once all that was written is out; with TLS only its own side ends. */
  public static void endOutput(Channel channel) {
    List<SslHandler> tls = all(channel);
    if (!tls.isEmpty()) {
      tls.getFirst().closeOutbound();
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }

  /** This end's address, where it has one. */
  public static Optional<SocketAddress> local(Channel channel) {
    return Optional.ofNullable(channel.localAddress()).map(Wire::plain);
  }

  /** The other end's address, while the channel is open. */
  public static Optional<SocketAddress> remote(Channel channel) {
    return Optional.ofNullable(channel.remoteAddress()).map(Wire::plain);
  }

  /** An address in the JDK's form. */
  static SocketAddress plain(SocketAddress address) {
    return address instanceof DomainSocketAddress unix
        ? UnixDomainSocketAddress.of(unix.path())
        : address;
  }

  /** What TLS to the server agreed on, where there is any. */
  public static Optional<TlsSession> tls(Channel channel) {
    SslHandler tls = ofTheServer(channel);
    if (tls == null) {
      return Optional.empty();
    }
    SSLSession session = tls.engine().getSession();
    return Optional.of(
        new TlsSession(
            session.getProtocol(),
            session.getCipherSuite(),
            Optional.ofNullable(tls.applicationProtocol())));
  }

  /** The names of hosts in the certificate that TLS to the server has verified, in lower case. */
  public static Set<String> names(Channel channel) {
    SslHandler tls = ofTheServer(channel);
    Set<String> names = new HashSet<>();
    try {
      Certificate[] chain =
          tls == null ? new Certificate[0] : tls.engine().getSession().getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate own) {
        Collection<List<?>> all = own.getSubjectAlternativeNames();
        for (List<?> name : all == null ? List.<List<?>>of() : all) {
          if (DNS_NAME.equals(name.get(0))) {
            names.add(name.get(1).toString().toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      return Set.of(); // it is for nobody else, as far as is known
    }
    return names;
  }

  /** What the far end of the innermost TLS chose by ALPN; empty without TLS, or if nothing. */
  public static Optional<String> chosen(Channel channel) {
    return all(channel).stream().findFirst().map(SslHandler::applicationProtocol);
  }

  /** Whether the proxy of this number, from 1, speaks HTTP/2 on the way of this channel. */
  public static boolean speaksHttp2(int number, Channel channel) {
    return Http2Hop.isOnTheWay(number, channel);
  }

  /** Bytes that were written and that the socket has not taken. */
  public static long bytesWaiting(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /**
   * Closes the channel now. TLS gets its {@code close_notify} out if the socket takes it, but
   * nothing waits for it: the socket is closed beneath whatever is stuck above.
   */
  public static void abort(Channel channel) {
    for (SslHandler tls : all(channel)) {
      if (tls.handshakeFuture().isSuccess()) {
        tls.closeOutbound();
      }
    }
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close(); // goes to the socket past all handlers
    }
  }
}
