package dev.lariat.testkit;

import dev.lariat.message.Protocol;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import java.util.Optional;

/** How a client speaks to a proxy. */
public enum Hop {
  HTTP("http", "http", Protocol.HTTP_1_1),
  HTTPS("https", "https", Protocol.HTTP_1_1),
  H2C("h2c", "http", Protocol.HTTP_2),
  H2("h2", "https", Protocol.HTTP_2),
  SOCKS5("socks5", "socks5h", null),
  SOCKS5_TLS("socks5+tls", "socks5h", null),
  SOCKS5_RESOLVED("socks5, resolved", "socks5", null),
  SOCKS4("socks4", "socks4", null),
  SOCKS4A("socks4a", "socks4a", null);

  private final String name;
  private final String scheme;
  final Optional<Protocol> protocol;

  Hop(String name, String scheme, Protocol protocol) {
    this.name = name;
    this.scheme = scheme;
    this.protocol = Optional.ofNullable(protocol);
  }

  boolean tls() {
    return this == HTTPS || this == H2 || this == SOCKS5_TLS;
  }

  /** The hop through this proxy, without credentials. */
  public Proxy through(ProxyServer server) {
    Proxy proxy = server.proxy(scheme);
    return protocol.map(proxy::protocols).orElse(proxy);
  }

  /** What it shows at once, so that a fault meets the last request. */
  public Credentials credentials(String user, String password) {
    return protocol.isPresent()
        ? Credentials.basic(user, password)
        : Credentials.of(user, asksForPassword() ? password : "");
  }

  private boolean asksForPassword() {
    return this != SOCKS4 && this != SOCKS4A;
  }

  @Override
  public String toString() {
    return name;
  }
}
