package dev.lariat.fleet;

import dev.lariat.option.Endpoint;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Makes the endpoint of a session that continues after a position. */
@FunctionalInterface
public interface Resume {

  /**
   * {@return the endpoint of a session that continues after this position} Runs on a separate
   * virtual thread, and only if there is a position.
   *
   * @param endpoint that of the feed
   * @param position how far the feed has been read
   * @throws Exception if there is none; another attempt follows
   */
  Endpoint after(Endpoint endpoint, String position) throws Exception;

  /**
   * {@return a way to resume that adds a parameter to the query of the URI}
   *
   * @param name the name of the parameter, which the URI of the feed must not have
   */
  static Resume query(String name) {
    return new InQuery(Allowed.present("resume.query", name));
  }

  /**
   * {@return a way to resume that adds a header to the request}
   *
   * @param name the name of the header
   * @throws IllegalArgumentException if no header can have this name
   */
  static Resume header(String name) {
    Endpoint.of("ws://localhost/").header(name, "1"); // checks it
    return new InHeader(name);
  }
}

record InQuery(String name) implements Resume {
  @Override
  public Endpoint after(Endpoint endpoint, String position) {
    String parameter = encoded(name) + "=" + encoded(position);
    String uri = endpoint.uri().toString();
    int fragment = uri.indexOf('#');
    String base = fragment < 0 ? uri : uri.substring(0, fragment);
    URI resumed = URI.create(base + (base.indexOf('?') < 0 ? "?" : "&") + parameter);
    Endpoint made = Endpoint.of(resumed).headers(endpoint.headers());
    made = made.subprotocols(endpoint.subprotocols());
    made = endpoint.tls().map(made::tls).orElse(made);
    return endpoint.credentials().map(made::credentials).orElse(made);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

record InHeader(String name) implements Resume {
  @Override
  public Endpoint after(Endpoint endpoint, String position) {
    return endpoint.header(name, position);
  }
}
