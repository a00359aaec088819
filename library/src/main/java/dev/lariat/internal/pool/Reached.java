package dev.lariat.internal.pool;

import java.util.Set;

/**
 * What a connection is connected to, as far as it decides whether it may carry requests for other
 * origins (RFC 9113 section 9.1.1).
 *
 * @param how the options with which it was opened
 * @param address the address and the port of its other side
 * @param names the names that the server's certificate is for, in lower case. One can begin with
 *     {@code *.}, which stands for one label (RFC 9525 section 6.3)
 */
public record Reached(Object how, Object address, Set<String> names) {
  private static final int FEWEST_LABELS = 3; // of a name with *: not all of a public suffix

  /**
   * An origin, and where it is.
   *
   * @param how the options with which a connection to it would be opened
   * @param addresses where its name leads, each with the port
   * @param host its name
   */
  public record Sought(Object how, Set<?> addresses, String host) {}

  /** Whether the connection may carry requests for this origin. */
  boolean serves(Sought origin) {
    return how.equals(origin.how())
        && origin.addresses().contains(address)
        && covers(origin.host());
  }

  private boolean covers(String host) {
    int dot = host.indexOf('.');
    String any = "*" + host.substring(Math.max(dot, 0));
    return names.contains(host)
        || dot > 0 && any.split("\\.", -1).length >= FEWEST_LABELS && names.contains(any);
  }
}
