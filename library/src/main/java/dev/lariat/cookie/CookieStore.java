package dev.lariat.cookie;

import java.time.Instant;
import java.util.List;

/**
 * Where cookies are kept, shared by any number of connections: {@code CookieJar} is one, in memory,
 * {@code CookieFile} another, in a file. A store of a user's own may also stand before one of these
 * and hold back what it likes.
 *
 * <p>The store is called on the event loops of its connections, of several at a time: it must be
 * safe for that and must not block. What it throws is logged; the request then goes out without
 * cookies, or the cookie is not kept, and nothing else suffers.
 */
public interface CookieStore {

  /**
   * {@return the cookies for a request, in the order in which the {@code Cookie} header is to have
   * them (RFC 6265bis section 5.8.3): those of longer paths first, among them those that were set
   * earlier} None that has expired, and none that does not {@linkplain Cookie#matches match}.
   *
   * @param uri where the request goes
   */
  List<Cookie> cookies(RequestUri uri);

  /**
   * Keeps a cookie that a response set, instead of one of the same name, domain and path, whose
   * time of creation it takes over; with one that has expired, that is to forget it. That the
   * cookie may be set from there, as far as it depends on nothing in the store, was checked before;
   * whether it would hide one that only a connection with TLS may set, the store checks (section
   * 5.7, step 16).
   *
   * @param cookie what was set
   * @param from the URI that was requested
   */
  void store(Cookie cookie, RequestUri from);

  /** {@return the time by which cookies are made and expire: the system's, or a test's own} */
  default Instant now() {
    return Instant.now();
  }
}
