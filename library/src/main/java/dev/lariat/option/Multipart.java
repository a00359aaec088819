package dev.lariat.option;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A form with files as the body of a request: {@code multipart/form-data} (RFC 7578). Names are
 * encoded as in the HTML standard (section 4.10.21.8).
 *
 * @param boundary the delimiter between the parts, which must not occur within one: 1 to 70
 *     letters, digits and hyphens (RFC 2046 section 5.1.1 allows more characters); {@link #create}
 *     makes a random one
 * @param parts its parts in their order; a name can occur several times
 */
public record Multipart(String boundary, List<Part> parts) {
  private static final int LONGEST = Integer.MAX_VALUE - 64; // safe on every Java platform
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

  /**
   * One part.
   *
   * @param name the field's name: any text
   * @param filename the file's name, if the part is a file: any text
   * @param type its {@code Content-Type}, if it has one; a file should have one
   * @param content its content
   */
  public record Part(String name, Optional<String> filename, Optional<String> type, Bytes content) {
    /**
     * Checks the type.
     *
     * @throws IllegalArgumentException if the type is not a valid value of a header
     */
    public Part {
      type.ifPresent(value -> Headers.of("content-type", value));
    }

    // a name's line ends are made CRLF first, a file's name keeps its own
    private Bytes head(String boundary) {
      StringBuilder head = new StringBuilder("--" + boundary + "\r\n");
      head.append("Content-Disposition: form-data; name=\"")
          .append(escaped(LINE_END.matcher(name).replaceAll("\r\n")))
          .append('"');
      filename.ifPresent(file -> head.append("; filename=\"").append(escaped(file)).append('"'));
      type.ifPresent(value -> head.append("\r\nContent-Type: ").append(value));
      return Bytes.ofUtf8(head.append("\r\n\r\n").toString());
    }

    private static String escaped(String text) {
      return Wellformed.text(text).replace("\n", "%0A").replace("\r", "%0D").replace("\"", "%22");
    }
  }

  /**
   * Checks the boundary.
   *
   * @throws IllegalArgumentException if it is not allowed
   */
  public Multipart {
    if (!boundary.matches("[0-9A-Za-z-]{1,70}")) {
      throw Range.refused(
          "multipart.boundary", '"' + boundary + '"', "1 to 70 letters, digits and hyphens");
    }
    parts = List.copyOf(parts);
  }

  /** {@return a form without parts, with a boundary of 128 random bits} */
  public static Multipart create() {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    return new Multipart("lariat-" + HexFormat.of().formatHex(random), List.of());
  }

  /**
   * Adds a field, after the existing parts.
   *
   * @param name the name of the part
   * @param value the value
   * @return a copy of these options with this value
   */
  public Multipart field(String name, String value) {
    return part(
        new Part(name, Optional.empty(), Optional.empty(), Bytes.ofUtf8(Wellformed.text(value))));
  }

  /**
   * Adds a file, after the existing parts.
   *
   * @param name the name of the part
   * @param filename the name of the file
   * @param type its {@code Content-Type}; use {@code application/octet-stream} if you do not know
   *     it
   * @param content the content
   * @return a copy of these options with this value
   */
  public Multipart file(String name, String filename, String type, Bytes content) {
    return part(new Part(name, Optional.of(filename), Optional.of(type), content));
  }

  /**
   * Adds a part, after the existing ones.
   *
   * @param part the part
   * @return a copy of these options with this value
   */
  public Multipart part(Part part) {
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new Multipart(boundary, more);
  }

  /** {@return its {@code Content-Type}} */
  public String type() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /**
   * {@return this form as a body in several parts, to be sent one after the other} For each part of
   * the form, these are its headers, its content and a line end; the close delimiter follows. No
   * content is copied.
   */
  public List<Bytes> pieces() {
    List<Bytes> pieces = new ArrayList<>();
    for (Part part : parts) {
      pieces.add(part.head(boundary));
      pieces.add(part.content());
      pieces.add(Bytes.ofUtf8("\r\n"));
    }
    pieces.add(Bytes.ofUtf8("--" + boundary + "--\r\n"));
    return pieces;
  }

  /**
   * {@return this form as a body}
   *
   * @throws IllegalArgumentException if the body would have more than 2147483583 bytes
   */
  public Bytes bytes() {
    List<Bytes> pieces = pieces();
    long size = pieces.stream().mapToLong(Bytes::size).sum();
    if (size > LONGEST) {
      throw Range.refused(
          "multipart", size + " bytes", "up to " + LONGEST + "; its pieces may be sent one by one");
    }
    ByteBuffer whole = ByteBuffer.allocate((int) size);
    pieces.forEach(piece -> whole.put(piece.asByteBuffer()));
    return Bytes.wrap(whole.array());
  }
}
