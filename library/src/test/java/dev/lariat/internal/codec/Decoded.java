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
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a decoder made of its input: the frames, and what stopped it. */
record Decoded(List<Frame> frames, @Nullable Reason reason, int closeCode) {
  static final Shared SHARED = new Shared(new SecureRandom());

  /** A part of a message, as it was told. */
  record Part(Frame data, boolean fin) {}

  /** A decoder of these settings and what it gives; what it does not read for want of credit. */
  static final class Run implements FrameDecoder.Sink {
    /** Messages, joined where they came in parts, and control frames. */
    final List<Frame> frames = new ArrayList<>();

    final List<Part> parts = new ArrayList<>();
    final FrameDecoder decoder;
    private final boolean inParts;
    private final List<Frame> unfinished = new ArrayList<>(); // parts of one message
    private final ByteBuf unread = Unpooled.buffer();
    private long credit;
    private @Nullable Violation violation;

    /** Gives whole messages without end. */
    Run(int maxMessage, @Nullable Inflation inflation) {
      this(maxMessage, false, Long.MAX_VALUE, inflation);
    }

    Run(int maxMessage, boolean inParts, long credit, @Nullable Inflation inflation) {
      this.inParts = inParts;
      this.credit = credit;
      decoder = new FrameDecoder(maxMessage, inParts, credit, inflation, new byte[64], this);
    }

    /** Decodes the next piece, and releases it. */
    void feed(ByteBuf piece) {
      if (!unread.isReadable()) {
        decode(piece);
      }
      unread.writeBytes(piece);
      piece.release();
    }

    void feed(byte... piece) {
      feed(Unpooled.wrappedBuffer(piece));
    }

    /** Gives so much credit more, and decodes on. */
    void credit(long more) {
      decoder.credit(more);
      credit = more > Long.MAX_VALUE - credit ? Long.MAX_VALUE : credit + more;
      decode(unread);
    }

    private void decode(ByteBuf octets) {
      try {
        decoder.decode(octets);
        while (decoder.hasEnough()) {
          decoder.goOn();
          decoder.decode(octets);
        }
      } catch (Violation v) {
        if (violation != null) {
          throw new AssertionError("two violations", v);
        }
        violation = v;
        octets.skipBytes(octets.readableBytes());
      }
      if (decoder.starved() ? credit > 0 : octets.isReadable()) {
        throw new AssertionError(
            "%d bytes left, with credit %d".formatted(octets.readableBytes(), credit));
      }
    }

    boolean failed() {
      return violation != null;
    }

    Decoded result() {
      Violation met = violation;
      return new Decoded(
          List.copyOf(frames), met == null ? null : met.reason(), met == null ? 0 : met.code());
    }

    /** The parts of the message that has not ended, in one. */
    @Nullable Frame begun() {
      return unfinished.isEmpty() ? null : joined();
    }

    private Frame joined() {
      if (unfinished.get(0) instanceof Text) {
        StringBuilder text = new StringBuilder();
        unfinished.forEach(part -> text.append(((Text) part).text()));
        return new Text(text.toString());
      }
      ByteBuf octets = Unpooled.buffer();
      unfinished.forEach(part -> octets.writeBytes(((Binary) part).bytes().asByteBuffer()));
      return new Binary(ByteBufUtil.getBytes(octets));
    }

    private void costs() {
      if (credit-- == 0) {
        throw new AssertionError("told without credit");
      }
    }

    private void message(Frame message) {
      if (inParts) {
        throw new AssertionError("a whole message, though parts were asked for");
      }
      costs();
      frames.add(message);
    }

    private void part(Frame data, int size, boolean fin) {
      if (!inParts) {
        throw new AssertionError("a part, though whole messages were asked for");
      }
      if (size > FrameDecoder.PART || size == 0 && !fin) {
        throw new AssertionError("a part of " + size + " bytes");
      }
      costs();
      parts.add(new Part(data, fin));
      unfinished.add(data);
      if (fin) {
        frames.add(joined());
        unfinished.clear();
      }
    }

    @Override
    public void text(String text) {
      message(new Text(text));
    }

    @Override
    public void binary(Bytes bytes) {
      message(new Binary(bytes));
    }

    @Override
    public void part(String text, boolean fin) {
      part(new Text(text), Bytes.ofUtf8(text).size(), fin);
    }

    @Override
    public void part(Bytes bytes, boolean fin) {
      part(new Binary(bytes), bytes.size(), fin);
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
  }

  /** What becomes of the input in one piece. */
  static Decoded of(byte[] input) {
    return of(input, 16 << 20, null);
  }

  static Decoded of(byte[] input, int maxMessage, @Nullable DeflateTerms terms, int... cuts) {
    return of(input, new Run(maxMessage, inflation(terms)), cuts);
  }

  /** What becomes of the input in parts, which are joined again. */
  static Decoded inParts(byte[] input, @Nullable DeflateTerms terms, int... cuts) {
    return of(input, new Run(0, true, Long.MAX_VALUE, inflation(terms)), cuts);
  }

  /** These terms' decompression, which takes a ratio of 300. */
  static @Nullable Inflation inflation(@Nullable DeflateTerms terms) {
    return terms == null ? null : new Inflation(terms, 300, SHARED);
  }

  private static Decoded of(byte[] input, Run run, int... cuts) {
    int lent = SHARED.zlib.lent();
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
