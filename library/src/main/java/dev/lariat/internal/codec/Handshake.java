package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import dev.lariat.option.Deflate;
import dev.lariat.option.Subprotocols;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of the opening handshake: over HTTP/1.1 with a key (RFC 6455 section 4.1), or
 * over HTTP/2 without one (RFC 8441 section 5).
 */
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

  private final @Nullable String key; // null over HTTP/2
  private final Subprotocols subprotocols;
  private final List<Deflate.Offer> offers;

  /**
   * A handshake.
   *
   * @param key a fresh one: 16 octets that the server cannot foresee, in Base64
   * @param subprotocols to offer
   * @param deflate the compression to offer
   */
  public Handshake(String key, Subprotocols subprotocols, Optional<Deflate> deflate) {
    this.key = key;
    this.subprotocols = subprotocols;
    this.offers = deflate.map(Deflate::offers).orElse(List.of());
  }

  /**
   * A handshake over HTTP/2.
   *
   * @param subprotocols to offer
   * @param deflate the compression to offer
   */
  public Handshake(Subprotocols subprotocols, Optional<Deflate> deflate) {
    this.key = null;
    this.subprotocols = subprotocols;
    this.offers = deflate.map(Deflate::offers).orElse(List.of());
  }

  /** What the request carries. */
  public Headers headers() {
    Headers headers =
        key == null
            ? Headers.of("sec-websocket-version", "13")
            : Headers.of(
                "connection", "Upgrade",
                "upgrade", "websocket",
                "sec-websocket-version", "13",
                "sec-websocket-key", key);
    if (!subprotocols.names().isEmpty()) {
      headers = headers.with("sec-websocket-protocol", String.join(", ", subprotocols.names()));
    }
    if (!offers.isEmpty()) {
      headers =
          headers.with(
              "sec-websocket-extensions",
              offers.stream().map(DeflateTerms::header).collect(Collectors.joining(", ")));
    }
    return headers;
  }

  /** Checks the headers of a 101 response, or over HTTP/2 of one with a status from 200 to 299. */
  public Agreement verify(Headers response) throws Violation {
    if (key != null) {
      verifySwitch(response, key);
    }
    return new Agreement(subprotocol(response), deflate(response));
  }

  private static void verifySwitch(Headers response, String key) throws Violation {
    List<String> upgrade = response.all("upgrade");
    if (upgrade.size() != 1 || !upgrade.get(0).strip().equalsIgnoreCase("websocket")) {
      throw Violation.protocol(
          "the 101 response has no Upgrade header with websocket alone", SECTION);
    }
    if (!hasToken(response, "connection", "upgrade")) {
      throw Violation.protocol("the 101 response has no Connection header with Upgrade", SECTION);
    }
    List<String> accept = response.all("sec-websocket-accept");
    if (accept.isEmpty()) {
      throw Violation.protocol("the 101 response has no Sec-WebSocket-Accept header", SECTION);
    }
    if (accept.size() > 1 || !accept.get(0).strip().equals(expectedAccept(key))) {
      throw Violation.protocol(
          "the 101 response's Sec-WebSocket-Accept is not the answer to the key", SECTION);
    }
  }

  private Optional<String> subprotocol(Headers response) throws Violation {
    List<String> chosen = response.all("sec-websocket-protocol");
    if (chosen.isEmpty()) {
      if (subprotocols.required()) {
        throw Violation.protocol(
            "the server chose none of the subprotocols, though one is required",
            "RFC 6455 section 1.9");
      }
      return Optional.empty();
    }
    String name = chosen.get(0).strip();
    if (chosen.size() > 1) {
      throw Violation.protocol(
          "the server chose more than one subprotocol", "RFC 6455 section 11.3.4");
    }
    if (!subprotocols.names().contains(name)) {
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
      if (offers.isEmpty() || !extension.name().equalsIgnoreCase(DeflateTerms.NAME)) {
        throw Violation.protocol(
            "the server chose the extension " + extension.name() + ", which was not offered",
            SECTION);
      }
    }
    if (extensions.size() > 1) {
      throw Violation.protocol("the server chose permessage-deflate twice", "RFC 7692 section 7");
    }
    return Optional.of(DeflateTerms.accept(extensions.get(0), offers));
  }

  private static String expectedAccept(String key) {
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
  public static boolean hasToken(Headers headers, String name, String token) {
    for (String value : headers.all(name)) {
      for (int from = 0, to; from <= value.length(); from = to + 1) {
        int comma = value.indexOf(',', from);
        to = comma < 0 ? value.length() : comma;
        if (value.substring(from, to).strip().equalsIgnoreCase(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
