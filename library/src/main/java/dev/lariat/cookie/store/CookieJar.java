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
 * Cookies in memory, for any number of connections (RFC 6265bis section 5.7). What has expired is
 * neither given out nor shown; {@link CookieLimits} bound how many there are.
 *
 * <p>All methods may be called from any thread.
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

  /** {@return an empty jar with the default limits, by the system's clock} */
  public static CookieJar create() {
    return create(CookieLimits.DEFAULT, InstantSource.system());
  }

  /**
   * {@return an empty jar}
   *
   * @param limits how many cookies it holds
   * @param clock by which they expire; asked on any thread
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

  /** Keeps a cookie if it may be set from there, and says whether it may. */
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
   * Keeps what a server might have set.
   *
   * @param setCookie in the form of a {@code Set-Cookie} header: {@code "name=value; Path=/"}
   * @param from the URI that it is set from
   * @return whether it is a cookie that may be set from there
   */
  public boolean set(String setCookie, RequestUri from) {
    Optional<Cookie> cookie = SetCookie.parse(setCookie, from, now());
    return cookie.isPresent() && take(cookie.get(), from);
  }

  /**
   * Keeps a cookie as it is, wherever it comes from.
   *
   * @param cookie the cookie
   */
  public void add(Cookie cookie) {
    change(() -> put(cookie));
  }

  /** {@return all cookies that have not expired, in the order in which they were made} */
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
   * Forgets the cookies that this holds for.
   *
   * @param which which cookies are removed
   */
  public void remove(Predicate<Cookie> which) {
    change(() -> cookies.removeIf(which));
  }

  /** Forgets the cookies that live as long as a session. */
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
