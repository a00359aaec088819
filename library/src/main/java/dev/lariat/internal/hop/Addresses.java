package dev.lariat.internal.hop;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Addresses as proxies are sent them: without a zone, which means something to this machine only.
 */
final class Addresses {
  private Addresses() {}

  /** As text. */
  static String literal(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress()).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }
}
