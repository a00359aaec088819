package dev.lariat.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;

/**
 * The server's side of HTTP/2, for what no server of others does fast, or at all: it echoes
 * WebSockets (RFC 8441), and holds back the answers to requests.
 *
 * <ul>
 *   <li>CONNECT: an echo of WebSocket frames, each of which is whole in a DATA frame
 *   <li>/held/N: 128 bytes, when N other requests are on the connection
 *   <li>every other path: no answer
 * </ul>
 *
 * <p>It knows the clients that it serves, and is no server for others: it minds none of their
 * windows, since the workloads never have more on the way than fits.
 */
final class Http2Echo extends EchoServer.Answering {
  /** What the client begins with (RFC 9113 section 3.4). */
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private static final int HEADER = 9;
  private static final int ACK = 0x1;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int PRIORITY = 0x20;
  private static final int STATUS_200 = 0x88; // in the static table (RFC 7541 appendix A)
  private static final int WINDOW = Integer.MAX_VALUE;
  private static final int REFILL = 1 << 28;

  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder();
  private int owed; // to the connection's window
  private int held;
  private int wanted = Integer.MAX_VALUE;
  private int asking; // the stream that waits for others

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ByteBuf out = answer(context);
    header(out, 3 * 6, Http2FrameTypes.SETTINGS, 0, 0);
    out.writeShort(0x3).writeInt(100_000); // MAX_CONCURRENT_STREAMS
    out.writeShort(0x4).writeInt(WINDOW); // INITIAL_WINDOW_SIZE
    out.writeShort(0x8).writeInt(1); // ENABLE_CONNECT_PROTOCOL
    windowUpdate(out, WINDOW - 65_535);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> nothing)
      throws Exception {
    while (in.readableBytes() >= HEADER) {
      int at = in.readerIndex();
      int length = in.getUnsignedMedium(at);
      if (in.readableBytes() < HEADER + length) {
        return;
      }
      int type = in.getByte(at + 3);
      int flags = in.getByte(at + 4);
      int stream = in.getInt(at + 5);
      in.skipBytes(HEADER);
      frame(type, flags, stream, in.readSlice(length), answer(context));
    }
  }

  private void frame(int type, int flags, int stream, ByteBuf payload, ByteBuf out)
      throws Exception {
    boolean asks = (flags & ACK) == 0;
    switch (type) {
      case Http2FrameTypes.DATA -> data(stream, payload, out);
      case Http2FrameTypes.HEADERS -> {
        payload.skipBytes((flags & PRIORITY) == 0 ? 0 : 5);
        request(stream, headers.decodeHeaders(stream, payload), out);
      }
      case Http2FrameTypes.SETTINGS -> {
        if (asks) {
          header(out, 0, Http2FrameTypes.SETTINGS, ACK, 0);
        }
      }
      case Http2FrameTypes.PING -> {
        if (asks) {
          header(out, 8, Http2FrameTypes.PING, ACK, 0).writeBytes(payload);
        }
      }
      default -> {}
    }
  }

  private void data(int stream, ByteBuf payload, ByteBuf out) {
    owed += payload.readableBytes();
    if (owed >= REFILL) {
      windowUpdate(out, owed);
      owed = 0;
    }
    int at = out.writerIndex();
    header(out, 0, Http2FrameTypes.DATA, 0, stream);
    while (payload.isReadable()) {
      if (!EchoServer.echo(payload, out)) {
        throw new IllegalStateException("a WebSocket frame is not whole in its DATA frame");
      }
    }
    out.setMedium(at, out.writerIndex() - at - HEADER);
  }

  private void request(int stream, Http2Headers request, ByteBuf out) {
    String path = request.path().toString();
    if (request.method().toString().equals("CONNECT")) {
      header(out, 1, Http2FrameTypes.HEADERS, END_HEADERS, stream).writeByte(STATUS_200);
    } else if (path.startsWith("/held")) {
      wanted = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      asking = stream;
    } else {
      held++;
    }
    if (held >= wanted) {
      wanted = Integer.MAX_VALUE;
      header(out, 1, Http2FrameTypes.HEADERS, END_HEADERS, asking).writeByte(STATUS_200);
      header(out, 128, Http2FrameTypes.DATA, END_STREAM, asking).writeZero(128);
    }
  }

  private static void windowUpdate(ByteBuf out, int octets) {
    header(out, 4, Http2FrameTypes.WINDOW_UPDATE, 0, 0).writeInt(octets);
  }

  private static ByteBuf header(ByteBuf out, int length, int type, int flags, int stream) {
    return out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
  }
}
