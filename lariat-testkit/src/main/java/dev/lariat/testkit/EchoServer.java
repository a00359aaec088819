package dev.lariat.testkit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server on 127.0.0.1 to try a client with. It echoes every WebSocket message, at any path, and
 * accepts permessage-deflate and the first subprotocol if the client offers them. It answers a
 * plain {@code GET} with {@code Hello from }, the path and a line feed, and a {@code POST} or
 * {@code PUT} with the body of the request, up to 64 KiB. At the path {@code /status/NNN} it
 * answers every request with that status, even an upgrade.
 *
 * <p>You can kill and restart it to see how a client reconnects. It is built on Netty's server
 * codecs and shares no code with Lariat. A message has at most 16 MiB. You can call all methods
 * from any thread. They block until they have done their work.
 */
public final class EchoServer implements AutoCloseable {
  private static final int MAX_MESSAGE = 16 << 20;
  private static final int MAX_REQUEST = 64 << 10;
  private static final Pattern STATUS = Pattern.compile("/status/([2-9][0-9]{2})");

  // One thread accepts and serves: when it has stopped listening, every connection is in the group.
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("lariat-echo", true), NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final int port;
  private @Nullable Channel listening;

  private EchoServer(int port) {
    try {
      Channel first = listen(port, false);
      this.listening = first;
      this.port = ((InetSocketAddress) first.localAddress()).getPort();
    } catch (UncheckedIOException e) {
      stopLoop();
      throw e;
    }
  }

  /**
   * Starts a server.
   *
   * @param port 1 to 65535, or 0 for any free port
   * @return the running server
   * @throws IllegalArgumentException if the port is out of range
   * @throws UncheckedIOException if the port is taken
   */
  public static EchoServer start(int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + ", allowed 0 to 65535");
    }
    return new EchoServer(port);
  }

  /** {@return its port, even while it is killed: 1 to 65535} */
  public int port() {
    return port;
  }

  /** Stops listening and ends all connections at once, without close frames, like a crash. */
  public synchronized void kill() {
    Channel open = listening;
    if (open != null) {
      listening = null;
      open.close().syncUninterruptibly();
      connections.close().syncUninterruptibly();
    }
  }

  /**
   * Listens on the same port again. If it is still running, kills it first.
   *
   * @throws UncheckedIOException if another program uses the port for longer than a second
   */
  public synchronized void restart() {
    kill();
    listening = listen(port, true);
  }

  /** Ends it for good, like {@link #kill}. */
  @Override
  public void close() {
    kill();
    stopLoop();
  }

  private void stopLoop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private Channel listen(int port, boolean again) {
    return Rebinding.take(
        "The echo server",
        port,
        again,
        () -> {
          ChannelFuture binding = bind(port);
          if (binding.cause() instanceof IOException e) {
            throw e;
          }
          return binding.syncUninterruptibly().channel();
        });
  }

  private ChannelFuture bind(int port) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true) // a restart finds the port in TIME_WAIT
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                serve(channel);
              }
            })
        .bind(new InetSocketAddress(NetUtil.LOCALHOST4, port))
        .awaitUninterruptibly();
  }

  private void serve(Channel channel) {
    connections.add(channel);
    WebSocketServerProtocolConfig webSocket =
        WebSocketServerProtocolConfig.newBuilder()
            .websocketPath("/")
            .checkStartsWith(true)
            .subprotocols("*")
            .sendCloseFrame(null) // a killed server says nothing
            .decoderConfig(
                WebSocketDecoderConfig.newBuilder()
                    .allowExtensions(true)
                    .maxFramePayloadLength(MAX_MESSAGE)
                    .build())
            .build();
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new HttpObjectAggregator(MAX_REQUEST),
            new Plain(),
            new WebSocketServerCompressionHandler(MAX_MESSAGE),
            new WebSocketServerProtocolHandler(webSocket),
            new WebSocketFrameAggregator(MAX_MESSAGE),
            new Echo());
  }

  /** Answers what does not ask for a WebSocket, and what asks for a status. */
  private static final class Plain extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    public boolean acceptInboundMessage(Object message) {
      return message instanceof FullHttpRequest request
          && (!upgrades(request) || STATUS.matcher(request.uri()).matches());
    }

    private static boolean upgrades(HttpRequest request) {
      return request
          .headers()
          .containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      FullHttpResponse response =
          request.method().equals(HttpMethod.POST) || request.method().equals(HttpMethod.PUT)
              ? text(HttpResponseStatus.OK, request.content().toString(StandardCharsets.UTF_8))
              : answer(request.method(), request.uri());
      boolean keep = HttpUtil.isKeepAlive(request);
      HttpUtil.setContentLength(response, response.content().readableBytes());
      HttpUtil.setKeepAlive(response, keep);
      if (request.method().equals(HttpMethod.HEAD)) {
        response.content().clear();
      }
      ChannelFuture written = ctx.writeAndFlush(response);
      if (!keep) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    private static FullHttpResponse answer(HttpMethod method, String path) {
      if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
        return text(
            HttpResponseStatus.METHOD_NOT_ALLOWED, "Only GET, HEAD, POST and PUT are answered.\n");
      }
      Matcher matcher = STATUS.matcher(path);
      if (matcher.matches()) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(Integer.parseInt(matcher.group(1)));
        return text(status, status + ", as asked for.\n");
      }
      return text(HttpResponseStatus.OK, "Hello from " + path + "\n");
    }

    private static FullHttpResponse text(HttpResponseStatus status, String text) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
      return response;
    }
  }

  /** Sends every message back; the handlers before it answer pings and close frames. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof WebSocketFrame frame) {
        ctx.write(frame);
      } else {
        ctx.fireChannelRead(message);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      // a client that sends and does not read must not make the server hold what it sends
      ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // a broken connection, or a client that broke a rule
    }
  }
}
