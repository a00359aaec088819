package dev.lariat.internal.hop;

import dev.lariat.option.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The header of the PROXY protocol, versions 1 and 2. Without both addresses, as over a Unix-domain
 * socket or in a tunnel, it says that there are none to report.
 */
public final class ProxyHeader {
  private static final byte[] SIGNATURE =
      "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LOCAL = 0x20; // version 2, and its two commands
  private static final int PROXY = 0x21;
  private static final int NO_FAMILY = 0x00;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;
  private static final int OF_IPV4 = 4;

  private ProxyHeader() {}

  /**
   * Writes the header.
   *
   * @param local the address of this end of the socket
   * @param remote the address of the other end
   */
  public static void write(
      ProxyProtocol header,
      Optional<SocketAddress> local,
      Optional<SocketAddress> remote,
      ByteBuf out) {
    Optional<InetSocketAddress> source = header.source().or(() -> ofTheNet(local));
    Optional<InetSocketAddress> destination = header.destination().or(() -> ofTheNet(remote));
    boolean known = source.isPresent() && destination.isPresent();
    switch (header.version()) {
      case V1 -> {
        String line = known ? line(source.get(), destination.get()) : "UNKNOWN";
        out.writeCharSequence("PROXY " + line + "\r\n", StandardCharsets.US_ASCII);
      }
      case V2 -> {
        out.writeBytes(SIGNATURE);
        if (known) {
          addresses(source.get(), destination.get(), out);
        } else {
          out.writeByte(LOCAL).writeByte(NO_FAMILY).writeShort(0);
        }
      }
    }
  }

  private static Optional<InetSocketAddress> ofTheNet(Optional<SocketAddress> address) {
    return address
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast)
        .filter(its -> !its.isUnresolved()); // the far end of a tunnel
  }

  private static String line(InetSocketAddress source, InetSocketAddress destination) {
    int octets = octets(source, destination);
    return String.join(
        " ",
        octets == OF_IPV4 ? "TCP4" : "TCP6",
        text(source.getAddress(), octets),
        text(destination.getAddress(), octets),
        Integer.toString(source.getPort()),
        Integer.toString(destination.getPort()));
  }

  private static String text(InetAddress address, int octets) {
    boolean mapped = address.getAddress().length < octets;
    return (mapped ? "::ffff:" : "") + Addresses.literal(address);
  }

  private static void addresses(
      InetSocketAddress source, InetSocketAddress destination, ByteBuf out) {
    int octets = octets(source, destination);
    out.writeByte(PROXY).writeByte(octets == OF_IPV4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6);
    out.writeShort(2 * octets + 4);
    address(source.getAddress(), octets, out);
    address(destination.getAddress(), octets, out);
    out.writeShort(source.getPort()).writeShort(destination.getPort());
  }

  private static void address(InetAddress address, int octets, ByteBuf out) {
    byte[] own = address.getAddress();
    if (own.length < octets) { // as an IPv4-mapped address: RFC 4291 section 2.5.5.2
      out.writeZero(10).writeShort(0xffff);
    }
    out.writeBytes(own);
  }

  /** How long addresses are of the family that both fit in. */
  private static int octets(InetSocketAddress source, InetSocketAddress destination) {
    return Math.max(
        source.getAddress().getAddress().length, destination.getAddress().getAddress().length);
  }
}
