package dev.lariat.cookie;

import java.time.Instant;
import java.util.List;

/**
 * A store of cookies, which any number of connections can share. {@code CookieJar} keeps them in
 * memory, and {@code CookieFile} also in a file. You can write your own store, for example one that
 * filters what another store returns.
 *
 * <p>Lariat calls the store on the event loops of its connections, on several at a time. It must be
 * thread-safe and must not block. If it throws, Lariat logs the exception. The request is then sent
 * without cookies, or the cookie is not kept; nothing else changes.
 */
public interface CookieStore {

  /**
   * {@return the cookies for a request, in the order of the {@code Cookie} header (RFC 6265bis
   * section 5.8.3): those with longer paths first, and then those that were set earlier} Each
   * cookie {@linkplain Cookie#matches matches} the request and has not expired.
   *
   * @param uri where the request goes
   */
  List<Cookie> cookies(RequestUri uri);

  /**
   * Keeps a cookie that a response set. It replaces a cookie with the same name, domain and path,
   * and keeps that cookie's time of creation. If the new cookie has expired, this removes the old
   * one. Lariat has already checked what it can check without the store. The store must check
   * whether the cookie would hide one that only a connection with TLS may set (section 5.7, step
   * 16).
   *
   * @param cookie the cookie
   * @param from the URI that was requested
   */
  void store(Cookie cookie, RequestUri from);

  /**
   * {@return the clock that decides when cookies are created and expire: the system's, or one of a
   * test}
   */
  default Instant now() {
    return Instant.now();
  }
}
