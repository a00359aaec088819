package dev.lariat.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Netty's own WebSocket handlers; what is sent while reading is flushed at the end of the read. */
final class NettyPeer implements Peer {
  private final Setup setup;
  private final SslContext ssl;
  private final Bootstrap bootstrap = bootstrap();

  NettyPeer(Setup setup) throws Exception {
    this.setup = setup;
    this.ssl = setup.nettySslContext();
  }

  /** Goes through the proxy that is the server itself, with TLS to it or without. */
  static void throughProxy(ChannelPipeline pipeline, URI uri, @Nullable SslContext ssl) {
    if (ssl != null) {
      pipeline.addLast(ssl.newHandler(pipeline.channel().alloc(), uri.getHost(), uri.getPort()));
    }
    pipeline.addLast(new HttpProxyHandler(new InetSocketAddress(uri.getHost(), uri.getPort())));
  }

  /** Over epoll where it is there. */
  static Bootstrap bootstrap() {
    boolean epoll = Epoll.isAvailable();
    return new Bootstrap()
        .group(
            new MultiThreadIoEventLoopGroup(
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory()))
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true);
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Handler handler = new Handler(sink);
    bootstrap
        .clone()
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                ChannelPipeline pipeline = channel.pipeline();
                boolean tls = uri.getScheme().equals("wss");
                if (setup.workload().isThroughProxy()) {
                  throughProxy(pipeline, uri, tls ? ssl : null);
                }
                if (tls) {
                  pipeline.addLast(ssl.newHandler(channel.alloc(), uri.getHost(), uri.getPort()));
                }
                pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(8192));
                if (setup.compress()) {
                  pipeline.addLast(new WebSocketClientCompressionHandler(Setup.MAX_MESSAGE));
                }
                pipeline.addLast(
                    new WebSocketClientProtocolHandler(
                        WebSocketClientProtocolConfig.newBuilder()
                            .webSocketUri(uri)
                            .allowExtensions(setup.compress())
                            .maxFramePayloadLength(Setup.MAX_MESSAGE)
                            .build()),
                    handler);
              }
            })
        .connect(uri.getHost(), uri.getPort())
        .sync();
    return handler.opened.get(10, TimeUnit.SECONDS);
  }

  private static final class Handler extends SimpleChannelInboundHandler<WebSocketFrame>
      implements Link {
    private final Sink sink;
    private final CompletableFuture<Link> opened = new CompletableFuture<>();
    private ChannelHandlerContext context;
    private boolean reading; // on the event loop only

    Handler(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      this.context = context;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        opened.complete(this);
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      reading = true;
      if (frame instanceof TextWebSocketFrame text) {
        sink.text(this, text.text());
      } else {
        sink.binary(this, frame.content().readableBytes());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      if (reading) {
        reading = false;
        context.flush();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      opened.completeExceptionally(cause);
      cause.printStackTrace();
    }

    @Override
    public void text(String text) {
      write(new TextWebSocketFrame(text));
    }

    @Override
    public void binary(byte[] bytes) {
      write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
    }

    private void write(WebSocketFrame frame) {
      if (context.executor().inEventLoop() && reading) {
        context.write(frame, context.voidPromise());
      } else {
        context.writeAndFlush(frame);
      }
    }
  }
}
