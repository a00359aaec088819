package dev.lariat.client;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.text.Durations;
import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.WebUri;
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
    return read(url).uri();
  }

  /** The parts of the whole URL of a request. */
  static HttpUri parsed(URI url) {
    return parsed(WebUri.of(given("url", url)), false);
  }

  /** The parts of the whole URL of a request. */
  static HttpUri parsed(String url) {
    return parsed(read(url), false);
  }

  /** The parts of the whole URL of a WebSocket. */
  static HttpUri ofWebSocket(String url) {
    return parsed(read(url), true);
  }

  /** The parts of the whole URL of a request or a WebSocket. */
  static HttpUri ofAny(String url) {
    return HttpUri.of(read(url));
  }

  /** The parts of the URI of an origin, which has nothing more. */
  static HttpUri ofOrigin(String origin) {
    WebUri whole = read(origin);
    Authority.alone("origin", whole.uri());
    return HttpUri.of(whole);
  }

  private static WebUri read(String url) {
    return WebUri.parse(given("url", url));
  }

  private static HttpUri parsed(WebUri whole, boolean webSocket) {
    if (webSocket != whole.webSocket()) {
      String allowed = webSocket ? "ws and wss" : "http and https";
      throw new IllegalArgumentException(
          "url: scheme " + whole.uri().getScheme() + ", allowed the schemes " + allowed);
    }
    return HttpUri.of(whole);
  }
}
