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
      return new Reason.Protocol(
          "the connection ended inside a response's headers", "RFC 9112 section 8");
    }
    String detail = cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return inBody
        ? new Reason.Protocol("a chunk is malformed" + detail, "RFC 9112 section 7.1")
        : new Reason.Protocol(
            "a status line or header is malformed" + detail, "RFC 9112 section 2.2");
  }
}
