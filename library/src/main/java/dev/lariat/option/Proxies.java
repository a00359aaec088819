package dev.lariat.option;

import java.net.ProxySelector;
import java.net.URI;
import java.util.List;

/**
 * Chooses the proxies for a URI. Lariat uses no proxies unless you set them, so pass the result to
 * {@link ConnectionOptions#via(List)}.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="proxies"}
 */
@FunctionalInterface
public interface Proxies {

  /**
   * {@return the proxies for this URI, in the order of {@link ConnectionOptions#via(List)}; none
   * for a direct connection}
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @throws IllegalArgumentException if it is not such a URI
   */
  List<Proxy> to(URI uri);

  /**
   * {@return the proxies that the environment variables of this process name now}
   *
   * <p>{@code http_proxy} is for {@code http} and {@code ws}, {@code https_proxy} is for {@code
   * https} and {@code wss}, and {@code all_proxy} is for both if the other is not set. One that is
   * set to nothing asks for no proxy. Each can be in upper case, too; lower case has precedence.
   * The value is a URI as in {@link Proxy#of(String)}, {@code host:port} for an {@code http} proxy,
   * or {@code socks://host:port}, which means {@code socks5h}. As in other clients, {@code
   * HTTP_PROXY} in upper case does not count if {@code REQUEST_METHOD} is set: a client of a CGI
   * program could set it by a {@code Proxy} header.
   *
   * <p>{@code no_proxy}, or {@code NO_PROXY}, lists the hosts that need no proxy, with commas or
   * spaces between them:
   *
   * <ul>
   *   <li>{@code example.com}, {@code .example.com} and {@code *.example.com}: this name and all
   *       names that end with a dot and this name;
   *   <li>{@code 192.0.2.1} and {@code 2001:db8::1}: this address;
   *   <li>{@code 10.0.0.0/8} and {@code 2001:db8::/32}: these addresses. A URI with a name never
   *       matches, because nothing is looked up;
   *   <li>each of these except for the last can end with a port, {@code example.com:8080} or {@code
   *       [2001:db8::1]:8080}, and then matches this port only;
   *   <li>{@code *}: all hosts.
   * </ul>
   *
   * <p>{@code localhost}, names that end with {@code .localhost}, and the loopback addresses never
   * need a proxy.
   *
   * @throws IllegalArgumentException if one of the variables does not name a proxy
   */
  static Proxies ofEnvironment() {
    return new EnvironmentProxies(System.getenv());
  }

  /**
   * {@return the proxies that this selector selects} It asks the selector for each URI, with {@code
   * http} for {@code ws} and {@code https} for {@code wss}, and uses the first proxy of its answer:
   * an HTTP proxy, or {@code socks5h} for SOCKS.
   *
   * @param selector the selector, such as {@link ProxySelector#getDefault()}, which knows the
   *     system properties {@code https.proxyHost} and so on
   */
  static Proxies of(ProxySelector selector) {
    return new SelectedProxies(selector);
  }
}
