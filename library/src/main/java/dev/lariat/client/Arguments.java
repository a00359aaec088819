package dev.lariat.client;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.text.Durations;
import dev.lariat.internal.uri.Authority;
import dev.lariat.option.Endpoint;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The checks of what is passed to a client: a failure names it, and what is allowed. */
final class Arguments {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(365);

  private Arguments() {}

  /** This value, which callers without checks for null may leave out. */
  static <T> T given(String what, @Nullable T value) {
    return Objects.requireNonNull(value, () -> what + ": null, allowed any other value");
  }

  /** How long something may take. */
  static Duration limit(String what, Duration limit) {
    if (given(what, limit).compareTo(SHORTEST) < 0 || limit.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          what + ": " + Durations.words(limit) + ", allowed 1 ms to 365 days");
    }
    return limit;
  }

  /** A whole URL. */
  static URI whole(String url) {
    return endpoint(url).uri();
  }

  /** The parts of the whole URL of a request. */
  static HttpUri parsed(URI url) {
    return parsed(Endpoint.of(given("url", url)), false);
  }

  /** The parts of the whole URL of a request. */
  static HttpUri parsed(String url) {
    return parsed(endpoint(url), false);
  }

  /** The parts of the whole URL of a WebSocket. */
  static HttpUri ofWebSocket(String url) {
    return parsed(endpoint(url), true);
  }

  /** The parts of the whole URL of a request or a WebSocket. */
  static HttpUri ofAny(String url) {
    Endpoint whole = endpoint(url);
    return parsed(whole, isOfWebSocket(whole.uri()));
  }

  /** The parts of the URI of an origin, which has nothing more. */
  static HttpUri ofOrigin(String origin) {
    HttpUri its = ofAny(origin);
    Authority.alone("origin", endpoint(origin).uri());
    return its;
  }

  /** A whole URL, checked. */
  private static Endpoint endpoint(String url) {
    return Endpoint.of(given("url", url));
  }

  private static HttpUri parsed(Endpoint checked, boolean webSocket) {
    URI url = checked.uri();
    if (webSocket != isOfWebSocket(url)) {
      String allowed = webSocket ? "ws and wss" : "http and https";
      throw new IllegalArgumentException(
          "url: scheme " + url.getScheme() + ", allowed the schemes " + allowed);
    }
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    boolean secure = checked.secure();
    HttpUri root = HttpUri.of(secure, Authority.of(url, HttpUri.port(secure)));
    return root.target(path + query);
  }

  private static boolean isOfWebSocket(URI url) {
    return url.getScheme().regionMatches(true, 0, "ws", 0, 2);
  }
}
