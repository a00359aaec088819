package dev.lariat.internal.cache;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A stored response as the bytes of a file. All numbers are big-endian; a text is its length in
 * bytes, as an int, and its UTF-8.
 *
 * <pre>
 *   8 bytes   "LARIATC" and the version of the format, 1
 *   int       the length of the head
 *   head      key, identity: two texts
 *             decoded: a byte, 1 if so
 *             status: int
 *             initial age, time of receipt: each a long, in milliseconds
 *             the number of varied headers: int; for each, name and fingerprint: two texts
 *             the number of headers: int; for each, name and value: two texts
 *   int       the CRC-32C of all before it
 *   int       the length of the body
 *   body
 *   int       the CRC-32C of the body
 * </pre>
 *
 * <p>What is not exactly that, for whatever reason, is nothing.
 */
public final class EntryFormat {
  /** What a file begins with: its mark and the length of its head. */
  public static final int PREFIX = 12;

  private static final byte[] MARK = {'L', 'A', 'R', 'I', 'A', 'T', 'C', 1};
  private static final int CHECKSUM = 4;
  private static final int MOST = 1 << 28; // of a head: more is a length that was damaged

  private EntryFormat() {}

  /** The whole file. */
  public static byte[] encode(Stored stored) {
    byte[] head = head(stored);
    byte[] body = stored.body().toArray();
    ByteBuffer file =
        ByteBuffer.allocate(
            PREFIX + head.length + CHECKSUM + Integer.BYTES + body.length + CHECKSUM);
    file.put(MARK).putInt(head.length).put(head);
    file.putInt(checksum(file.array(), 0, file.position()));
    file.putInt(body.length).put(body);
    return file.putInt(checksum(body, 0, body.length)).array();
  }

  private static byte[] head(Stored stored) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      text(out, stored.key());
      text(out, stored.variant().identity());
      out.writeBoolean(stored.variant().decoded());
      out.writeInt(stored.status());
      out.writeLong(stored.initialAge().toMillis());
      out.writeLong(stored.received().toEpochMilli());
      out.writeInt(stored.variant().varied().size());
      for (Map.Entry<String, String> each : stored.variant().varied().entrySet()) {
        text(out, each.getKey());
        text(out, each.getValue());
      }
      out.writeInt(stored.headers().size());
      for (Headers.Field field : stored.headers()) {
        text(out, field.name());
        text(out, field.value());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes all
    }
    return bytes.toByteArray();
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** How many bytes a file's beginning says that it has up to its body; empty if it is none. */
  public static Optional<Integer> headed(byte[] prefix) {
    ByteBuffer in = ByteBuffer.wrap(prefix);
    if (prefix.length < PREFIX || !ByteBuffer.wrap(MARK).equals(in.slice(0, MARK.length))) {
      return Optional.empty();
    }
    int length = in.getInt(MARK.length);
    return length < 0 || length > MOST ? Optional.empty() : Optional.of(PREFIX + length + CHECKSUM);
  }

  /** What the beginning of a file says, up to its body: the response, with no body. */
  public static Optional<Stored> decodeHead(byte[] beginning) {
    int end = headed(beginning).orElse(Integer.MAX_VALUE);
    if (beginning.length < end
        || checksum(beginning, 0, end - CHECKSUM)
            != ByteBuffer.wrap(beginning).getInt(end - CHECKSUM)) {
      return Optional.empty();
    }
    try {
      return decode(ByteBuffer.wrap(beginning, PREFIX, end - CHECKSUM - PREFIX));
    } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
      return Optional.empty(); // what nothing that encodes would write
    }
  }

  private static Optional<Stored> decode(ByteBuffer in) {
    String key = text(in);
    String identity = text(in);
    boolean decoded = in.get() != 0;
    int status = in.getInt();
    Duration age = Duration.ofMillis(in.getLong());
    Instant received = Instant.ofEpochMilli(in.getLong());
    SortedMap<String, String> varied = new TreeMap<>();
    for (int left = count(in); left > 0; left--) {
      varied.put(text(in), text(in));
    }
    String[] headers = new String[2 * count(in)];
    for (int i = 0; i < headers.length; i++) {
      headers[i] = text(in);
    }
    boolean valid = !in.hasRemaining() && status >= 200 && status <= 999 && !age.isNegative();
    Stored.Variant variant = new Stored.Variant(identity, decoded, varied);
    return valid
        ? Optional.of(
            new Stored(key, variant, status, Headers.of(headers), age, received, Bytes.EMPTY))
        : Optional.empty();
  }

  /** A number of pairs, each of which takes at least the lengths of its two texts. */
  private static int count(ByteBuffer in) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / (2 * Integer.BYTES)) {
      throw new BufferUnderflowException();
    }
    return count;
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The response in a whole file, with its body. */
  public static Optional<Stored> decode(byte[] file) {
    Optional<Stored> head = decodeHead(file);
    int at = headed(file).orElse(0);
    if (head.isEmpty() || file.length < at + Integer.BYTES + CHECKSUM) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(file).getInt(at);
    int from = at + Integer.BYTES;
    if (length != file.length - from - CHECKSUM
        || checksum(file, from, length) != ByteBuffer.wrap(file).getInt(from + length)) {
      return Optional.empty();
    }
    byte[] body = new byte[length];
    System.arraycopy(file, from, body, 0, length);
    return head.map(its -> its.body(Bytes.wrap(body)));
  }
}
