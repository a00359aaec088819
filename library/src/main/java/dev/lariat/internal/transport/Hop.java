package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One proxy on the way.
 *
 * @param number from 1, the nearest
 * @param tls makes the TLS handlers; empty if the connection to it is plain
 */
record Hop(int number, Proxy proxy, Authority authority, Optional<TlsContext> tls) {

  /**
   * The hops through the proxies of these options, the nearest first. One that receives the
   * requests themselves speaks what the connection speaks.
   *
   * @throws IllegalArgumentException if the keys or certificates of one cannot be used, or nothing
   *     that one is offered by ALPN may be spoken to it
   */
  static List<Hop> through(ConnectionOptions options) {
    List<Hop> hops = new ArrayList<>(options.via().size());
    for (Proxy given : options.via()) {
      Proxy proxy =
          given.absoluteForm()
              ? given.protocols(options.protocols().toArray(Protocol[]::new))
              : given;
      hops.add(of(hops.size() + 1, proxy));
    }
    return List.copyOf(hops);
  }

  private static Hop of(int number, Proxy proxy) {
    Authority authority = Authority.of(proxy.host(), proxy.port());
    Optional<TlsContext> tls = proxy.tls().map(its -> TlsContext.of(its, Alpn.ofProxy(proxy)));
    return new Hop(number, proxy, authority, tls);
  }

  /** This hop, over HTTP/1.1. */
  Hop withoutHttp2() {
    Proxy first = proxy.protocols(Protocol.HTTP_1_1);
    return of(number, proxy.tls().map(Fallback::withoutHttp2).map(first::tls).orElse(first));
  }

  /**
   * Whether it speaks HTTP/2.
   *
   * @param chosen what it chose by ALPN, and is not refused; empty without TLS, or if it chose
   *     nothing
   */
  boolean speaksHttp2(Optional<String> chosen) {
    List<Protocol> allowed = proxy.protocols();
    return allowed.size() == 1 || tls.isEmpty()
        ? allowed.getFirst() == Protocol.HTTP_2
        : chosen.equals(Optional.of(Protocol.HTTP_2.token()));
  }

  /** A failure at this hop. */
  Reason failed(Reason why) {
    return new Reason.Hop(number, proxy.uri(), why);
  }
}
