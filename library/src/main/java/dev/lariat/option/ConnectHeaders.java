package dev.lariat.option;

import dev.lariat.message.Headers;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which headers a user may add to a {@code CONNECT} request. */
final class ConnectHeaders {
  /** What the request has of its own, what frames it, and what is about the connection alone. */
  private static final Set<String> OWN =
      Set.of(
          "connection",
          "content-length",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private ConnectHeaders() {}

  /**
   * Checks them.
   *
   * @param owner what the names of its options begin with
   * @param credentials what the proxy is shown otherwise
   */
  static void check(String owner, Headers headers, Optional<Credentials> credentials) {
    headers.requireSendable();
    for (Headers.Field field : headers) {
      if (OWN.contains(field.name())) {
        throw Range.refused(
            owner + ".headers",
            field.name(),
            "any but "
                + new TreeSet<>(OWN)
                + ", which frame the request or are about the connection (RFC 9110 section 7.6.1)");
      }
    }
    if (credentials.isPresent() && headers.contains("proxy-authorization")) {
      throw Range.refused(
          owner + ".credentials",
          "some beside a Proxy-Authorization header",
          "one of the two (RFC 9110 section 11.7.2)");
    }
  }
}
