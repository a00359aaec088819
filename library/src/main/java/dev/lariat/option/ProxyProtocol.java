package dev.lariat.option;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * The header of the PROXY protocol, by which load balancers such as HAProxy tell a server the
 * address of the client that they relay. A connection with this option sends it as its first bytes,
 * before TLS and before it speaks with a proxy.
 *
 * @param version the version of the protocol
 * @param source the address of the client; if empty, the local address of the socket
 * @param destination the address that the client connected to; if empty, the remote address of the
 *     socket
 */
public record ProxyProtocol(
    Version version, Optional<InetSocketAddress> source, Optional<InetSocketAddress> destination) {

  /** The versions of the PROXY protocol. */
  public enum Version {
    /** A line of text. */
    V1,
    /** Binary. */
    V2
  }

  /** Version 1, with the addresses of the socket. */
  public static final ProxyProtocol V1 =
      new ProxyProtocol(Version.V1, Optional.empty(), Optional.empty());

  /** Version 2, with the addresses of the socket. */
  public static final ProxyProtocol V2 =
      new ProxyProtocol(Version.V2, Optional.empty(), Optional.empty());

  /** Checks that the addresses are resolved. */
  public ProxyProtocol {
    check("proxyProtocol.source", source);
    check("proxyProtocol.destination", destination);
  }

  private static void check(String option, Optional<InetSocketAddress> address) {
    if (address.isPresent() && address.get().isUnresolved()) {
      throw Range.refused(option, address.get(), "one that is resolved");
    }
  }

  /**
   * Sets the address of the client; by default, the local address of the socket.
   *
   * @param source the address
   * @return a copy of these options with this value
   */
  public ProxyProtocol source(InetSocketAddress source) {
    return new ProxyProtocol(version, Optional.of(source), destination);
  }

  /**
   * Sets the address that the client connected to; by default, the remote address of the socket.
   *
   * @param destination the address
   * @return a copy of these options with this value
   */
  public ProxyProtocol destination(InetSocketAddress destination) {
    return new ProxyProtocol(version, source, Optional.of(destination));
  }
}
