package dev.lariat.cli;

import dev.lariat.client.Caller;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that all commands with a URL share: how to reach a server, whom to trust, and who
 * asks. {@link Target} adds the URL.
 */
final class Access {
  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "Add a header to the request. You can repeat the option.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER:PASSWORD",
      description =
          "Send this name and password with Basic authentication. Without a password, lariat asks"
              + " for it at the terminal.")
  private @Nullable String user;

  @Option(
      names = "--digest",
      description = "Use Digest authentication for --user instead of Basic.")
  private boolean digest;

  @Option(
      names = "--bearer",
      paramLabel = "TOKEN",
      description = "Send this token with Bearer authentication.")
  private @Nullable String bearer;

  @Option(
      names = {"-k", "--insecure"},
      description =
          "Accept any certificate. Anyone on the network can then read and change everything.")
  private boolean insecure;

  @Option(
      names = "--cacert",
      paramLabel = "PEM",
      description = "Trust the certificates in this file instead of the JDK's.")
  private @Nullable Path caCert;

  @Option(names = "--http1.1", description = "Speak only HTTP/1.1.")
  private boolean http11;

  @Option(
      names = "--http2",
      description =
          "Speak HTTP/2. With TLS, offer HTTP/2 first and HTTP/1.1 second. Without TLS, speak only"
              + " HTTP/2, with prior knowledge.")
  private boolean http2;

  @Option(
      names = "--http2-prior-knowledge",
      description = "Speak only HTTP/2, with TLS and without.")
  private boolean onlyHttp2;

  @Option(
      names = "--proxy",
      paramLabel = "URI",
      description =
          "Connect through this proxy: http, https, socks5, socks5h, socks4 or socks4a, as in"
              + " socks5h://user:password@host:1080. You can repeat the option, the nearest proxy"
              + " first. --cacert and --insecure apply to https proxies, too.")
  private List<String> proxies = new ArrayList<>();

  @Option(
      names = "--proxy-http2",
      description =
          "Offer HTTP/2 first and HTTP/1.1 second to https proxies. Other proxies are not affected:"
              + " lariat speaks HTTP/1.1 with http proxies.")
  private boolean proxyHttp2;

  @Option(
      names = "--connect-timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "The timeout for each of name lookup, connection and TLS handshake.")
  private @Nullable Duration connectTimeout;

  /** The headers of each request, without credentials. */
  Headers headers() {
    Headers all = Headers.EMPTY;
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new UsageException("--header: \"" + Line.plain(header) + "\" is not NAME:VALUE.");
      }
      try {
        all = all.with(header.substring(0, colon), header.substring(colon + 1).strip());
      } catch (IllegalArgumentException e) {
        throw UsageException.of("--header", e);
      }
    }
    return all.contains("user-agent") ? all : all.with("user-agent", Caller.defaultUserAgent());
  }

  /** The credentials for the origin of the URL, and for no other. */
  Optional<Credentials> credentials(Io io) {
    if (bearer != null && user != null) {
      throw new UsageException("--bearer does not go with --user.");
    }
    if (digest && user == null) {
      throw new UsageException("--digest needs --user.");
    }
    if (bearer != null) {
      return Optional.of(given("--bearer", bearer, Credentials::bearer));
    }
    return Optional.ofNullable(user).map(its -> password(io, its));
  }

  private Credentials password(Io io, String both) {
    int colon = both.indexOf(':');
    String name = colon < 0 ? both : both.substring(0, colon);
    String password =
        colon < 0
            ? io.password("--user", "Password of " + Line.plain(name) + ": ")
            : both.substring(colon + 1);
    return given(
        "--user",
        name,
        its -> digest ? Credentials.digest(its, password) : Credentials.basic(its, password));
  }

  private interface Use<T, R> {
    R of(T value);
  }

  private static <T, R> R given(String option, T value, Use<T, R> use) {
    try {
      return use.of(value);
    } catch (IllegalArgumentException e) {
      throw UsageException.of(option, e);
    }
  }

  /** The options of a connection to this URL, which is an http, https, ws or wss one. */
  ConnectionOptions options(URI url) {
    ConnectionOptions options = ConnectionOptions.DEFAULT.via(via());
    if (connectTimeout != null) {
      options =
          options.timeouts(
              options
                  .timeouts()
                  .lookup(connectTimeout)
                  .connect(connectTimeout)
                  .tls(connectTimeout));
    }
    boolean secure = isSecure(url);
    List<Protocol> protocols = protocols(secure);
    if (!protocols.isEmpty()) {
      options = options.protocols(protocols.toArray(Protocol[]::new));
    }
    return secure ? options.tls(tls()) : options;
  }

  private static boolean isSecure(URI url) {
    return switch (url.getScheme().toLowerCase(Locale.ROOT)) {
      case "https", "wss" -> true;
      default -> false;
    };
  }

  private List<Protocol> protocols(boolean secure) {
    if ((http11 ? 1 : 0) + (http2 ? 1 : 0) + (onlyHttp2 ? 1 : 0) > 1) {
      throw new UsageException(
          "Only one of --http1.1, --http2 and --http2-prior-knowledge is allowed.");
    }
    if (http11) {
      return List.of(Protocol.HTTP_1_1);
    }
    if (onlyHttp2 || http2 && !secure) {
      return List.of(Protocol.HTTP_2);
    }
    return http2 ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of();
  }

  private Tls tls() {
    if (insecure && caCert != null) {
      throw new UsageException("--insecure verifies nothing, so it does not go with --cacert.");
    }
    Tls tls = insecure ? Tls.INSECURE : Tls.DEFAULT;
    return caCert == null ? tls : given("--cacert", caCert, tls::trust);
  }

  private List<Proxy> via() {
    List<Proxy> via = new ArrayList<>();
    for (String uri : proxies) {
      Proxy proxy = given("--proxy", uri, Proxy::of);
      via.add(proxy.tls().isPresent() ? secured(proxy) : proxy);
    }
    return via;
  }

  private Proxy secured(Proxy proxy) {
    Proxy secured = proxy.tls(tls());
    return proxyHttp2 ? secured.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1) : secured;
  }
}
