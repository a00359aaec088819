package dev.lariat.cli;

import dev.lariat.message.Headers;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where to go and what to say there: what {@code get} and {@code ws} have in common. */
final class Target {
  @Parameters(paramLabel = "URL", description = "http, https, ws or wss.")
  private String url = "";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "A header of the request; may be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--insecure",
      description = "Accept any certificate: anybody in between can read and change everything.")
  private boolean insecure;

  @Option(
      names = "--cacert",
      paramLabel = "PEM",
      description = "Trust the certificates in this file, in place of the JDK's.")
  private @Nullable Path caCert;

  URI uri() {
    try {
      return new URI(new URI(url).toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("\"" + url + "\" is not a URL: " + e.getReason() + ".", e);
    }
  }

  /** Where to connect to. */
  URI origin() {
    return uri().resolve("/");
  }

  /** The path and the query. */
  String path() {
    URI uri = uri();
    String path = uri.getRawPath();
    return (path == null || path.isEmpty() ? "/" : path)
        + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  Headers headers() {
    Headers all = Headers.EMPTY;
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException("header: \"" + header + "\", allowed NAME:VALUE");
      }
      all = all.with(header.substring(0, colon), header.substring(colon + 1).strip());
    }
    return all;
  }

  ConnectionOptions options() {
    String scheme = String.valueOf(uri().getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("wss")) {
      return ConnectionOptions.DEFAULT;
    }
    Tls tls = insecure ? Tls.INSECURE : Tls.DEFAULT;
    return ConnectionOptions.DEFAULT.tls(caCert == null ? tls : tls.trust(caCert));
  }
}
