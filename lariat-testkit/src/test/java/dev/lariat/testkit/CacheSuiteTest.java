package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.client.HttpCache;
import dev.lariat.event.CacheStatus;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The behaviour that the public tests of HTTP caches (github.com/http-tests/cache-tests) ask of a
 * private cache, in a table of our own. Each case has the id that it has there. The cases of shared
 * caches, and those about requests that bring their own conditions, do not apply.
 */
@Timeout(60)
class CacheSuiteTest {
  private static final String LONG_AGO = "Wed, 01 Jan 2020 00:00:00 GMT";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US);

  /** What the cache is to do with a request. */
  private enum Does {
    ANYTHING,
    ANSWER,
    FORWARD,
    VALIDATE_BY_TAG,
    VALIDATE_BY_DATE
  }

  /** A request, what the server has for it, and what the user gets. */
  private static final class Step {
    private final Does does;
    private String method = "GET";
    private String target = "/";
    private Headers asks = Headers.EMPTY;
    private int status = 200;
    private String[] says = {};
    private int expected;
    private String[] shows = {};
    private String hidden = "";
    private Duration pause = Duration.ofSeconds(3);
    private Bytes body = Bytes.EMPTY;

    private Step(Does does) {
      this.does = does;
    }

    Step asks(String... headers) {
      this.asks = Headers.of(headers);
      return this;
    }

    Step method(String its) {
      this.method = its;
      this.body = its.equals("HEAD") || its.equals("GET") ? Bytes.EMPTY : Bytes.ofUtf8("abc");
      return this;
    }

    Step at(String its) {
      this.target = its;
      return this;
    }

    /** With these headers; a number after an at sign is a date in so many seconds. */
    Step says(String... headers) {
      this.says = headers;
      return this;
    }

    Step status(int its) {
      this.status = its;
      return this;
    }

    Step gets(int its) {
      this.expected = its;
      return this;
    }

    Step shows(String... headers) {
      this.shows = headers;
      return this;
    }

    Step hides(String name) {
      this.hidden = name;
      return this;
    }

    Step atOnce() {
      this.pause = Duration.ZERO;
      return this;
    }
  }

  private record Case(String id, List<Step> steps) {
    @Override
    public String toString() {
      return id;
    }
  }

  private static Case of(String id, Step... steps) {
    return new Case(id, List.of(steps));
  }

  private static Step first(String... says) {
    return new Step(Does.ANYTHING).says(says);
  }

  private static Step answered() {
    return new Step(Does.ANSWER);
  }

  private static Step forwarded() {
    return new Step(Does.FORWARD);
  }

  private static Step byTag() {
    return new Step(Does.VALIDATE_BY_TAG);
  }

  private static Step byDate() {
    return new Step(Does.VALIDATE_BY_DATE);
  }

  private static Step control(String value) {
    return first("cache-control", value);
  }

  private static Step fresh() {
    return control("max-age=3600");
  }

  // ---- the cases

  static Stream<Case> freshness() {
    return Stream.of(
        of("freshness-none", first(), forwarded()),
        of("freshness-max-age", fresh(), answered()),
        of("freshness-max-age-stale", control("max-age=2"), forwarded()),
        of("freshness-max-age-0", control("max-age=0"), forwarded()),
        of("freshness-max-age-negative", control("max-age=-3600"), forwarded()),
        of("freshness-max-age-max-minus-1", control("max-age=2147483647"), answered()),
        of("freshness-max-age-max", control("max-age=2147483648"), answered()),
        of("freshness-max-age-max-plus-1", control("max-age=2147483649"), answered()),
        of("freshness-max-age-max-plus", control("max-age=99999999999"), answered()),
        of(
            "freshness-max-age-age",
            first("cache-control", "max-age=3600", "age", "12000"),
            forwarded()),
        of(
            "freshness-max-age-date",
            first("cache-control", "max-age=3600", "date", "@-7200"),
            forwarded()),
        of(
            "freshness-max-age-expires",
            first("cache-control", "max-age=3600", "expires", "@-7200", "date", "@0"),
            answered()),
        of(
            "freshness-max-age-expires-invalid",
            first("cache-control", "max-age=3600", "expires", "0", "date", "@0"),
            answered()),
        of(
            "freshness-max-age-0-expires",
            first("cache-control", "max-age=0", "expires", "@3600", "date", "@0"),
            forwarded()),
        of("freshness-max-age-extension", control("foobar, max-age=3600"), answered()),
        of("freshness-max-age-case-insenstive", control("MaX-aGe=3600"), answered()),
        of("freshness-max-age-s-maxage-private", control("s-maxage=3600, max-age=1"), forwarded()),
        of(
            "freshness-max-age-s-maxage-private-multiple",
            first("cache-control", "s-maxage=3600", "cache-control", "max-age=1"),
            forwarded()),
        of(
            "freshness-max-age-ignore-quoted",
            control("extension=\"max-age=3600\", max-age=1"),
            forwarded()),
        of(
            "freshness-max-age-ignore-quoted-rev",
            control("max-age=1, extension=\"max-age=3600\""),
            forwarded()),
        of("freshness-max-age-quoted", control("max-age=\"3600\""), answered()),
        of("freshness-max-age-leading-zero", control("max-age=003600"), answered()),
        of("freshness-max-age-single-quoted", control("max-age='3600'"), forwarded()),
        of("freshness-max-age-space-before-equals", control("max-age =3600"), forwarded()),
        of("freshness-max-age-space-after-equals", control("max-age= 3600"), forwarded()),
        of(
            "freshness-max-age-two-fresh-stale-sameline",
            control("max-age=1800, max-age=1"),
            forwarded()),
        of(
            "freshness-max-age-two-stale-fresh-sepline",
            first("cache-control", "max-age=1", "cache-control", "max-age=1800"),
            forwarded()),
        of("freshness-max-age-decimal-five", control("max-age=3600.5"), forwarded()),
        of("freshness-max-age-a100", control("max-age=a3600"), forwarded()),
        of("freshness-max-age-100a", control("max-age=3600a"), forwarded()),
        of("freshness-expires-future", first("expires", "@2592000", "date", "@0"), answered()),
        of("freshness-expires-past", first("expires", "@-2592000", "date", "@0"), forwarded()),
        of("freshness-expires-present", first("expires", "@0", "date", "@0"), forwarded()),
        of("freshness-expires-old-date", first("expires", "@300", "date", "@400"), forwarded()),
        of("freshness-expires-invalid", first("expires", "0", "date", "@0"), forwarded()),
        of(
            "freshness-expires-age-slow-date",
            first("date", "@-10", "expires", "@10", "age", "25"),
            forwarded()),
        of(
            "freshness-expires-age-fast-date",
            first("date", "@10", "expires", "@20", "age", "15"),
            forwarded()),
        of("freshness-expires-ansi-c", first("expires", "Thu Aug 18 02:01:18 2050"), answered()),
        of(
            "freshness-expires-rfc850",
            first("expires", "Thursday, 18-Aug-50 02:01:18 GMT"),
            answered()),
        of(
            "freshness-expires-invalid-date-dashes",
            first("expires", "Thu, 18-Aug-2050 02:01:18 GMT"),
            forwarded()),
        of(
            "freshness-expires-invalid-multiple-lines",
            first(
                "expires",
                "Thu, 18 Aug 2050 02:01:18 GMT",
                "expires",
                "Thu, 18 Aug 2050 02:01:19 GMT"),
            forwarded()));
  }

  private static Case aged(String id, Step then, String... ages) {
    List<String> says = new ArrayList<>(List.of("date", "@0", "cache-control", "max-age=3600"));
    for (String age : ages) {
      says.add("age");
      says.add(age);
    }
    return of("age-parse-" + id, first(says.toArray(String[]::new)), then);
  }

  static Stream<Case> ages() {
    return Stream.of(
        aged("nonnumeric", answered(), "abc"),
        aged("negative", answered(), "-7200"),
        aged("float", answered(), "7200.0"),
        aged("large-minus-one", forwarded(), "2147483647"),
        aged("large", forwarded(), "2147483648"),
        aged("larger", forwarded(), "2147483649"),
        aged("suffix", forwarded(), "7200, 0"),
        aged("prefix", answered(), "0, 7200"),
        aged("suffix-twoline", forwarded(), "7200", "0"),
        aged("prefix-twoline", answered(), "0", "7200"),
        aged("dup-0", answered(), "0, 0"),
        aged("dup-0-twoline", answered(), "0", "0"),
        aged("dup-old", answered(), "1800", "1800"));
  }

  static Stream<Case> heuristics() {
    List<Case> all = new ArrayList<>();
    for (int status : List.of(200, 203, 204, 404, 405, 410, 414, 501)) {
      all.add(
          of(
              "heuristic-" + status + "-cached",
              first("last-modified", "@-86400", "date", "@0").status(status),
              answered().gets(status)));
    }
    for (int status : List.of(201, 202, 403, 502, 503, 504, 599)) {
      all.add(
          of(
              "heuristic-" + status + "-not_cached",
              first("last-modified", "@-86400", "date", "@0").status(status),
              forwarded()));
    }
    all.add(
        of(
            "heuristic-599-cached",
            first("last-modified", "@-86400", "date", "@0", "cache-control", "public").status(599),
            answered().gets(599)));
    all.add(of("heuristic-delta-60", first("last-modified", "@-60", "date", "@0"), answered()));
    all.add(of("heuristic-delta-5", first("last-modified", "@-5", "date", "@0"), byDate()));
    List<Integer> redirects = List.of(301, 302, 303, 307, 308);
    List<Integer> others = List.of(200, 203, 204, 299, 400, 404, 410, 499, 500, 502, 503, 504, 599);
    for (int status : Stream.concat(others.stream(), redirects.stream()).toList()) {
      all.add(of("status-" + status + "-fresh", fresh().status(status), answered().gets(status)));
      all.add(
          of(
              "status-" + status + "-stale",
              first("expires", "@-5000", "last-modified", "@-100000", "date", "@0").status(status),
              forwarded()));
    }
    all.add(
        of(
            "status-599-must-understand",
            control("max-age=3600, no-store, must-understand").status(599),
            forwarded()));
    all.add(
        of(
            "status-200-must-understand",
            control("max-age=3600, no-store, must-understand"),
            answered()));
    return all.stream();
  }

  static Stream<Case> directives() {
    return Stream.of(
        of("cc-resp-private-private", control("private, max-age=3600"), answered()),
        of("cc-resp-no-store", control("no-store"), forwarded()),
        of("cc-resp-no-store-case-insensitive", control("No-StOrE"), forwarded()),
        of(
            "cc-resp-no-store-fresh",
            first("cache-control", "max-age=10000, no-store", "expires", "@10000", "date", "@0"),
            forwarded()),
        of(
            "cc-resp-no-cache",
            first("cache-control", "max-age=10000, no-cache", "expires", "@10000", "date", "@0"),
            forwarded()),
        of("cc-resp-no-cache-case-insensitive", control("max-age=10000, No-CaChE"), forwarded()),
        of(
            "cc-resp-no-cache-revalidate",
            first("cache-control", "no-cache", "etag", "\"abcd\""),
            byTag()),
        of(
            "cc-resp-no-cache-revalidate-fresh",
            first("cache-control", "max-age=10000, no-cache", "etag", "\"abcd\""),
            byTag()),
        of(
            "headers-omit-headers-listed-in-Cache-Control-no-cache-single",
            first(
                "cache-control",
                "no-cache=\"a\"",
                "a",
                "1",
                "b",
                "2",
                "cache-control",
                "max-age=3600"),
            answered().shows("b", "2").hides("a")),
        of(
            "headers-omit-headers-listed-in-Cache-Control-no-cache",
            first(
                "cache-control",
                "no-cache=\"a, b\"",
                "a",
                "1",
                "b",
                "2",
                "c",
                "3",
                "cache-control",
                "max-age=3600"),
            answered().shows("c", "3").hides("b")),
        of(
            "cc-resp-must-revalidate-fresh",
            first("cache-control", "max-age=10000, must-revalidate", "etag", "\"abcd\""),
            answered()),
        of(
            "cc-resp-must-revalidate-stale",
            first("cache-control", "max-age=2, must-revalidate", "etag", "\"abcd\""),
            byTag()),
        of(
            "cc-resp-immutable-fresh",
            first("cache-control", "max-age=10000, immutable", "etag", "\"abcd\""),
            answered().asks("cache-control", "max-age=0")),
        of(
            "cc-resp-immutable-stale",
            first("cache-control", "max-age=2, immutable", "etag", "\"abcd\""),
            byTag().asks("cache-control", "max-age=0")),
        of("pragma-request-extension", fresh(), answered().asks("pragma", "other")),
        of(
            "pragma-response-no-cache",
            first("cache-control", "max-age=3600", "pragma", "no-cache"),
            answered()),
        of(
            "pragma-response-no-cache-heuristic",
            first("date", "@0", "last-modified", "@-10000", "pragma", "no-cache"),
            answered()),
        of(
            "pragma-response-extension",
            first("cache-control", "max-age=3600", "pragma", "other"),
            answered()),
        of("ccreq-ma0", fresh(), forwarded().asks("cache-control", "max-age=0")),
        of("ccreq-ma1", fresh(), forwarded().asks("cache-control", "max-age=1")),
        of(
            "ccreq-magreaterage",
            first("cache-control", "max-age=3600", "age", "1800"),
            forwarded().asks("cache-control", "max-age=600")),
        of(
            "ccreq-max-stale",
            control("max-age=1"),
            answered().asks("cache-control", "max-stale=1000")),
        of(
            "ccreq-max-stale-age",
            first("cache-control", "max-age=1500", "age", "2000"),
            answered().asks("cache-control", "max-stale=1000")),
        of(
            "ccreq-min-fresh",
            control("max-age=1500"),
            forwarded().asks("cache-control", "min-fresh=2000")),
        of(
            "ccreq-min-fresh-age",
            first("cache-control", "max-age=1500", "age", "1000"),
            forwarded().asks("cache-control", "min-fresh=1000")),
        of("ccreq-no-cache", fresh(), forwarded().asks("cache-control", "no-cache")),
        of(
            "ccreq-no-cache-lm",
            first("cache-control", "max-age=3600", "last-modified", "@-10000", "date", "@0"),
            byDate().asks("cache-control", "no-cache")),
        of(
            "ccreq-no-cache-etag",
            first("cache-control", "max-age=3600", "etag", "\"abc\""),
            byTag().asks("cache-control", "no-cache")),
        of("ccreq-no-store", fresh(), forwarded().asks("cache-control", "no-store")),
        of("ccreq-oic", answered().asks("cache-control", "only-if-cached").gets(504)),
        of(
            "stale-while-revalidate",
            first("cache-control", "max-age=0, stale-while-revalidate=3600", "etag", "\"abc\""),
            first("cache-control", "max-age=3600", "etag", "\"def\"").shows("etag", "\"abc\""),
            answered().shows("etag", "\"def\"")),
        of(
            "stale-if-error-cc-response",
            control("max-age=0, stale-if-error=3600"),
            forwarded().status(500).gets(200)),
        of(
            "stale-if-error-cc-response-expired",
            control("max-age=0, stale-if-error=1"),
            forwarded().status(500).gets(500)),
        of(
            "stale-if-error-cc-request",
            control("max-age=0"),
            forwarded().status(500).gets(200).asks("cache-control", "stale-if-error=3600")),
        of(
            "stale-if-error-cc-request-expired",
            control("max-age=0"),
            forwarded().status(500).gets(500).asks("cache-control", "stale-if-error=1")),
        of("stale-503", control("max-age=2"), forwarded().status(503).gets(503)),
        of(
            "stale-close-must-revalidate",
            control("max-age=2, must-revalidate, stale-if-error=100"),
            forwarded().status(503).gets(503)),
        of(
            "stale-close-no-cache",
            first("cache-control", "max-age=2, no-cache, stale-if-error=100", "etag", "\"a\""),
            forwarded().status(503).gets(503)));
  }

  private static Step varies(String vary) {
    return first(
        "cache-control", "max-age=5000", "last-modified", "@-3000", "date", "@0", "vary", vary);
  }

  static Stream<Case> variants() {
    return Stream.of(
        of("vary-match", varies("Foo").asks("foo", "1"), answered().asks("foo", "1")),
        of("vary-no-match", varies("Foo").asks("foo", "1"), forwarded().asks("foo", "2")),
        of("vary-omit-stored", varies("Foo"), forwarded().asks("foo", "1")),
        of("vary-omit", varies("Foo").asks("foo", "1"), forwarded()),
        of(
            "vary-invalidate",
            varies("Foo").asks("foo", "1"),
            forwarded().asks("foo", "2").says("cache-control", "max-age=5000", "vary", "foo"),
            answered().asks("foo", "1")),
        of(
            "vary-cache-key",
            varies("Foo").asks("foo", "1", "other", "2"),
            answered().asks("foo", "1", "other", "3")),
        of(
            "vary-2-match",
            varies("Foo, Bar").asks("foo", "1", "bar", "abc"),
            answered().asks("foo", "1", "bar", "abc")),
        of(
            "vary-2-no-match",
            varies("Foo, Bar").asks("foo", "1", "bar", "abc"),
            forwarded().asks("foo", "2", "bar", "abc")),
        of("vary-2-match-omit", varies("Foo, Bar").asks("foo", "1", "bar", "abc"), forwarded()),
        of(
            "vary-3-match",
            varies("Foo, Bar, Baz").asks("foo", "1", "bar", "abc", "baz", "789"),
            answered().asks("foo", "1", "bar", "abc", "baz", "789")),
        of(
            "vary-3-no-match",
            varies("Foo, Bar, Baz").asks("foo", "1", "bar", "abc", "baz", "789"),
            forwarded().asks("foo", "2", "bar", "abc", "baz", "789")),
        of(
            "vary-3-order",
            varies("Foo, Bar, Baz").asks("foo", "1", "bar", "abc", "baz", "789"),
            forwarded().asks("foo", "1", "baz", "789", "bar", "abcde")),
        of(
            "vary-3-omit",
            varies("Foo, Bar, Baz").asks("foo", "1", "baz", "789"),
            answered().asks("foo", "1", "baz", "789")),
        of("vary-star", varies("*").asks("foo", "1"), forwarded().asks("foo", "1")),
        of(
            "vary-normalise-combine",
            varies("Foo").asks("foo", "1, 2"),
            answered().asks("foo", "1", "foo", "2")),
        of(
            "vary-normalise-space",
            varies("Foo").asks("foo", "1,2"),
            answered().asks("foo", "1, 2")),
        of(
            "vary-normalise-lang-space",
            varies("Accept-Language").asks("accept-language", "en, de"),
            answered().asks("accept-language", "en ,   de")),
        of("vary-syntax-star", varies("*").asks("foo", "1"), forwarded().asks("foo", "1")),
        of("vary-syntax-star-star", varies("*, *").asks("foo", "1"), forwarded().asks("foo", "1")),
        of(
            "vary-syntax-star-star-lines",
            first("cache-control", "max-age=5000", "vary", "*", "vary", "*"),
            forwarded()),
        of("vary-syntax-star-foo", varies("*, foo").asks("foo", "1"), forwarded().asks("foo", "1")),
        of("vary-syntax-foo-star", varies("foo, *").asks("foo", "1"), forwarded().asks("foo", "1")),
        of("vary-syntax-empty-star", varies(", *").asks("foo", "1"), forwarded().asks("foo", "1")),
        of(
            "vary-syntax-empty-star-lines",
            first("cache-control", "max-age=5000", "vary", "", "vary", "*"),
            forwarded()),
        of("query-args-different", fresh().at("/?test=1"), forwarded().at("/?test=2")),
        of("query-args-same", fresh().at("/?test=1"), answered().at("/?test=1")),
        of("other-age-gen", fresh(), answered().shows("age", "3")),
        of(
            "other-age-update-max-age",
            first("cache-control", "max-age=3600", "age", "30"),
            answered().shows("age", "33")),
        of(
            "other-age-update-expires",
            first("expires", "@3600", "date", "@0", "age", "30"),
            answered().shows("age", "33")),
        of(
            "other-fresh-content-disposition-attachment",
            first("cache-control", "max-age=3600", "content-disposition", "attachment; filename=a"),
            answered()),
        of(
            "other-set-cookie",
            first("cache-control", "max-age=3600", "set-cookie", "a=b"),
            answered().hides("set-cookie")),
        of(
            "other-authorization",
            fresh().asks("authorization", "Basic Zm9vOmJhcg=="),
            forwarded().asks("authorization", "Basic Zm9vOmJhcg==")));
  }

  private static Case stores(String name, String value) {
    return of(
        "headers-store-" + name,
        first("date", "@0", "cache-control", "max-age=3600", name, value),
        answered().shows(name, value));
  }

  private static Case leavesOut(String name, String value) {
    return of(
        "headers-store-" + name,
        first("date", "@0", "cache-control", "max-age=3600", name, value),
        answered().hides(name));
  }

  /** Without what the server of these tests cannot send: Transfer-Encoding and lengths. */
  static Stream<Case> stored() {
    return Stream.of(
        stores("test-header", "a"),
        stores("x-test-header", "a"),
        stores("content-foo", "a"),
        stores("x-content-foo", "a"),
        stores("content-encoding", "a"),
        stores("content-location", "/bar"),
        stores("content-md5", "N7UdGUp1E+RbVvZSTy1R8g=="),
        stores("content-range", "a"),
        stores("content-security-policy", "default-src 'self' cdn.example.com"),
        stores("content-type", "text/plain;charset=utf-8"),
        stores("clear-site-data", "cookies"),
        stores("etag", "\"ghijkl\""),
        stores("expires", "Mon, 11 Jan 2038 11:11:11 GMT"),
        stores("public-key-pins", "a"),
        stores("x-frame-options", "sameorigin"),
        stores("x-xss-protection", "1; mode=block"),
        leavesOut("connection", "a"),
        leavesOut("keep-alive", "timeout=5"),
        leavesOut("proxy-authenticate", "a"),
        leavesOut("proxy-authentication-info", "a"),
        leavesOut("proxy-authorization", "a"),
        leavesOut("proxy-connection", "a"),
        leavesOut("te", "a"),
        leavesOut("upgrade", "a"),
        of(
            "headers-omit-headers-listed-in-Connection",
            first(
                "cache-control",
                "max-age=3600",
                "connection",
                "a, b",
                "a",
                "1",
                "b",
                "2",
                "c",
                "3"),
            answered().shows("c", "3").hides("a")));
  }

  static Stream<Case> invalidation() {
    List<Case> all = new ArrayList<>();
    for (String method : List.of("POST", "PUT", "DELETE", "M-SEARCH")) {
      all.add(of("invalidate-" + method, fresh(), first().method(method), forwarded()));
      all.add(
          of(
              "invalidate-" + method + "-failed",
              fresh(),
              first().method(method).status(500),
              answered()));
      all.add(
          of(
              "invalidate-" + method + "-location",
              fresh().at("/other"),
              first("location", "other").method(method),
              forwarded().at("/other")));
      all.add(
          of(
              "invalidate-" + method + "-cl",
              fresh().at("/other"),
              first("content-location", "/other").method(method),
              forwarded().at("/other")));
    }
    all.add(of("method-POST", fresh().method("POST"), forwarded().method("POST")));
    all.add(of("method-OPTIONS", fresh().method("OPTIONS"), forwarded().method("OPTIONS")));
    return all.stream();
  }

  static Stream<Case> validation() {
    List<Case> all = new ArrayList<>();
    all.add(
        of(
            "304-lm-use-stored-Test-Header",
            first("cache-control", "max-age=2", "last-modified", LONG_AGO, "test-header", "a"),
            byDate().says("last-modified", LONG_AGO).shows("test-header", "a")));
    String[][] updated = {
      {"test-header", "a", "b"},
      {"x-test-header", "a", "b"},
      {"content-foo", "a", "b"},
      {"x-content-foo", "a", "b"},
      {"cache-control", "max-age=1", "max-age=3600"},
      {"content-location", "/foo", "/bar"},
      {"content-security-policy", "default-src 'self'", "default-src *"},
      {"content-type", "text/plain", "text/plain;charset=utf-8"},
      {"expires", "Fri, 01 Jan 2038 01:01:01 GMT", "Mon, 11 Jan 2038 11:11:11 GMT"},
      {"x-frame-options", "deny", "sameorigin"}
    };
    for (String[] each : updated) {
      boolean own = each[0].equals("cache-control");
      String name = own ? "x-other" : "cache-control";
      String value = own ? "1" : "max-age=2";
      all.add(
          of(
              "304-etag-update-response-" + each[0],
              first("etag", "\"1\"", name, value, each[0], each[1]),
              byTag()
                  .says("etag", "\"1\"", name, value, each[0], each[2])
                  .shows(each[0], each[2])
                  .atOnce(),
              answered().shows(each[0], each[2])));
    }
    for (String kept : List.of("content-encoding", "content-range")) {
      all.add(
          of(
              "304-etag-update-response-" + kept,
              first("etag", "\"1\"", "cache-control", "max-age=2", kept, "a"),
              byTag()
                  .says("etag", "\"1\"", "cache-control", "max-age=2", kept, "b")
                  .shows(kept, "a")));
    }
    all.add(
        of(
            "304-etag-update-response-Content-Length",
            first("etag", "\"1\"", "cache-control", "max-age=2"),
            byTag().says("etag", "\"1\"", "content-length", "10").shows("content-length", "4")));

    all.add(
        of(
            "conditional-etag-strong-generate",
            first("cache-control", "max-age=2", "etag", "\"abcdef\""),
            byTag()));
    all.add(
        of(
            "conditional-etag-weak-generate-weak",
            first("cache-control", "max-age=2", "etag", "W/\"abcdef\""),
            byTag()));
    all.add(
        of(
            "conditional-etag-vary-headers",
            first("expires", "@1", "date", "@0", "etag", "\"abcdef\"", "vary", "Abc")
                .asks("abc", "123"),
            byTag().asks("abc", "123")));
    all.add(
        of(
            "conditional-etag-vary-headers-mismatch",
            first("expires", "@1", "date", "@0", "etag", "\"abcdef\"", "vary", "Abc")
                .asks("abc", "123"),
            forwarded().asks("abc", "456")));
    all.add(
        of(
            "head-200-retain",
            first("cache-control", "max-age=2", "etag", "\"1\"", "test-header", "a"),
            forwarded().method("HEAD").says("etag", "\"1\""),
            byTag().shows("test-header", "a")));
    all.add(
        of(
            "head-200-update",
            first("cache-control", "max-age=2", "etag", "\"1\"", "test-header", "a"),
            forwarded()
                .method("HEAD")
                .says("cache-control", "max-age=3600", "etag", "\"1\"", "test-header", "b"),
            answered().shows("test-header", "b")));
    all.add(
        of(
            "head-200-freshness-update",
            first("cache-control", "max-age=2", "etag", "\"1\""),
            forwarded().method("HEAD").says("cache-control", "max-age=3600", "etag", "\"1\""),
            answered()));
    all.add(
        of(
            "head-410-update",
            first("cache-control", "max-age=2", "etag", "\"1\"", "test-header", "a"),
            forwarded().method("HEAD").status(410).says("test-header", "b").gets(410),
            byTag().shows("test-header", "a")));
    return all.stream();
  }

  /** Where this cache does less than an optimal one; the guide says why. */
  static Stream<Case> otherwise() {
    return Stream.of(
        aged("parameter", answered(), "7200;foo=bar"),
        aged("numeric-parameter", answered(), "7200;foo=111"),
        of("other-cookie", fresh(), forwarded().asks("cookie", "a=b")),
        leavesOut("set-cookie", "a=c"),
        leavesOut("set-cookie2", "a=c"),
        of("pragma-request-no-cache", fresh(), forwarded().asks("pragma", "no-cache")),
        of(
            "conditional-lm-fresh",
            first("cache-control", "max-age=100000", "last-modified", LONG_AGO),
            byDate().asks("if-modified-since", LONG_AGO)),
        of(
            "partial-store-partial-reuse-partial",
            first("cache-control", "max-age=3600", "content-range", "bytes 4-9/10")
                .status(206)
                .asks("range", "bytes=-5"),
            forwarded().asks("range", "bytes=-5")),
        of("partial-store-complete-reuse-partial", fresh(), forwarded().asks("range", "bytes=0-1")),
        of(
            "vary-normalise-lang-order",
            varies("Accept-Language").asks("accept-language", "en, de"),
            forwarded().asks("accept-language", "de, en")),
        of(
            "freshness-expires-wrong-case-tz",
            first("expires", "Thu, 18 Aug 2050 02:01:18 gMT"),
            forwarded()),
        of(
            "304-etag-update-response-ETag",
            first("etag", "\"1\"", "cache-control", "max-age=2"),
            byTag().says("etag", "\"2\"", "cache-control", "max-age=2").shows("etag", "\"2\"")));
  }

  // ---- how a case is run

  @ParameterizedTest
  @MethodSource({
    "freshness",
    "ages",
    "heuristics",
    "directives",
    "variants",
    "stored",
    "invalidation",
    "validation",
    "otherwise"
  })
  void theCacheDoesWhatIsAskedOfIt(Case its) throws Exception {
    try (Simulation simulation = Simulation.seeded(1)) {
      List<Step> now = new ArrayList<>();
      List<Headers> seen = new ArrayList<>();
      simulation.origin("a.example", 80, visit -> serve(simulation, visit, now, seen));
      PoolOptions options =
          PoolOptions.DEFAULT.connection(
              ConnectionOptions.DEFAULT
                  .platform(simulation.platform())
                  .protocols(Protocol.HTTP_1_1));
      try (HttpCache cache = HttpCache.inMemory(1 << 20);
          Client client = Client.open(options).cache(cache)) {
        for (Step step : its.steps) {
          now.clear();
          now.add(step);
          seen.clear();
          Request request = Request.of(step.method, "/").headers(step.asks).body(step.body);
          Answer answer = client.send("http://a.example" + step.target, request);
          check(step, answer, List.copyOf(seen));
          simulation.settle();
          simulation.advance(step.pause);
        }
      }
    }
  }

  private static void serve(Simulation simulation, Visit visit, List<Step> now, List<Headers> seen)
      throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      Step step = now.getFirst();
      seen.add(asked.headers());
      Headers headers = Headers.EMPTY;
      for (int i = 0; i < step.says.length; i += 2) {
        String value = step.says[i + 1];
        if (value.startsWith("@")) {
          value =
              DATE.format(
                  simulation
                      .now()
                      .plusSeconds(Long.parseLong(value.substring(1)))
                      .atOffset(ZoneOffset.UTC));
        }
        headers = headers.with(step.says[i], value);
      }
      boolean confirms =
          step.does == Does.VALIDATE_BY_TAG && asked.headers().contains("if-none-match")
              || step.does == Does.VALIDATE_BY_DATE
                  && asked.headers().contains("if-modified-since");
      if (confirms) {
        visit.respond(304, headers, Bytes.EMPTY);
      } else {
        boolean bare = step.status == 204;
        visit.respond(step.status, headers, bare ? Bytes.EMPTY : Bytes.ofUtf8("body"));
      }
    }
  }

  private static void check(Step step, Answer answer, List<Headers> seen) {
    CacheStatus how = answer.cache().orElseThrow();
    String shown = how + " " + answer.headers() + " " + seen;
    switch (step.does) {
      case ANYTHING -> {}
      case ANSWER -> assertThat(seen).as(shown).isEmpty();
      case FORWARD -> {
        assertThat(seen).as(shown).hasSize(1);
        assertThat(how.hit()).isFalse();
      }
      case VALIDATE_BY_TAG ->
          assertThat(seen.getFirst().contains("if-none-match")).as(shown).isTrue();
      case VALIDATE_BY_DATE ->
          assertThat(seen.getFirst().contains("if-modified-since")).as(shown).isTrue();
    }
    if (step.expected > 0) {
      assertThat(answer.status()).as(shown).isEqualTo(step.expected);
    }
    for (int i = 0; i < step.shows.length; i += 2) {
      assertThat(answer.headers().all(step.shows[i])).as(shown).containsExactly(step.shows[i + 1]);
    }
    if (!step.hidden.isEmpty()) {
      assertThat(answer.headers().contains(step.hidden)).as(shown).isFalse();
    }
  }
}
