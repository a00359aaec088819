package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The client's side of the opening handshake over HTTP/1.1 (RFC 6455 section 4.1). */
public final class Handshake {
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
  private static final String SECTION = "RFC 6455 section 4.1";

  /**
   * What was agreed.
   *
   * @param subprotocol the one that the server chose
   * @param deflate the terms of compression, where it was agreed
   */
  public record Agreement(Optional<String> subprotocol, Optional<DeflateTerms> deflate) {}

  private final String key;
  private final List<String> subprotocols;
  private final boolean compress;

  /**
   * A handshake with a fresh key.
   *
   * @param subprotocols to offer, most wanted first
   * @param compress whether to offer permessage-deflate
   */
  public Handshake(List<String> subprotocols, boolean compress) {
    this(freshKey(), subprotocols, compress);
  }

  /** A handshake with this key. */
  Handshake(String key, List<String> subprotocols, boolean compress) {
    this.key = key;
    this.subprotocols = subprotocols;
    this.compress = compress;
  }

  private static String freshKey() {
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }

  /** What the request carries. */
  public Headers headers() {
    Headers headers =
        Headers.of(
            "connection", "Upgrade",
            "upgrade", "websocket",
            "sec-websocket-version", "13",
            "sec-websocket-key", key);
    if (!subprotocols.isEmpty()) {
      headers = headers.with("sec-websocket-protocol", String.join(", ", subprotocols));
    }
    return compress ? headers.with("sec-websocket-extensions", DeflateTerms.NAME) : headers;
  }

  /** Checks the headers of a 101 response. */
  public Agreement verify(Headers response) throws Violation {
    if (!hasToken(response, "upgrade", "websocket")) {
      throw Violation.protocol("the 101 response has no Upgrade header with websocket", SECTION);
    }
    if (!hasToken(response, "connection", "upgrade")) {
      throw Violation.protocol("the 101 response has no Connection header with Upgrade", SECTION);
    }
    List<String> accept = response.all("sec-websocket-accept");
    if (accept.isEmpty()) {
      throw Violation.protocol("the 101 response has no Sec-WebSocket-Accept header", SECTION);
    }
    if (accept.size() > 1 || !accept.get(0).strip().equals(expectedAccept())) {
      throw Violation.protocol(
          "the 101 response's Sec-WebSocket-Accept is not the answer to the key", SECTION);
    }
    return new Agreement(subprotocol(response), deflate(response));
  }

  private Optional<String> subprotocol(Headers response) throws Violation {
    List<String> chosen = response.all("sec-websocket-protocol");
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    String name = chosen.get(0).strip();
    if (chosen.size() > 1) {
      throw Violation.protocol(
          "the server chose more than one subprotocol", "RFC 6455 section 11.3.4");
    }
    if (!subprotocols.contains(name)) {
      throw Violation.protocol("the server chose a subprotocol that was not offered", SECTION);
    }
    return Optional.of(name);
  }

  private Optional<DeflateTerms> deflate(Headers response) throws Violation {
    List<String> header = response.all("sec-websocket-extensions");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    List<Extension> extensions = Extension.parse(String.join(",", header));
    for (Extension extension : extensions) {
      if (!compress || !extension.name().equalsIgnoreCase(DeflateTerms.NAME)) {
        throw Violation.protocol(
            "the server chose the extension " + extension.name() + ", which was not offered",
            SECTION);
      }
    }
    if (extensions.size() > 1) {
      throw Violation.protocol("the server chose permessage-deflate twice", "RFC 7692 section 7");
    }
    return Optional.of(DeflateTerms.accept(extensions.get(0)));
  }

  private String expectedAccept() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** Whether a list header has this token, in any case (RFC 9110 section 5.6.1). */
  static boolean hasToken(Headers headers, String name, String token) {
    for (String value : headers.all(name)) {
      for (String element : value.split(",", -1)) {
        if (element.strip().equalsIgnoreCase(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
