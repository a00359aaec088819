package dev.lariat.cli;

import dev.lariat.client.Caller;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Where to go and what to say there: what {@code get} and {@code ws} have in common. */
final class Target {
  private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss");

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Parameters(paramLabel = "URL", description = "http, https, ws or wss.")
  private String url = "";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "Add a header to the request. You can repeat the option.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--insecure",
      description =
          "Accept any certificate. Anyone on the network can then read and change everything.")
  private boolean insecure;

  @Option(
      names = "--cacert",
      paramLabel = "PEM",
      description = "Trust the certificates in this file instead of the JDK's.")
  private @Nullable Path caCert;

  @Option(
      names = "--http2",
      description =
          "Speak HTTP/2. With TLS, offer HTTP/2 first and HTTP/1.1 second. Without TLS, speak only"
              + " HTTP/2, with prior knowledge.")
  private boolean http2;

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

  Endpoint endpoint() {
    URI uri = uri();
    try {
      return Endpoint.of(uri).headers(headers());
    } catch (IllegalArgumentException e) {
      throw UsageException.of("The URL cannot be used", e);
    }
  }

  /** The scheme, the host and the port: what a connection is opened to. */
  static URI origin(Endpoint endpoint) {
    return URI.create(endpoint.uri().getScheme() + "://" + endpoint.uri().getRawAuthority());
  }

  private URI uri() {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new UsageException("\"" + Line.plain(url) + "\" is not a URL: " + e.getReason() + ".");
    }
    String shown = "\"" + Line.plain(url) + "\"";
    if (!url.contains("://")) {
      throw new UsageException(
          shown + " has no scheme: did you mean " + scheme() + "://" + Line.plain(url) + "?");
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!SCHEMES.contains(scheme)) {
      throw new UsageException(
          shown + " has the scheme " + scheme + ", allowed are http, https, ws and wss.");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new UsageException(
          shown + " has the port " + uri.getPort() + ", allowed are 1 to 65535.");
    }
    return uri;
  }

  private String scheme() {
    return command != null && command.name().equals("ws") ? "ws" : "http";
  }

  private Headers headers() {
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

  ConnectionOptions options(Endpoint endpoint) {
    ConnectionOptions options = ConnectionOptions.DEFAULT.via(via());
    if (!endpoint.secure()) {
      return http2 ? options.protocols(Protocol.HTTP_2) : options;
    }
    if (http2) {
      options = options.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    }
    return options.tls(tls());
  }

  private Tls tls() {
    if (insecure && caCert != null) {
      throw new UsageException("--insecure verifies nothing, so it does not go with --cacert.");
    }
    Tls tls = insecure ? Tls.INSECURE : Tls.DEFAULT;
    try {
      return caCert == null ? tls : tls.trust(caCert);
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--cacert", e);
    }
  }

  private List<Proxy> via() {
    List<Proxy> via = new ArrayList<>();
    for (String uri : proxies) {
      try {
        Proxy proxy = Proxy.of(uri);
        via.add(proxy.tls().isPresent() ? secured(proxy) : proxy);
      } catch (IllegalArgumentException e) {
        throw UsageException.of("--proxy", e);
      }
    }
    return via;
  }

  private Proxy secured(Proxy proxy) {
    Proxy secured = proxy.tls(tls());
    return proxyHttp2 ? secured.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1) : secured;
  }
}
