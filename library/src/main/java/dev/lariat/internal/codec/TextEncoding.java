package dev.lariat.internal.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How a body is text, decided as by the encoding standard's "decode": a byte order mark wins, then
 * the charset of the media type, then UTF-8.
 *
 * @param charset what its bytes mean behind the mark
 * @param mark how many bytes the mark has, which are no text
 */
public record TextEncoding(Charset charset, int mark) {

  /**
   * The encoding of a body.
   *
   * @param contentType the field's value; a charset in it that Java does not know counts as none
   * @param body its bytes, three at least if there are so many
   */
  public static TextEncoding of(Optional<String> contentType, byte[] body) {
    if (begins(body, 0xef, 0xbb, 0xbf)) {
      return new TextEncoding(StandardCharsets.UTF_8, 3);
    }
    if (begins(body, 0xfe, 0xff)) {
      return new TextEncoding(StandardCharsets.UTF_16BE, 2);
    }
    if (begins(body, 0xff, 0xfe)) {
      return new TextEncoding(StandardCharsets.UTF_16LE, 2);
    }
    Charset named =
        contentType
            .flatMap(ContentType::parse)
            .flatMap(type -> Optional.ofNullable(type.parameters().get("charset")))
            .flatMap(TextEncoding::charset)
            .orElse(StandardCharsets.UTF_8);
    return new TextEncoding(named, 0);
  }

  /** The text of a whole body; what is malformed in it becomes U+FFFD. */
  public static String decode(Optional<String> contentType, byte[] body) {
    TextEncoding encoding = of(contentType, body);
    return new String(body, encoding.mark, body.length - encoding.mark, encoding.charset);
  }

  /** Whether further bytes decide if these are the beginning of a byte order mark. */
  public static boolean isOpen(byte[] body) {
    return switch (body.length) {
      case 0 -> true;
      case 1 -> body[0] == (byte) 0xef || body[0] == (byte) 0xfe || body[0] == (byte) 0xff;
      case 2 -> begins(body, 0xef, 0xbb);
      default -> false;
    };
  }

  private static boolean begins(byte[] body, int... mark) {
    if (body.length < mark.length) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if (body[i] != (byte) mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static Optional<Charset> charset(String label) {
    try {
      return Optional.of(Charset.forName(label.strip()));
    } catch (IllegalArgumentException e) { // no name at all, or that of a charset Java has not
      return Optional.empty();
    }
  }
}
