package dev.lariat.cli;

import dev.lariat.client.Caller;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that all commands with a URL share: how to reach a server, whom to trust, and who
 * asks. {@link Target} adds the URL.
 */
final class Access {
  private static final Pattern SCHEMELESS = // an http proxy by HOST:PORT, as curl reads it
      Pattern.compile("([^/@\\s]*@)?(\\[[0-9a-fA-F:.]+]|[^\\s/:@\\[\\]]+):[0-9]{1,5}");
  private static final Pattern MESSAGE = Pattern.compile("\\s*[{\\[\"]|\\S+\\s"); // and no proxy

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description =
          "Add a header to the request. NAME: removes a default header, NAME; sends an empty one,"
              + " and @FILE reads a header from each line of a file. You can repeat the option.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = {"-A", "--user-agent"},
      paramLabel = "NAME",
      description = "Send this User-Agent; an empty one sends none.")
  private @Nullable String userAgent;

  @Option(
      names = {"-e", "--referer"},
      paramLabel = "URL",
      description = "Send this Referer.")
  private @Nullable String referer;

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

  @Option(
      names = {"-E", "--cert"},
      paramLabel = "FILE",
      description =
          "Show this client certificate: a PEM file, which can also hold the key, or a PKCS #12"
              + " file.")
  private @Nullable String cert;

  @Option(
      names = "--key",
      paramLabel = "PEM",
      description = "The private key of --cert, if it is in another file.")
  private @Nullable String key;

  @Option(
      names = "--pass",
      paramLabel = "PASSWORD",
      description = "The password of the private key.")
  private @Nullable String pass;

  @Option(names = "--http1.1", description = "Speak only HTTP/1.1.")
  private boolean http11;

  @Option(
      names = "--http2",
      description =
          "Speak HTTP/2. With TLS, offer HTTP/2 first and HTTP/1.1 second, as requests do anyway."
              + " Without TLS, speak only HTTP/2, with prior knowledge.")
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
              + " socks5h://user:password@host:1080, or host:port for http. You can repeat the"
              + " option, the nearest proxy first. --cacert and --insecure apply to https proxies,"
              + " too. The environment is not asked.")
  private List<String> proxies = new ArrayList<>();

  @Option(
      names = "--proxy-http2",
      description =
          "Offer HTTP/2 first and HTTP/1.1 second to https proxies. Other proxies are not affected:"
              + " lariat speaks HTTP/1.1 with http proxies.")
  private boolean proxyHttp2;

  @Option(
      names = "--noproxy",
      paramLabel = "HOSTS",
      description =
          "Use no proxy for these hosts and the names below them: a list with commas, or * for"
              + " all.")
  private String noProxy = "";

  @Option(
      names = "--resolve",
      paramLabel = "HOST:PORT:ADDRESS",
      description =
          "Connect to this address for this host and port, without a name lookup. You can repeat"
              + " the option.")
  private List<String> resolve = new ArrayList<>();

  @Option(
      names = "--connect-to",
      paramLabel = "HOST:PORT:OTHER-HOST:OTHER-PORT",
      description =
          "Connect to another host and port in place of these; an empty one means any, or the"
              + " same. You can repeat the option.")
  private List<String> connectTo = new ArrayList<>();

  @Option(
      names = "--connect-timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "The timeout for each of name lookup, connection and TLS handshake.")
  private @Nullable Duration connectTimeout;

  /** The headers of each request, without credentials. */
  HeaderLines headers() {
    return headers(lines -> {});
  }

  /**
   * As before.
   *
   * @param more adds those that have no option
   */
  HeaderLines headers(Consumer<HeaderLines> more) {
    HeaderLines lines = HeaderLines.of(headers);
    more.accept(lines);
    if (userAgent != null && userAgent.isEmpty()) {
      lines.remove("user-agent");
    } else {
      lines.setIfAbsent("user-agent", userAgent == null ? Caller.defaultUserAgent() : userAgent);
    }
    if (referer != null) {
      lines.setIfAbsent("referer", referer);
    }
    return lines;
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

  /** Where to connect to for this URL. */
  Address.Place place(URI url) {
    List<Address> addresses = new ArrayList<>();
    connectTo.forEach(value -> addresses.add(Address.connectTo(value)));
    Address.Place place = Address.instead(addresses, named(url));
    return Address.instead(resolve.stream().map(Address::resolve).toList(), place);
  }

  /** The host and the port that a URL names. */
  static Address.Place named(URI url) {
    String authority = url.getRawAuthority(); // getHost has no name with an underscore
    int colon = authority.lastIndexOf(':');
    boolean port = colon > authority.lastIndexOf(']') && colon < authority.length() - 1;
    return new Address.Place(
        colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority,
        port ? Integer.parseInt(authority.substring(colon + 1)) : isSecure(url) ? 443 : 80);
  }

  /** The options of a connection to this URL, which is an http, https, ws or wss one. */
  ConnectionOptions options(URI url) {
    return options(url, List.of(Protocol.HTTP_1_1));
  }

  /**
   * As before.
   *
   * @param offered by TLS if no option says which versions of HTTP are
   */
  ConnectionOptions options(URI url, List<Protocol> offered) {
    List<Proxy> via = via(); // which are checked in any case
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.via(needsNoProxy(named(url).host()) ? List.of() : via);
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
    List<Protocol> protocols = protocols(secure, offered);
    options = options.protocols(protocols.toArray(Protocol[]::new));
    if (!secure) {
      return options;
    }
    String host = named(url).host();
    boolean elsewhere = !place(url).host().equals(host);
    return options.tls(elsewhere ? tls().serverName(host) : tls());
  }

  private boolean needsNoProxy(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    for (String each : noProxy.toLowerCase(Locale.ROOT).split("[, ]+", -1)) {
      String bare = each.startsWith(".") ? each.substring(1) : each;
      boolean its =
          each.equals("*") || !bare.isEmpty() && (name.equals(bare) || name.endsWith("." + bare));
      if (its) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSecure(URI url) {
    return switch (url.getScheme().toLowerCase(Locale.ROOT)) {
      case "https", "wss" -> true;
      default -> false;
    };
  }

  private List<Protocol> protocols(boolean secure, List<Protocol> offered) {
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
    if (http2) {
      return List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);
    }
    return secure ? offered : List.of(Protocol.HTTP_1_1);
  }

  private Tls tls() {
    if (insecure && caCert != null) {
      throw new UsageException("--insecure verifies nothing, so it does not go with --cacert.");
    }
    Tls tls = insecure ? Tls.INSECURE : Tls.DEFAULT;
    if (caCert != null) {
      if (!Files.exists(caCert)) {
        throw new UsageException("--cacert: " + Line.plain(caCert.toString()) + " does not exist.");
      }
      tls = given("--cacert", caCert, tls::trust);
    }
    if (cert == null) {
      if (key != null) {
        throw new UsageException("--key needs --cert.");
      }
      return tls;
    }
    Tls.Identity identity = ClientCertificate.read(cert, key, pass);
    return tls.identity(Optional.of(identity));
  }

  private List<Proxy> via() {
    List<Proxy> via = new ArrayList<>();
    for (String uri : proxies) {
      boolean schemeless = SCHEMELESS.matcher(uri).matches();
      if (!schemeless && MESSAGE.matcher(uri).lookingAt()) {
        throw new UsageException("-x is a proxy here: it sends a message in lariat ws.");
      }
      String whole = schemeless ? "http://" + uri : uri;
      Proxy proxy = given("--proxy", whole, Proxy::of);
      via.add(proxy.tls().isPresent() ? secured(proxy) : proxy);
    }
    return via;
  }

  private Proxy secured(Proxy proxy) {
    Proxy secured = proxy.tls(tls());
    return proxyHttp2 ? secured.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1) : secured;
  }
}
