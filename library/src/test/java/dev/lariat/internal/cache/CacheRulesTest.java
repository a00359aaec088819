package dev.lariat.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.CacheStatus.Detail;
import dev.lariat.event.CacheStatus.Forwarded;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.CacheOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of RFC 9111, RFC 5861 and RFC 8246, one by one. */
class CacheRulesTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final HttpUri URI = HttpUri.of(false, Authority.of("a.example", 80)).target("/x");
  private static final CacheRules RULES =
      new CacheRules(CacheOptions.DEFAULT, new Fingerprints(new byte[] {1}));

  private static Asking asking(String method, String... headers) {
    return new Asking(URI, method, Headers.of(headers), false, false, "", false, Set.of());
  }

  private static Asking wants(String control) {
    return control.isEmpty() ? asking("GET") : asking("GET", "cache-control", control);
  }

  private static Optional<Stored> store(int status, String... headers) {
    return RULES.storable(
        asking("GET"), status, Headers.of(headers), Bytes.EMPTY, Duration.ZERO, NOW, NOW);
  }

  private static Stored stored(String control) {
    return store(200, "cache-control", control, "etag", "\"1\"").orElseThrow();
  }

  private static String decide(String wanted, Stored stored, long age) {
    return switch (RULES.decide(wants(wanted), List.of(stored), NOW.plusSeconds(age))) {
      case Decision.Use use -> use.why().map(Detail::toString).orElse("fresh");
      case Decision.Forward forward -> forward.why().toString();
      case Decision.Unsatisfiable none -> "504";
    };
  }

  // ---- each directive

  @ParameterizedTest(name = "{0} | {1} after {2} s: {3}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // response | request | age | what becomes of it
        "max-age=10||9|fresh",
        "max-age=10||10|stale",
        "max-age=10, private||9|fresh",
        "max-age=10, public||9|fresh",
        "max-age=10, s-maxage=1||9|fresh",
        "max-age=1, s-maxage=10||9|stale",
        "max-age=10, proxy-revalidate|max-stale|11|max-stale",
        "max-age=10, no-transform||9|fresh",
        "max-age=10, no-cache||1|request",
        "max-age=10, no-cache||11|stale",
        "max-age=10, no-cache|max-stale|11|stale",
        "max-age=10, no-cache=\"x\"||9|fresh",
        "max-age=10, must-revalidate||9|fresh",
        "max-age=10, must-revalidate||11|stale",
        "max-age=10, must-revalidate|max-stale=100|11|stale",
        "max-age=10, must-revalidate, stale-while-revalidate=100||11|stale",
        "max-age=10, immutable|max-age=0|9|fresh",
        "max-age=10, immutable|no-cache|9|request",
        "max-age=10, immutable||11|stale",
        "max-age=10, stale-while-revalidate=5||15|stale-while-revalidate",
        "max-age=10, stale-while-revalidate=5||16|stale",
        "max-age=10, stale-while-revalidate=5|max-age=11|12|stale",
        "max-age=10, stale-while-revalidate=5|min-fresh=0|12|stale",
        "max-age=10, stale-while-revalidate=5|no-cache|12|stale",
        "max-age=10, stale-while-revalidate=5|only-if-cached|12|stale-while-revalidate",
        "max-age=10, stale-if-error=5||12|stale",
        "max-age=10|max-age=5|5|fresh",
        "max-age=10|max-age=5|6|request",
        "max-age=10|max-age=x|1|request",
        "max-age=10|max-age=20|11|stale",
        "max-age=10|max-age=20, max-stale=5|15|max-stale",
        "max-age=10|max-age=12, max-stale=5|15|stale",
        "max-age=10|min-fresh=5|5|fresh",
        "max-age=10|min-fresh=5|6|request",
        "max-age=10|min-fresh=x|1|request",
        "max-age=10|max-stale|1000000|max-stale",
        "max-age=10|max-stale=5|15|max-stale",
        "max-age=10|max-stale=5|16|stale",
        "max-age=10|max-stale=x|11|stale",
        "max-age=10|no-cache|1|request",
        "max-age=10|only-if-cached|1|fresh",
        "max-age=10|only-if-cached|11|504",
        "max-age=10|only-if-cached, max-stale|11|max-stale",
        "max-age=10|no-transform|1|fresh",
        "max-age=10|unheard-of|1|fresh"
      })
  void aStoredResponseIsUsedAsBothSidesSay(String says, String wanted, long age, String becomes) {
    assertThat(decide(wanted == null ? "" : wanted, stored(says), age)).isEqualTo(becomes);
  }

  @ParameterizedTest(name = "{0} | {1} after {2} s: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=10, stale-if-error=5||15|true",
        "max-age=10, stale-if-error=5||16|false",
        "max-age=10||11|false",
        "max-age=10|stale-if-error=5|15|true",
        "max-age=10|stale-if-error=5|16|false",
        "max-age=10, stale-if-error=5|no-cache|11|false",
        "max-age=10, stale-if-error=5|max-age=0|11|false",
        "max-age=10, stale-if-error=5|min-fresh=1|11|false",
        "max-age=10, stale-if-error=5, must-revalidate||11|false",
        "max-age=10, stale-if-error=5, no-cache||1|false",
        "max-age=10, must-revalidate|stale-if-error=5|11|false"
      })
  void anErrorIsReplacedIfASideAllowsIt(String says, String wanted, long age, boolean allowed) {
    Asking asking = wants(wanted == null ? "" : wanted);
    Stored stored = stored(says);
    assertThat(RULES.onError(asking, stored, NOW.plusSeconds(age)).isPresent()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "200|no-store",
        "200|no-store, max-age=10",
        "200|max-age=10, no-store, public",
        "206|max-age=10",
        "304|max-age=10",
        "401|max-age=10",
        "407|public, max-age=10",
        "200|no-cache",
        "201|",
        "302|",
        "403|",
        "500|",
        "299|must-understand, max-age=10"
      })
  void someResponsesAreNotStored(String row) {
    String[] its = row.split("\\|", -1);
    Headers headers = its[1].isEmpty() ? Headers.EMPTY : Headers.of("cache-control", its[1]);
    assertThat(
            RULES.storable(
                asking("GET"),
                Integer.parseInt(its[0]),
                headers,
                Bytes.EMPTY,
                Duration.ZERO,
                NOW,
                NOW))
        .isEmpty();
  }

  @Test
  void onlyResponsesToGetAreStored() {
    for (String method : List.of("HEAD", "POST", "PUT", "OPTIONS", "get")) {
      assertThat(
              RULES.storable(
                  asking(method),
                  200,
                  Headers.of("cache-control", "max-age=10"),
                  Bytes.EMPTY,
                  Duration.ZERO,
                  NOW,
                  NOW))
          .as(method)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range"
      })
  void aRequestForAPartOrWithConditionsPasses(String name) {
    assertThat(RULES.passes(asking("GET", name, "x"))).contains(Forwarded.BYPASS);
  }

  @Test
  void othersPassToo() {
    assertThat(RULES.passes(asking("GET"))).isEmpty();
    assertThat(RULES.passes(asking("HEAD"))).isEmpty();
    assertThat(RULES.passes(asking("POST"))).contains(Forwarded.METHOD);
    assertThat(RULES.passes(wants("no-store"))).contains(Forwarded.BYPASS);
    assertThat(RULES.passes(asking("GET", "host", "a.example"))).isEmpty();
    assertThat(RULES.passes(asking("GET", "host", "b.example"))).contains(Forwarded.BYPASS);
    Asking bodied = new Asking(URI, "GET", Headers.EMPTY, true, false, "", false, Set.of());
    assertThat(RULES.passes(bodied)).contains(Forwarded.BYPASS);
    Asking secret = new Asking(URI, "GET", Headers.EMPTY, false, false, "x", true, Set.of());
    assertThat(RULES.passes(secret)).contains(Forwarded.BYPASS);
  }

  // ---- validators and ages

  @Test
  void bothValidatorsAreSentIfARequestCanCarryThem() {
    String date = "Thu, 01 Jan 2026 00:00:00 GMT";
    Stored both =
        store(200, "cache-control", "no-cache", "etag", "W/\"1\"", "last-modified", date)
            .orElseThrow();
    assertThat(RULES.refresh(wants(""), both).conditions())
        .isEqualTo(Headers.of("if-none-match", "W/\"1\"", "if-modified-since", date));
    assertThat(RULES.refresh(asking("HEAD"), both).conditions()).isEqualTo(Headers.EMPTY);
    Stored odd =
        store(200, "cache-control", "max-age=1", "etag", "\"\u0001\"", "last-modified", "x")
            .orElseThrow();
    assertThat(RULES.refresh(wants(""), odd).conditions()).isEqualTo(Headers.EMPTY);
  }

  @Test
  void theAgeIsTheLargestOfWhatIsKnown() {
    Headers headers =
        Headers.of(
            "date", "Thu, 31 Dec 2026 23:59:50 GMT", "age", "3", "cache-control", "max-age=60");
    Duration delay = Duration.ofSeconds(5);
    assertThat(Freshness.initialAge(headers, delay, NOW)).isEqualTo(Duration.ofSeconds(10));
    assertThat(Freshness.initialAge(headers, Duration.ofSeconds(8), NOW))
        .isEqualTo(Duration.ofSeconds(11));
    Headers ahead = Headers.of("date", "Fri, 01 Jan 2027 01:00:00 GMT");
    assertThat(Freshness.initialAge(ahead, delay, NOW)).isEqualTo(delay);
  }

  @Test
  void whatIsFromTheFutureIsNotFresh() {
    assertThat(decide("", stored("max-age=10"), -1)).isEqualTo("stale");
  }

  @Test
  void aDateBeyondAllYearsIsNone() {
    for (String date :
        List.of("Fri, 31 Dec +999999999 00:00:00 GMT", "Mon, 01 Jan -999999999 00:00:00 GMT")) {
      Stored stored =
          store(200, "cache-control", "max-age=10", "date", date, "last-modified", date)
              .orElseThrow();
      assertThat(EntryFormat.decode(EntryFormat.encode(stored))).contains(stored);
      assertThat(RULES.refresh(wants(""), stored).conditions()).isEqualTo(Headers.EMPTY);
    }
  }

  @Test
  void aTimelineNeverRunsBack() {
    Timeline timeline = new Timeline(NOW, 100);
    assertThat(timeline.at(NOW.minusSeconds(3600), 100 + 5_000_000_000L))
        .isEqualTo(NOW.plusSeconds(5));
    assertThat(timeline.at(NOW.plusSeconds(60), 100 + 6_000_000_000L))
        .isEqualTo(NOW.plusSeconds(60));
    assertThat(timeline.at(NOW, 0)).isEqualTo(NOW.plusSeconds(60));
  }

  @Test
  void aResponseThatNamesHeadersIsPreferredToOneThatForgotTo() {
    Stored without =
        store(200, "cache-control", "max-age=90", "date", "Thu, 31 Dec 2026 23:59:59 GMT")
            .orElseThrow();
    Stored with = store(200, "cache-control", "max-age=80", "vary", "accept").orElseThrow();
    Decision decision = RULES.decide(wants(""), List.of(without, with), NOW);
    assertThat(decision).isInstanceOf(Decision.Use.class);
    assertThat(((Decision.Use) decision).stored()).isEqualTo(with);
  }

  @Test
  void aSecretIsKeptAsAFingerprintThatIsOfThisCacheAlone() {
    Asking asking = asking("GET", "cookie", "secret", "accept", "a");
    Headers headers = Headers.of("cache-control", "max-age=9", "vary", "cookie, accept");
    CacheRules other = new CacheRules(CacheOptions.DEFAULT, new Fingerprints(new byte[] {2}));
    var mine = RULES.storable(asking, 200, headers, Bytes.EMPTY, Duration.ZERO, NOW, NOW);
    var its = other.storable(asking, 200, headers, Bytes.EMPTY, Duration.ZERO, NOW, NOW);
    var varied = mine.orElseThrow().variant().varied();
    assertThat(varied.toString()).doesNotContain("secret");
    assertThat(its.orElseThrow().variant().varied().get("cookie"))
        .isNotEqualTo(varied.get("cookie"));
    assertThat(its.orElseThrow().variant().varied().get("accept")).isEqualTo(varied.get("accept"));
  }

  // ---- whatever comes

  /** Against plain sums of seconds: nothing is used for longer than somebody has allowed. */
  @Property(tries = 5000)
  void nothingIsUsedBeyondWhatTheRulesPermit(
      @ForAll @IntRange(max = 20) int maxAge,
      @ForAll @IntRange(max = 20) int whileRevalidate,
      @ForAll @IntRange(max = 20) int ageHeader,
      @ForAll @IntRange(max = 5) int delay,
      @ForAll @IntRange(max = 40) int elapsed,
      @ForAll boolean mustRevalidate,
      @ForAll boolean noCache,
      @ForAll @IntRange(min = -1, max = 20) int wantedAge,
      @ForAll @IntRange(min = -1, max = 20) int maxStale,
      @ForAll @IntRange(min = -1, max = 20) int minFresh) {
    String says =
        "max-age="
            + maxAge
            + ", stale-while-revalidate="
            + whileRevalidate
            + (mustRevalidate ? ", must-revalidate" : "")
            + (noCache ? ", no-cache" : "");
    String wanted =
        (wantedAge < 0 ? "" : "max-age=" + wantedAge + ",")
            + (maxStale < 0 ? "" : "max-stale=" + maxStale + ",")
            + (minFresh < 0 ? "x" : "min-fresh=" + minFresh);
    Headers headers = Headers.of("cache-control", says, "age", "" + ageHeader, "etag", "\"1\"");
    Stored stored =
        RULES
            .storable(asking("GET"), 200, headers, Bytes.EMPTY, Duration.ofSeconds(delay), NOW, NOW)
            .orElseThrow();
    int age = ageHeader + delay + elapsed;
    int over = age - maxAge;
    boolean fresh = age < maxAge;
    boolean unwanted =
        noCache || wantedAge >= 0 && age > wantedAge || minFresh >= 0 && maxAge - age < minFresh;
    boolean staleAllowed =
        !mustRevalidate
            && (maxStale >= 0 && over <= maxStale
                || whileRevalidate > 0 && over <= whileRevalidate);
    Decision decision = RULES.decide(wants(wanted), List.of(stored), NOW.plusSeconds(elapsed));
    assertThat(decision instanceof Decision.Use)
        .as("%s | %s | %d: %s", says, wanted, age, decision)
        .isEqualTo(!unwanted && (fresh || staleAllowed));
    if (decision instanceof Decision.Use use) {
      assertThat(use.shown().first("age")).contains("" + age);
      assertThat(use.ttl()).isEqualTo(Duration.ofSeconds(maxAge - age));
    }
  }

  @Property
  void whateverHeadersComeTheRulesHaveAnAnswer(
      @ForAll @IntRange(min = 200, max = 599) int status,
      @ForAll String control,
      @ForAll String date,
      @ForAll String vary) {
    Headers headers = Headers.of("etag", "\"1\"");
    for (String[] each :
        new String[][] {
          {"cache-control", control},
          {"date", date},
          {"expires", date},
          {"vary", vary},
          {"age", date}
        }) {
      headers = Headers.isValue(each[1]) ? headers.with(each[0], each[1]) : headers;
    }
    Headers its = headers;
    RULES
        .storable(asking("GET"), status, its, Bytes.EMPTY, Duration.ZERO, NOW, NOW)
        .ifPresent(
            stored -> {
              assertThat(RULES.decide(wants(""), List.of(stored), NOW)).isNotNull();
              assertThat(RULES.confirmed(asking("GET"), stored, its, Duration.ZERO, NOW, NOW))
                  .isPresent();
              assertThat(EntryFormat.decode(EntryFormat.encode(stored))).contains(stored);
            });
  }

  @Test
  void whatAnUnsafeMethodNamesElsewhereStays() {
    Headers headers =
        Headers.of("location", "http://b.example/y", "content-location", "/z", "location", "::");
    assertThat(CacheRules.invalidated(URI, 201, headers))
        .containsExactly("http://a.example/x", "http://a.example/z");
    assertThat(CacheRules.invalidated(URI, 404, headers)).isEmpty();
    assertThat(CacheRules.isUnsafe("PATCH")).isTrue();
    assertThat(CacheRules.isUnsafe("OPTIONS")).isFalse();
  }
}
