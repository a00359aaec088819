package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.option.ConnectionOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * A cookie jar in memory, how to read and change it, and a store that filters for a jar. Run it
 * against any server: {@code Trackers http://localhost:8080}.
 */
public final class Trackers {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public static void main(String[] args) {
    URI uri = URI.create(args[0]);
    inMemory(uri);
    lookedInto();
    withoutTrackers(uri);
  }

  static void inMemory(URI uri) {
    CookieJar jar = CookieJar.create();
    ConnectionOptions options = ConnectionOptions.DEFAULT.cookies(jar);
    visit(uri, options);
    System.out.println("all: " + jar.all());
  }

  static void lookedInto() {
    CookieJar jar = CookieJar.create();
    jar.set(
        "token=abc; Path=/api; Max-Age=3600", RequestUri.of(URI.create("https://example.com/")));
    System.out.println("put in: " + jar.all());
    jar.remove(cookie -> cookie.domain().equals("example.com"));
    System.out.println("taken out: " + jar.all());
  }

  static void withoutTrackers(URI uri) {
    CookieJar jar = CookieJar.create();
    visit(uri, ConnectionOptions.DEFAULT.cookies(new WithoutTrackers(jar)));
    System.out.println("without trackers: " + jar.all());
  }

  record WithoutTrackers(CookieJar jar) implements CookieStore {
    @Override
    public List<Cookie> cookies(RequestUri uri) {
      return jar.cookies(uri);
    }

    @Override
    public void store(Cookie cookie, RequestUri from) {
      if (!cookie.name().startsWith("_ga")) {
        jar.store(cookie, from);
      }
    }
  }

  private static void visit(URI uri, ConnectionOptions options) {
    try (Connection connection = Lariat.open(uri, options)) {
      connection.get("/").body(PATIENCE);
    }
  }
}
