package dev.lariat.internal.cache;

import dev.lariat.event.CacheStatus.Detail;
import dev.lariat.event.CacheStatus.Forwarded;
import dev.lariat.internal.codec.CacheControl;
import dev.lariat.internal.codec.HttpDate;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.codec.NameList;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.CacheOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The rules of a private cache (RFC 9111, RFC 5861, RFC 8246): what is stored, what answers a
 * request, and what a newer response changes. All of it is values in and values out, and so has no
 * state but the options.
 */
public final class CacheRules {
  private static final String GET = "GET";
  private static final String HEAD = "HEAD";
  private static final int OK = 200;

  private static final Set<String> SAFE = Set.of(GET, HEAD, "OPTIONS", "TRACE"); // RFC 9110, 9.2.1
  private static final Set<Integer> ERRORS = Set.of(500, 502, 503, 504); // RFC 5861 section 4

  /** Parts, what stands for something stored, and challenges, which are answered and not kept. */
  private static final Set<Integer> NEVER_STORED = Set.of(206, 304, 401, 407);

  /** Of a user who asks for a part, or who has a cache of his own. */
  private static final Set<String> CONDITIONAL =
      Set.of(
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-range",
          "if-unmodified-since",
          "range");

  /**
   * What is about a connection (RFC 9111 section 3.1), what is counted anew ({@code Age}), and what
   * was done once when it arrived ({@code Set-Cookie}).
   */
  private static final Set<String> NOT_STORED =
      Set.of(
          "age",
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-authorization",
          "proxy-connection",
          "set-cookie",
          "set-cookie2",
          "te",
          "transfer-encoding",
          "upgrade");

  /** What describes the body that is stored, which a 304 does not change (section 3.2). */
  private static final Set<String> NOT_UPDATED =
      Set.of("content-encoding", "content-length", "content-range");

  private final CacheOptions options;
  private final Fingerprints fingerprints;

  /** The rules with these options. */
  public CacheRules(CacheOptions options, Fingerprints fingerprints) {
    this.options = options;
    this.fingerprints = fingerprints;
  }

  // ---- requests

  /** Why this request is nothing that a cache serves; empty if it is. */
  public Optional<Forwarded> passes(Asking asking) {
    if (!asking.method().equals(GET) && !asking.method().equals(HEAD)) {
      return Optional.of(Forwarded.METHOD);
    }
    boolean elsewhere =
        asking.headers().all("host").stream().anyMatch(h -> !h.equals(asking.uri().hostField()));
    boolean conditional = CONDITIONAL.stream().anyMatch(asking.headers()::contains);
    boolean secret = asking.authorized() && !options.authorization();
    boolean noStore = CacheControl.of(asking.headers()).has("no-store");
    return elsewhere || conditional || secret || noStore || asking.bodied()
        ? Optional.of(Forwarded.BYPASS)
        : Optional.empty();
  }

  /**
   * What becomes of a request.
   *
   * @param candidates all that is stored for its URI
   * @param now on the cache's {@link Timeline}
   */
  public Decision decide(Asking asking, List<Stored> candidates, Instant now) {
    CacheControl wanted = wanted(asking);
    Decision decision =
        select(asking, candidates)
            .map(selected -> decide(asking, wanted, selected, now))
            .orElseGet(
                () -> {
                  Forwarded miss = candidates.isEmpty() ? Forwarded.URI_MISS : Forwarded.VARY_MISS;
                  return new Decision.Forward(miss, Optional.empty(), Headers.EMPTY, false);
                });
    boolean sent = decision instanceof Decision.Forward;
    return sent && forbidsSending(asking) ? new Decision.Unsatisfiable() : decision;
  }

  /** Whether the request may be answered by what is stored alone. */
  public static boolean forbidsSending(Asking asking) {
    return wanted(asking).has("only-if-cached");
  }

  /** What the request wants; HTTP/1.0 says it by {@code Pragma} (section 5.4). */
  private static CacheControl wanted(Asking asking) {
    Headers headers = asking.headers();
    boolean old =
        !headers.contains("cache-control")
            && NameList.of(headers.all("pragma")).contains("no-cache");
    return CacheControl.of(old ? Headers.of("cache-control", "no-cache") : headers);
  }

  /** Which of them the request may get: the newest, but one that names headers is preferred. */
  private Optional<Stored> select(Asking asking, List<Stored> candidates) {
    return candidates.stream()
        .filter(each -> matches(asking, each.variant()))
        .max(
            Comparator.comparing((Stored each) -> !each.variant().varied().isEmpty())
                .thenComparing(
                    each -> Freshness.date(each.headers(), each.received()).orElse(each.received()))
                .thenComparing(Stored::received));
  }

  private boolean matches(Asking asking, Stored.Variant variant) {
    return variant.decoded() == asking.decoded()
        && variant.identity().equals(identity(asking))
        && variant.varied().keySet().stream().noneMatch(asking.unknown()::contains)
        && variant.varied().equals(varied(asking, variant.varied().keySet()));
  }

  private String identity(Asking asking) {
    return asking.identity().isEmpty() ? "" : fingerprints.secret(asking.identity());
  }

  /** What the request says in these headers: lists that are written differently are the same. */
  private SortedMap<String, String> varied(Asking asking, Set<String> names) {
    SortedMap<String, String> varied = new TreeMap<>();
    for (String name : names) {
      List<String> values = asking.headers().all(name);
      String normal =
          values.stream()
              .flatMap(value -> List.of(value.split(",", -1)).stream())
              .map(String::strip)
              .collect(Collectors.joining(","));
      varied.put(name, values.isEmpty() ? "" : fingerprints.of(name, normal));
    }
    return varied;
  }

  private Decision decide(Asking asking, CacheControl wanted, Stored selected, Instant now) {
    CacheControl control = CacheControl.of(selected.headers());
    Duration age = Freshness.age(selected, now);
    Duration ttl = lifetime(selected, control).minus(age);
    boolean fresh = isPositive(ttl);
    boolean kept = fresh && control.has("immutable"); // RFC 8246: not even if its user reloads
    boolean tooOld =
        !kept
            && wanted
                .seconds("max-age", Duration.ZERO)
                .filter(n -> age.compareTo(n) > 0)
                .isPresent();
    boolean tooStale =
        wanted
            .seconds("min-fresh", CacheControl.MOST)
            .filter(n -> ttl.compareTo(n) < 0)
            .isPresent();
    if (control.hasWhole("no-cache") || wanted.has("no-cache") || tooOld || tooStale) {
      return new Decision.Forward(
          fresh ? Forwarded.REQUEST : Forwarded.STALE,
          Optional.of(selected),
          conditions(asking, selected),
          false);
    }
    if (fresh) {
      return new Decision.Use(selected, aged(selected, age), ttl, Optional.empty(), false);
    }
    Duration over = ttl.negated();
    if (!mustValidate(control)
        && maxStale(wanted).filter(n -> over.compareTo(n) <= 0).isPresent()) {
      return new Decision.Use(
          selected, aged(selected, age), ttl, Optional.of(Detail.MAX_STALE), false);
    }
    if (!mustValidate(control) && covers(control, "stale-while-revalidate", over)) {
      return new Decision.Use(
          selected,
          aged(selected, age),
          ttl,
          Optional.of(Detail.STALE_WHILE_REVALIDATE),
          !wanted.has("only-if-cached"));
    }
    return refresh(asking, selected);
  }

  private static boolean isPositive(Duration ttl) {
    return !ttl.isNegative() && !ttl.isZero();
  }

  /** Whether it may not be used when it is stale, whatever else is said (section 4.2.4). */
  private static boolean mustValidate(CacheControl control) {
    return control.has("must-revalidate") || control.hasWhole("no-cache");
  }

  private static Optional<Duration> maxStale(CacheControl wanted) {
    boolean any =
        wanted.directives().stream()
            .anyMatch(each -> each.name().equals("max-stale") && each.argument().isEmpty());
    return any
        ? Optional.of(Freshness.FOREVER.multipliedBy(2))
        : wanted.seconds("max-stale", Duration.ZERO);
  }

  private static boolean covers(CacheControl control, String directive, Duration over) {
    return control
        .seconds(directive, Duration.ZERO)
        .filter(n -> isPositive(n) && over.compareTo(n) <= 0)
        .isPresent();
  }

  private Duration lifetime(Stored stored, CacheControl control) {
    return Freshness.lifetime(
        stored.status(), stored.headers(), control, stored.received(), options.heuristic());
  }

  /** How long it is fresh from now on. */
  public Duration ttl(Stored stored, Instant now) {
    CacheControl control = CacheControl.of(stored.headers());
    return lifetime(stored, control).minus(Freshness.age(stored, now));
  }

  /** The headers as they are given out, with the age (section 5.1). */
  private static Headers aged(Stored stored, Duration age) {
    Duration shown = age.compareTo(CacheControl.MOST) > 0 ? CacheControl.MOST : age;
    return stored.headers().with("age", String.valueOf(shown.toSeconds()));
  }

  /** What validates a response that is used meanwhile. */
  public Decision.Forward refresh(Asking asking, Stored stored) {
    return new Decision.Forward(
        Forwarded.STALE, Optional.of(stored), conditions(asking, stored), true);
  }

  /**
   * What asks whether it is still valid (section 4.3.1). A validator that a request cannot carry is
   * none. A {@code HEAD} is not conditional: its response says the same.
   */
  private static Headers conditions(Asking asking, Stored stored) {
    Headers conditions = Headers.EMPTY;
    if (asking.method().equals(HEAD)) {
      return conditions;
    }
    Optional<String> tag = stored.headers().first("etag").filter(CacheRules::isSendable);
    if (tag.isPresent()) {
      conditions = conditions.with("if-none-match", tag.get());
    }
    Optional<String> modified = modified(stored);
    if (modified.isPresent()) {
      conditions = conditions.with("if-modified-since", modified.get());
    }
    return conditions;
  }

  private static Optional<String> modified(Stored stored) {
    return stored
        .headers()
        .first("last-modified")
        .filter(value -> HttpDate.parse(value, stored.received()).isPresent());
  }

  private static boolean isSendable(String value) {
    return !value.isBlank() && value.chars().noneMatch(c -> c < ' ' || c == 0x7f);
  }

  /** Whether a stale response may answer a request for which the server failed (RFC 5861, 4). */
  public Optional<Decision.Use> onError(Asking asking, Stored selected, Instant now) {
    CacheControl control = CacheControl.of(selected.headers());
    CacheControl wanted = wanted(asking);
    Duration age = Freshness.age(selected, now);
    Duration ttl = lifetime(selected, control).minus(age);
    Duration over = ttl.negated();
    boolean unwanted = wanted.has("no-cache") || wanted.has("max-age") || wanted.has("min-fresh");
    boolean allowed =
        covers(wanted, "stale-if-error", over)
            || !unwanted && covers(control, "stale-if-error", over);
    return allowed && !mustValidate(control)
        ? Optional.of(
            new Decision.Use(
                selected, aged(selected, age), ttl, Optional.of(Detail.STALE_IF_ERROR), false))
        : Optional.empty();
  }

  /** Whether this status says that the server failed. */
  public static boolean isError(int status) {
    return ERRORS.contains(status);
  }

  // ---- responses

  /**
   * What is stored of a response; empty if it must not be, or could never be used.
   *
   * @param delay how long after the request it came
   * @param wall the time of day when it came
   * @param now the same, on the cache's {@link Timeline}
   */
  public Optional<Stored> storable(
      Asking asking,
      int status,
      Headers headers,
      Bytes body,
      Duration delay,
      Instant wall,
      Instant now) {
    return asking.method().equals(GET) && isStorable(status, headers)
        ? made(asking, status, headers, body, delay, wall, now)
        : Optional.empty();
  }

  private Optional<Stored> made(
      Asking asking,
      int status,
      Headers headers,
      Bytes body,
      Duration delay,
      Instant wall,
      Instant now) {
    Set<String> vary = NameList.of(headers.all("vary"));
    if (vary.contains("*") || vary.stream().anyMatch(asking.unknown()::contains)) {
      return Optional.empty();
    }
    Stored stored =
        new Stored(
            asking.key(),
            new Stored.Variant(identity(asking), asking.decoded(), varied(asking, vary)),
            status,
            kept(headers, wall),
            Freshness.initialAge(headers, delay, wall),
            now,
            body);
    return isUseful(stored) && stored.weight() <= Math.min(options.entry(), options.total())
        ? Optional.of(stored)
        : Optional.empty();
  }

  /** Whether it may be stored (section 3). */
  private boolean isStorable(int status, Headers headers) {
    CacheControl control = CacheControl.of(headers);
    boolean understood = control.has("must-understand");
    if (status < OK || NEVER_STORED.contains(status)) {
      return false;
    }
    if (understood ? !isDefined(status) : control.has("no-store")) {
      return false;
    }
    return control.has("public")
        || control.has("private")
        || control.has("max-age")
        || headers.contains("expires")
        || Freshness.isHeuristic(status);
  }

  /** Whether RFC 9110 section 15 defines it, so that this cache knows what it means. */
  private static boolean isDefined(int status) {
    return status >= 200 && status <= 205
        || status >= 300 && status <= 308 && status != 306
        || status >= 400 && status <= 417
        || status == 421
        || status == 422
        || status == 426
        || status >= 500 && status <= 505;
  }

  /** Whether anything can come of it: it is fresh, or can be validated, or is said to be usable. */
  private boolean isUseful(Stored stored) {
    CacheControl control = CacheControl.of(stored.headers());
    boolean validator =
        stored.headers().first("etag").filter(CacheRules::isSendable).isPresent()
            || modified(stored).isPresent();
    boolean dated = control.has("max-age") || stored.headers().contains("expires");
    boolean timely = dated || isPositive(lifetime(stored, control));
    return validator || timely && !control.hasWhole("no-cache");
  }

  /** The headers that are stored (section 3.1), with the date on which the response came. */
  private static Headers kept(Headers headers, Instant wall) {
    Headers its = without(headers, CacheControl.of(headers).fields("no-cache")); // 5.2.2.4
    return its.contains("date") ? its : its.with("date", HttpDate.format(wall));
  }

  private static Headers without(Headers headers, Set<String> names) {
    Set<String> dropped = new HashSet<>(NOT_STORED);
    dropped.addAll(NameList.of(headers.all("connection")));
    dropped.addAll(names);
    List<Headers.Field> kept = new ArrayList<>();
    for (Headers.Field field : headers) {
      if (!dropped.contains(field.name())) {
        kept.add(field);
      }
    }
    return Headers.of(kept);
  }

  /**
   * What becomes of a stored response that its server has confirmed.
   *
   * @param shown the headers that the user sees
   * @param stored what is stored in its place; empty if it must not be any more
   */
  public record Confirmed(Headers shown, Optional<Stored> stored) {}

  /**
   * What a 304 makes of the response that it confirms (section 4.3.4). Empty if it is about another
   * one, so that the whole must be asked for.
   */
  public Optional<Confirmed> confirmed(
      Asking asking, Stored stored, Headers headers, Duration delay, Instant wall, Instant now) {
    return isAbout(stored.headers(), headers)
        ? Optional.of(updated(asking, stored, headers, delay, wall, now))
        : Optional.empty();
  }

  /**
   * What the response to a {@code HEAD} makes of a stored one (section 4.3.5). Empty if it shows
   * that the stored one is out of date.
   */
  public Optional<Confirmed> confirmedByHead(
      Asking asking, Stored stored, Headers headers, Duration delay, Instant wall, Instant now) {
    Headers its = stored.headers();
    boolean same =
        List.of("etag", "last-modified", "content-length").stream()
            .allMatch(
                name ->
                    !headers.contains(name)
                        || headers.first(name).equals(its.first(name))
                        || name.equals("content-length") && !its.contains(name));
    return same
        ? Optional.of(updated(asking, stored, headers, delay, wall, now))
        : Optional.empty();
  }

  /**
   * Whether a 304 is about this response. Its tag is compared weakly: servers make a tag weak when
   * they compress, and send the strong one with the 304.
   */
  private static boolean isAbout(Headers stored, Headers headers) {
    Optional<String> tag = headers.first("etag");
    Optional<String> own = stored.first("etag");
    if (tag.isPresent() && own.isPresent()) {
      return opaque(tag.get()).equals(opaque(own.get()));
    }
    Optional<String> modified = headers.first("last-modified");
    return modified.isEmpty() || modified.equals(stored.first("last-modified"));
  }

  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  /** The stored headers with those that came, except what describes the body (section 3.2). */
  private Confirmed updated(
      Asking asking, Stored stored, Headers headers, Duration delay, Instant wall, Instant now) {
    Headers news = without(headers, NOT_UPDATED);
    List<Headers.Field> fields = new ArrayList<>();
    for (Headers.Field field : stored.headers()) {
      if (!news.contains(field.name()) && !field.name().equals("date")) {
        fields.add(field);
      }
    }
    news.forEach(fields::add);
    Headers shown = Headers.of(fields);
    Headers aged = headers.contains("age") ? shown.with("age", headers.first("age").get()) : shown;
    Optional<Stored> its =
        isStorable(stored.status(), shown)
            ? made(asking, stored.status(), aged, stored.body(), delay, wall, now)
            : Optional.empty();
    return new Confirmed(aged, its);
  }

  // ---- invalidation

  /** Whether a method may change what is stored (section 4.4). */
  public static boolean isUnsafe(String method) {
    return !SAFE.contains(method);
  }

  /**
   * The keys of what a response to an unsafe method invalidates (section 4.4): what was asked for,
   * and what it names on the same origin.
   */
  public static Set<String> invalidated(HttpUri uri, int status, Headers headers) {
    if (status >= 400) {
      return Set.of();
    }
    Set<String> keys = new LinkedHashSet<>();
    keys.add(Asking.key(uri));
    for (String name : List.of("location", "content-location")) {
      for (String value : headers.all(name)) {
        try {
          HttpUri named = uri.resolve(value);
          if (named.sameOrigin(uri)) {
            keys.add(Asking.key(named));
          }
        } catch (Violation e) {
          // it names nothing
        }
      }
    }
    return keys;
  }
}
