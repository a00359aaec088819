package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How HTTP/1.1 is spoken (RFC 9112).
 *
 * @param version of the requests: HTTP/1.1 by default
 * @param keepalive how long this side may write nothing before it writes an empty line, so that
 *     nobody on the way forgets the connection: 1 ms to 365 days, never by default. None is written
 *     while a body is sent, an upgrade is not answered or the connection ends. It is a makeshift:
 *     section 2.2 asks servers to pass over one such line before a request, and user agents not to
 *     send any. There are servers that answer it by 400
 * @param spelling how the name of a header is written, for servers that know it in one case only:
 *     is given the name in lower case and returns it in any. In lower case by default. Every name
 *     is asked for, also those of trailers and those that Lariat adds. It is called by {@code open}
 *     and by what sends headers, in the caller's thread; what it throws is thrown there, as is an
 *     {@code IllegalArgumentException} where it returns another name
 */
public record Http1(
    Version version, Optional<Duration> keepalive, Optional<UnaryOperator<String>> spelling) {

  /** HTTP/1.1 as it is meant. */
  public static final Http1 DEFAULT =
      new Http1(Version.HTTP_1_1, Optional.empty(), Optional.empty());

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
    return new Http1(version, keepalive, spelling);
  }

  /** The same with an empty line whenever nothing was written for so long. */
  public Http1 keepalive(Duration interval) {
    return new Http1(version, Optional.of(interval), spelling);
  }

  /** The same with the names of headers written in this way. */
  public Http1 spelling(UnaryOperator<String> spelling) {
    return new Http1(version, keepalive, Optional.of(spelling));
  }
}
