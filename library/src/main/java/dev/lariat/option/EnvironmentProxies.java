package dev.lariat.option;

import dev.lariat.internal.uri.Authority;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The proxies that environment variables name; see {@link Proxies#ofEnvironment()}. */
final class EnvironmentProxies implements Proxies {
  private final Optional<Proxy> http;
  private final Optional<Proxy> https;
  private final List<Direct> exceptions = new ArrayList<>();

  /** What needs no proxy. */
  private interface Direct {
    boolean covers(Authority host);
  }

  EnvironmentProxies(Map<String, String> variables) {
    boolean cgi = variables.containsKey("REQUEST_METHOD");
    Optional<String> all = set(variables, "all_proxy", true);
    http = proxy(variables, set(variables, "http_proxy", !cgi).or(() -> all));
    https = proxy(variables, set(variables, "https_proxy", true).or(() -> all));
    String none = variables.getOrDefault("no_proxy", variables.getOrDefault("NO_PROXY", ""));
    for (String entry : none.split("[,\\s]+", -1)) {
      if (!entry.isEmpty()) {
        exception(entry.toLowerCase(Locale.ROOT)).ifPresent(exceptions::add);
      }
    }
  }

  /** The name by which a variable is set, be it to nothing. */
  private static Optional<String> set(Map<String, String> variables, String name, boolean upper) {
    String other = name.toUpperCase(Locale.ROOT);
    return Stream.of(name, other)
        .filter(each -> variables.containsKey(each) && (upper || each.equals(name)))
        .findFirst();
  }

  private static Optional<Proxy> proxy(Map<String, String> variables, Optional<String> set) {
    return set.flatMap(
        name ->
            Optional.ofNullable(variables.get(name))
                .filter(value -> !value.isBlank())
                .map(value -> proxy(name, value.strip())));
  }

  private static Proxy proxy(String name, String uri) {
    try {
      return Proxy.of(uri.contains("://") ? versioned(uri) : "http://" + uri);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /** Desktops set {@code socks://}, which does not say a version: SOCKS 5, as in browsers. */
  private static String versioned(String uri) {
    String socks = "socks://";
    return uri.regionMatches(true, 0, socks, 0, socks.length())
        ? "socks5h://" + uri.substring(socks.length())
        : uri;
  }

  @Override
  public List<Proxy> to(URI uri) {
    boolean secure = Endpoint.of(uri).secure();
    Authority host = Authority.of(uri, secure ? 443 : 80);
    boolean direct = isLocal(host) || exceptions.stream().anyMatch(each -> each.covers(host));
    return direct ? List.of() : (secure ? https : http).stream().toList();
  }

  private static boolean isLocal(Authority host) {
    String name = host.name();
    return host.isAddress()
        ? address(name).isLoopbackAddress()
        : name.equals("localhost") || name.endsWith(".localhost");
  }

  /** What an entry says; what nobody can read says nothing, as in other clients. */
  private static Optional<Direct> exception(String entry) {
    if (entry.equals("*")) {
      return Optional.of(host -> true);
    }
    try {
      int slash = entry.indexOf('/');
      if (slash >= 0) {
        return Optional.of(network(entry.substring(0, slash), entry.substring(slash + 1)));
      }
      boolean bare = entry.indexOf(':') != entry.lastIndexOf(':') && !entry.startsWith("[");
      String text = bare ? "[" + entry + "]" : entry.replaceFirst("^\\*?\\.", "");
      boolean ported = text.matches(".*:[0-9]+");
      Authority named = Authority.parse(text, 1);
      return Optional.of(host -> covers(named, host) && (!ported || named.port() == host.port()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean covers(Authority named, Authority host) {
    if (named.isAddress() || host.isAddress()) {
      return named.isAddress()
          && host.isAddress()
          && address(named.name()).equals(address(host.name()));
    }
    return host.name().equals(named.name()) || host.name().endsWith("." + named.name());
  }

  /** Addresses that begin with the same bits. */
  private static Direct network(String address, String length) {
    Authority named = Authority.of(address, 1);
    if (!named.isAddress()) {
      throw Range.refused("no_proxy", address, "an address");
    }
    byte[] prefix = address(named.name()).getAddress();
    int bits = Integer.parseInt(length);
    if (bits < 0 || bits > prefix.length * Byte.SIZE) {
      throw Range.refused("no_proxy", bits, "0 to " + prefix.length * Byte.SIZE);
    }
    return host -> {
      byte[] its = host.isAddress() ? address(host.name()).getAddress() : new byte[0];
      return its.length == prefix.length && begins(its, prefix, bits);
    };
  }

  private static boolean begins(byte[] address, byte[] prefix, int bits) {
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((address[bit / Byte.SIZE] ^ prefix[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** That of a literal, which asks no name server. */
  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
