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
 * @param pipelining how many requests may be outstanding on the connection, which means that they
 *     are written and their responses have not ended: 1 to 10000, 1 by default. Further requests
 *     wait, up to {@code limits.heldCommands}. With more than one, a slow response delays those
 *     after it, a connection that is lost takes more requests with it, and some servers, mostly
 *     those of small devices, lose a request that comes before they have answered the one before it
 * @param pipelinedMethods which requests may be outstanding together with others: the idempotent
 *     ones by default, as RFC 9112 section 9.3.2 has it
 * @param tolerant whether a response may also break rules that some devices break: a line that ends
 *     with LF alone, and {@code chunked} that is said twice. Off by default: a proxy on the way
 *     that reads such a response differently can be made to mix up the responses of a connection
 *     (RFC 9112 section 11.1)
 */
public record Http1(
    Version version,
    Optional<Duration> keepalive,
    Optional<UnaryOperator<String>> spelling,
    int pipelining,
    Methods pipelinedMethods,
    boolean tolerant) {

  /** HTTP/1.1 as it is meant, one request after the other. */
  public static final Http1 DEFAULT =
      new Http1(Version.HTTP_1_1, Optional.empty(), Optional.empty(), 1, Methods.IDEMPOTENT, false);

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

  /** Which methods of requests. */
  public enum Methods {
    /**
     * Those that are idempotent, so that a request is safe to send again if its connection is lost
     * (RFC 9110 section 9.2.2): DELETE, GET, HEAD, OPTIONS, PUT and TRACE. A request with another
     * method, such as POST, is written when all responses have ended, and nothing is written before
     * its own has.
     */
    IDEMPOTENT,
    /**
     * All methods. If the connection is lost, nobody knows which requests the server has acted
     * upon, and those that are not idempotent are not safe to send again.
     */
    ALL
  }

  /** Checks every component. */
  public Http1 {
    Range.check("http1.pipelining", pipelining, 1, 10_000);
    keepalive.ifPresent(interval -> Range.check("http1.keepalive", interval, Range.MIN));
  }

  /** The same with requests of another version. */
  public Http1 version(Version version) {
    return new Http1(version, keepalive, spelling, pipelining, pipelinedMethods, tolerant);
  }

  /** The same with an empty line whenever nothing was written for so long. */
  public Http1 keepalive(Duration interval) {
    return new Http1(
        version, Optional.of(interval), spelling, pipelining, pipelinedMethods, tolerant);
  }

  /** The same with the names of headers written in this way. */
  public Http1 spelling(UnaryOperator<String> spelling) {
    return new Http1(
        version, keepalive, Optional.of(spelling), pipelining, pipelinedMethods, tolerant);
  }

  /** The same with so many outstanding requests. */
  public Http1 pipelining(int requests) {
    return new Http1(version, keepalive, spelling, requests, pipelinedMethods, tolerant);
  }

  /** The same with these methods pipelined, if requests are. */
  public Http1 pipelinedMethods(Methods methods) {
    return new Http1(version, keepalive, spelling, pipelining, methods, tolerant);
  }

  /** The same, taking responses of devices that break some rules, or not. */
  public Http1 tolerant(boolean tolerant) {
    return new Http1(version, keepalive, spelling, pipelining, pipelinedMethods, tolerant);
  }
}
