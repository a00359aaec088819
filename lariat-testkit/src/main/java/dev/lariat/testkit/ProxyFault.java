package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.option.Proxy;
import java.time.Duration;

/**
 * What a {@link ProxyServer} does wrong on a connection: see {@link ProxyServer#faults}. Over
 * HTTP/2, it does so for each request on the connection.
 */
public sealed interface ProxyFault {

  /** Nothing is wrong. */
  record None() implements ProxyFault {}

  /**
   * The proxy does not open the tunnel.
   *
   * @param code 1 to 255, a reply of SOCKS (RFC 1928 section 6), or 300 to 599, a status of HTTP.
   *     If the client speaks the other protocol, the answer is 403, reply 2 of SOCKS 5, or reply 91
   *     of SOCKS 4
   */
  record Refuse(int code) implements ProxyFault {
    /** Checks the code. */
    public Refuse {
      if (code < 1 || code > 255 && code < 300 || code > 599) {
        throw new IllegalArgumentException("code: " + code + ", allowed 1 to 255 and 300 to 599");
      }
    }
  }

  /**
   * The proxy takes no credentials. Over HTTP, it answers each request with 407 and asks for Basic
   * credentials. Over SOCKS 5, it asks for a user and a password, and refuses them. Over SOCKS 4,
   * it answers with 93.
   */
  record Challenge() implements ProxyFault {}

  /**
   * The proxy ends its side of the connection, with a FIN.
   *
   * @param at when it does so
   */
  record Close(ProxyStep at) implements ProxyFault {}

  /**
   * The proxy resets the connection, with a RST.
   *
   * @param at when it does so
   */
  record Reset(ProxyStep at) implements ProxyFault {}

  /**
   * The proxy sends nothing more, and reads what the client sends.
   *
   * @param at when it begins to be silent
   */
  record Silent(ProxyStep at) implements ProxyFault {}

  /**
   * The proxy answers in a version that does not exist: 9 of SOCKS, {@code HTTP/9.9}. Over HTTP/2,
   * it answers in HTTP/1.1.
   */
  record UnknownVersion() implements ProxyFault {}

  /**
   * The proxy answers over HTTP with a block of headers that never ends. Over SOCKS, nothing is
   * wrong.
   */
  record EndlessHeaders() implements ProxyFault {}

  /**
   * The proxy answers before it is asked, as soon as it has accepted the connection. Then it is
   * silent.
   *
   * @param as the protocol in which it answers; for HTTP, it is HTTP/1.1
   */
  record Early(Proxy.Kind as) implements ProxyFault {}

  /**
   * The answers of the proxy come byte by byte. Nothing else is wrong.
   *
   * @param pause the pause after each byte, zero to 365 days
   */
  record Pieces(Duration pause) implements ProxyFault {
    /** Checks the pause. */
    public Pieces {
      Range.nanos("pause", pause);
    }
  }

  /**
   * The proxy sends these bytes to the client directly after its answer, as the first bytes of the
   * tunnel. Nothing else is wrong.
   *
   * @param bytes the bytes
   */
  record Extra(Bytes bytes) implements ProxyFault {}

  /**
   * The proxy is slow: all that goes to the client, in the tunnel too, goes byte by byte.
   *
   * @param pause the pause after each byte, zero to 365 days
   */
  record Slow(Duration pause) implements ProxyFault {
    /** Checks the pause. */
    public Slow {
      Range.nanos("pause", pause);
    }
  }
}
