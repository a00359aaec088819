package dev.lariat.opentelemetry;

/**
 * Where requests go.
 *
 * @param address a name, or an address without brackets
 * @param port 1 to 65535
 */
record Server(String address, long port) {

  /** The server of an origin such as {@code https://example.com}, whose name can be of any kind. */
  static Server of(String origin) {
    String authority = origin.substring(origin.indexOf("://") + 3);
    int colon = authority.lastIndexOf(':');
    boolean named = colon > authority.lastIndexOf(']'); // in which an address of IPv6 ends
    String host = named ? authority.substring(0, colon) : authority;
    long implied = origin.startsWith("https:") ? 443 : 80;
    long port = named ? Long.parseLong(authority.substring(colon + 1)) : implied;
    return new Server(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
  }
}
