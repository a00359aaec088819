package dev.lariat.internal.codec;

import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The payloads of frames that are sent. */
public final class Payload {
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHEST_BITS = ONES << 7;
  private static final long QUESTION_MARKS = '?' * ONES;

  private Payload() {}

  /**
   * What the frame carries on the wire, unmasked and uncompressed.
   *
   * @throws IllegalArgumentException if a text holds an unpaired surrogate, which UTF-8 cannot
   *     express
   */
  public static ByteBuffer of(Frame frame) {
    return switch (frame) {
      case Text(var text) -> ByteBuffer.wrap(utf8(text));
      case Binary(var bytes) -> bytes.asByteBuffer();
      case Ping(var payload) -> payload.asByteBuffer();
      case Pong(var payload) -> payload.asByteBuffer();
      case Close close -> of(close);
    };
  }

  private static byte[] utf8(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (hasQuestionMark(octets)) { // which the JDK quietly puts for what UTF-8 cannot express
      checkSurrogates(text);
    }
    return octets;
  }

  private static boolean hasQuestionMark(byte[] octets) {
    int i = 0;
    for (; i <= octets.length - Long.BYTES; i += Long.BYTES) {
      long others = ByteArrays.longAt(octets, i) ^ QUESTION_MARKS; // zero where there is one
      if ((others - ONES & ~others & HIGHEST_BITS) != 0) {
        return true;
      }
    }
    for (; i < octets.length; i++) {
      if (octets[i] == '?') {
        return true;
      }
    }
    return false;
  }

  private static void checkSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException(
              "text: an unpaired surrogate at index "
                  + i
                  + ", allowed what UTF-8 can express (RFC 6455 section 5.6)");
        }
        i++;
      }
    }
  }

  private static ByteBuffer of(Close close) {
    if (close.code() == Close.NO_CODE) {
      return ByteBuffer.allocate(0);
    }
    byte[] text = utf8(close.text());
    return ByteBuffer.allocate(2 + text.length).putShort((short) close.code()).put(text).flip();
  }
}
