package dev.lariat.cookie.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.SameSite;
import dev.lariat.option.CookieLimits;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CookieJarTest {
  private static final String PLAIN = "http://www.example.com/";
  private static final String TLS = "https://www.example.com/";

  private Instant now = Instant.parse("2027-01-01T00:00:00Z");
  private CookieJar jar = CookieJar.create(CookieLimits.DEFAULT, () -> now);

  private static RequestUri uri(String uri) {
    return RequestUri.of(URI.create(uri));
  }

  private void set(String uri, String... headers) {
    for (String header : headers) {
      assertThat(jar.set(header, uri(uri))).as(header).isTrue();
    }
  }

  private List<String> sent(String uri) {
    return jar.cookies(uri(uri)).stream().map(Cookie::pair).toList();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private void holdAtMost(int perDomain, int total) {
    jar = CookieJar.create(new CookieLimits(perDomain, total), () -> now);
  }

  // ---- what goes with a request

  @Test
  void aCookieGoesBackToWhereItCameFrom() {
    set("http://example.com/a/b", "host=1", "folder=2; Domain=example.com", "root=3; Path=/");
    assertThat(sent("http://example.com/a/c?d")).containsExactly("host=1", "folder=2", "root=3");
    assertThat(sent("http://www.example.com/a")).containsExactly("folder=2");
    assertThat(sent("http://example.com/")).containsExactly("root=3");
    assertThat(sent("http://EXAMPLE.com:8080/b")).containsExactly("root=3");
    assertThat(sent("http://example.org/a")).isEmpty();
    assertThat(sent("http://com/a")).isEmpty();
  }

  @Test
  void aSecureCookieGoesWithTlsAlone() {
    set(TLS, "a=1; Secure", "b=2");
    assertThat(sent(TLS)).containsExactly("a=1", "b=2");
    assertThat(sent(PLAIN)).containsExactly("b=2");
  }

  @Test
  void longerPathsStandFirstThenEarlierCookies() {
    set("http://h.example.com/", "late=1; Path=/");
    pass(Duration.ofSeconds(1));
    set(
        "http://h.example.com/",
        "deep=2; Path=/a/b",
        "wide=3; Domain=example.com; Path=/",
        "mid=4; Path=/a");
    pass(Duration.ofSeconds(1));
    set("http://h.example.com/", "late=5; Path=/");
    assertThat(sent("http://h.example.com/a/b"))
        .containsExactly("deep=2", "mid=4", "late=5", "wide=3");
  }

  @Test
  void aNewCookieOfTheSameNameDomainAndPathTakesThePlaceOfTheOld() {
    set(TLS, "a=1; Path=/");
    Instant created = now;
    pass(Duration.ofSeconds(5));
    set(TLS, "a=2; Path=/; Secure");
    assertThat(jar.all()).hasSize(1);
    assertThat(jar.all().getFirst().created()).isEqualTo(created);
    assertThat(sent(TLS)).containsExactly("a=2");
    assertThat(sent(PLAIN)).isEmpty();
  }

  @Test
  void cookiesOfOtherNamesPathsAndDomainsStandBesideIt() {
    set(
        PLAIN,
        "a=1; Path=/",
        "A=2; Path=/",
        "a=3; Path=/x",
        "a=4; Path=/; Domain=www.example.com", // not of the host alone
        "a=5; Path=/; Domain=example.com",
        "6");
    assertThat(sent(PLAIN + "x")).containsExactly("a=3", "a=1", "A=2", "a=4", "a=5", "6");
  }

  // ---- time

  @Test
  void anExpiredCookieIsGoneWithoutAnybodysHelp() {
    set(PLAIN, "a=1; Max-Age=10", "b=2");
    pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(sent(PLAIN)).containsExactly("a=1", "b=2");
    pass(Duration.ofNanos(1));
    assertThat(sent(PLAIN)).containsExactly("b=2");
    assertThat(jar.all()).extracting(Cookie::name).containsExactly("b");
  }

  @Test
  void aServerTakesItsCookieBack() {
    set(PLAIN, "a=1", "b=2", "c=3");
    set(PLAIN, "a=; Max-Age=0", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "x=; Max-Age=-1");
    assertThat(sent(PLAIN)).containsExactly("c=3");
  }

  @Test
  void whatComesAfterAnExpiredCookieIsNew() {
    set(PLAIN, "a=1; Max-Age=1");
    pass(Duration.ofSeconds(2));
    set(PLAIN, "a=2");
    assertThat(jar.all().getFirst().created()).isEqualTo(now);
  }

  @Test
  void noCookieLivesLongerThan400Days() {
    set(PLAIN, "a=1; Max-Age=99999999999");
    pass(Duration.ofDays(400));
    assertThat(sent(PLAIN)).isEmpty();
  }

  @Test
  void theEndOfASessionLeavesWhatHasATime() {
    set(PLAIN, "a=1", "b=2; Max-Age=10");
    jar.endSession();
    assertThat(sent(PLAIN)).containsExactly("b=2");
  }

  // ---- secure cookies are left alone

  @Test
  void withoutTlsNoSecureCookieIsReplacedOrHidden() {
    set(TLS, "a=1; Secure; Path=/login; Domain=example.com");
    for (String header :
        List.of(
            "a=2; Path=/login; Domain=example.com", "a=2; Path=/login/en", "a=2; Path=/login")) {
      jar.set(header, uri(PLAIN));
      jar.set(header, uri("http://example.com/"));
    }
    assertThat(sent(TLS + "login/en")).containsExactly("a=1");
    set(PLAIN, "a=3; Path=/", "b=4; Path=/login");
    assertThat(sent(TLS + "login")).containsExactly("a=1", "b=4", "a=3");
    set(TLS, "a=5; Path=/login; Domain=example.com");
    assertThat(sent(PLAIN + "login")).containsExactly("a=5", "b=4", "a=3");
  }

  @Test
  void aSecureCookieOfAHostBeneathIsLeftAloneToo() {
    set("https://deep.example.com/", "a=1; Secure");
    jar.set("a=2; Domain=example.com", uri(PLAIN));
    assertThat(jar.all()).hasSize(1);
    jar.set("a=2", uri("http://other.example.com/"));
    assertThat(jar.all()).hasSize(2);
  }

  @Test
  void settingSaysWhetherTheCookieMayBeSet() {
    RequestUri tls = RequestUri.of(URI.create("https://example.com/"));
    RequestUri plain = RequestUri.of(URI.create("http://example.com/"));
    assertThat(jar.set("a=1; Secure", tls)).isTrue();
    assertThat(jar.set("a=1; Secure", plain)).isFalse();
    assertThat(jar.set("a=2", plain)).isFalse();
    assertThat(jar.set("b=2; Max-Age=0", plain)).isTrue();
    assertThat(jar.all()).extracting(Cookie::value).containsExactly("1");
  }

  @Test
  void aSecureCookieThatHasExpiredHidesNothing() {
    set(TLS, "a=1; Secure; Max-Age=1");
    pass(Duration.ofSeconds(1));
    set(PLAIN, "a=2");
    assertThat(sent(PLAIN)).containsExactly("a=2");
  }

  // ---- limits

  @Test
  void ofADomainTheCookieUsedLongestAgoGivesWay() {
    holdAtMost(3, 100);
    set(PLAIN, "a=1; Path=/a", "b=2", "c=3");
    assertThat(sent(PLAIN + "a")).hasSize(3);
    set(PLAIN, "b=4"); // a was used before c, which was used before b
    assertThat(jar.cookies(uri(PLAIN))).hasSize(2);
    set(PLAIN, "d=5");
    assertThat(sent(PLAIN + "a")).containsExactlyInAnyOrder("b=4", "c=3", "d=5");
    set("http://example.com/", "e=6");
    assertThat(jar.all()).hasSize(4);
  }

  @Test
  void thoseThatNeedNoTlsGiveWayFirst() {
    holdAtMost(2, 100);
    set(TLS, "a=1; Secure", "b=2", "c=3; Secure");
    assertThat(sent(TLS)).containsExactly("a=1", "c=3");
    set(TLS, "d=4");
    assertThat(sent(TLS)).containsExactly("a=1", "c=3");
    set(TLS, "e=5; Secure");
    assertThat(sent(TLS)).containsExactly("c=3", "e=5");
  }

  @Test
  void thoseThatHaveExpiredGiveWayBeforeAll() {
    holdAtMost(2, 100);
    set(TLS, "a=1; Secure; Max-Age=1", "b=2");
    pass(Duration.ofSeconds(1));
    set(TLS, "c=3");
    assertThat(sent(TLS)).containsExactly("b=2", "c=3");
  }

  @Test
  void ofAllDomainsTheCookieUsedLongestAgoGivesWay() {
    holdAtMost(10, 3);
    set("http://a.example.com/", "a=1");
    set("http://b.example.com/", "b=2");
    set("http://c.example.com/", "c=3");
    assertThat(sent("http://a.example.com/")).hasSize(1);
    set("http://d.example.com/", "d=4");
    assertThat(jar.all()).extracting(Cookie::name).containsExactly("a", "c", "d");
  }

  @Test
  void aServerThatSetsNoEndOfCookiesFillsNothing() {
    for (int i = 0; i < 5000; i++) {
      jar.set("n" + i + "=1", uri("http://h" + i % 500 + ".example.com/"));
      jar.set("n" + i + "=1; Domain=example.com", uri("http://h.example.com/"));
    }
    assertThat(jar.all()).hasSize(3000);
    assertThat(jar.cookies(uri("http://h.example.com/"))).hasSize(180);
  }

  /** The limits at their largest: each cookie that comes would cost a look at all others. */
  @Test
  @Timeout(60)
  void theHundredThousandthCookieCostsNoMoreThanTheFirst() {
    holdAtMost(100_000, 10_000_000);
    RequestUri plain = uri(PLAIN);
    RequestUri secure = uri(TLS);
    for (int i = 0; i < 150_000; i++) {
      jar.set("n" + i + "=1; Max-Age=1000; Path=/" + i % 100, plain);
      jar.set("s" + i + "=1; Secure; Path=/" + i % 100, secure);
    }
    assertThat(jar.all()).hasSize(100_000).allMatch(Cookie::secure);
    assertThat(jar.cookies(uri(TLS + "7"))).hasSize(1000);
  }

  /** Against a list of all cookies, which each question looks through. */
  @Property(tries = 300)
  void anIndexFindsWhatAListFinds(@ForAll long seed) {
    Random random = new Random(seed);
    CookieIndex index = new CookieIndex();
    List<Cookie> list = new ArrayList<>(); // those used longest ago first
    for (int i = 0; i < 200; i++) {
      now = now.plusSeconds(random.nextInt(3));
      Cookie cookie = any(random);
      switch (random.nextInt(5)) {
        case 0 -> {
          RequestUri uri = new RequestUri(random.nextBoolean(), oneOf(random, HOSTS), path(random));
          List<Cookie> found = index.cookies(uri, now);
          assertThat(found)
              .containsExactlyInAnyOrderElementsOf(
                  list.stream().filter(c -> c.matches(uri) && !c.expired(now)).toList());
          list.removeAll(found);
          list.addAll(found);
        }
        case 1 -> {
          boolean hides =
              list.stream()
                  .anyMatch(
                      other ->
                          other.secure()
                              && other.name().equals(cookie.name())
                              && (Cookie.domainMatches(other.domain(), cookie.domain())
                                  || Cookie.domainMatches(cookie.domain(), other.domain()))
                              && Cookie.pathMatches(cookie.path(), other.path())
                              && !other.expired(now));
          assertThat(index.wouldHide(cookie, now)).isEqualTo(hides);
        }
        case 2 -> {
          index.removeExpired(now);
          list.removeIf(other -> other.expired(now));
        }
        default -> {
          list.removeIf(other -> same(other, cookie));
          index.put(cookie, now);
          list.add(index.cookies().stream().filter(c -> same(c, cookie)).findFirst().orElseThrow());
        }
      }
      if (list.size() > 30) {
        index.removeLeast();
        list.removeFirst();
      }
      assertThat(index.cookies()).containsExactlyInAnyOrderElementsOf(list);
    }
    index.removeIf(cookie -> true);
    assertThat(index.size()).isZero();
    assertThat(index.wouldHide(any(random), now)).isFalse();
  }

  private static final List<String> HOSTS =
      List.of("com", "example.com", "www.example.com", "a.www.example.com", "other.com");

  private static boolean same(Cookie one, Cookie other) {
    return one.name().equals(other.name())
        && one.domain().equals(other.domain())
        && one.path().equals(other.path())
        && one.hostOnly() == other.hostOnly();
  }

  private Cookie any(Random random) {
    return new Cookie(
        "n" + random.nextInt(4),
        "",
        oneOf(random, HOSTS),
        path(random),
        random.nextBoolean() ? Optional.empty() : Optional.of(now.plusSeconds(random.nextInt(50))),
        now,
        random.nextBoolean(),
        random.nextBoolean(),
        false,
        SameSite.NONE);
  }

  private static String path(Random random) {
    return oneOf(random, List.of("/", "/a", "/a/", "/a//", "/a//b", "/a/b", "/a/b/", "/ab", "//"));
  }

  private static String oneOf(Random random, List<String> all) {
    return all.get(random.nextInt(all.size()));
  }

  // ---- a user's own

  @Test
  void aUserAddsAndForgetsCookies() {
    assertThat(jar.set("a=1; Domain=com", uri(PLAIN))).isFalse();
    set(PLAIN, "a=1", "b=2");
    Cookie kept = jar.all().getFirst();
    jar.remove(cookie -> cookie.name().equals("a"));
    assertThat(sent(PLAIN)).containsExactly("b=2");
    jar.add(kept);
    assertThat(sent(PLAIN)).containsExactlyInAnyOrder("a=1", "b=2");
    jar.remove(cookie -> true);
    assertThat(jar.all()).isEmpty();
  }

  @Test
  void theSystemsClockIsTheDefault() {
    Instant before = Instant.now();
    assertThat(CookieJar.create().now()).isBetween(before, Instant.now());
  }

  // ---- threads

  @Test
  void manyThreadsShareAJar() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done =
          IntStream.range(0, 4)
              .<Future<?>>mapToObj(
                  thread ->
                      threads.submit(
                          () -> {
                            for (int i = 0; i < 500; i++) {
                              jar.set("n" + i % 40 + "=" + thread, uri(PLAIN));
                              jar.cookies(uri(PLAIN));
                              jar.set("t" + thread + "=" + i, uri(TLS));
                            }
                          }))
              .toList();
      for (Future<?> each : done) {
        each.get();
      }
    }
    assertThat(jar.all()).hasSize(44);
    assertThat(sent(TLS)).contains("t0=499", "t1=499", "t2=499", "t3=499");
  }
}
