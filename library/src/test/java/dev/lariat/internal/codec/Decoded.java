package dev.lariat.internal.codec;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a decoder made of its input: the frames, and what stopped it. */
record Decoded(List<Frame> frames, @Nullable Reason reason, int closeCode) {
  static final Shared SHARED = new Shared();

  /** A decoder of these settings and what it gives. */
  static final class Run implements FrameDecoder.Sink {
    final List<Frame> frames = new ArrayList<>();
    final FrameDecoder decoder;
    private @Nullable Violation violation;

    Run(int maxMessage, @Nullable Inflation inflation) {
      decoder = new FrameDecoder(maxMessage, false, Long.MAX_VALUE, inflation, new byte[64], this);
    }

    /** Decodes the next piece, and releases it. */
    void feed(ByteBuf piece) {
      try {
        decoder.decode(piece, Integer.MAX_VALUE);
        if (piece.isReadable()) {
          throw new AssertionError("the decoder left " + piece.readableBytes() + " bytes");
        }
      } catch (Violation v) {
        if (violation != null) {
          throw new AssertionError("two violations", v);
        }
        violation = v;
      } finally {
        piece.release();
      }
    }

    void feed(byte... piece) {
      feed(Unpooled.wrappedBuffer(piece));
    }

    boolean failed() {
      return violation != null;
    }

    Decoded result() {
      Violation met = violation;
      return new Decoded(
          List.copyOf(frames),
          met == null ? null : met.reason(),
          met == null ? 0 : met.closeCode());
    }

    @Override
    public void text(String text) {
      frames.add(new Text(text));
    }

    @Override
    public void binary(Bytes bytes) {
      frames.add(new Binary(bytes));
    }

    @Override
    public void ping(Bytes payload) {
      frames.add(new Ping(payload));
    }

    @Override
    public void pong(Bytes payload) {
      frames.add(new Pong(payload));
    }

    @Override
    public void close(Close close) {
      frames.add(close);
    }

    @Override
    public void part(String text, boolean fin) {
      throw new AssertionError("a part, though whole messages were asked for");
    }

    @Override
    public void part(Bytes bytes, boolean fin) {
      throw new AssertionError("a part, though whole messages were asked for");
    }
  }

  /** What becomes of the input in one piece. */
  static Decoded of(byte[] input) {
    return of(input, 16 << 20, null);
  }

  static Decoded of(byte[] input, int maxMessage, @Nullable DeflateTerms terms, int... cuts) {
    int lent = SHARED.zlib.lent();
    Run run = new Run(maxMessage, terms == null ? null : new Inflation(terms, 300, SHARED));
    int from = 0;
    for (int cut : cuts) {
      run.feed(Arrays.copyOfRange(input, from, cut));
      from = cut;
    }
    run.feed(Arrays.copyOfRange(input, from, input.length));
    run.decoder.release();
    if (SHARED.zlib.lent() != lent) {
      throw new AssertionError("the decoder kept native memory");
    }
    return run.result();
  }
}
