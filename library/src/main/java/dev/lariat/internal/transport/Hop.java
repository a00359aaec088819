package dev.lariat.internal.transport;

import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
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
   * @throws IllegalArgumentException if the keys or certificates of one cannot be used
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
    Optional<TlsContext> tls = proxy.tls().map(its -> TlsContext.of(its, offered(its, proxy)));
    return new Hop(number, proxy, authority, tls);
  }

  /** This hop, over HTTP/1.1. */
  Hop withoutHttp2() {
    Proxy first = proxy.protocols(Protocol.HTTP_1_1);
    List<String> its = List.of(Protocol.HTTP_1_1.token()); // of a user's list, too
    return of(number, proxy.tls().map(all -> first.tls(all.alpn(its))).orElse(first));
  }

  /** By ALPN, unless the user says what. */
  private static List<String> offered(Tls tls, Proxy proxy) {
    return tls.alpn().equals(Tls.DEFAULT.alpn()) ? spoken(proxy) : tls.alpn();
  }

  /** What this side may speak of what has a name in ALPN. */
  private static List<String> spoken(Proxy proxy) {
    return proxy.kind() == Proxy.Kind.HTTP
        ? proxy.protocols().stream().map(Protocol::token).toList()
        : List.of();
  }

  /**
   * Why nothing can be spoken after this choice by ALPN, which is what must be spoken; empty if
   * something can. SOCKS has no name there, so it may follow on any that is not HTTP's.
   */
  Optional<Reason> refuses(Optional<String> chosen) {
    List<String> spoken = spoken(proxy);
    boolean http1 = spoken.contains(Protocol.HTTP_1_1.token());
    boolean speaks =
        chosen
            .map(name -> spoken.isEmpty() ? !isOfHttp(name) : spoken.contains(name))
            .orElse(http1 || spoken.isEmpty() || !offersSome());
    if (speaks) {
      return Optional.empty();
    }
    String choice = chosen.map(name -> "chose " + name).orElse("chose nothing");
    String allowed = spoken.isEmpty() ? "SOCKS" : String.join(" and ", spoken);
    String what = "the proxy " + choice + " by ALPN, where " + allowed;
    return Optional.of(
        new Reason.Tls(Optional.empty(), what + " may be spoken (RFC 7301 section 3.2)"));
  }

  private boolean offersSome() {
    return proxy.tls().filter(its -> !offered(its, proxy).isEmpty()).isPresent();
  }

  private static boolean isOfHttp(String name) {
    return name.equals(Protocol.HTTP_1_1.token()) || name.equals(Protocol.HTTP_2.token());
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
