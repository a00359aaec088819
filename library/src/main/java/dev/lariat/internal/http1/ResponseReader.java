package dev.lariat.internal.http1;

import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.option.Limits;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Checks what the decoder lets pass, and finds the rule for what it does not. */
final class ResponseReader {
  private static final String NO_COLON = "No colon found";
  private static final String OF_NAMES = "RFC 9110 section 5.1";
  private static final String OF_VALUES = "RFC 9110 section 5.5";
  private static final List<String> IN_TRAILERS = List.of(OF_NAMES, OF_VALUES);

  /** What Netty says of a head that it refuses, as far as this is about one rule. */
  private static final Map<String, String> SECTIONS =
      Map.of(
          "invalid version format", "RFC 9112 section 2.3",
          "a header name can only contain", OF_NAMES,
          "Validation failed for header", OF_VALUES,
          "Invalid separator", OF_VALUES,
          "Multiple Content-Length values", "RFC 9112 section 6.3",
          "Content-Length value is not a number", "RFC 9112 section 6.3",
          "Content-Length are not allowed", "RFC 9112 section 6.3",
          "The Transfer-Encoding header is only allowed in HTTP/1.1", "RFC 9112 section 6.1",
          "chunked must be the last encoding", "RFC 9112 section 6.1",
          "chunked transfer coding must not be applied", "RFC 9112 section 7.1");

  private ResponseReader() {}

  /** Checks a status line (RFC 9112 section 4). */
  static void checkStatusLine(HttpResponse response) throws Violation {
    if (response.protocolVersion().majorVersion() != 1) {
      throw Violation.protocol(
          "the response has the version " + response.protocolVersion(), "RFC 9112 section 2.3");
    }
    int status = response.status().code();
    if (status < 100 || status > 999) {
      throw Violation.protocol("the response has the status code " + status, "RFC 9110 section 15");
    }
  }

  /**
   * Checks what says how long a response is (RFC 9112 section 6.3).
   *
   * @param http10 whether it answers a request of HTTP/1.0
   */
  static void checkFraming(Headers headers, boolean http10) throws Violation {
    List<String> codings = headers.all("transfer-encoding");
    if (codings.isEmpty()) {
      return;
    }
    if (http10) {
      throw Violation.protocol(
          "the response to a request of HTTP/1.0 has a transfer coding", "RFC 9112 section 6.1");
    }
    if (headers.contains("content-length")) {
      throw Violation.protocol(
          "the response has two lengths, a Transfer-Encoding and a Content-Length",
          "RFC 9112 section 6.3");
    }
    String coding = codings.getFirst().strip();
    if (codings.size() > 1
        || !(coding.equalsIgnoreCase("chunked") || coding.equalsIgnoreCase("identity"))) {
      throw Violation.protocol(
          "the response has a transfer coding that was not asked for: "
              + String.join(", ", codings),
          "RFC 9110 section 10.1.4");
    }
  }

  /** The fields as values of ours. */
  static Headers headers(HttpHeaders netty) throws Violation {
    if (netty.isEmpty()) {
      return Headers.EMPTY;
    }
    String[] namesAndValues = new String[2 * netty.size()];
    int i = 0;
    for (Iterator<Map.Entry<CharSequence, CharSequence>> fields = netty.iteratorCharSequence();
        fields.hasNext(); ) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      namesAndValues[i++] = field.getKey().toString();
      namesAndValues[i++] = field.getValue().toString();
    }
    try {
      return Headers.of(namesAndValues);
    } catch (IllegalArgumentException e) {
      throw malformedField(namesAndValues);
    }
  }

  /** Which rule one of these breaks. */
  private static Violation malformedField(String[] namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!Headers.isToken(namesAndValues[i])) {
        break;
      }
      if (!Headers.isValue(namesAndValues[i + 1])) {
        return Violation.protocol(
            "the value of the header " + namesAndValues[i] + " is malformed",
            "RFC 9110 section 5.5");
      }
    }
    return Violation.protocol("a header's name is not a token", "RFC 9110 section 5.1");
  }

  /**
   * Why the decoder refused the bytes.
   *
   * @param inBody whether a body was being read, so that it was a chunk or a trailer
   */
  static Reason malformed(Throwable cause, boolean inBody, Limits limits) {
    if (cause.getCause() instanceof Violation violation) {
      return violation.reason();
    }
    if (cause instanceof TooLongHttpLineException || cause instanceof TooLongHttpHeaderException) {
      return new Reason.Limit(Bound.HEADER_BLOCK, limits.headerBlock());
    }
    if (cause instanceof PrematureChannelClosureException) {
      return new Reason.Closed(); // an incomplete message breaks no rule (RFC 9112 section 8)
    }
    String words = cause.getMessage() == null ? "" : shown(cause.getMessage());
    if (inBody && cause instanceof IndexOutOfBoundsException) {
      words = "Invalid character in chunk size"; // Netty has no place for octets above 0x7f
    }
    String detail = words.isEmpty() ? "" : ": " + words;
    String section = section(words);
    if (!inBody) {
      return new Reason.Protocol("a status line or header is malformed" + detail, section);
    }
    return IN_TRAILERS.contains(section) || words.equals(NO_COLON)
        ? new Reason.Protocol("a trailer is malformed" + detail, "RFC 9112 section 7.1.2")
        : new Reason.Protocol("a chunk is malformed" + detail, "RFC 9112 section 7.1");
  }

  /** Without what a server could write into its readers' terminals and logs. */
  private static String shown(String words) {
    return words.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?");
  }

  /** The rule that is meant by these words of Netty's; where they are others, that of all lines. */
  private static String section(String words) {
    return SECTIONS.entrySet().stream()
        .filter(entry -> words.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("RFC 9112 section 2.2");
  }
}
