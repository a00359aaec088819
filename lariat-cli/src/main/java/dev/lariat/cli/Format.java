package dev.lariat.cli;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** How messages with data are written into a pipe. */
enum Format {
  /** A line feed ends each; one within a message looks the same. */
  LINES,
  /** A zero byte ends each, as {@code xargs -0} reads it. */
  NULLS,
  /** Nothing stands between them. */
  BYTES,
  /** Each is an object on a line: nothing is lost. */
  JSON;

  /** The message in this format; not for control frames. */
  byte[] of(Frame frame) {
    return switch (this) {
      case LINES -> ended(bytes(frame), '\n');
      case NULLS -> ended(bytes(frame), 0);
      case BYTES -> bytes(frame);
      case JSON -> json(frame).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] bytes(Frame frame) {
    return frame instanceof Text(var text)
        ? text.getBytes(StandardCharsets.UTF_8)
        : ((Binary) frame).bytes().toArray();
  }

  private static byte[] ended(byte[] bytes, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 1);
    out.writeBytes(bytes);
    out.write(end);
    return out.toByteArray();
  }

  private static String json(Frame frame) {
    if (frame instanceof Text(var text)) {
      return "{\"type\":\"text\",\"text\":" + Json.quoted(text) + "}\n";
    }
    Bytes bytes = ((Binary) frame).bytes();
    String base64 = Base64.getEncoder().encodeToString(bytes.toArray());
    return "{\"type\":\"binary\",\"base64\":\"" + base64 + "\"}\n";
  }
}
