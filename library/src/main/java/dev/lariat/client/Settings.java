package dev.lariat.client;

import dev.lariat.internal.cache.Asking;
import dev.lariat.internal.cache.CacheRules;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Product;
import dev.lariat.message.Headers;
import dev.lariat.option.Credentials;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a call does beyond its request.
 *
 * @param redirects which redirects are followed
 * @param logins the credentials, by the root of their origin
 * @param retry which requests are sent again, and when
 * @param decompress whether responses are decompressed
 * @param cookies whether the cookies of the connections apply
 * @param userAgent the value of the header; empty to send none
 * @param cache what stores responses
 */
record Settings(
    Optional<Redirects> redirects,
    Map<HttpUri, Login> logins,
    Optional<RequestRetry> retry,
    boolean decompress,
    boolean cookies,
    Optional<String> userAgent,
    Optional<HttpCache> cache) {
  static final String USER_AGENT = Product.userAgent();

  /** Nothing but the request. */
  static final Settings NONE =
      new Settings(
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          false,
          true,
          Optional.of(USER_AGENT),
          Optional.empty());

  Settings redirects(Redirects its) {
    return new Settings(Optional.of(its), logins, retry, decompress, cookies, userAgent, cache);
  }

  Settings credentials(HttpUri origin, Credentials its) {
    Map<HttpUri, Login> all = new HashMap<>(logins);
    all.put(root(origin), new Login(its));
    return new Settings(redirects, Map.copyOf(all), retry, decompress, cookies, userAgent, cache);
  }

  Settings retry(RequestRetry its) {
    return new Settings(redirects, logins, Optional.of(its), decompress, cookies, userAgent, cache);
  }

  Settings decompress(boolean its) {
    return new Settings(redirects, logins, retry, its, cookies, userAgent, cache);
  }

  Settings cookies(boolean its) {
    return new Settings(redirects, logins, retry, decompress, its, userAgent, cache);
  }

  /** The same without repetitions, past the cache, and as the bytes that are sent. */
  Settings once() {
    return new Settings(
        redirects, logins, Optional.empty(), false, cookies, userAgent, Optional.empty());
  }

  Settings userAgent(Optional<String> its) {
    its.ifPresent(value -> Headers.of("user-agent", value)); // checks it
    return new Settings(redirects, logins, retry, decompress, cookies, its, cache);
  }

  Settings cache(Optional<HttpCache> its) {
    return new Settings(redirects, logins, retry, decompress, cookies, userAgent, its);
  }

  /** The origin alone, as a key. */
  static HttpUri root(HttpUri uri) {
    return HttpUri.of(uri.secure(), uri.authority()).target("*");
  }

  /** The request, if a call can give its response as bytes. */
  static Request checked(Request request) {
    Checks.bytes(request);
    Checks.whole(request);
    return request;
  }

  /**
   * The request with the name of this client, unless it has one, with what it decompresses, and
   * without cookies if it has none.
   */
  Request named(Request asked) {
    Request plain = cookies ? asked : asked.cookies(false);
    Request request = decompress ? plain.content(plain.content().decompress(true)) : plain;
    return request.headers().contains("user-agent")
        ? request
        : userAgent.map(value -> request.header("user-agent", value)).orElse(request);
  }

  /** A request is sent past the cache, which may change what is stored. */
  void sends(HttpUri uri, Request request) {
    if (cache.isPresent() && CacheRules.isUnsafe(request.method())) {
      cache.get().invalidate(Set.of(Asking.key(uri)));
    }
  }
}
