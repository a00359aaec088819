package dev.lariat.cookie.store;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of a jar, found without a look at all of them. A server may set as many as the limits
 * allow, on an event loop that other connections share, so what each {@code Set-Cookie} costs must
 * not grow with what is there.
 *
 * <p>There is an index for each question: by domain, path and name for what a request gets, by name
 * and path for what a new cookie would hide, by use for what gives way, and by end for what has
 * expired. It has no lock; its jar has.
 */
final class CookieIndex {
  private static final Comparator<Kept> MAKING =
      Comparator.comparing((Kept kept) -> kept.cookie.created())
          .thenComparingLong(kept -> kept.number);
  private static final Comparator<Kept> SENDING =
      Comparator.comparingInt((Kept kept) -> kept.cookie.path().length())
          .reversed()
          .thenComparing(MAKING);
  private static final Comparator<Kept> ENDING =
      Comparator.comparing((Kept kept) -> kept.cookie.expires().orElse(Instant.MAX))
          .thenComparingLong(kept -> kept.number);

  /** What makes two cookies of one domain and path the same. */
  private record Key(String name, boolean hostOnly) {}

  /** Where a secure cookie hides others from a connection without TLS. */
  private record Place(String name, String path) {}

  /** A cookie in its place. */
  private static final class Kept {
    final Cookie cookie;
    final long number; // orders cookies that were made at the same time

    Kept(Cookie cookie, long number) {
      this.cookie = cookie;
      this.number = number;
    }
  }

  /** The cookies of one domain. */
  private static final class Domain {
    final Map<String, Map<Key, Kept>> paths = new HashMap<>();
    final SequencedSet<Kept> plain = new LinkedHashSet<>(); // the one used longest ago first
    final SequencedSet<Kept> secure = new LinkedHashSet<>(); // the one used longest ago first

    SequencedSet<Kept> like(Kept kept) {
      return kept.cookie.secure() ? secure : plain;
    }

    int size() {
      return plain.size() + secure.size();
    }

    /** The one that gives way. */
    Kept least() {
      return plain.isEmpty() ? secure.getFirst() : plain.getFirst();
    }
  }

  private static final SequencedSet<Kept> NONE = new LinkedHashSet<>(0);

  private final Map<String, Domain> domains = new HashMap<>();
  private final Map<Place, SequencedSet<Kept>> secure = new HashMap<>();
  private final SequencedSet<Kept> all = new LinkedHashSet<>(); // those used longest ago first
  private final TreeSet<Kept> ending = new TreeSet<>(ENDING); // those that end, soonest first
  private long made;

  /** How many there are. */
  int size() {
    return all.size();
  }

  /** How many of this domain there are. */
  int size(String domain) {
    Domain its = domains.get(domain);
    return its == null ? 0 : its.size();
  }

  /** All of them, in the order in which they were made. */
  List<Cookie> cookies() {
    return all.stream().sorted(MAKING).map(kept -> kept.cookie).toList();
  }

  /** The cookies for a request, in the order in which they are sent. They count as used. */
  List<Cookie> cookies(RequestUri uri, Instant now) {
    List<Kept> found = new ArrayList<>();
    String host = uri.host();
    for (int dot = -1; dot < host.length(); dot = next(host, '.', dot)) {
      Domain domain = domains.get(host.substring(dot + 1));
      if (domain != null) {
        eachFolder(
            uri.path(),
            path -> {
              for (Kept kept : domain.paths.getOrDefault(path, Map.of()).values()) {
                if (kept.cookie.matches(uri) && !kept.cookie.expired(now)) {
                  found.add(kept);
                }
              }
            });
      }
    }
    found.sort(SENDING);
    found.forEach(this::use);
    return found.stream().map(kept -> kept.cookie).toList();
  }

  /** The path and all that it lies beneath: all that a cookie's path may be to match it. */
  private static void eachFolder(String path, Consumer<String> folder) {
    folder.accept(path);
    for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (slash + 1 < path.length()) {
        folder.accept(path.substring(0, slash + 1));
      }
      if (slash > 0 && path.charAt(slash - 1) != '/') { // the next round has it
        folder.accept(path.substring(0, slash));
      }
    }
  }

  private static int next(String text, char wanted, int after) {
    int at = text.indexOf(wanted, after + 1);
    return at < 0 ? text.length() : at;
  }

  /** Whether a cookie like this would hide a secure one (RFC 6265bis section 5.7, step 16). */
  boolean wouldHide(Cookie cookie, Instant now) {
    boolean[] hides = {false};
    eachFolder(
        cookie.path(),
        path -> {
          for (Kept kept : secure.getOrDefault(new Place(cookie.name(), path), NONE)) {
            Cookie other = kept.cookie;
            hides[0] |=
                (Cookie.domainMatches(other.domain(), cookie.domain())
                        || Cookie.domainMatches(cookie.domain(), other.domain()))
                    && !other.expired(now);
          }
        });
    return hides[0];
  }

  /** Keeps a cookie, instead of one of the same name, domain and path. */
  void put(Cookie cookie, Instant now) {
    Kept old = find(cookie);
    if (old != null) {
      remove(old);
    }
    Kept kept =
        old == null || old.cookie.expired(now)
            ? new Kept(cookie, made++)
            : new Kept(cookie.createdAt(old.cookie.created()), old.number);
    Domain domain = domains.computeIfAbsent(cookie.domain(), name -> new Domain());
    domain.paths.computeIfAbsent(cookie.path(), path -> new HashMap<>()).put(key(cookie), kept);
    domain.like(kept).add(kept);
    all.add(kept);
    if (cookie.persistent()) {
      ending.add(kept);
    }
    if (cookie.secure()) {
      secure.computeIfAbsent(place(cookie), place -> new LinkedHashSet<>()).add(kept);
    }
  }

  /** Forgets the cookie of this name, domain and path; says whether there was one. */
  boolean remove(Cookie cookie) {
    Kept kept = find(cookie);
    if (kept != null) {
      remove(kept);
    }
    return kept != null;
  }

  /** Forgets what has expired. */
  void removeExpired(Instant now) {
    while (!ending.isEmpty() && ending.first().cookie.expired(now)) {
      remove(ending.first());
    }
  }

  /** Forgets the cookie of a domain that gives way before its others. */
  void removeLeast(String domain) {
    remove(Objects.requireNonNull(domains.get(domain)).least());
  }

  /** Forgets the cookie that was used longest ago. */
  void removeLeast() {
    remove(all.getFirst());
  }

  /** Forgets these; says whether there were any. */
  boolean removeIf(Predicate<Cookie> which) {
    Collection<Kept> those = all.stream().filter(kept -> which.test(kept.cookie)).toList();
    those.forEach(this::remove);
    return !those.isEmpty();
  }

  private @Nullable Kept find(Cookie cookie) {
    Domain domain = domains.get(cookie.domain());
    return domain == null
        ? null
        : domain.paths.getOrDefault(cookie.path(), Map.of()).get(key(cookie));
  }

  private static Key key(Cookie cookie) {
    return new Key(cookie.name(), cookie.hostOnly());
  }

  private static Place place(Cookie cookie) {
    return new Place(cookie.name(), cookie.path());
  }

  private void use(Kept kept) {
    all.addLast(kept);
    Objects.requireNonNull(domains.get(kept.cookie.domain())).like(kept).addLast(kept);
  }

  private void remove(Kept kept) {
    Cookie cookie = kept.cookie;
    Domain domain = Objects.requireNonNull(domains.get(cookie.domain()));
    Map<Key, Kept> path = Objects.requireNonNull(domain.paths.get(cookie.path()));
    path.remove(key(cookie));
    if (path.isEmpty()) {
      domain.paths.remove(cookie.path());
    }
    domain.like(kept).remove(kept);
    if (domain.size() == 0) {
      domains.remove(cookie.domain());
    }
    all.remove(kept);
    if (cookie.persistent()) {
      ending.remove(kept);
    }
    if (cookie.secure()) {
      SequencedSet<Kept> hiding = Objects.requireNonNull(secure.get(place(cookie)));
      hiding.remove(kept);
      if (hiding.isEmpty()) {
        secure.remove(place(cookie));
      }
    }
  }
}
