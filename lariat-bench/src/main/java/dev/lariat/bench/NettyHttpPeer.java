package dev.lariat.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Netty's codec and one handler; what is sent while reading is flushed at the end of the read. */
final class NettyHttpPeer implements HttpPeer {
  private final Setup setup;
  private final @Nullable SslContext ssl;
  private final Bootstrap bootstrap = NettyPeer.bootstrap();

  NettyHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    this.ssl = setup.workload().tls ? setup.nettySslContext() : null;
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Handler handler = new Handler(setup, uri, sink);
    handler.connected =
        bootstrap
            .clone()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    ChannelPipeline pipeline = channel.pipeline();
                    if (setup.workload().isThroughProxy()) {
                      NettyPeer.throughProxy(pipeline, uri, ssl);
                    }
                    if (ssl != null) {
                      pipeline.addLast(
                          ssl.newHandler(channel.alloc(), uri.getHost(), uri.getPort()));
                    }
                    pipeline.addLast(new HttpClientCodec(), handler);
                  }
                })
            .connect(uri.getHost(), uri.getPort());
    return handler;
  }

  private static final class Handler extends SimpleChannelInboundHandler<HttpObject>
      implements Caller {
    private static final ByteBuf PIECE =
        Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(Zeros.PIECE).writeZero(Zeros.PIECE).asReadOnly());

    private final Setup setup;
    private final String path;
    private final String host;
    private final Sink sink;
    private ChannelFuture connected;
    private boolean reading; // on the event loop only, as what follows
    private int status;
    private Iterator<byte[]> body;
    private boolean writing;

    Handler(Setup setup, URI uri, Sink sink) {
      this.setup = setup;
      this.path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      this.host = uri.getRawAuthority();
      this.sink = sink;
    }

    @Override
    public void call() {
      Channel channel = connected.channel();
      if (channel.isActive() && channel.eventLoop().inEventLoop()) {
        send(channel);
        return;
      }
      connected.addListener(
          (ChannelFutureListener)
              done -> {
                if (done.isSuccess()) {
                  send(channel);
                } else {
                  sink.failed(done.cause());
                }
              });
    }

    private void send(Channel channel) {
      if (setup.workload() == Workload.HTTP_UPLOAD) {
        HttpRequest post = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
        post.headers().set(HttpHeaderNames.HOST, host);
        post.headers().set(HttpHeaderNames.CONTENT_LENGTH, setup.large());
        channel.write(post, channel.voidPromise());
        body = new Zeros(setup.large(), sink).iterator();
        upload(channel);
        return;
      }
      HttpRequest get =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER);
      get.headers().set(HttpHeaderNames.HOST, host);
      if (reading) {
        channel.write(get, channel.voidPromise());
      } else {
        channel.writeAndFlush(get, channel.voidPromise());
      }
    }

    /**
     * A write that fills the buffer calls back at once, and the encoder cannot be entered twice.
     */
    private void upload(Channel channel) {
      if (writing) {
        return;
      }
      writing = true;
      while (body != null && channel.isWritable()) {
        if (body.hasNext()) {
          body.next();
          channel.write(new DefaultHttpContent(PIECE.duplicate()), channel.voidPromise());
        } else {
          body = null;
          channel.write(LastHttpContent.EMPTY_LAST_CONTENT, channel.voidPromise());
        }
      }
      writing = false;
      channel.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      upload(context.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
      reading = true;
      if (part instanceof HttpResponse response) {
        status = response.status().code();
      }
      if (part instanceof HttpContent content) {
        int bytes = content.content().readableBytes();
        if (bytes > 0) {
          sink.received(bytes);
        }
      }
      if (part instanceof LastHttpContent) {
        sink.answered(status);
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
      sink.failed(cause);
    }

    @Override
    public void close() {
      connected.channel().close();
    }
  }
}
