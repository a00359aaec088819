package dev.lariat.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An echo server that does as little as it can, on one thread: of WebSockets that have a connection
 * each, and of those that are streams of HTTP/2 with prior knowledge. With a key store it has TLS.
 *
 * <p>Usage: EchoServer PORT [KEYSTORE]
 */
final class EchoServer {
  private EchoServer() {}

  public static void main(String[] args) throws Exception {
    Optional<SslContext> ssl =
        args.length > 1 ? Optional.of(ssl(Path.of(args[1]))) : Optional.empty();
    boolean epoll = Epoll.isAvailable();
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    new ServerBootstrap()
        .group(group)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                ssl.ifPresent(one -> channel.pipeline().addLast(one.newHandler(channel.alloc())));
                channel.pipeline().addLast(new Echo(ssl));
              }
            })
        .bind(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  private static SslContext ssl(Path store) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(new Setup(Workload.TLS_PIPE, store, 0).keyStore(), Setup.PASSWORD.toCharArray());
    return SslContextBuilder.forServer(keys)
        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
        .build();
  }

  /** Copies a frame of the client's, without its mask; false if not all of it is there. */
  static boolean echo(ByteBuf in, ByteBuf out) {
    int at = in.readerIndex();
    int readable = in.readableBytes();
    if (readable < 2) {
      return false;
    }
    int first = in.getByte(at);
    int length = in.getByte(at + 1) & 0x7f;
    int head = length < 126 ? 6 : length == 126 ? 8 : 14;
    if (readable < head) {
      return false;
    }
    length =
        head == 6 ? length : head == 8 ? in.getUnsignedShort(at + 2) : (int) in.getLong(at + 2);
    if (readable < head + length) {
      return false;
    }
    int opcode = first & 0xf;
    out.writeByte(opcode == 9 ? 0x8a : first);
    if (head == 6) {
      out.writeByte(length);
    } else if (head == 8) {
      out.writeByte(126).writeShort(length);
    } else {
      out.writeByte(127).writeLong(length);
    }
    int key = in.getInt(at + head - 4);
    unmask(in, at + head, length, key, out);
    in.skipBytes(head + length);
    return true;
  }

  private static void unmask(ByteBuf in, int from, int length, int key, ByteBuf out) {
    long wide = (long) key << 32 | key & 0xffffffffL;
    int i = 0;
    for (; i <= length - 8; i += 8) {
      out.writeLong(in.getLong(from + i) ^ wide);
    }
    for (; i < length; i++) {
      out.writeByte(in.getByte(from + i) ^ key >> (24 - 8 * (i & 3)));
    }
  }

  /** Reads what has come, and sends the answers to all of it together. */
  abstract static class Answering extends ByteToMessageDecoder {
    private @Nullable ByteBuf answer; // to what was read so far

    final ByteBuf answer(ChannelHandlerContext context) {
      if (answer == null) {
        answer = context.alloc().directBuffer(64 << 10);
      }
      return answer;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      ByteBuf out = answer;
      if (out != null) {
        answer = null;
        context.writeAndFlush(out);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      cause.printStackTrace();
      context.close();
    }
  }

  private static final class Echo extends Answering {
    private static final Pattern KEY = Pattern.compile("(?i)\nsec-websocket-key: *([^\r]+)");

    private final Optional<SslContext> ssl;
    private boolean open;

    Echo(Optional<SslContext> ssl) {
      this.ssl = ssl;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> nothing)
        throws Exception {
      if (!open) {
        begin(context, in);
        return;
      }
      while (echo(in, answer(context))) {}
    }

    private void begin(ChannelHandlerContext context, ByteBuf in) throws Exception {
      String request = in.toString(StandardCharsets.ISO_8859_1);
      if (request.startsWith(Http2Echo.PREFACE)) {
        in.skipBytes(Http2Echo.PREFACE.length());
        context.pipeline().addAfter(context.name(), null, new Http2Echo()).remove(this);
        return;
      }
      int end = request.indexOf("\r\n\r\n");
      if (end < 0) {
        return;
      }
      in.skipBytes(end + 4);
      if (request.startsWith("CONNECT ")) { // this is the proxy before itself
        context.writeAndFlush(
            Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\n\r\n", StandardCharsets.US_ASCII));
        ssl.ifPresent(
            inner ->
                context
                    .pipeline()
                    .addBefore(context.name(), null, inner.newHandler(context.alloc())));
        return;
      }
      Matcher key = KEY.matcher(request);
      if (!key.find()) {
        context.close();
        return;
      }
      String joined = key.group(1).trim() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(joined.getBytes(StandardCharsets.US_ASCII));
      answer(context)
          .writeCharSequence(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + Base64.getEncoder().encodeToString(digest)
                  + "\r\n\r\n",
              StandardCharsets.US_ASCII);
      open = true;
    }
  }
}
