package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Tls;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What is checked, and how it is reached.
 *
 * @param patience how long to wait for the answer to a ping or a close frame
 */
record Destination(Endpoint endpoint, ConnectionOptions options, Duration patience) {
  /**
   * How long to wait for a connection or a response. Lariat's own timeouts are shorter and say
   * more.
   */
  static final Duration RESPONSE = Duration.ofMinutes(1);

  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  /** A connection that is not retried. */
  Connection open(ConnectionOptions its, Mailbox mailbox) {
    return Lariat.open(Target.origin(endpoint), its.retry(Backoff.NEVER), mailbox);
  }

  /** A connection without TLS, to this host or address. */
  Connection openPlain(String host, Protocol protocol, ConnectionOptions its, Mailbox mailbox) {
    ConnectionOptions plain =
        its.tls(Optional.<Tls>empty()).protocols(protocol).retry(Backoff.NEVER);
    return Lariat.open(host, port(), plain, mailbox);
  }

  boolean isWebSocket() {
    return String.valueOf(uri().getScheme()).toLowerCase(Locale.ROOT).startsWith("ws");
  }

  boolean secure() {
    return endpoint.secure();
  }

  boolean proxied() {
    return !options.via().isEmpty();
  }

  /** The name or address, an IPv6 address without its brackets. */
  String host() {
    return uri().getHost().replaceAll("^\\[|\\]$", "");
  }

  int port() {
    int port = uri().getPort();
    return port >= 0 ? port : secure() ? HTTPS : HTTP;
  }

  private URI uri() {
    return endpoint.uri();
  }
}
