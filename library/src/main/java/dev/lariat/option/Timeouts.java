package dev.lariat.option;

import java.time.Duration;

/**
 * How long each step of a connection may take; each 1 ms to 365 days.
 *
 * @param lookup the lookup of the host's name; 10 s by default
 * @param connect connecting, over all addresses together; 15 s by default
 * @param attemptDelay how long one address is given before the next is tried beside it (RFC 8305
 *     section 5); 250 ms by default
 * @param tls the TLS handshake; 10 s by default
 * @param upgrade the answer to a WebSocket's upgrade request, from the end of the response before
 *     it; 10 s by default. Time in which this side does not read does not count
 * @param write how long the server may take no byte at all while bytes wait for it; 30 s by
 *     default. Time in which this side does not read does not count, since the server may be
 *     waiting for that
 * @param closing the farewell: after the owner's shutdown, and after a close frame of either side;
 *     15 s by default
 */
public record Timeouts(
    Duration lookup,
    Duration connect,
    Duration attemptDelay,
    Duration tls,
    Duration upgrade,
    Duration write,
    Duration closing) {

  /** The defaults. */
  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(15));

  /** Checks every component. */
  public Timeouts {
    Range.check("timeouts.lookup", lookup, Range.MIN);
    Range.check("timeouts.connect", connect, Range.MIN);
    Range.check("timeouts.attemptDelay", attemptDelay, Range.MIN);
    Range.check("timeouts.tls", tls, Range.MIN);
    Range.check("timeouts.upgrade", upgrade, Range.MIN);
    Range.check("timeouts.write", write, Range.MIN);
    Range.check("timeouts.closing", closing, Range.MIN);
  }

  /** The same with another time for the lookup. */
  public Timeouts lookup(Duration lookup) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another time for connecting. */
  public Timeouts connect(Duration connect) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another delay between addresses. */
  public Timeouts attemptDelay(Duration attemptDelay) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another time for the TLS handshake. */
  public Timeouts tls(Duration tls) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another time for an upgrade. */
  public Timeouts upgrade(Duration upgrade) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another time for a write. */
  public Timeouts write(Duration write) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }

  /** The same with another time for closing. */
  public Timeouts closing(Duration closing) {
    return new Timeouts(lookup, connect, attemptDelay, tls, upgrade, write, closing);
  }
}
