package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;

/**
 * How HTTP/1.1 is spoken (RFC 9112).
 *
 * @param version of the requests: HTTP/1.1 by default
 * @param keepalive how long this side may write nothing before it writes an empty line, so that
 *     nobody on the way forgets the connection: 1 ms to 365 days, never by default. None is written
 *     while a body is sent, an upgrade is not answered or the connection ends. It is a makeshift:
 *     section 2.2 asks servers to pass over one such line before a request, and user agents not to
 *     send any. There are servers that answer it by 400
 */
public record Http1(Version version, Optional<Duration> keepalive) {

  /** HTTP/1.1 as it is meant. */
  public static final Http1 DEFAULT = new Http1(Version.HTTP_1_1, Optional.empty());

  /** What requests call themselves. */
  public enum Version {
    /**
     * HTTP/1.0, for servers that cannot do more. A body has a {@code Content-Length}, which {@code
     * connection.headers} requires; {@code expectContinue} does nothing; there is no WebSocket and
     * no other upgrade. One request is out at a time. The connection ends behind its response and
     * comes back, unless both the request and the response say {@code Connection: keep-alive}.
     */
    HTTP_1_0,
    /** HTTP/1.1. */
    HTTP_1_1
  }

  /** Checks every component. */
  public Http1 {
    keepalive.ifPresent(interval -> Range.check("http1.keepalive", interval, Range.MIN));
  }

  /** The same with requests of another version. */
  public Http1 version(Version version) {
    return new Http1(version, keepalive);
  }

  /** The same with an empty line whenever nothing was written for so long. */
  public Http1 keepalive(Duration interval) {
    return new Http1(version, Optional.of(interval));
  }
}
