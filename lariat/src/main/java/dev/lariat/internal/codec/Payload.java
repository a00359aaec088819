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
  private Payload() {}

  /**
   * What the frame carries on the wire, unmasked and uncompressed.
   *
   * @throws IllegalArgumentException if a text holds an unpaired surrogate, which UTF-8 cannot
   *     express
   */
  public static ByteBuffer of(Frame frame) {
    return switch (frame) {
      case Text(var text) -> utf8(text);
      case Binary(var bytes) -> bytes.asByteBuffer();
      case Ping(var payload) -> payload.asByteBuffer();
      case Pong(var payload) -> payload.asByteBuffer();
      case Close close -> of(close);
    };
  }

  private static ByteBuffer utf8(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (octets.length
        != text
            .length()) { // not ASCII: the JDK would quietly put a question mark for what it cannot
      // encode
      checkSurrogates(text);
    }
    return ByteBuffer.wrap(octets);
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
    byte[] text = close.text().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).putShort((short) close.code()).put(text).flip();
  }
}
