package dev.lariat.cli;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Where to go, and how: for commands whose only argument is a URL. */
final class Target {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Parameters(paramLabel = "URL", description = "http, https, ws or wss.")
  private String url = "";

  @Mixin private Access access = new Access();

  /** The URL with the headers and the credentials. */
  Endpoint endpoint(Io io) {
    return endpoint(io, lines -> {});
  }

  /**
   * As before.
   *
   * @param more adds headers that have no option
   */
  Endpoint endpoint(Io io, Consumer<HeaderLines> more) {
    return endpoint(uri(), access, access.headers(more), io);
  }

  /** This URL with the headers and the credentials. */
  static Endpoint endpoint(URI uri, Access access, Io io) {
    return endpoint(uri, access, access.headers(), io);
  }

  private static Endpoint endpoint(URI uri, Access access, HeaderLines headers, Io io) {
    Address.Place place = access.place(uri);
    boolean elsewhere = !place.equals(Access.named(uri));
    if (elsewhere) {
      headers.setIfAbsent("host", uri.getRawAuthority());
    }
    Endpoint endpoint;
    try {
      endpoint = Endpoint.of(elsewhere ? Url.at(place, uri) : uri).headers(headers.headers());
    } catch (IllegalArgumentException e) {
      throw UsageException.of("The URL cannot be used", e);
    }
    return access.credentials(io).map(endpoint::credentials).orElse(endpoint);
  }

  /** The URL as it is given. */
  URI uri() {
    return Url.of(url, command != null && command.name().equals("ws") ? "ws" : "http");
  }

  /** The scheme, the host and the port: what a connection is opened to. */
  static URI origin(Endpoint endpoint) {
    return URI.create(endpoint.uri().getScheme() + "://" + endpoint.uri().getRawAuthority());
  }

  ConnectionOptions options() {
    return access.options(uri());
  }
}
