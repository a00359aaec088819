package dev.lariat.internal.transport;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What may be spoken inside one layer of TLS, and so what is offered by ALPN and what may be chosen
 * (RFC 7301).
 *
 * @param peer who chooses, as a sentence calls it
 * @param option the option with a list of the user's
 * @param spoken the protocols that may be spoken; empty for SOCKS
 */
record Alpn(String peer, String option, List<Protocol> spoken) {

  static Alpn ofServer(ConnectionOptions options) {
    return new Alpn("the server", "tls.alpn", options.protocols());
  }

  static Alpn ofProxy(Proxy proxy) {
    boolean http = proxy.kind() == Proxy.Kind.HTTP;
    return new Alpn("the proxy", "proxy.tls.alpn", http ? proxy.protocols() : List.of());
  }

  /** Those of HTTP, which alone have names in ALPN. */
  private List<String> names() {
    return isRaw() ? List.of() : spoken.stream().map(Protocol::token).toList();
  }

  private boolean isRaw() {
    return spoken.contains(Protocol.RAW);
  }

  /**
   * What is offered: what may be spoken, unless the user has a list.
   *
   * @throws IllegalArgumentException if nothing on that list may be spoken
   */
  List<String> offered(Tls tls) {
    List<String> names = names();
    List<String> its = tls.alpn();
    if (its.equals(Tls.DEFAULT.alpn())) {
      return names;
    }
    if (!names.isEmpty() && !its.isEmpty() && Collections.disjoint(its, names)) {
      throw new IllegalArgumentException(
          option
              + ": "
              + its
              + " with protocols "
              + names
              + ", allowed lists with one of these,"
              + " or the empty one for no ALPN");
    }
    return its;
  }

  /**
   * Why nothing can be spoken after this choice, which is what must be spoken; empty if something
   * can. Raw bytes may be of every protocol. SOCKS may follow on any name that is not HTTP's.
   */
  Optional<Reason> refuses(List<String> offered, Optional<String> chosen) {
    List<String> names = names();
    boolean speaks =
        isRaw()
            || chosen
                .map(name -> names.isEmpty() ? !isOfHttp(name) : names.contains(name))
                .orElse(offered.isEmpty() || !names.equals(List.of(Protocol.HTTP_2.token())));
    if (speaks) {
      return Optional.empty();
    }
    String choice = peer + " chose " + chosen.orElse("nothing") + " by ALPN";
    String allowed = names.isEmpty() ? "SOCKS" : String.join(" and ", names);
    return Optional.of(
        new Reason.Tls(
            Optional.empty(),
            choice + ", where " + allowed + " may be spoken (RFC 7301 section 3.2)"));
  }

  private static boolean isOfHttp(String name) {
    return name.equals(Protocol.HTTP_1_1.token()) || name.equals(Protocol.HTTP_2.token());
  }
}
