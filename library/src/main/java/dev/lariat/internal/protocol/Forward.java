package dev.lariat.internal.protocol;

import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests in absolute form (RFC 9112 section 3.2.2): the last proxy of a connection receives them
 * itself, and is not asked for a tunnel. Only a connection without TLS to its server has them.
 */
public final class Forward {
  private Forward() {}

  /** The proxy that receives the requests of a connection; empty if there is none. */
  public static Optional<Proxy> proxy(ConnectionOptions options) {
    List<Proxy> via = options.via();
    return via.isEmpty() || options.tls().isPresent()
        ? Optional.empty()
        : Optional.of(via.getLast()).filter(Proxy::absoluteForm);
  }

  /**
   * The options of a connection as they work out: it speaks what that proxy speaks. With TLS to the
   * server, the proxy opens a tunnel.
   */
  public static ConnectionOptions settled(ConnectionOptions options) {
    ConnectionOptions settled = options.tls().isPresent() ? tunnelled(options) : options;
    return proxy(settled)
        .map(Proxy::protocols)
        .map(spoken -> settled.protocols(spoken.toArray(Protocol[]::new)))
        .orElse(settled);
  }

  /** These options, but the last proxy opens a tunnel in any case. */
  public static ConnectionOptions tunnelled(ConnectionOptions options) {
    List<Proxy> via = options.via();
    if (via.isEmpty() || !via.getLast().absoluteForm()) {
      return options;
    }
    List<Proxy> tunnels = new ArrayList<>(via);
    tunnels.add(tunnels.removeLast().absoluteForm(false));
    return options.via(tunnels);
  }

  /**
   * A request target in absolute form.
   *
   * @param authority of the server, unless the headers name another one: both say the same
   * @param target in origin form, or the asterisk, which is an empty path (section 3.2.4)
   */
  public static String target(String authority, Headers headers, String target) {
    return "http://" + headers.first("host").orElse(authority) + (target.equals("*") ? "" : target);
  }
}
