package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.client.Client;
import dev.lariat.client.HttpCache;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.CacheInfo;
import dev.lariat.event.CacheStatus;
import dev.lariat.event.CacheStatus.Detail;
import dev.lariat.event.CacheStatus.Forwarded;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.CacheOptions;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client with a cache, in a simulated network. */
@Timeout(30)
class CacheTest {
  private static final String URL = "http://a.example/x";
  private static final Request GET = Request.of("GET", "/");
  private static final Headers FRESH = Headers.of("cache-control", "max-age=60");

  @TempDir Path folder;

  private final Simulation simulation = Simulation.seeded(1);
  private ConnectionOptions connection =
      ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(Protocol.HTTP_1_1);
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpCache cache = HttpCache.inMemory(1 << 20);

  @AfterEach
  void close() {
    simulation.close();
    cache.close();
  }

  private interface Server {
    void answer(Visit visit, Asked asked, int number) throws Exception;
  }

  private void origin(Server server) {
    simulation.origin(
        "a.example",
        80,
        visit -> {
          for (Asked request = visit.request(); request != null; request = visit.request()) {
            server.answer(visit, request, asked.incrementAndGet());
          }
        });
  }

  /** Answers with the number of the request, and these headers. */
  private void counts(Headers headers) {
    origin((visit, request, number) -> visit.respond(200, headers, Bytes.ofUtf8("" + number)));
  }

  private Client client() {
    return Client.open(PoolOptions.DEFAULT.connection(connection)).cache(cache);
  }

  private static CacheStatus how(Answer answer) {
    return answer.cache().orElseThrow();
  }

  private static Request wants(String directive) {
    return GET.header("cache-control", directive);
  }

  // ---- what the user sees

  @Test
  void aFreshResponseIsNotAskedForAgain() {
    counts(FRESH);
    try (Client client = client()) {
      Answer first = client.get(URL);
      assertThat(how(first).forwarded()).contains(Forwarded.URI_MISS);
      assertThat(how(first).stored()).isTrue();
      assertThat(how(first).ttl().orElseThrow())
          .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
      simulation.advance(Duration.ofSeconds(10));
      Answer second = client.get(URL);
      assertThat(second.text()).isEqualTo("1");
      assertThat(second.headers().first("age")).contains("10");
      assertThat(how(second)).hasToString("Lariat; hit; ttl=49");
      Answer head = client.head(URL);
      assertThat(how(head).hit()).isTrue();
      assertThat(head.body().isEmpty()).isTrue();
      assertThat(asked).hasValue(1);
      assertThat(cache.info())
          .extracting(CacheInfo::hits, CacheInfo::misses, CacheInfo::entries)
          .containsExactly(2L, 1L, 1L);
      assertThat(cache.toString()).doesNotContain("\n").contains("1 entries", "2 hits");
    }
  }

  @Test
  void withoutACacheAnAnswerSaysNothingOfOne() {
    counts(FRESH);
    try (Client client = Client.open(PoolOptions.DEFAULT.connection(connection))) {
      assertThat(client.get(URL).cache()).isEmpty();
      assertThat(client.get(URL).text()).isEqualTo("2");
    }
  }

  @Test
  void aStaleResponseIsValidated() {
    origin(
        (visit, request, number) -> {
          Headers headers = Headers.of("cache-control", "max-age=10", "etag", "\"1\"");
          if (request.headers().first("if-none-match").equals(java.util.Optional.of("\"1\""))) {
            visit.respond(304, headers.with("x-number", "" + number), Bytes.EMPTY);
          } else {
            visit.respond(200, headers, Bytes.ofUtf8("whole"));
          }
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      Answer answer = client.get(URL);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("whole");
      assertThat(answer.headers().first("x-number")).contains("2");
      assertThat(how(answer)).hasToString("Lariat; fwd=stale; fwd-status=304; ttl=9; stored");
      assertThat(how(answer).validated()).isTrue();
      assertThat(how(client.get(URL)).hit()).isTrue();
    }
  }

  @Test
  void aNewerResponseReplacesTheStaleOne() {
    counts(Headers.of("cache-control", "max-age=10", "etag", "\"1\""));
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      assertThat(client.get(URL).text()).isEqualTo("2");
      assertThat(client.get(URL).text()).isEqualTo("2");
      assertThat(cache.info().entries()).isEqualTo(1);
    }
  }

  @Test
  void aConfirmationOfAnotherResponseIsNotBelieved() {
    origin(
        (visit, request, number) -> {
          if (request.headers().contains("if-none-match")) {
            visit.respond(304, Headers.of("etag", "\"other\""), Bytes.EMPTY);
          } else {
            Headers headers = Headers.of("cache-control", "max-age=10", "etag", "\"1\"");
            visit.respond(200, headers, Bytes.ofUtf8("" + number));
          }
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      assertThat(client.get(URL).text()).isEqualTo("3"); // the second was the 304
    }
  }

  @Test
  void aRequestThatMayNotBeSentGetsA504() {
    counts(FRESH);
    try (Client client = client()) {
      Answer none = client.send(URL, wants("only-if-cached"));
      assertThat(none.status()).isEqualTo(504);
      assertThat(how(none).detail()).contains(Detail.ONLY_IF_CACHED);
      assertThat(client.send(URL, wants("only-if-cached").header("range", "bytes=0-1")).status())
          .isEqualTo(504);
      assertThat(asked).hasValue(0);
      client.get(URL);
      assertThat(client.send(URL, wants("only-if-cached")).text()).isEqualTo("1");
    }
  }

  // ---- failures

  @Test
  void anErrorOfTheServerLeavesTheStaleResponse() {
    origin(
        (visit, request, number) -> {
          Headers headers = Headers.of("cache-control", "max-age=10, stale-if-error=100");
          visit.respond(number == 1 ? 200 : 503, headers, Bytes.ofUtf8("" + number));
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      Answer answer = client.get(URL);
      assertThat(answer.text()).isEqualTo("1");
      assertThat(how(answer).stale()).isTrue();
      assertThat(how(answer))
          .hasToString("Lariat; fwd=stale; fwd-status=503; ttl=-11; detail=stale-if-error");
      assertThat(cache.info().rescued()).isEqualTo(1);
      simulation.advance(Duration.ofSeconds(100));
      assertThat(client.get(URL).status()).isEqualTo(503);
    }
  }

  @Test
  void aServerThatCannotBeReachedLeavesTheStaleResponse() {
    simulation.origin(
        "a.example",
        80,
        visit -> {
          visit.request();
          Headers headers =
              Headers.of("cache-control", "max-age=10, stale-if-error=100", "connection", "close");
          visit.respond(200, headers, Bytes.ofUtf8("1"));
        },
        Visit::reset);
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      Answer answer = client.get(URL);
      assertThat(answer.text()).isEqualTo("1");
      assertThat(how(answer)).hasToString("Lariat; fwd=stale; ttl=-11; detail=stale-if-error");
      simulation.advance(Duration.ofSeconds(100));
      assertThat(catchThrowableOfType(FailedException.class, () -> client.get(URL)).reason())
          .isInstanceOfAny(Reason.Unanswered.class, Reason.Unprocessed.class);
    }
  }

  @Test
  void aBodyThatIsCutOffIsNotStored() {
    origin(
        (visit, request, number) -> {
          if (number == 1) {
            visit.begin(200, FRESH, 10).write("01234");
            visit.reset();
          } else {
            visit.respond(200, FRESH, Bytes.ofUtf8("0123456789"));
          }
        });
    try (Client client = client()) {
      assertThat(catchThrowableOfType(FailedException.class, () -> client.get(URL))).isNotNull();
      assertThat(cache.info().entries()).isZero();
      assertThat(client.get(URL).text()).isEqualTo("0123456789");
    }
  }

  // ---- many threads

  @Test
  void oneValidationServesAllThatWait() throws Exception {
    origin(
        (visit, request, number) -> {
          visit.pause(Duration.ofMillis(number == 1 ? 0 : 500));
          visit.respond(200, Headers.of("cache-control", "max-age=10"), Bytes.ofUtf8("" + number));
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      AtomicInteger collapsed = new AtomicInteger();
      Together.run(
          simulation,
          20,
          number -> {
            Answer answer = client.get(URL);
            assertThat(answer.text()).isEqualTo("2");
            collapsed.addAndGet(how(answer).collapsed() ? 1 : 0);
          });
      assertThat(asked).hasValue(2);
      assertThat(collapsed).hasValue(19);
    }
  }

  @Test
  void whoWaitsForAValidationThatFailsAsksForItself() throws Exception {
    origin(
        (visit, request, number) -> {
          if (number == 1) {
            visit.respond(200, Headers.of("cache-control", "max-age=10"), Bytes.ofUtf8("1"));
          } else if (number == 2) {
            visit.pause(Duration.ofMillis(500));
            visit.respond(200, Headers.of("cache-control", "no-store"), Bytes.ofUtf8("2"));
          } else {
            visit.respond(200, FRESH, Bytes.ofUtf8("" + number));
          }
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      List<String> texts = java.util.Collections.synchronizedList(new ArrayList<>());
      Together.run(simulation, 4, number -> texts.add(client.get(URL).text()));
      assertThat(texts).containsOnlyOnce("2").doesNotContain("1");
    }
  }

  @Test
  void aStaleResponseIsValidatedInTheBackgroundOnce() throws Exception {
    origin(
        (visit, request, number) -> {
          visit.pause(Duration.ofMillis(number == 1 ? 0 : 500));
          Headers headers = Headers.of("cache-control", "max-age=10, stale-while-revalidate=60");
          visit.respond(200, headers, Bytes.ofUtf8("" + number));
        });
    try (Client client = client()) {
      client.get(URL);
      simulation.advance(Duration.ofSeconds(20));
      Together.run(
          simulation,
          10,
          number -> {
            Answer answer = client.get(URL);
            assertThat(answer.text()).isEqualTo("1");
            assertThat(how(answer).detail()).contains(Detail.STALE_WHILE_REVALIDATE);
          });
      simulation.settle();
      simulation.advance(Duration.ofSeconds(1));
      simulation.settle();
      Answer answer = client.get(URL);
      assertThat(answer.text()).isEqualTo("2");
      assertThat(how(answer).stale()).isFalse();
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void whatIsOnItsWayWhenItIsInvalidatedIsNotStored() throws Exception {
    CompletableFuture<Boolean> begun = new CompletableFuture<>();
    CompletableFuture<Boolean> changed = new CompletableFuture<>();
    simulation.origin(
        "a.example",
        80,
        visit -> {
          for (Asked request = visit.request(); request != null; request = visit.request()) {
            if (request.method().equals("POST")) {
              visit.respond(204);
            } else {
              begun.complete(true);
              simulation.await(changed);
              visit.respond(200, FRESH, Bytes.ofUtf8("old"));
            }
          }
        });
    try (Client client = client()) {
      CompletableFuture<Answer> slow = client.sendAsync(URL, GET);
      simulation.await(begun);
      client.post(URL, "text/plain", Bytes.ofUtf8("new"));
      changed.complete(true);
      Answer answer = simulation.await(slow);
      assertThat(how(answer).stored()).isFalse();
      assertThat(cache.info().entries()).isZero();
    }
  }

  // ---- who may get what

  @Test
  void whatNeedsCredentialsIsNotStored() {
    counts(FRESH);
    try (Client client = client()) {
      Request secret = GET.header("authorization", "Bearer abc");
      assertThat(how(client.send(URL, secret)).forwarded()).contains(Forwarded.BYPASS);
      client.send(URL, secret);
      Client knows = client.credentials("http://a.example", Credentials.of("user", "password"));
      assertThat(how(knows.get(URL)).forwarded()).contains(Forwarded.BYPASS);
      Request own = GET.credentials(Credentials.bearer("abc"));
      assertThat(how(client.send(URL, own)).forwarded()).contains(Forwarded.BYPASS);
      assertThat(asked).hasValue(4);
      assertThat(cache.info().entries()).isZero();
    }
  }

  @Test
  void ifItIsAllowedEachUserHasAnOwnResponse() {
    counts(FRESH);
    try (HttpCache all = HttpCache.inMemory(CacheOptions.DEFAULT.authorization(true));
        Client client = client().cache(all)) {
      Request one = GET.header("authorization", "Bearer abc");
      Request two = GET.header("authorization", "Bearer abd");
      assertThat(client.send(URL, one).text()).isEqualTo("1");
      assertThat(client.send(URL, two).text()).isEqualTo("2");
      assertThat(client.send(URL, GET).text()).isEqualTo("3");
      assertThat(client.send(URL, one).text()).isEqualTo("1");
      Client knows = client.credentials("http://a.example", Credentials.of("user", "password"));
      assertThat(knows.get(URL).text()).isEqualTo("4");
      assertThat(knows.get(URL).text()).isEqualTo("4");
      Client other = client.credentials("http://a.example", Credentials.of("user", "wrong"));
      assertThat(other.get(URL).text()).isEqualTo("5");
    }
  }

  @Test
  void aCookieOfTheCallerTellsUsersApart() {
    counts(FRESH);
    try (Client client = client()) {
      assertThat(client.send(URL, GET.header("cookie", "user=1")).text()).isEqualTo("1");
      assertThat(client.send(URL, GET.header("cookie", "user=2")).text()).isEqualTo("2");
      assertThat(client.send(URL, GET.header("cookie", "user=1")).text()).isEqualTo("1");
    }
  }

  @Test
  void cookiesOfTheStoreAreAppliedOnceAndVaryingByThemIsNotStored() {
    CookieJar jar = CookieJar.create();
    connection = connection.cookies(jar);
    origin(
        (visit, request, number) -> {
          Headers headers = FRESH.with("set-cookie", "n=" + number);
          boolean varies = request.target().equals("/varies");
          visit.respond(
              200, varies ? headers.with("vary", "cookie") : headers, Bytes.ofUtf8("" + number));
        });
    try (Client client = client()) {
      assertThat(client.get(URL).headers().first("set-cookie")).contains("n=1");
      jar.remove(cookie -> true);
      Answer stored = client.get(URL);
      assertThat(how(stored).hit()).isTrue();
      assertThat(stored.headers().contains("set-cookie")).isFalse();
      assertThat(jar.all()).isEmpty();
      client.get("http://a.example/varies");
      assertThat(client.get("http://a.example/varies").text()).isEqualTo("3");
    }
  }

  @Test
  void anotherHostOnTheSameServerIsAnotherMatter() {
    counts(FRESH);
    try (Client client = client()) {
      assertThat(client.get(URL).text()).isEqualTo("1");
      assertThat(client.send(URL, GET.header("host", "b.example")).text()).isEqualTo("2");
      assertThat(client.get(URL).text()).isEqualTo("1");
    }
  }

  // ---- bodies

  @Test
  void aDecompressedBodyAndACompressedOneAreTwoResponses() throws Exception {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write("unzipped".getBytes(StandardCharsets.UTF_8));
    }
    Headers headers = FRESH.with("content-encoding", "gzip").with("vary", "accept-encoding");
    origin(
        (visit, request, number) -> visit.respond(200, headers, Bytes.wrap(zipped.toByteArray())));
    try (Client client = client()) {
      Request decoded = GET.content(Content.DECOMPRESSED);
      Request own = GET.header("accept-encoding", "gzip");
      for (int i = 0; i < 2; i++) {
        assertThat(client.send(URL, decoded).text()).isEqualTo("unzipped");
        Answer raw = client.send(URL, own);
        assertThat(raw.body()).isEqualTo(Bytes.wrap(zipped.toByteArray()));
        assertThat(raw.headers().first("content-encoding")).contains("gzip");
      }
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void whatIsTooLargeIsNotStoredAndWhatIsOldMakesRoom() {
    Bytes kilobyte = Bytes.wrap(new byte[1024]);
    origin(
        (visit, request, number) -> {
          boolean large = request.target().equals("/large");
          visit.respond(200, FRESH, large ? Bytes.wrap(new byte[5000]) : kilobyte);
        });
    CacheOptions options = CacheOptions.DEFAULT.total(5000).entry(4000);
    try (HttpCache small = HttpCache.inMemory(options);
        Client client = client().cache(small)) {
      assertThat(how(client.get("http://a.example/large")).stored()).isFalse();
      for (int i = 0; i < 10; i++) {
        client.get("http://a.example/" + i);
        client.get("http://a.example/0"); // stays, since it is used
      }
      assertThat(small.info().bytes()).isLessThanOrEqualTo(5000);
      assertThat(small.info().evicted()).isPositive();
      assertThat(how(client.get("http://a.example/0")).hit()).isTrue();
      assertThat(how(client.get("http://a.example/1")).hit()).isFalse();
    }
  }

  @Test
  void aServerThatVariesByEverythingDoesNotFillTheCache() {
    counts(FRESH.with("vary", "x-request"));
    try (Client client = client()) {
      for (int i = 0; i < 100; i++) {
        client.send(URL, GET.header("x-request", "" + i));
      }
      assertThat(cache.info().entries()).isEqualTo(16);
    }
  }

  // ---- what belongs together

  @Test
  void aStoredRedirectIsFollowedWithoutTheServer() {
    origin(
        (visit, request, number) -> {
          if (request.target().equals("/x")) {
            visit.respond(301, FRESH.with("location", "/y"), Bytes.EMPTY);
          } else {
            visit.respond(200, FRESH, Bytes.ofUtf8("there"));
          }
        });
    try (Client client = client().redirects(Redirects.DEFAULT)) {
      client.get(URL);
      Answer again = client.get(URL);
      assertThat(again.text()).isEqualTo("there");
      assertThat(again.history()).hasSize(1);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aChangeThatIsSentPartByPartRemovesWhatIsStored() throws Exception {
    counts(FRESH);
    try (Client client = client();
        Mailbox mailbox = Mailbox.create()) {
      client.get(URL);
      client.request(URL, Request.of("DELETE", "/").replyTo(mailbox)).body(Duration.ofSeconds(1));
      assertThat(client.get(URL).text()).isEqualTo("3");
    }
  }

  @Test
  void theUserRemovesOneOrAll() {
    counts(FRESH);
    try (Client client = client()) {
      client.get(URL);
      client.get("http://a.example/y");
      cache.remove(URL);
      assertThat(client.get(URL).text()).isEqualTo("3");
      assertThat(client.get("http://a.example/y").text()).isEqualTo("2");
      cache.clear();
      assertThat(cache.info().entries()).isZero();
      assertThat(client.get("http://a.example/y").text()).isEqualTo("4");
      assertThatIllegalArgumentException().isThrownBy(() -> cache.remove("/no-host"));
    }
  }

  @Test
  void aClosedCacheIsAsNone() {
    counts(FRESH);
    try (Client client = client()) {
      client.get(URL);
      cache.close();
      assertThat(client.get(URL).text()).isEqualTo("2");
      assertThat(client.get(URL).text()).isEqualTo("3");
    }
  }

  @Test
  void aCallerOnOneConnectionHasACacheToo() {
    counts(Headers.of("cache-control", "max-age=10, stale-while-revalidate=60"));
    try (Mailbox mailbox = Mailbox.create();
        var one = Lariat.open("a.example", 80, connection, mailbox)) {
      Caller caller = Caller.on(one).cache(cache);
      Duration soon = Duration.ofSeconds(5);
      assertThat(caller.get("/x", soon).text()).isEqualTo("1");
      assertThat(caller.get("/x", soon).text()).isEqualTo("1");
      simulation.advance(Duration.ofSeconds(20));
      assertThat(caller.get("/x", soon).text()).isEqualTo("1");
      simulation.settle();
      simulation.advance(Duration.ofSeconds(1));
      simulation.settle();
      assertThat(caller.get("/x", soon).text()).isEqualTo("2");
    }
  }

  @Test
  void aFolderServesTheNextProcess() throws IOException {
    counts(FRESH.with("vary", "accept-language"));
    Request english = GET.header("accept-language", "en");
    try (HttpCache first = HttpCache.inFolder(folder, 1 << 20);
        Client client = client().cache(first)) {
      client.send(URL, english);
      assertThat(client.send(URL, english).text()).isEqualTo("1");
    }
    simulation.advance(Duration.ofSeconds(30));
    try (HttpCache second = HttpCache.inFolder(folder, 1 << 20);
        Client client = client().cache(second)) {
      Answer answer = client.send(URL, english);
      assertThat(answer.text()).isEqualTo("1");
      assertThat(answer.headers().first("age")).contains("30");
      assertThat(how(client.get(URL)).forwarded()).contains(Forwarded.VARY_MISS);
    }
  }
}
