package dev.lariat.it.fuzzing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A client's opening handshake (RFC 6455 section 4.2.1).
 *
 * @param path without the query
 * @param query its parameters
 * @param key the client's {@code Sec-WebSocket-Key}
 * @param offers its offers of compression
 */
record Opening(String path, Map<String, String> query, String key, List<Offer> offers) {
  private static final int MAX = 64 << 10;

  /** Reads one, and not an octet more; empty where a client asks for something else. */
  static Optional<Opening> read(InputStream in) throws IOException {
    String[] lines = head(in).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      String[] header = lines[i].split(":", 2);
      String value = header.length == 1 ? "" : header[1].strip();
      headers.merge(header[0].toLowerCase(Locale.ROOT), value, (a, b) -> a + ", " + b);
    }
    String key = headers.getOrDefault("sec-websocket-key", "");
    boolean right =
        lines[0].matches("GET /\\S* HTTP/1\\.1")
            && headers.getOrDefault("upgrade", "").equalsIgnoreCase("websocket")
            && headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT).contains("upgrade")
            && headers.getOrDefault("sec-websocket-version", "").equals("13")
            && key.matches("[A-Za-z0-9+/]{22}==");
    if (!right) {
      return Optional.empty();
    }
    String[] target = lines[0].split(" ")[1].split("\\?", 2);
    List<Offer> offers = Offer.parse(headers.getOrDefault("sec-websocket-extensions", ""));
    return Optional.of(
        new Opening(target[0], query(target.length == 1 ? "" : target[1]), key, offers));
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0 || head.length() > MAX) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static Map<String, String> query(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.put(
          parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  /** The number of the case that is asked for; 0 for none. */
  int number() {
    String number = query.getOrDefault("case", "");
    return number.matches("[0-9]{1,6}") ? Integer.parseInt(number) : 0;
  }

  String agent() {
    return query.getOrDefault("agent", "");
  }

  /** The answer that accepts it. */
  byte[] accept(Optional<Terms> compression) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Accept: " + acceptKey()));
    compression.ifPresent(terms -> lines.add("Sec-WebSocket-Extensions: " + terms.header()));
    return octets(String.join("\r\n", lines) + "\r\n\r\n");
  }

  /** The answer to what is no opening handshake, or one for nothing that there is. */
  static byte[] refusal() {
    return octets("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  private String acceptKey() {
    try {
      byte[] joined = octets(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(joined));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
