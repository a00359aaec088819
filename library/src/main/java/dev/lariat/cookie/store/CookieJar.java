package dev.lariat.cookie.store;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.SetCookie;
import dev.lariat.option.CookieLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Keeps cookies in memory, for any number of connections (RFC 6265bis section 5.7). It does not
 * return expired cookies. {@link CookieLimits} limit the number of cookies.
 *
 * <p>You can call all methods from any thread.
 */
public final class CookieJar implements CookieStore {
  private final CookieLimits limits;
  private final InstantSource clock;
  private final Runnable changed;

  private final ReentrantLock lock = new ReentrantLock();
  private final CookieIndex cookies = new CookieIndex(); // under the lock

  /** A jar that says when what it holds has become other than it was. */
  CookieJar(CookieLimits limits, InstantSource clock, Runnable changed) {
    this.limits = limits;
    this.clock = clock;
    this.changed = changed;
  }

  /** {@return an empty jar with the default limits and the system's clock} */
  public static CookieJar create() {
    return create(CookieLimits.DEFAULT, InstantSource.system());
  }

  /**
   * {@return an empty jar}
   *
   * @param limits how many cookies it keeps
   * @param clock the clock that decides when they expire; called on any thread
   */
  public static CookieJar create(CookieLimits limits, InstantSource clock) {
    return new CookieJar(limits, clock, () -> {});
  }

  /** Takes what was kept elsewhere, which is no change. */
  void fill(List<Cookie> kept) {
    lock.lock();
    try {
      kept.forEach(this::put);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  // ---- what connections ask

  @Override
  public List<Cookie> cookies(RequestUri uri) {
    Instant now = now();
    lock.lock();
    try {
      return cookies.cookies(uri, now);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void store(Cookie cookie, RequestUri from) {
    take(cookie, from);
  }

  /** Keeps a cookie if it may be set from there, and returns whether it may. */
  private boolean take(Cookie cookie, RequestUri from) {
    boolean[] may = {false};
    change(
        () -> {
          may[0] = cookie.secure() || from.secure() || !cookies.wouldHide(cookie, now());
          return may[0] && put(cookie);
        });
    return may[0];
  }

  // ---- what a user asks

  /**
   * Keeps a cookie as if a server had set it.
   *
   * @param setCookie in the form of a {@code Set-Cookie} header: {@code "name=value; Path=/"}
   * @param from the URI of the request whose response sets it
   * @return whether it is a valid cookie that may be set from there
   */
  public boolean set(String setCookie, RequestUri from) {
    Optional<Cookie> cookie = SetCookie.parse(setCookie, from, now());
    return cookie.isPresent() && take(cookie.get(), from);
  }

  /**
   * Keeps a cookie as it is, without further checks.
   *
   * @param cookie the cookie
   */
  public void add(Cookie cookie) {
    change(() -> put(cookie));
  }

  /** {@return all cookies that have not expired, in the order of their creation} */
  public List<Cookie> all() {
    Instant now = now();
    lock.lock();
    try {
      return cookies.cookies().stream().filter(cookie -> !cookie.expired(now)).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the cookies that match.
   *
   * @param which which cookies are removed
   */
  public void remove(Predicate<Cookie> which) {
    change(() -> cookies.removeIf(which));
  }

  /** Removes the session cookies. */
  public void endSession() {
    remove(cookie -> !cookie.persistent());
  }

  // ---- the inside, under the lock

  /** What may change the cookies, and says whether it has. */
  private interface Change {
    boolean make();
  }

  private void change(Change change) {
    boolean made;
    lock.lock();
    try {
      made = change.make();
    } finally {
      lock.unlock();
    }
    if (made) {
      changed.run();
    }
  }

  private boolean put(Cookie cookie) {
    Instant now = now();
    if (cookie.expired(now)) {
      return cookies.remove(cookie);
    }
    cookies.put(cookie, now);
    boolean domainFull = cookies.size(cookie.domain()) > limits.perDomain();
    if (domainFull || cookies.size() > limits.total()) {
      cookies.removeExpired(now);
    }
    if (cookies.size(cookie.domain()) > limits.perDomain()) {
      cookies.removeLeast(cookie.domain());
    }
    if (cookies.size() > limits.total()) {
      cookies.removeLeast();
    }
    return true;
  }
}
