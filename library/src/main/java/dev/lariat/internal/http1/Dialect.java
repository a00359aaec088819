package dev.lariat.internal.http1;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.message.Headers;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;

/**
 * Which version is spoken, HTTP/1.1 or HTTP/1.0 (RFC 1945), and what that changes. This side speaks
 * the one that {@code http1.version} says. The server may speak HTTP/1.0 even if this side does
 * not.
 */
final class Dialect {

  /** Whether this side speaks HTTP/1.0. */
  private final boolean http10;

  /** Whether this side does, or the server did in its last response. */
  private boolean old;

  Dialect(Http1.Version version) {
    this.http10 = version == Http1.Version.HTTP_1_0;
    this.old = http10;
  }

  /** What this side's requests name. */
  String version() {
    return http10 ? "HTTP/1.0" : "HTTP/1.1";
  }

  /** Whether this side speaks HTTP/1.0. */
  boolean isHttp10() {
    return http10;
  }

  /** The head of a response has come. */
  void answered(ResponseDecoder.Head head) {
    old = http10 || head.http10();
  }

  /** Whether several requests may be outstanding. With HTTP/1.0 each may be the last. */
  boolean pipelines() {
    return !http10;
  }

  /** Whether a body may be chunked (RFC 9112 section 6.1). */
  boolean hasChunks() {
    return !old;
  }

  /** Whether the server can consent to a body (RFC 9110 section 10.1.1). */
  boolean hasConsent() {
    return !old;
  }

  /** Whether the server closes the connection after this request (RFC 9112 section 9.3). */
  boolean isLast(Request request) {
    Headers headers = request.headers();
    return headers.contains("connection")
        ? asks(headers, "close") || http10 && !asks(headers, "keep-alive")
        : http10;
  }

  /** Whether no response follows this one, whatever the server's own version. */
  boolean isLast(ResponseDecoder.Head head) {
    return head.last() || http10 && !asks(head.headers(), "keep-alive");
  }

  private static boolean asks(Headers headers, String wanted) {
    return Handshake.hasToken(headers, "connection", wanted);
  }
}
