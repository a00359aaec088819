package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** HTTP/1.1 as a server reads and writes it (RFC 9112). */
public final class Http {
  private static final int LONGEST_LINE = 64 << 10;
  private static final int MOST_FIELDS = 1000;
  private static final int LARGEST_BODY = 64 << 20; // a test's client has gone mad

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Http() {}

  /**
   * The head of a request.
   *
   * @param method its method
   * @param target its target, as it stands in the request line
   * @param headers its headers
   */
  public record Head(String method, String target, Headers headers) {}

  /** Reads the head of the next request; empty where the client ends its side instead. */
  static Optional<Head> head(Input in) throws IOException {
    if (!in.hasNext()) {
      return Optional.empty();
    }
    String[] words = in.line(LONGEST_LINE).split(" ", -1);
    if (words.length != 3 || !Headers.isToken(words[0]) || !words[2].equals("HTTP/1.1")) {
      throw new ProtocolException(
          "\"" + String.join(" ", words) + "\" is no request line (RFC 9112 section 3)");
    }
    return Optional.of(new Head(words[0], words[1], fields(in)));
  }

  private static Headers fields(Input in) throws IOException {
    List<Headers.Field> fields = new ArrayList<>();
    for (String line = in.line(LONGEST_LINE); !line.isEmpty(); line = in.line(LONGEST_LINE)) {
      int colon = line.indexOf(':');
      if (colon < 0 || !Headers.isToken(line.substring(0, colon)) || fields.size() == MOST_FIELDS) {
        throw new ProtocolException("\"" + line + "\" is no header (RFC 9112 section 5)");
      }
      fields.add(new Headers.Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return Headers.of(fields);
  }

  /** Reads the body behind this head: chunked, of a length, or none (RFC 9112 section 6). */
  static byte[] body(Head head, Input in) throws IOException {
    Optional<String> coding = head.headers.first("transfer-encoding");
    if (coding.isPresent()) {
      if (!coding.get().equalsIgnoreCase("chunked") || head.headers.contains("content-length")) {
        throw new ProtocolException("the length of the body is in doubt (RFC 9112 section 6.3)");
      }
      return chunked(in);
    }
    List<String> lengths = head.headers.all("content-length");
    if (lengths.size() > 1 || lengths.size() == 1 && !lengths.get(0).matches("[0-9]{1,9}")) {
      throw new ProtocolException("the length of the body is in doubt (RFC 9112 section 6.3)");
    }
    return lengths.isEmpty() ? new byte[0] : in.next(bounded(Long.parseLong(lengths.get(0))));
  }

  private static int bounded(long length) throws IOException {
    if (length > LARGEST_BODY) {
      throw new ProtocolException("a body is longer than " + LARGEST_BODY + " bytes");
    }
    return (int) length;
  }

  private static byte[] chunked(Input in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String size = in.line(LONGEST_LINE).split(";", 2)[0].strip();
      if (!size.matches("[0-9a-fA-F]{1,8}")) {
        throw new ProtocolException("\"" + size + "\" is no size (RFC 9112 section 7.1)");
      }
      int length = bounded(Long.parseLong(size, 16) + body.size()) - body.size();
      if (length == 0) {
        fields(in); // trailers
        return body.toByteArray();
      }
      body.write(in.next(length));
      if (!in.line(LONGEST_LINE).isEmpty()) {
        throw new ProtocolException("a chunk is longer than its size (RFC 9112 section 7.1)");
      }
    }
  }

  /** A status line, these headers and the empty line. */
  public static byte[] head(int status, Headers headers) {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(' ');
    head.append(phrase(status)).append("\r\n");
    append(headers, head);
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void append(Headers headers, StringBuilder text) {
    for (Headers.Field field : headers) {
      text.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
  }

  /** A chunk with these bytes, of which there is at least one. */
  public static byte[] chunk(byte[] bytes) {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(bytes.length + 12);
    chunk.writeBytes(
        (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    chunk.writeBytes(bytes);
    chunk.writeBytes(new byte[] {'\r', '\n'});
    return chunk.toByteArray();
  }

  /** The last chunk, with these trailers behind it. */
  public static byte[] lastChunk(Headers trailers) {
    StringBuilder end = new StringBuilder("0\r\n");
    append(trailers, end);
    return end.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether a response of this status never has a body (RFC 9110 section 6.4.1). */
  public static boolean hasNoBody(int status) {
    return status < 200 || status == 204 || status == 304;
  }

  private static String phrase(int status) {
    return switch (status) {
      case 100 -> "Continue";
      case 101 -> "Switching Protocols";
      case 103 -> "Early Hints";
      case 200 -> "OK";
      case 201 -> "Created";
      case 204 -> "No Content";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 304 -> "Not Modified";
      case 307 -> "Temporary Redirect";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 426 -> "Upgrade Required";
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> ""; // it may be empty (RFC 9112 section 4)
    };
  }

  /** The answer to a {@code Sec-WebSocket-Key} (RFC 6455 section 4.2.2). */
  public static String acceptKey(String key) {
    try {
      byte[] joined = (key + GUID).getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(joined));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
