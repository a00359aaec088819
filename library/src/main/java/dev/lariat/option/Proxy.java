package dev.lariat.option;

import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A proxy through which a connection goes. A connection asks it for a tunnel to the next host,
 * which is the server or another proxy, and then sends its bytes through that tunnel.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="proxy"}
 */
public final class Proxy {
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(?:([^/?#]*)@)?([^@/?#]*)/?");

  /** What a proxy speaks. */
  public enum Kind {
    /** HTTP/1.1 or HTTP/2, with a {@code CONNECT} request (RFC 9110 section 9.3.6). */
    HTTP(""),
    /** SOCKS 5 (RFC 1928), without authentication or with a name and a password (RFC 1929). */
    SOCKS5("socks5"),
    /** SOCKS 4, which knows IPv4 addresses only. */
    SOCKS4("socks4"),
    /** SOCKS 4A, which also knows names. */
    SOCKS4A("socks4a");

    private final String scheme; // of HTTP, it depends on TLS

    Kind(String scheme) {
      this.scheme = scheme;
    }
  }

  /** The user's object, of which text shows nothing. */
  private record Untold(ProxyAuthenticator authenticator) {
    @Override
    public String toString() {
      return "***";
    }
  }

  private final Values values;

  private Proxy(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return the proxy of this URI} It has the form {@code scheme://host:port} or {@code
   * scheme://user:password@host:port}, without a path. These are the schemes:
   *
   * <table>
   * <caption>The schemes of proxies</caption>
   * <tr><th>scheme</th><th>proxy</th><th>default port</th></tr>
   * <tr><td>{@code http}</td><td>HTTP</td><td>80</td></tr>
   * <tr><td>{@code https}</td><td>HTTP, with {@link Tls#DEFAULT} to the proxy</td><td>443</td></tr>
   * <tr><td>{@code socks5}</td><td>SOCKS 5; Lariat resolves the name of the next host</td><td>1080
   * </td></tr>
   * <tr><td>{@code socks5h}</td><td>SOCKS 5; the proxy resolves the name</td><td>1080</td></tr>
   * <tr><td>{@code socks4}</td><td>SOCKS 4; Lariat resolves the name</td><td>1080</td></tr>
   * <tr><td>{@code socks4a}</td><td>SOCKS 4A; the proxy resolves the name</td><td>1080</td></tr>
   * </table>
   *
   * <p>Percent-encode characters of the user and the password that a URI does not allow there, such
   * as {@code @}, {@code /} and {@code :}. They become credentials as by {@link
   * Credentials#of(String, String)}. Note that curl uses port 1080 for {@code http}, too.
   *
   * @param uri the URI of the proxy
   * @throws IllegalArgumentException if it is not such a URI
   */
  public static Proxy of(String uri) {
    Matcher form = FORM.matcher(uri);
    if (!form.matches()) {
      throw Range.refused(
          "proxy", Mask.refused(uri), "scheme://host:port or scheme://user:password@host:port");
    }
    Values values = ofScheme(form.group(1).toLowerCase(Locale.ROOT), form.group(3), uri);
    if (form.group(2) != null) {
      values.credentials = Optional.of(credentials(form.group(2)));
    }
    return new Proxy(values);
  }

  private static Values ofScheme(String scheme, String authority, String uri) {
    return switch (scheme) {
      case "http" -> new Values(Kind.HTTP, authority(authority, 80), false);
      case "https" -> {
        Values secure = new Values(Kind.HTTP, authority(authority, 443), false);
        secure.tls = Optional.of(Tls.DEFAULT);
        yield secure;
      }
      case "socks5" -> new Values(Kind.SOCKS5, authority(authority, 1080), true);
      case "socks5h" -> new Values(Kind.SOCKS5, authority(authority, 1080), false);
      case "socks4" -> new Values(Kind.SOCKS4, authority(authority, 1080), true);
      case "socks4a" -> new Values(Kind.SOCKS4A, authority(authority, 1080), false);
      default ->
          throw Range.refused(
              "proxy",
              Mask.refused(uri),
              "the schemes http, https, socks5, socks5h, socks4 and socks4a");
    };
  }

  private static Authority authority(String text, int implied) {
    try {
      return Authority.parse(text, implied);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("proxy: " + e.getMessage(), e);
    }
  }

  /** The message never has a part of it, since it may be the password. */
  private static Credentials credentials(String userInformation) {
    int colon = userInformation.indexOf(':');
    String user = decoded(colon < 0 ? userInformation : userInformation.substring(0, colon));
    return Credentials.of(user, colon < 0 ? "" : decoded(userInformation.substring(colon + 1)));
  }

  private static String decoded(String text) {
    String decoded;
    try {
      decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      decoded = "\ufffd";
    }
    if (decoded.indexOf('\ufffd') >= 0) {
      throw Range.refused(
          "proxy",
          "user information with an incomplete octet",
          "percent-encoded octets of UTF-8 (RFC 3986 section 2.1)");
    }
    return decoded;
  }

  /** {@return what the proxy speaks} */
  public Kind kind() {
    return values.kind;
  }

  /**
   * {@return the host of the proxy: a name, an IPv4 address, or an IPv6 address without brackets}
   */
  public String host() {
    return values.host;
  }

  /** {@return the port of the proxy} */
  public int port() {
    return values.port;
  }

  /** {@return the TLS to the proxy; empty if the connection to it is not encrypted} */
  public Optional<Tls> tls() {
    return values.tls;
  }

  /**
   * Sets the TLS to the proxy, whatever it speaks. It is separate from the TLS to the server, which
   * goes through the tunnel. By default, {@code https} proxies use {@link Tls#DEFAULT} and others
   * have no TLS.
   *
   * <p>By ALPN, Lariat offers an HTTP proxy its {@link #protocols}, and a SOCKS proxy nothing. A
   * list of your own ({@link Tls#alpn}) replaces that; for an HTTP proxy it must have one of {@code
   * protocols}, or be empty. Otherwise {@code open} throws, or this method if it has neither {@code
   * h2} nor {@code http/1.1}. If the proxy then chooses something that is not in {@code protocols},
   * the connection fails with a {@code Reason.Tls} that names it.
   *
   * @param tls the TLS options
   * @return a copy of these options with this value
   */
  public Proxy tls(Tls tls) {
    return with(draft -> draft.tls = Range.some("tls", tls));
  }

  /** {@return the protocols that an HTTP proxy may speak} */
  public List<Protocol> protocols() {
    return values.protocols;
  }

  /**
   * Sets the protocols that an HTTP proxy may speak, by preference: {@code HTTP_1_1}, which is the
   * default, {@code HTTP_2}, or both. With TLS, the proxy chooses by ALPN (RFC 7301). Without TLS,
   * Lariat speaks the first of them; this is HTTP/2 with prior knowledge (RFC 9113 section 3.3).
   *
   * <p>Over HTTP/2, the tunnel is a stream of an HTTP/2 connection to the proxy (RFC 9113 section
   * 8.5). Each connection through the proxy has its own connection to it. That connection has the
   * {@code timeouts}, the {@code limits} and the {@code http2} options of the connection that it
   * carries.
   *
   * @param protocols the protocols, by preference
   * @return a copy of these options with this value
   */
  public Proxy protocols(Protocol... protocols) {
    return with(draft -> draft.protocols = Range.list("protocols", protocols));
  }

  /** {@return the credentials for the proxy} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets the credentials for the proxy; none by default. Only this proxy receives them.
   *
   * <p>An HTTP proxy receives a bearer token at once, and a password at once if you allow only
   * {@code Basic}. Otherwise it receives an answer to its challenge. A SOCKS 5 proxy receives the
   * name and the password if it asks for them: 1 to 255 bytes of UTF-8 and 0 to 255 bytes. A SOCKS
   * 4 proxy receives the name at once, and the password must be empty.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public Proxy credentials(Credentials credentials) {
    return with(draft -> draft.credentials = Range.some("credentials", credentials));
  }

  /** {@return what answers the challenges of the proxy} */
  public Optional<ProxyAuthenticator> authenticator() {
    return values.authenticator.map(Untold::authenticator);
  }

  /**
   * Sets what answers the challenges of an HTTP proxy, for schemes that {@link Credentials} do not
   * know, such as {@code Negotiate} (RFC 4559); none by default. It excludes {@code credentials}.
   * {@link #timeout} limits the time of all its answers together. A text of this proxy shows
   * nothing of it.
   *
   * @param authenticator what answers the challenges
   * @return a copy of these options with this value
   */
  public Proxy authenticator(ProxyAuthenticator authenticator) {
    return with(
        draft -> draft.authenticator = Range.some("authenticator", authenticator).map(Untold::new));
  }

  /** {@return whether the proxy receives requests without TLS in absolute form} */
  public boolean absoluteForm() {
    return values.absoluteForm;
  }

  /**
   * Sets whether an HTTP proxy receives requests without TLS in absolute form ({@code GET
   * http://server.example/path}, RFC 9112 section 3.2.2) instead of a request for a tunnel; false
   * by default. Use it for proxies that allow {@code CONNECT} for port 443 only, or that cache. A
   * server with TLS, and a {@code LiveWebSocket}, get a tunnel in any case.
   *
   * <p>The proxy must be the last one of a connection. It reads the requests and the responses and
   * may change them. The connection speaks the {@link #protocols} of the proxy. Each request shows
   * the credentials to the proxy, and has the {@link #headers}, which the proxy may pass on to the
   * server. A {@code Host} of the request names the server to the proxy. WebSockets, upgrades and
   * tunnels of such a connection fail in your thread. With this option, {@code RAW}, {@code
   * resolve} and {@code authenticator} are not allowed, and {@link #timeout} does not apply.
   *
   * @param absoluteForm whether requests without TLS have the absolute form
   * @return a copy of these options with this value
   */
  public Proxy absoluteForm(boolean absoluteForm) {
    return with(draft -> draft.absoluteForm = absoluteForm);
  }

  /** {@return the headers in addition to those that Lariat adds to a {@code CONNECT} request} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Sets the headers of the {@code CONNECT} request, in addition to {@code Host} and {@code
   * Proxy-Authorization}; none by default. Only an HTTP proxy can have some. The server does not
   * receive them. With {@link #absoluteForm}, each request has them.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public Proxy headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return how long the proxy may take to answer} */
  public Duration timeout() {
    return values.timeout;
  }

  /**
   * Sets how long the proxy may take, from the first byte that Lariat sends to it until the tunnel
   * is there, with the answers of an {@link #authenticator}: 1 ms to 365 days, 15 s by default. It
   * does not include the lookup, connecting and the TLS handshake, which have the timeouts of the
   * connection.
   *
   * @param timeout the timeout
   * @return a copy of these options with this value
   */
  public Proxy timeout(Duration timeout) {
    return with(draft -> draft.timeout = timeout);
  }

  /** {@return whether Lariat resolves the name of the next host, and not the proxy} */
  public boolean resolve() {
    return values.resolve;
  }

  /**
   * Sets whether Lariat resolves the name of the next host itself and sends the proxy an address:
   * the first one, or the first IPv4 address for SOCKS 4. Otherwise the proxy resolves the name,
   * and no name server that this machine asks learns it. By default, Lariat resolves names for
   * {@code socks5} and {@code socks4} only. SOCKS 4 does not support names, so false is not allowed
   * for it.
   *
   * @param resolve whether to resolve the name
   * @return a copy of these options with this value
   */
  public Proxy resolve(boolean resolve) {
    return with(draft -> draft.resolve = resolve);
  }

  /** {@return the proxy as a URI, without credentials, and always with its port} */
  public String uri() {
    return scheme() + "://" + Authority.of(values.host, values.port);
  }

  private String scheme() {
    return switch (values.kind) {
      case HTTP -> values.tls.isPresent() ? "https" : "http";
      case SOCKS5 -> values.resolve ? values.kind.scheme : "socks5h";
      case SOCKS4, SOCKS4A -> values.kind.scheme;
    };
  }

  private Proxy with(Consumer<Values> change) {
    return new Proxy(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Proxy its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Does not show the password. */
  @Override
  public String toString() {
    return "Proxy" + values;
  }

  private static final class Values extends Draft<Values> {
    private static final int LONGEST_FIELD = 255; // RFC 1929 section 2

    final Kind kind;
    final String host;
    final int port;
    Optional<Tls> tls = Optional.empty();
    List<Protocol> protocols = List.of(Protocol.HTTP_1_1);
    Optional<Credentials> credentials = Optional.empty();
    Optional<Untold> authenticator = Optional.empty();
    boolean absoluteForm = false;
    Headers headers = Headers.EMPTY;
    Duration timeout = Duration.ofSeconds(15);
    boolean resolve;

    Values(Kind kind, Authority authority, boolean resolve) {
      this.kind = kind;
      this.host = authority.lookup();
      this.port = authority.port();
      this.resolve = resolve;
    }

    @Override
    void check() {
      Range.check("proxy.timeout", timeout, Range.MIN);
      if (kind == Kind.SOCKS4 && !resolve) {
        throw Range.refused("proxy.resolve", false, "true for socks4; socks4a sends names");
      }
      if (kind == Kind.HTTP) {
        ConnectHeaders.check("proxy", headers, credentials);
        checkProtocols();
        tls.map(Tls::alpn).ifPresent(Values::checkAlpn);
        checkAuthenticator();
        checkAbsoluteForm();
      } else {
        if (!protocols.equals(List.of(Protocol.HTTP_1_1))) {
          throw Range.refused(
              "proxy.protocols", protocols + " for SOCKS", "the default, since it is for HTTP");
        }
        if (!headers.isEmpty()) {
          throw Range.refused("proxy.headers", "some for SOCKS", "none, since it has no headers");
        }
        if (authenticator.isPresent()) {
          throw Range.refused(
              "proxy.authenticator", "one for SOCKS", "none, since it has no challenges");
        }
        if (absoluteForm) {
          throw Range.refused(
              "proxy.absoluteForm", "true for SOCKS", "false, since it has no requests");
        }
        credentials.ifPresent(this::checkSocks);
      }
    }

    private void checkAuthenticator() {
      boolean alone = credentials.isEmpty() && !headers.contains("proxy-authorization");
      if (authenticator.isPresent() && !alone) {
        throw Range.refused(
            "proxy.authenticator",
            "one beside credentials or a Proxy-Authorization header",
            "one of them (RFC 9110 section 11.7.2)");
      }
    }

    private void checkAbsoluteForm() {
      if (absoluteForm && resolve) {
        throw Range.refused(
            "proxy.resolve", "true with absoluteForm", "false, since requests name the server");
      }
      if (absoluteForm && authenticator.isPresent()) {
        throw Range.refused(
            "proxy.authenticator", "one with absoluteForm", "none; credentials are possible");
      }
    }

    private void checkProtocols() {
      boolean valid =
          !protocols.isEmpty()
              && Set.copyOf(protocols).size() == protocols.size()
              && Set.of(Protocol.HTTP_2, Protocol.HTTP_1_1).containsAll(protocols);
      if (!valid) {
        throw Range.refused("proxy.protocols", protocols, "h2 and http/1.1, each once");
      }
    }

    private static void checkAlpn(List<String> names) {
      List<String> known = List.of(Protocol.HTTP_2.token(), Protocol.HTTP_1_1.token());
      if (!names.isEmpty() && names.stream().noneMatch(known::contains)) {
        throw Range.refused(
            "proxy.tls.alpn", names, "lists with h2 or http/1.1, or the empty one for no ALPN");
      }
    }

    private void checkSocks(Credentials own) {
      if (!(own instanceof Credentials.Password password)) {
        throw Range.refused("proxy.credentials", own, "a name and a password for SOCKS");
      }
      int user = password.user().getBytes(StandardCharsets.UTF_8).length;
      if (user < 1 || user > LONGEST_FIELD) {
        throw Range.refused("proxy.credentials", "a name of " + user + " bytes", "1 to 255 bytes");
      }
      int secret = password.password().getBytes(StandardCharsets.UTF_8).length;
      if (kind == Kind.SOCKS5 && secret > LONGEST_FIELD) {
        throw Range.refused(
            "proxy.credentials", "a password of " + secret + " bytes", "0 to 255 bytes");
      }
      if (kind != Kind.SOCKS5 && secret > 0) {
        throw Range.refused(
            "proxy.credentials", "a password", "a name only, since SOCKS 4 has no passwords");
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "kind", kind,
        "host", host,
        "port", port,
        "tls", tls,
        "protocols", protocols,
        "credentials", credentials,
        "authenticator", authenticator,
        "absoluteForm", absoluteForm,
        "headers", headers,
        "timeout", timeout,
        "resolve", resolve
      };
    }
  }
}
