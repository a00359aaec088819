package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Holds the decoder against Netty's reader of frames: both take the same bytes, and both refuse the
 * same.
 *
 * <p>Where they differ, and why that is right:
 *
 * <ul>
 *   <li>a first frame that is not SETTINGS, which Netty's connection finds and not its reader;
 *   <li>a stream that depends on itself, a promise and a window that is opened by 0: here the sink
 *       finds them, or nobody, since priorities mean nothing (RFC 9113 section 5.3.2);
 *   <li>the values of SETTINGS, which {@code internal.http2} judges.
 * </ul>
 *
 * The frames that are compared have none of these.
 */
class Http2DifferentialTest {

  @Property(tries = 3000)
  void nettyTakesWhatIsTakenAndRefusesWhatIsRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = Http2FrameSoup.of(random, 1 + random.nextInt(12));
    Http2Told told = Http2Told.of(input);
    String refused = refusedByNetty(input);
    assertThat(told.reason() == null)
        .as("ours: " + told.reason() + ", Netty's: " + refused)
        .isEqualTo(refused == null);
  }

  /** Takes any field block: only the frames are compared. */
  private static final class Unread extends DefaultHttp2HeadersDecoder {
    @Override
    public Http2Headers decodeHeaders(int stream, ByteBuf block) {
      block.skipBytes(block.readableBytes());
      return EmptyHttp2Headers.INSTANCE;
    }
  }

  private static String refusedByNetty(byte[] input) {
    ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    ChannelHandlerContext context = channel.pipeline().context(handler);
    ByteBuf bytes = Unpooled.copiedBuffer(input);
    try (Http2FrameReader reader = new DefaultHttp2FrameReader(new Unread())) {
      while (bytes.isReadable()) {
        int before = bytes.readableBytes();
        reader.readFrame(context, bytes, new Http2FrameAdapter());
        if (bytes.readableBytes() == before) {
          break; // the rest of the frame has not come
        }
      }
      return null;
    } catch (Http2Exception e) {
      return e.getMessage();
    } finally {
      channel.finishAndReleaseAll();
    }
  }
}
