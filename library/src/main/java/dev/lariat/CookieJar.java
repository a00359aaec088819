package dev.lariat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.SetCookie;
import dev.lariat.option.CookieLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final Comparator<Kept> MAKING =
      Comparator.comparing(Kept::created).thenComparingLong(Kept::number);
  private static final Comparator<Kept> SENDING =
      Comparator.comparingInt(Kept::pathLength).reversed().thenComparing(MAKING);

  /** What makes two cookies of one domain the same. */
  private record Key(String name, String path, boolean hostOnly) {
    static Key of(Cookie cookie) {
      return new Key(cookie.name(), cookie.path(), cookie.hostOnly());
    }
  }

  /** A cookie in its place. */
  private static final class Kept {
    final long number; // of all that were made: the time may be the same
    Cookie cookie;
    long used; // when last, as a number that grows

    Kept(Cookie cookie, long number) {
      this.cookie = cookie;
      this.number = number;
    }

    long number() {
      return number;
    }

    Instant created() {
      return cookie.created();
    }

    int pathLength() {
      return cookie.path().length();
    }

    boolean secure() {
      return cookie.secure();
    }

    long used() {
      return used;
    }
  }

  private final CookieLimits limits;
  private final InstantSource clock;
  private final Runnable changed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Map<Key, Kept>> domains = new HashMap<>();
  private int size;
  private long uses; // counted, as are cookies that are made

  /** A jar that says when what it holds has become other than it was. */
  CookieJar(CookieLimits limits, InstantSource clock, Runnable changed) {
    this.limits = limits;
    this.clock = clock;
    this.changed = changed;
  }

  /** An empty jar with the default limits, by the system's clock. */
  public static CookieJar create() {
    return create(CookieLimits.DEFAULT, InstantSource.system());
  }

  /**
   * An empty jar.
   *
   * @param limits how many cookies it holds
   * @param clock by which they expire; asked on any thread
   */
  public static CookieJar create(CookieLimits limits, InstantSource clock) {
    return new CookieJar(limits, clock, () -> {});
  }

  /** Takes what was kept elsewhere, which is no change. */
  void fill(List<Cookie> cookies) {
    lock.lock();
    try {
      cookies.forEach(this::put);
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
    List<Kept> found = new ArrayList<>();
    lock.lock();
    try {
      String host = uri.host();
      for (int dot = -1; dot < host.length(); dot = nextDot(host, dot)) {
        Map<Key, Kept> domain = domains.getOrDefault(host.substring(dot + 1), Map.of());
        for (Kept kept : domain.values()) {
          if (kept.cookie.matches(uri) && !kept.cookie.expired(now)) {
            kept.used = ++uses;
            found.add(kept);
          }
        }
      }
      return found.stream().sorted(SENDING).map(kept -> kept.cookie).toList();
    } finally {
      lock.unlock();
    }
  }

  private static int nextDot(String host, int after) {
    int dot = host.indexOf('.', after + 1);
    return dot < 0 ? host.length() : dot;
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
          may[0] = cookie.secure() || from.secure() || !wouldHide(cookie);
          return may[0] && put(cookie);
        });
    return may[0];
  }

  /** Leaves secure cookies alone (section 5.7, step 16). */
  private boolean wouldHide(Cookie cookie) {
    Instant now = now();
    return domains.values().stream()
        .flatMap(domain -> domain.values().stream())
        .map(kept -> kept.cookie)
        .anyMatch(
            other ->
                other.secure()
                    && other.name().equals(cookie.name())
                    && (Cookie.domainMatches(other.domain(), cookie.domain())
                        || Cookie.domainMatches(cookie.domain(), other.domain()))
                    && Cookie.pathMatches(cookie.path(), other.path())
                    && !other.expired(now));
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

  /** Keeps a cookie as it is, wherever it comes from. */
  public void add(Cookie cookie) {
    change(() -> put(cookie));
  }

  /** All cookies that have not expired, in the order in which they were made. */
  public List<Cookie> all() {
    Instant now = now();
    lock.lock();
    try {
      return domains.values().stream()
          .flatMap(domain -> domain.values().stream())
          .sorted(MAKING)
          .map(kept -> kept.cookie)
          .filter(cookie -> !cookie.expired(now))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the cookies that this holds for. */
  public void remove(Predicate<Cookie> which) {
    change(() -> drop(which));
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
    Map<Key, Kept> domain = domains.computeIfAbsent(cookie.domain(), name -> new HashMap<>());
    Key key = Key.of(cookie);
    Kept kept = domain.get(key);
    if (cookie.expired(now)) {
      return drop(other -> other.domain().equals(cookie.domain()) && Key.of(other).equals(key));
    }
    if (kept != null && !kept.cookie.expired(now)) {
      kept.cookie = cookie.createdAt(kept.cookie.created());
    } else {
      size += kept == null ? 1 : 0;
      kept = new Kept(cookie, uses);
      domain.put(key, kept);
    }
    kept.used = ++uses;
    if (domain.size() > limits.perDomain()) {
      dropExpired(now);
      dropOver(
          limits.perDomain(),
          domain.values(),
          Comparator.comparing(Kept::secure).thenComparingLong(Kept::used));
    }
    if (size > limits.total()) {
      dropExpired(now);
      dropOver(
          limits.total(),
          domains.values().stream().flatMap(each -> each.values().stream()).toList(),
          Comparator.comparingLong(Kept::used));
    }
    return true;
  }

  private void dropExpired(Instant now) {
    drop(cookie -> cookie.expired(now));
  }

  /** Drops the first of these if there are more than that many. */
  private void dropOver(int limit, Collection<Kept> all, Comparator<Kept> order) {
    if (all.size() > limit) {
      Cookie least = all.stream().min(order).orElseThrow().cookie;
      drop(cookie -> cookie == least);
    }
  }

  private boolean drop(Predicate<Cookie> which) {
    boolean any = false;
    for (Map<Key, Kept> domain : domains.values()) {
      int before = domain.size();
      domain.values().removeIf(kept -> which.test(kept.cookie));
      size -= before - domain.size();
      any |= before > domain.size();
    }
    domains.values().removeIf(Map::isEmpty);
    return any;
  }
}
