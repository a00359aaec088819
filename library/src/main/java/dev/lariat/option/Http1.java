package dev.lariat.option;

/**
 * How HTTP/1.1 is spoken (RFC 9112).
 *
 * @param version of the requests: HTTP/1.1 by default
 */
public record Http1(Version version) {

  /** HTTP/1.1 as it is meant. */
  public static final Http1 DEFAULT = new Http1(Version.HTTP_1_1);

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

  /** The same with requests of another version. */
  public Http1 version(Version version) {
    return new Http1(version);
  }
}
