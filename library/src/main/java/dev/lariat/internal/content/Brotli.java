package dev.lariat.internal.content;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import dev.lariat.internal.codec.Violation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The coding {@code br} (RFC 7932), by brotli4j where that is there. Its window takes up to 16 MiB
 * of native memory. Nothing may stand behind its end.
 */
final class Brotli implements Coding {
  private static final int PIECE = 8 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final DecoderJNI.Wrapper decoder; // native memory
  private ByteBuffer output = NOTHING; // a view of the decoder's memory

  Brotli() {
    try {
      decoder = new DecoderJNI.Wrapper(PIECE);
    } catch (IOException e) {
      throw new IllegalStateException("brotli4j makes no decoder", e);
    }
  }

  /** Whether brotli4j is there, and its native library for this platform. */
  static boolean present() {
    try {
      return Brotli4jLoader.isAvailable();
    } catch (LinkageError e) {
      return false;
    }
  }

  @Override
  public int decode(ByteBuffer input, byte[] room) throws Violation {
    while (true) {
      if (output.hasRemaining()) {
        int count = Math.min(output.remaining(), room.length);
        output.get(room, 0, count);
        return count;
      }
      if (decoder.hasOutput()) {
        output = decoder.pull();
        continue;
      }
      switch (decoder.getStatus()) {
        case DONE -> {
          if (input.hasRemaining()) {
            throw malformed("continues after its end"); // the decoder minds it too, if it sees it
          }
          return 0;
        }
        case NEEDS_MORE_INPUT -> {
          if (!input.hasRemaining()) {
            return 0;
          }
          push(input);
        }
        case OK, NEEDS_MORE_OUTPUT -> decoder.push(0);
        case ERROR -> throw malformed("is corrupt");
      }
    }
  }

  private void push(ByteBuffer input) {
    ByteBuffer piece = decoder.getInputBuffer();
    piece.clear();
    int count = Math.min(input.remaining(), piece.remaining());
    piece.put(input.slice(input.position(), count));
    input.position(input.position() + count);
    decoder.push(count);
  }

  @Override
  public boolean complete() {
    return decoder.getStatus() == DecoderJNI.Status.DONE;
  }

  @Override
  public void release() {
    output = NOTHING;
    decoder.destroy();
  }

  @Override
  public Violation malformed(String how) {
    return Violation.protocol("the br content " + how, "RFC 7932 section 10");
  }
}
