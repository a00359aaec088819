package dev.lariat.option;

import dev.lariat.internal.uri.Authority;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Objects;

/** The proxies that a selector of the JDK selects. */
record SelectedProxies(ProxySelector selector) implements Proxies {
  SelectedProxies {
    Objects.requireNonNull(selector);
  }

  @Override
  public List<Proxy> to(URI uri) {
    boolean secure = Endpoint.of(uri).secure();
    URI asked = URI.create((secure ? "https" : "http") + "://" + uri.getRawAuthority() + "/");
    List<java.net.Proxy> selected = selector.select(asked);
    if (selected.isEmpty()) {
      return List.of();
    }
    java.net.Proxy first = selected.getFirst();
    return switch (first.type()) {
      case DIRECT -> List.of();
      case HTTP -> List.of(Proxy.of("http://" + authority(first)));
      case SOCKS -> List.of(Proxy.of("socks5h://" + authority(first)));
    };
  }

  private static Authority authority(java.net.Proxy proxy) {
    InetSocketAddress address = (InetSocketAddress) proxy.address();
    return Authority.of(address.getHostString(), address.getPort());
  }
}
