package dev.lariat.cli;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the messages that {@code ws} sends come from. */
@FunctionalInterface
interface Source {

  /**
   * Waits for the next message; null at the end of the input.
   *
   * @throws UsageException if what comes next cannot be sent
   */
  @Nullable Frame next() throws IOException;

  /**
   * A message for each line, or for whatever else this byte ends.
   *
   * @param limit the most bytes of a message
   * @param binary whether they are binary messages, which may hold anything else
   */
  static Source ended(InputStream in, byte end, int limit, boolean binary) {
    BufferedInputStream input = new BufferedInputStream(in, 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long[] number = {0};
    return () -> {
      number[0]++;
      line.reset();
      int b;
      while ((b = input.read()) >= 0 && b != end) {
        line.write(b);
        if (line.size() > limit) {
          throw refused(end, number[0], "is larger than --max-message allows: " + limit + " bytes");
        }
      }
      if (b < 0 && line.size() == 0) {
        return null;
      }
      byte[] bytes = line.toByteArray();
      if (binary) {
        return new Binary(Bytes.wrap(bytes));
      }
      boolean windows = end == '\n' && bytes.length > 0 && bytes[bytes.length - 1] == '\r';
      return text(bytes, windows ? bytes.length - 1 : bytes.length, end, number[0]);
    };
  }

  private static Text text(byte[] bytes, int length, byte end, long number) {
    try {
      return new Text(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString());
    } catch (CharacterCodingException e) {
      throw refused(end, number, "is not UTF-8: --binary sends bytes as they are");
    }
  }

  private static UsageException refused(byte end, long number, String why) {
    return new UsageException(
        (end == '\n' ? "Line " : "Message ") + number + " of the input " + why + ".");
  }

  /**
   * These messages, each as text or as the bytes of the text.
   *
   * @param limit the most bytes of a message
   */
  static Source of(List<String> messages, int limit, boolean binary) {
    Iterator<String> next = messages.iterator();
    int[] number = {0};
    return () -> {
      if (!next.hasNext()) {
        return null;
      }
      number[0]++;
      String message = next.next();
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > limit) {
        throw new UsageException(
            "-x: message "
                + number[0]
                + " is larger than --max-message allows: "
                + limit
                + " bytes.");
      }
      return binary ? new Binary(Bytes.wrap(bytes)) : new Text(message);
    };
  }

  /** A binary message for whatever bytes are there, so that nothing waits for more. */
  static Source blocks(InputStream in, int limit) {
    byte[] block = new byte[Math.min(limit, 1 << 16)];
    return () -> {
      int count = in.read(block);
      return count < 0 ? null : new Binary(Bytes.wrap(Arrays.copyOf(block, count)));
    };
  }
}
