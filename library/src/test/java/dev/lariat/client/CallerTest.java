package dev.lariat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Origin;
import dev.lariat.World;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Http1;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls: a request, its answer, and what is asked for beyond. */
@Timeout(30)
class CallerTest {
  private static final Duration LONG = Origin.PATIENCE;
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final Origin origin =
      new Origin(
          ConnectionOptions.DEFAULT.http1(
              Http1.DEFAULT.pipelining(2).pipelinedMethods(Http1.Methods.ALL)));
  private final Origin elsewhere = new Origin();
  private final Clock clock = new Clock();
  private final Caller plain = new Caller(origin.connection, clock);
  private final Caller redirecting = plain.redirects(Redirects.DEFAULT);
  private final List<String> asked = new ArrayList<>(); // what the origins got
  private final List<String> went = new ArrayList<>(); // to which other origins

  @BeforeEach
  void connect() throws Exception {
    origin.connection.awaitUp(LONG);
    elsewhere.connection.awaitUp(LONG);
  }

  @AfterEach
  void close() {
    origin.close();
    elsewhere.close();
  }

  /** Time that passes by pauses only. */
  private static final class Clock implements Time {
    final List<Duration> pauses = new ArrayList<>();
    Runnable meanwhile = () -> {};
    private Duration passed = Duration.ZERO;

    @Override
    public long nanos() {
      return passed.toNanos();
    }

    @Override
    public Instant now() {
      return Instant.parse("2026-11-24T12:00:00Z").plus(passed);
    }

    @Override
    public void park(Object blocker, long nanos) {}

    @Override
    public void unpark(@Nullable Thread thread) {}

    @Override
    public void pause(Duration length) {
      pauses.add(length);
      passed = passed.plus(length);
      meanwhile.run();
    }
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void whatIsWrongIsNamedAtOnceWithWhatIsAllowed() {
    Request get = Request.of("GET", "/");
    refused(() -> Caller.on(null), "connection: null");
    refused(() -> plain.redirects(null), "redirects: null");
    refused(() -> plain.credentials(null), "credentials: null");
    refused(() -> plain.retry(null), "retry: null");
    refused(() -> plain.userAgent(null), "userAgent: null");
    refused(() -> plain.elsewhere(null), "elsewhere: null");
    refused(() -> plain.cache(null), "cache: null");
    refused(() -> plain.send(null, LONG), "request: null");
    refused(() -> plain.send(get, null), "timeout: null");
    refused(() -> plain.send(get, Duration.ZERO), "timeout: 0 s, allowed 1 ms to 365 days");
    refused(() -> HttpCache.inMemory(null), "options: null");
    refused(() -> HttpCache.inFolder(null, 1 << 20), "folder: null");
    refused(() -> origin.connection.awaitTermination(null), "timeout: null");
  }

  private static void refused(ThrowingCallable call, String what) {
    assertThatThrownBy(call)
        .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("allowed");
  }

  private static String status(int status, String... fields) {
    return "HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n" + lines(fields) + "\r\n";
  }

  private static String lines(String... fields) {
    StringBuilder lines = new StringBuilder();
    for (String field : fields) {
      lines.append(field).append("\r\n");
    }
    return lines.toString();
  }

  private static String request(Origin at) throws Exception {
    String text = at.text();
    while (!text.contains("\r\n\r\n")) {
      Thread.onSpinWait();
      text += at.text();
    }
    return text;
  }

  /**
   * What comes of a call whose requests are answered like this; from elsewhere, those with an @.
   */
  private CompletableFuture<Answer> play(Supplier<Answer> call, String... answers)
      throws Exception {
    CompletableFuture<Answer> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(call.get());
              } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
              }
            });
    for (String answer : answers) {
      Origin at = answer.startsWith("@") ? elsewhere : origin;
      asked.add(request(at));
      at.answer(answer.replaceFirst("^@", ""));
    }
    return result;
  }

  private static Reason failure(CompletableFuture<Answer> answer) throws Exception {
    Throwable thrown = answer.handle((a, t) -> t).get(20, TimeUnit.SECONDS);
    assertThat(thrown).isInstanceOf(FailedException.class);
    return ((FailedException) thrown).reason();
  }

  private Caller withOther(Caller caller) {
    return caller.elsewhere(
        uri -> {
          went.add(uri.toString());
          return elsewhere.connection;
        });
  }

  private Supplier<Answer> get(Caller caller, String path) {
    return () -> caller.get(path, LONG);
  }

  // ---- one request

  @Test
  void anAnswerHasItAll() throws Exception {
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n2\r\nok\r\n0\r\nC: d\r\n\r\n";
    Answer answer = play(get(plain, "/a?b"), chunked).get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().first("a")).hasValue("b");
    assertThat(answer.text()).isEqualTo("ok");
    assertThat(answer.trailers()).isEqualTo(Headers.of("c", "d"));
    assertThat(answer.uri()).isEqualTo("http://origin/a?b");
    assertThat(answer.history()).isEmpty();
  }

  @Test
  void aCallNamesTheLibraryUnlessTheRequestNamesAnother() throws Exception {
    assertThat(Caller.defaultUserAgent()).matches("lariat/[0-9]+\\.[0-9].*");
    play(get(plain, "/"), OK).get();
    play(get(plain.userAgent(Optional.of("radar/2")), "/"), OK).get();
    play(get(plain.userAgent(Optional.empty()), "/"), OK).get();
    Request own = Request.of("GET", "/").header("User-Agent", "own");
    play(() -> plain.send(own, LONG), OK).get();
    assertThat(asked.get(0)).containsOnlyOnce("user-agent: " + Caller.defaultUserAgent() + "\r\n");
    assertThat(asked.get(1)).containsOnlyOnce("user-agent: radar/2\r\n");
    assertThat(asked.get(2)).doesNotContain("user-agent");
    assertThat(asked.get(3)).containsOnlyOnce("user-agent:").contains("user-agent: own\r\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.userAgent(Optional.of("a\r\nb: c")));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 503})
  void nothingIsDoneUnasked(int status) throws Exception {
    String answer = status(status, "Location: /b", "WWW-Authenticate: Basic realm=a");
    assertThat(play(get(plain, "/"), answer).get().status()).isEqualTo(status);
  }

  @Test
  void manyThreadsCallAtOnce() throws Exception {
    CompletableFuture<Answer> first = play(get(plain, "/1"));
    String one = request(origin);
    CompletableFuture<Answer> second = play(get(plain, "/2"));
    origin.answer(OK);
    String two = request(origin);
    assertThat(one + two).contains("GET /1 ", "GET /2 ");
    origin.answer(OK.replace("ok", "OK"));
    assertThat(first.get().text() + second.get().text()).isEqualTo("okOK");
  }

  @Test
  void aReceiverOrACreditIsNotTheUsersToGive() {
    for (Request request :
        List.of(Request.of("GET", "/").replyTo(message -> {}), Request.of("GET", "/").credit(1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> plain.send(request, LONG))
          .withMessageContaining("allowed one without");
    }
  }

  @Test
  void theTimeIsThatOfTheCall() throws Exception {
    assertThat(failure(play(() -> plain.get("/", Duration.ofMillis(1)))))
        .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, Duration.ofMillis(1)));
  }

  @Test
  void theTimeOfTheRequestIsItsOwn() throws Exception {
    Request request = Request.of("GET", "/").timeout(Duration.ofMillis(1));
    assertThat(failure(play(() -> plain.send(request, LONG))))
        .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, Duration.ofMillis(1)));
  }

  // ---- redirects

  @ParameterizedTest
  @CsvSource({
    "GET,301,GET,true", "GET,302,GET,true", "GET,303,GET,true", "GET,307,GET,true",
    "GET,308,GET,true", "HEAD,303,HEAD,true", "HEAD,302,HEAD,true", "POST,301,GET,false",
    "POST,302,GET,false", "POST,303,GET,false", "POST,307,POST,true", "POST,308,POST,true",
    "PUT,301,PUT,true", "PUT,302,PUT,true", "PUT,303,GET,false", "PUT,307,PUT,true",
    "DELETE,303,GET,false", "PATCH,308,PATCH,true"
  })
  void rfc9110_154_aRedirectKeepsOrChangesTheMethod(
      String method, int status, String then, boolean keeps) throws Exception {
    Request request =
        Request.of(method, "/a")
            .header("Content-Type", "a/b")
            .header("Content-Digest", "md5=:eg==:")
            .header("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT")
            .header("X", "y")
            .body(method.startsWith("P") ? Bytes.ofUtf8("body") : Bytes.EMPTY);
    Answer answer =
        play(
                () -> redirecting.send(request, LONG),
                status(status, "Location: b?c"),
                then.equals("HEAD") ? status(200) : OK)
            .get();
    assertThat(answer.uri()).isEqualTo("http://origin/b?c");
    assertThat(asked.get(1)).startsWith(then + " /b?c HTTP/1.1\r\n").contains("x: y\r\n");
    for (String ofTheBody : List.of("content-type", "content-digest", "last-modified")) {
      assertThat(asked.get(1).contains(ofTheBody)).isEqualTo(keeps);
    }
    assertThat(asked.get(1).endsWith("body")).isEqualTo(keeps && method.startsWith("P"));
    assertThat(answer.history())
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.method()).isEqualTo(method);
              assertThat(step.uri()).isEqualTo("http://origin/a");
              assertThat(step.status()).isEqualTo(status);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 304, 305, 306})
  void otherStatusesAreNotFollowed(int status) throws Exception {
    assertThat(play(get(redirecting, "/"), status(status, "Location: /b")).get().status())
        .isEqualTo(status);
  }

  @Test
  void credentialsDoNotGoToAnotherOriginAndDoNotComeBack() throws Exception {
    Request request =
        Request.of("GET", "/a")
            .header("Authorization", "Basic eDp5")
            .header("Cookie", "a=b")
            .header("Proxy-Authorization", "z")
            .header("X", "y");
    Answer answer =
        play(
                () -> withOther(redirecting).send(request, LONG),
                status(302, "Location: http://other:81/b"),
                "@" + status(302, "Location: http://origin/c#d"),
                OK)
            .get();
    assertThat(went).containsExactly("http://other:81");
    assertThat(answer.uri()).isEqualTo("http://origin/c#d");
    assertThat(asked.get(0)).contains("authorization: Basic eDp5", "cookie: a=b", "x: y");
    for (String later : asked.subList(1, 3)) {
      assertThat(later).contains("x: y\r\n").doesNotContain("authorization", "cookie");
    }
  }

  @Test
  void credentialsStayWithinTheOrigin() throws Exception {
    play(
            () ->
                redirecting.send(
                    Request.of("GET", "/a").header("Authorization", "Basic eDp5"), LONG),
            status(302, "Location: http://ORIGIN:80/b"),
            OK)
        .get();
    assertThat(asked.get(1)).contains("authorization: Basic eDp5");
  }

  @Test
  void aRedirectToAnotherOriginCanBeRefused() throws Exception {
    Caller caller = plain.redirects(Redirects.DEFAULT.otherOrigins(false));
    assertThat(failure(play(get(caller, "/"), status(302, "Location: //other/"))))
        .isEqualTo(
            new Reason.RedirectRefused(
                "http://other/", "it leads to another origin (redirects.otherOrigins)"));
  }

  @Test
  void aRedirectFromHttpsToHttpIsRefusedUnlessItIsAllowed() throws Exception {
    String[] answers = {
      status(302, "Location: https://other/b"), "@" + status(302, "Location: http://third/c")
    };
    assertThat(failure(play(get(withOther(redirecting), "/"), answers)))
        .isEqualTo(
            new Reason.RedirectRefused(
                "http://third/c", "it leads from https to http (redirects.unsecured)"));
    Caller allowing = withOther(plain.redirects(Redirects.DEFAULT.unsecured(true)));
    assertThat(play(get(allowing, "/"), answers[0], answers[1], "@" + OK).get().uri())
        .isEqualTo("http://third/c");
  }

  @Test
  void aLoopAndTooManyRedirectsFail() throws Exception {
    assertThat(
            failure(
                play(
                    get(redirecting, "/a"),
                    status(302, "Location: /b"),
                    status(302, "Location: /a"))))
        .isEqualTo(
            new Reason.RedirectRefused(
                "http://origin/a", "it leads back to a URL that was requested before"));
    Caller two = plain.redirects(Redirects.DEFAULT.limit(2));
    assertThat(
            failure(
                play(
                    get(two, "/0"),
                    status(302, "Location: /1"),
                    status(302, "Location: /2"),
                    status(302, "Location: /3"))))
        .isEqualTo(new Reason.Limit(Reason.Bound.REDIRECTS, 2));
  }

  @Test
  void aRedirectToItselfThatSetsACookieIsNoLoop() throws Exception {
    String self = status(302, "Location: /a", "Set-Cookie: b=c");
    assertThat(play(get(redirecting, "/a"), self, OK).get().text()).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /b ", "GET /a "})
  void anotherOriginThatClosesBehindItsAnswerIsConnectedToAgain(String then) throws Exception {
    World world = new World();
    try (Connection connection = Lariat.open("origin", 80, world.options())) {
      Caller caller =
          Caller.on(connection).redirects(Redirects.DEFAULT).retry(TWICE.backoff(Backoff.GUN));
      CompletableFuture<Answer> answer = play(get(caller, "/"));
      await(world, line(world, answer), "GET / ").receive(status(302, "Location: http://other/a"));
      String last = then.equals("GET /b ") ? status(307, "Location: /b") : status(503);
      World.Line first = await(world, line(world, answer), "GET /a ");
      first.receive(last.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      World.Line second = await(world, line(world, answer), then);
      second.receive(OK);
      while (!answer.isDone()) {
        world.run();
      }
      assertThat(answer.get().text()).isEqualTo("ok");
    }
  }

  /** Whether the attempt fails before the request is there is chance, so that both happen here. */
  @Test
  void anotherOriginThatRefusesFailsTheCallForThatReason() throws Exception {
    Reason refused = new Reason.Refused("127.0.0.1:81");
    for (int i = 0; i < 300; i++) {
      World world = new World();
      try (Connection connection = Lariat.open("origin", 80, world.options())) {
        Caller caller = Caller.on(connection).redirects(Redirects.DEFAULT);
        CompletableFuture<Answer> answer = play(get(caller, "/"));
        await(world, line(world, answer), "GET / ").receive(status(302, "Location: http://other/"));
        while (!answer.isDone()) {
          world.run();
          if (!world.attempts.isEmpty()) {
            world.attempt().fails(refused);
          }
        }
        assertThat(failure(answer)).isEqualTo(refused);
      }
    }
  }

  /** The next connection, which is up. */
  private static World.Line line(World world, CompletableFuture<Answer> answer) {
    while (world.attempts.isEmpty()) {
      assertThat(answer).isNotDone();
      world.run();
    }
    return world.attempt().up();
  }

  private static World.Line await(World world, World.Line line, String begin) {
    String text = line.text();
    while (!text.contains("\r\n\r\n")) {
      world.run();
      text += line.text();
    }
    assertThat(text).startsWith(begin);
    return line;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X: y|the server redirects without a Location",
        "Location: a,Location: b|the server redirects with several Locations",
        "Location: http://|the server's Location is malformed",
        "Location: http://[1:2]/|the server's Location is malformed",
        "Location: http://[::::]/|the server's Location is malformed",
        "Location: ftp://a/|the server's Location has the scheme ftp"
      })
  void aLocationThatIsMissingOrMalformedFails(String fields, String why) throws Exception {
    assertThat(failure(play(get(redirecting, "/"), status(302, fields.split(",")))).sentence())
        .startsWith("Protocol error: " + why)
        .contains("RFC 9110 section");
  }

  // ---- credentials

  private final Credentials mufasa = Credentials.of("Mufasa", "Circle of Life");

  @Test
  void basicIsShownWhenItIsAskedForAndUnaskedFromThenOn() throws Exception {
    Caller caller = plain.credentials(Credentials.of("t\u00ebst", "1\u00a3"));
    String shown = "authorization: Basic dMOrc3Q6McKj\r\n";
    Answer answer =
        play(get(caller, "/"), status(401, "WWW-Authenticate: Basic realm=a"), OK).get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.history()).hasSize(1);
    assertThat(play(get(caller, "/b"), OK).get().history()).isEmpty();
    assertThat(asked.get(0)).doesNotContain("authorization");
    assertThat(asked.get(1)).contains(shown);
    assertThat(asked.get(2)).contains(shown);
  }

  @Test
  void whatIsRefusedIsShownOnce() throws Exception {
    String challenge = status(401, "WWW-Authenticate: Basic realm=a");
    Caller caller = plain.credentials(mufasa);
    assertThat(play(get(caller, "/"), challenge, challenge).get().status()).isEqualTo(401);
    asked.clear();
    assertThat(play(get(caller, "/"), challenge, OK).get().status()).isEqualTo(200);
    assertThat(asked.get(0)).as("not unasked").doesNotContain("authorization");
  }

  private static String digest(String nonce, String more) {
    return status(
        401,
        "WWW-Authenticate: Basic realm=a",
        "WWW-Authenticate: Digest realm=a, qop=auth, nonce=\""
            + nonce
            + "\""
            + more
            + ", Digest realm=a, qop=auth, algorithm=SHA-256, nonce=\""
            + nonce
            + "\""
            + more);
  }

  @Test
  void theStrongestIsChosenAndItsNonceCounted() throws Exception {
    Caller caller = plain.credentials(mufasa);
    String next = OK.replace("\r\n\r\n", "\r\nAuthentication-Info: nextnonce=\"m\"\r\n\r\n");
    assertThat(play(get(caller, "/1"), digest("n", ""), OK).get().status()).isEqualTo(200);
    assertThat(play(get(caller, "/2"), next).get().status()).isEqualTo(200);
    assertThat(play(get(caller, "/3"), OK).get().status()).isEqualTo(200);
    assertThat(asked.get(1))
        .contains("Digest username=\"Mufasa\"", "SHA-256", "nonce=\"n\"", "nc=00000001");
    assertThat(asked.get(2)).contains("uri=\"/2\"", "nonce=\"n\"", "nc=00000002");
    assertThat(asked.get(3)).contains("nonce=\"m\"", "nc=00000001");
  }

  @Test
  void aStaleNonceIsAnsweredAnewAndAWrongPasswordIsNot() throws Exception {
    Caller caller = plain.credentials(mufasa);
    Answer answer = play(get(caller, "/"), digest("n", ""), digest("m", ", stale=true"), OK).get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(asked.get(2)).contains("nonce=\"m\"");
    Caller wrong = plain.credentials(mufasa);
    assertThat(play(get(wrong, "/"), digest("n", ""), digest("m", "")).get().status())
        .isEqualTo(401);
  }

  @Test
  void anotherCallThatIsRefusedSpoilsNone() throws Exception {
    Caller caller = plain.retry(TWICE).credentials(mufasa);
    clock.meanwhile = () -> caller.get("/forbidden", LONG);
    String challenge = status(401, "WWW-Authenticate: Basic realm=a");
    Answer answer = play(get(caller, "/"), challenge, status(503), challenge, challenge, OK).get();
    assertThat(asked.stream().map(request -> request.substring(4, 6)))
        .containsExactly("/ ", "/ ", "/f", "/ ", "/ ");
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void whatARedirectLeadsToMayAskForOtherCredentials() throws Exception {
    Caller caller = redirecting.credentials(mufasa);
    String toB = status(302, "Location: /b");
    Answer answer = play(get(caller, "/"), digest("n", ""), toB, digest("m", ""), OK).get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(asked.get(3)).contains("uri=\"/b\"", "nonce=\"m\"");
  }

  @Test
  void aServerThatFindsEveryNonceStaleIsNotAnsweredForEver() throws Exception {
    Caller caller = plain.credentials(mufasa);
    String[] answers = new String[4];
    for (int i = 0; i < 4; i++) {
      answers[i] = digest("n" + i, ", stale=true");
    }
    assertThat(play(get(caller, "/"), answers).get().status()).isEqualTo(401);
  }

  @Test
  void oneNonceIsAnsweredOnce() throws Exception {
    Caller caller = plain.credentials(mufasa);
    String stale = digest("n", ", stale=true");
    assertThat(play(get(caller, "/"), stale, stale).get().status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer realm=a", "Basic realm=\"a", "Digest realm=a", ""})
  void whatCannotBeAnsweredIsTheAnswer(String challenge) throws Exception {
    Caller caller = plain.credentials(mufasa);
    assertThat(play(get(caller, "/"), status(401, "WWW-Authenticate: " + challenge)).get().status())
        .isEqualTo(401);
  }

  @Test
  void theSchemesCanBeChosen() throws Exception {
    Caller digest = plain.credentials(Credentials.digest("a", "b"));
    String basic = status(401, "WWW-Authenticate: Basic realm=a");
    assertThat(play(get(digest, "/"), basic).get().status()).isEqualTo(401);
    Caller onlyBasic = plain.credentials(Credentials.basic("a", "b"));
    play(get(onlyBasic, "/"), digest("n", ""), OK).get();
    assertThat(asked.getLast()).contains("authorization: Basic YTpi\r\n");
  }

  @Test
  void aDigestChallengeWithoutQopIsAnsweredByOptionOnly() throws Exception {
    String old = status(401, "WWW-Authenticate: Digest realm=a, nonce=n");
    Caller strict = plain.credentials(Credentials.digest("a", "b"));
    assertThat(play(get(strict, "/"), old).get().status()).isEqualTo(401);
    Caller patient = plain.credentials(Credentials.digest("a", "b").rfc2069(true));
    assertThat(play(get(patient, "/"), old, OK).get().status()).isEqualTo(200);
    assertThat(asked.getLast())
        .contains("authorization: Digest ", "cnonce=")
        .doesNotContain("qop=");
  }

  @Test
  void anAnswerWithoutQopIsForDigestOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Credentials.basic("a", "b").rfc2069(true))
        .withMessage("credentials.rfc2069: true, allowed only with Digest");
  }

  @Test
  void credentialsAreNotForAnotherOrigin() throws Exception {
    Caller caller = withOther(redirecting.credentials(mufasa));
    Answer answer =
        play(
                get(caller, "/"),
                status(302, "Location: http://other/"),
                "@" + status(401, "WWW-Authenticate: Basic realm=a"))
            .get();
    assertThat(answer.status()).isEqualTo(401);
  }

  @Test
  void aUsersOwnAuthorizationIsLeftAlone() throws Exception {
    Request own = Request.of("GET", "/").header("Authorization", "Bearer x");
    Caller caller = plain.credentials(mufasa);
    String challenge = status(401, "WWW-Authenticate: Basic realm=a");
    assertThat(play(() -> caller.send(own, LONG), challenge).get().status()).isEqualTo(401);
    assertThat(asked.getFirst()).contains("authorization: Bearer x");
  }

  // ---- retry

  private static final RequestRetry TWICE =
      RequestRetry.DEFAULT.backoff(
          Backoff.DEFAULT
              .attempts(2)
              .delays(Duration.ofSeconds(1), Duration.ofSeconds(10))
              .jitter(false));

  @Test
  void aStatusIsTriedAgainAfterTheBackoff() throws Exception {
    Answer answer = play(get(plain.retry(TWICE), "/"), status(503), status(429), OK).get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.history().stream().map(Answer.Step::status)).containsExactly(503, 429);
    assertThat(clock.pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void theLastAttemptsAnswerIsTheAnswer() throws Exception {
    String busy = status(503);
    assertThat(play(get(plain.retry(TWICE), "/"), busy, busy, busy).get().status()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7|PT7S",
        "0|PT1S",
        "30|PT30S",
        "Tue, 24 Nov 2026 12:00:09 GMT|PT9S",
        "nonsense|PT1S"
      })
  void aServersOwnTimeIsWaitedFor(String after, Duration pause) throws Exception {
    Caller caller = plain.retry(TWICE);
    play(() -> caller.get("/", Duration.ofMinutes(1)), status(503, "Retry-After: " + after), OK)
        .get();
    assertThat(clock.pauses).containsExactly(pause);
  }

  @ParameterizedTest
  @ValueSource(strings = {"31", "99999999999", "Tue, 24 Nov 2026 13:00:00 GMT"})
  void aTimeThatIsTooLongIsNotWaitedFor(String after) throws Exception {
    Caller caller = plain.retry(TWICE);
    String busy = status(503, "Retry-After: " + after);
    assertThat(play(() -> caller.get("/", Duration.ofMinutes(1)), busy).get().status())
        .isEqualTo(503);
    assertThat(clock.pauses).isEmpty();
  }

  @Test
  void nothingIsWaitedForPastTheDeadline() throws Exception {
    String busy = status(503, "Retry-After: 20");
    assertThat(play(() -> plain.retry(TWICE).get("/", Duration.ofSeconds(20)), busy).get().status())
        .isEqualTo(503);
    assertThat(clock.pauses).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH"})
  void aMethodThatIsNotIdempotentIsNotTriedAgain(String method) throws Exception {
    Caller caller = plain.retry(TWICE);
    assertThat(play(() -> caller.send(Request.of(method, "/"), LONG), status(503)).get().status())
        .isEqualTo(503);
  }

  @Test
  void whatWaitedForItsTurnGoesOutOnTheNextConnectionWhateverItsMethod() throws Exception {
    try (Origin back = new Origin(ConnectionOptions.DEFAULT, Backoff.DEFAULT)) {
      Caller caller = new Caller(back.connection, clock);
      back.connection.awaitUp(LONG);
      CompletableFuture<Answer> first = play(get(caller, "/1"));
      assertThat(request(back)).startsWith("GET /1 ");
      CompletableFuture<Answer> second = play(() -> caller.send(Request.of("POST", "/2"), LONG));
      back.answer(OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      assertThat(first.get().text()).isEqualTo("ok");
      assertThat(request(back)).startsWith("POST /2 ");
      back.answer(OK);
      assertThat(second.get().text()).isEqualTo("ok");
      assertThat(clock.pauses).isEmpty();
    }
  }
}
