package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the body of a response is (RFC 9112 section 6.3), as its headers say.
 *
 * @param length in octets, or {@link #CHUNKED}, or {@link #UNTIL_CLOSE}
 * @param headers without what must not be relied on: a length beside a transfer coding, a length
 *     that was said twice
 * @param last whether the headers contradict each other, so that nothing behind the response can be
 *     relied on
 */
record Framing(long length, Headers headers, boolean last) {
  /** The body is in chunks. */
  static final long CHUNKED = -1;

  /** The body ends with the connection. */
  static final long UNTIL_CLOSE = -2;

  private static final String LENGTHS = "RFC 9112 section 6.3";
  private static final String CODINGS = "RFC 9112 section 6.1";

  /**
   * That of a response with a body.
   *
   * @param tolerant whether a response may say twice that it is chunked
   * @param http10 whether the response is of HTTP/1.0
   * @param askedByHttp10 whether its request was
   */
  static Framing of(Headers headers, boolean tolerant, boolean http10, boolean askedByHttp10)
      throws Violation {
    List<String> codings = headers.all("transfer-encoding");
    Framing byLength = ofLength(headers);
    if (codings.isEmpty()) {
      return byLength;
    }
    if (askedByHttp10) {
      throw Violation.protocol(
          "the response to a request of HTTP/1.0 has a transfer coding", CODINGS);
    }
    if (http10) {
      throw Violation.protocol("a response of HTTP/1.0 has a transfer coding", CODINGS);
    }
    boolean both = byLength.length >= 0;
    if (isChunked(codings, tolerant)) {
      Headers told = both ? without(headers, "content-length") : headers;
      return new Framing(CHUNKED, told, both);
    }
    return new Framing(byLength.length, byLength.headers, both); // identity, which is no coding
  }

  /** That of a response without a body, whose length stands for another one. */
  static Headers ofNoBody(Headers headers) throws Violation {
    return ofLength(headers).headers;
  }

  // ---- lengths

  private static Framing ofLength(Headers headers) throws Violation {
    List<String> said = headers.all("content-length");
    if (said.isEmpty()) {
      return new Framing(UNTIL_CLOSE, headers, false);
    }
    if (said.size() == 1 && said.getFirst().indexOf(',') < 0) {
      return new Framing(length(said.getFirst()), headers, false);
    }
    long length = -1;
    for (String list : said) {
      for (String element : list.split(",", -1)) {
        long each = length(element.strip());
        if (length >= 0 && each != length) {
          throw Violation.protocol(
              "the response has two lengths, " + length + " and " + each, LENGTHS);
        }
        length = each;
      }
    }
    return new Framing(length, withOneLength(headers, length), false);
  }

  private static long length(String text) throws Violation {
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw notANumber(text);
      }
      if (length > (Long.MAX_VALUE - digit) / 10) {
        throw Violation.protocol(
            "the Content-Length of the response is larger than " + Long.MAX_VALUE, LENGTHS);
      }
      length = 10 * length + digit;
    }
    if (text.isEmpty()) {
      throw notANumber(text);
    }
    return length;
  }

  private static Violation notANumber(String text) {
    return Violation.protocol(
        "the Content-Length of the response is not a number: \"" + shown(text) + '"', LENGTHS);
  }

  // ---- codings

  /** Whether the codings are {@code chunked} alone; false where they are none. */
  private static boolean isChunked(List<String> codings, boolean tolerant) throws Violation {
    List<String> all = new ArrayList<>(1);
    for (String list : codings) {
      for (String element : list.split(",", -1)) { // RFC 9110 section 5.6.1.2: empty ones are none
        if (!element.isBlank()) {
          all.add(element.strip());
        }
      }
    }
    int chunked = (int) all.stream().filter("chunked"::equalsIgnoreCase).count();
    boolean other = all.size() > chunked;
    if (chunked > 1 && !(tolerant && !other)) {
      throw Violation.protocol("the response is chunked twice", "RFC 9112 section 7.1");
    }
    if (all.size() == 1 && all.getFirst().equalsIgnoreCase("identity")) {
      return false;
    }
    if (chunked > 0 && !all.getLast().equalsIgnoreCase("chunked")) {
      throw Violation.protocol(
          "the response has another transfer coding after chunked: " + shown(all.getLast()),
          CODINGS);
    }
    if (all.isEmpty() || other) {
      throw Violation.protocol(
          "the response has a transfer coding that was not asked for: "
              + (all.isEmpty() ? "none at all" : shown(String.join(", ", all))),
          "RFC 9110 section 10.1.4");
    }
    return true;
  }

  // ---- headers

  private static Headers without(Headers headers, String name) {
    List<Headers.Field> kept = new ArrayList<>(headers.size());
    for (Headers.Field field : headers) {
      if (!field.name().equals(name)) {
        kept.add(field);
      }
    }
    return Headers.of(kept);
  }

  /** With one length in the place of the first. */
  private static Headers withOneLength(Headers headers, long length) {
    List<Headers.Field> kept = new ArrayList<>(headers.size());
    boolean told = false;
    for (Headers.Field field : headers) {
      if (!field.name().equals("content-length")) {
        kept.add(field);
      } else if (!told) {
        told = true;
        kept.add(new Headers.Field("content-length", Long.toString(length)));
      }
    }
    return Headers.of(kept);
  }

  /** Without what a server could write into its readers' terminals and logs. */
  private static String shown(String text) {
    return text.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?");
  }
}
