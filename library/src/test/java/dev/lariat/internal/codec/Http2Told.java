package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Http2Decoder} makes of bytes: the calls in words, the parts of a DATA frame joined,
 * and the rule that was broken.
 */
record Http2Told(List<String> calls, @Nullable Reason reason) {
  static final int BLOCK = 1 << 10;

  /** What it makes of these bytes when they come cut at these places. */
  static Http2Told of(byte[] input, int... cuts) {
    Sink sink = new Sink();
    Http2Decoder decoder = new Http2Decoder(BLOCK, sink);
    Reason reason = null;
    try {
      int from = 0;
      for (int cut : cuts) {
        decode(decoder, input, from, cut);
        from = cut;
      }
      decode(decoder, input, from, input.length);
    } catch (Violation v) {
      reason = v.reason();
    }
    decoder.release();
    sink.endData();
    return new Http2Told(sink.calls, reason);
  }

  private static void decode(Http2Decoder decoder, byte[] input, int from, int to)
      throws Violation {
    ByteBuf part = Unpooled.copiedBuffer(input, from, to - from);
    while (part.isReadable()) {
      int before = part.readableBytes();
      decoder.decode(part);
      if (part.readableBytes() == before) {
        throw new AssertionError("the decoder takes nothing of " + before + " octets");
      }
    }
  }

  private static final class Sink implements Http2Decoder.Sink {
    final List<String> calls = new ArrayList<>();
    private final StringBuilder content = new StringBuilder();
    private boolean inData;

    private void told(String call) {
      endData();
      calls.add(call);
    }

    void endData() {
      if (inData) {
        inData = false;
        calls.add("content " + content);
        content.setLength(0);
      }
    }

    @Override
    public void dataBegins(int stream, int flow, int count) {
      told("DATA " + stream + " flow " + flow + " content " + count);
    }

    @Override
    public void data(int stream, ByteBuf octets, boolean last) {
      inData = true;
      content.append(ByteBufUtil.hexDump(octets)).append(last ? " end" : "");
      octets.skipBytes(octets.readableBytes());
    }

    @Override
    public void fields(int stream, ByteBuf block, boolean last) {
      told("HEADERS " + stream + " " + ByteBufUtil.hexDump(block) + (last ? " end" : ""));
    }

    @Override
    public void promise(int stream, int promised, ByteBuf block) {
      told("PUSH_PROMISE " + stream + " " + promised + " " + ByteBufUtil.hexDump(block));
    }

    @Override
    public void reset(int stream, long code) {
      told("RST_STREAM " + stream + " " + code);
    }

    @Override
    public void settings(ByteBuf parameters) {
      told("SETTINGS " + ByteBufUtil.hexDump(parameters));
    }

    @Override
    public void settingsAcknowledged() {
      told("SETTINGS ACK");
    }

    @Override
    public void ping(long data, boolean acknowledges) {
      told("PING " + data + (acknowledges ? " ACK" : ""));
    }

    @Override
    public void goAway(int last, long code, Bytes debug) {
      told("GOAWAY " + last + " " + code + " " + debug);
    }

    @Override
    public void windowUpdate(int stream, int increment) {
      told("WINDOW_UPDATE " + stream + " " + increment);
    }

    @Override
    public void ignored() {
      told("ignored");
    }
  }
}
