package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every option is checked when it is made; a refusal names it, its value and what is allowed. */
class OptionsTest {
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration YEAR = Duration.ofDays(365);

  // ---- ranges

  static Stream<Arguments> numbers() {
    Limits limits = Limits.DEFAULT;
    return Stream.of(
        number("limits.headerBlock", 256, 16 << 20, n -> limits.headerBlock((int) n).headerBlock()),
        number("limits.message", 1, Integer.MAX_VALUE - 64, n -> limits.message((int) n).message()),
        number("limits.inflateRatio", 1, 10_000, n -> limits.inflateRatio((int) n).inflateRatio()),
        number(
            "limits.heldCommands", 0, 1_000_000, n -> limits.heldCommands((int) n).heldCommands()),
        number("limits.heldBytes", 1, 1L << 40, n -> limits.heldBytes(n).heldBytes()),
        number("limits.body", 1, Integer.MAX_VALUE - 64, n -> limits.body((int) n).body()),
        number("http1.pipelining", 1, 10_000, n -> Http1.DEFAULT.pipelining((int) n).pipelining()),
        number("limits.discarded", 0, 1 << 30, n -> limits.discarded((int) n).discarded()),
        number(
            "request.highWater", 1, 1L << 40, n -> Request.of("PUT", "/").highWater(n).highWater()),
        number("raw.highWater", 1, 1L << 40, n -> RawOptions.DEFAULT.highWater(n).highWater()),
        number("limits.decompressed", 1, 1L << 50, n -> limits.decompressed(n).decompressed()),
        number(
            "sockets.sendBuffer",
            1 << 10,
            1 << 30,
            n -> SocketOptions.DEFAULT.sendBuffer((int) n).sendBuffer().orElseThrow()),
        number(
            "sockets.receiveBuffer",
            1 << 10,
            1 << 30,
            n -> SocketOptions.DEFAULT.receiveBuffer((int) n).receiveBuffer().orElseThrow()),
        number(
            "sockets.keepAliveCount",
            1,
            127,
            n -> SocketOptions.DEFAULT.keepAliveCount((int) n).keepAliveCount().orElseThrow()),
        number("limits.eventId", 1, 1 << 20, n -> limits.eventId((int) n).eventId()),
        number("limits.event", 1, Integer.MAX_VALUE - 64, n -> limits.event((int) n).event()),
        number(
            "cookies.perDomain",
            1,
            100_000,
            n -> CookieLimits.DEFAULT.perDomain((int) n).perDomain()),
        number("cookies.total", 1, 10_000_000, n -> CookieLimits.DEFAULT.total((int) n).total()),
        number(
            "supervision.intensity",
            0,
            1_000_000,
            n -> Supervision.DEFAULT.intensity((int) n).intensity()),
        number(
            "webSocket.highWater",
            1,
            1L << 40,
            n -> WebSocketOptions.DEFAULT.highWater(n).highWater()));
  }

  private static Arguments number(String option, long min, long max, LongFunction<Number> make) {
    return arguments(option, min, max, make);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("numbers")
  void aNumberIsTakenUpToBothEndsOfItsRange(
      String option, long min, long max, LongFunction<Number> make) {
    assertThat(make.apply(min).longValue()).isEqualTo(min);
    assertThat(make.apply(max).longValue()).isEqualTo(max);
    for (long outside : List.of(min - 1, max + 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make.apply(outside))
          .withMessage("%s: %d, allowed %d to %d", option, outside, min, max);
    }
  }

  static Stream<Arguments> durations() {
    Timeouts times = Timeouts.DEFAULT;
    Keepalive alive = Keepalive.DEFAULT;
    Retry retry = Retry.DEFAULT;
    return Stream.of(
        duration("timeouts.lookup", MIN, d -> times.lookup(d).lookup()),
        duration("timeouts.connect", MIN, d -> times.connect(d).connect()),
        duration("timeouts.attemptDelay", MIN, d -> times.attemptDelay(d).attemptDelay()),
        duration("timeouts.tls", MIN, d -> times.tls(d).tls()),
        duration("timeouts.upgrade", MIN, d -> times.upgrade(d).upgrade()),
        duration("timeouts.write", MIN, d -> times.write(d).write()),
        duration("timeouts.closing", MIN, d -> times.closing(d).closing()),
        duration("keepalive.interval", MIN, d -> Keepalive.every(d).interval()),
        duration("http1.keepalive", MIN, d -> Http1.DEFAULT.keepalive(d).keepalive().orElseThrow()),
        duration("keepalive.deadline", MIN, d -> alive.deadline(d).deadline()),
        duration("retry.first", MIN, d -> retry.backoff(d, YEAR).first()),
        duration("retry.cap", MIN, d -> retry.backoff(MIN, d).cap()),
        duration("retry.stable", Duration.ZERO, d -> retry.stable(d).stable()),
        duration("raw.sendTimeout", MIN, d -> RawOptions.DEFAULT.sendTimeout(d).sendTimeout()),
        duration("supervision.period", MIN, d -> Supervision.DEFAULT.period(d).period()),
        duration(
            "webSocket.sendTimeout",
            MIN,
            d -> WebSocketOptions.DEFAULT.sendTimeout(d).sendTimeout()),
        duration(
            "request.timeout", MIN, d -> Request.of("GET", "/").timeout(d).timeout().orElseThrow()),
        duration(
            "request.expectContinue",
            MIN,
            d -> Request.of("PUT", "/").expectContinue(d).expectContinue().orElseThrow()),
        duration(
            "request.sendTimeout", MIN, d -> Request.of("PUT", "/").sendTimeout(d).sendTimeout()));
  }

  private static Arguments duration(
      String option, Duration min, Function<Duration, Duration> make) {
    return arguments(option, min, make);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("durations")
  void aTimeIsTakenUpToBothEndsOfItsRange(
      String option, Duration min, Function<Duration, Duration> make) {
    assertThat(make.apply(min)).isEqualTo(min);
    assertThat(make.apply(YEAR)).isEqualTo(YEAR);
    for (Duration outside :
        List.of(min.minusNanos(1), YEAR.plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make.apply(outside))
          .withMessage("%s: %s, allowed %s to %s", option, outside, min, YEAR);
    }
  }

  // ---- retry

  @ParameterizedTest
  @ValueSource(doubles = {1, 1.5, 100})
  void aFactorOf1To100IsTaken(double factor) {
    assertThat(Retry.DEFAULT.factor(factor).factor()).isEqualTo(factor);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.999, 100.001, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void anotherFactorIsRefused(double factor) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Retry.DEFAULT.factor(factor))
        .withMessage("retry.factor: " + factor + ", allowed 1 to 100");
  }

  @Test
  void theNumberOfAttemptsMayBeNoneOrEndless() {
    assertThat(Retry.NEVER.attempts()).isZero();
    assertThat(Retry.DEFAULT.attempts()).isEqualTo(Retry.FOREVER);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Retry.DEFAULT.attempts(-1))
        .withMessage("retry.attempts: -1, allowed 0 to " + Retry.FOREVER);
  }

  @Test
  void theCapIsNotBelowTheFirstDelay() {
    Duration second = Duration.ofSeconds(1);
    assertThat(Retry.DEFAULT.backoff(second, second).cap()).isEqualTo(second);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Retry.DEFAULT.backoff(second, Duration.ofMillis(999)))
        .withMessage("retry.cap: PT0.999S, allowed PT1S to " + YEAR);
  }

  @Test
  void gunsPolicyIsFiveAttemptsTheFirstAtOnceThenEveryFiveSeconds() {
    assertThat(Retry.GUN.attempts()).isEqualTo(5);
    assertThat(Retry.GUN.immediate()).isTrue();
    assertThat(Retry.GUN.first()).isEqualTo(Duration.ofSeconds(5)).isEqualTo(Retry.GUN.cap());
    assertThat(Retry.GUN.jitter()).isFalse();
    assertThat(Retry.GUN.stable()).isZero();
  }

  @Test
  void eachPartOfAPolicyIsChangedAlone() {
    Retry.Schedule schedule = (attempt, reason) -> Optional.empty();
    Retry changed =
        Retry.DEFAULT
            .attempts(3)
            .immediate(true)
            .backoff(MIN, YEAR)
            .factor(3)
            .jitter(false)
            .stable(YEAR)
            .schedule(schedule);
    assertThat(changed)
        .isEqualTo(new Retry(3, true, MIN, 3, YEAR, false, YEAR, Optional.of(schedule)));
  }

  // ---- the other small ones

  @Test
  void theDefaultsAreTheDocumentedOnes() {
    assertThat(Limits.DEFAULT)
        .isEqualTo(
            new Limits(
                65536, 16777216, 300, 1024, 67108864, 65536, 67108864, 1L << 30, 16777216, 4096));
    assertThat(CookieLimits.DEFAULT).isEqualTo(new CookieLimits(180, 3000));
    assertThat(Http1.DEFAULT)
        .isEqualTo(
            new Http1(
                Http1.Version.HTTP_1_1,
                Optional.empty(),
                Optional.empty(),
                1,
                Http1.Methods.IDEMPOTENT,
                false));
    assertThat(ConnectionOptions.DEFAULT.protocols()).containsExactly(Protocol.HTTP_1_1);
    assertThat(RawOptions.DEFAULT)
        .isEqualTo(
            new RawOptions(Long.MAX_VALUE, 1 << 20, Duration.ofSeconds(30), Optional.empty()));
    assertThat(Keepalive.DEFAULT)
        .isEqualTo(new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10)));
    assertThat(Keepalive.OFF).isEqualTo(new Keepalive(YEAR, YEAR));
    assertThat(Timeouts.DEFAULT)
        .isEqualTo(
            new Timeouts(
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofMillis(250),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(15)));
    assertThat(Supervision.DEFAULT)
        .isEqualTo(
            new Supervision(
                Supervision.Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Optional.empty()));
    assertThat(Retry.DEFAULT)
        .isEqualTo(
            new Retry(
                Integer.MAX_VALUE,
                false,
                Duration.ofMillis(500),
                2,
                Duration.ofSeconds(60),
                true,
                Duration.ofSeconds(30),
                Optional.empty()));
  }

  @Test
  void eachPartOfTheConnectionsOptionsIsChangedAlone() {
    Limits limits = Limits.DEFAULT.message(1);
    Timeouts timeouts = Timeouts.DEFAULT.tls(MIN);
    Cookies cookies = Cookies.in(new NoCookies()).ignoreInformational(true);
    Http1 http1 =
        Http1.DEFAULT
            .version(Http1.Version.HTTP_1_0)
            .pipelining(2)
            .pipelinedMethods(Http1.Methods.ALL);
    assertThat(http1.keepalive(MIN).spelling(name -> name).pipelining()).isEqualTo(2);
    assertThat(http1.keepalive(MIN).spelling(name -> name).pipelinedMethods())
        .isEqualTo(Http1.Methods.ALL);
    SocketOptions sockets = SocketOptions.DEFAULT.noDelay(false);
    assertThat(
            ConnectionOptions.DEFAULT
                .protocols(Protocol.RAW)
                .tls(Tls.INSECURE)
                .retry(Retry.NEVER)
                .timeouts(timeouts)
                .limits(limits)
                .http1(http1)
                .sockets(sockets)
                .cookies(cookies)
                .hideQueries(true))
        .isEqualTo(
            new ConnectionOptions(
                List.of(Protocol.RAW),
                Optional.of(Tls.INSECURE),
                Retry.NEVER,
                timeouts,
                limits,
                http1,
                sockets,
                Optional.of(cookies),
                List.of(),
                Optional.empty(),
                true));
    assertThat(ConnectionOptions.DEFAULT.hideQueries()).isFalse();
    assertThat(ConnectionOptions.DEFAULT.cookies()).isEmpty();
    assertThat(ConnectionOptions.DEFAULT.cookies(cookies.store()).cookies())
        .contains(new Cookies(cookies.store(), false));
  }

  @Test
  void eachPartOfTheSocketsOptionsIsChangedAlone() {
    SocketOptions it = SocketOptions.DEFAULT;
    assertThat(it.noDelay()).isTrue();
    assertThat(it.keepAlive()).isTrue();
    assertThat(it.reuseAddress()).isFalse();
    InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    assertThat(
            it.noDelay(false)
                .keepAlive(false)
                .keepAliveIdle(Duration.ofSeconds(1))
                .keepAliveInterval(Duration.ofSeconds(2))
                .keepAliveCount(3)
                .userTimeout(Duration.ofSeconds(4))
                .sendBuffer(5000)
                .receiveBuffer(6000)
                .local(local)
                .reuseAddress(true))
        .isEqualTo(
            new SocketOptions(
                false,
                false,
                Optional.of(Duration.ofSeconds(1)),
                Optional.of(Duration.ofSeconds(2)),
                OptionalInt.of(3),
                Optional.of(Duration.ofSeconds(4)),
                OptionalInt.of(5000),
                OptionalInt.of(6000),
                Optional.of(local),
                true));
    assertThat(it.local(local.getAddress()).local())
        .contains(new InetSocketAddress(local.getAddress(), 0));
    InetSocketAddress name = InetSocketAddress.createUnresolved("example.com", 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.local(name))
        .withMessage("sockets.local: " + name + ", allowed an address, not a name");
  }

  static Stream<Arguments> socketTimes() {
    SocketOptions it = SocketOptions.DEFAULT;
    Duration second = Duration.ofSeconds(1);
    Duration most = Duration.ofSeconds(32_767);
    Function<Duration, Optional<Duration>> idle = d -> it.keepAliveIdle(d).keepAliveIdle();
    Function<Duration, Optional<Duration>> each = d -> it.keepAliveInterval(d).keepAliveInterval();
    Function<Duration, Optional<Duration>> unheard = d -> it.userTimeout(d).userTimeout();
    return Stream.of(
        arguments("sockets.keepAliveIdle", second, most, idle),
        arguments("sockets.keepAliveInterval", second, most, each),
        arguments("sockets.userTimeout", MIN, Duration.ofDays(24), unheard));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("socketTimes")
  void aTimeOfTheSystemsIsTakenUpToBothEndsOfItsRange(
      String option, Duration min, Duration max, Function<Duration, Optional<Duration>> make) {
    assertThat(make.apply(min)).contains(min);
    assertThat(make.apply(max)).contains(max);
    for (Duration outside : List.of(min.minusNanos(1), max.plusNanos(1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make.apply(outside))
          .withMessage("%s: %s, allowed %s to %s", option, outside, min, max);
    }
  }

  static Stream<List<Protocol>> notSpokenFirst() {
    return Stream.of(
        List.of(),
        List.of(Protocol.WEBSOCKET),
        List.of(Protocol.RAW, Protocol.HTTP_1_1),
        List.of(Protocol.HTTP_1_1, Protocol.HTTP_1_1));
  }

  @ParameterizedTest
  @MethodSource("notSpokenFirst")
  void aConnectionSpeaksHttpOrIsRaw(List<Protocol> protocols) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConnectionOptions.DEFAULT.protocols(protocols.toArray(Protocol[]::new)))
        .withMessage("protocols: " + protocols + ", allowed [http/1.1] or [raw], alone for now");
  }

  @Test
  void eachPartOfASupervisionIsChangedAlone() {
    Platform platform = new Platform() {};
    assertThat(
            Supervision.DEFAULT
                .strategy(Supervision.Strategy.REST_FOR_ONE)
                .intensity(7)
                .period(MIN)
                .platform(platform))
        .isEqualTo(
            new Supervision(Supervision.Strategy.REST_FOR_ONE, 7, MIN, Optional.of(platform)));
  }

  private record NoCookies() implements CookieStore {
    @Override
    public List<Cookie> cookies(RequestUri uri) {
      return List.of();
    }

    @Override
    public void store(Cookie cookie, RequestUri from) {}
  }

  // ---- WebSocket

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "upgrade",
        "Sec-WebSocket-Key",
        "sec-websocket-version",
        "sec-websocket-protocol",
        "sec-websocket-extensions",
        "sec-websocket-accept",
        "Content-Length",
        "transfer-encoding"
      })
  void aHeaderOfTheHandshakesOwnIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketOptions.DEFAULT.header(name, "1"))
        .withMessageStartingWith(
            "webSocket.headers: " + name.toLowerCase(Locale.ROOT) + ", allowed any but");
  }

  @Test
  void otherHeadersOfAnUpgradeAreTaken() {
    assertThat(WebSocketOptions.DEFAULT.header("Authorization", "x").headers())
        .isEqualTo(Headers.of("authorization", "x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a,b", "a\r\n", "ä"})
  void aSubprotocolThatIsNoTokenIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketOptions.DEFAULT.subprotocols("ok", name))
        .withMessage(
            "webSocket.subprotocols: \"" + name + "\", allowed tokens (RFC 9110 section 5.6.2)");
  }

  @Test
  void aSubprotocolIsOfferedOnce() {
    assertThat(WebSocketOptions.DEFAULT.subprotocols("a", "A").subprotocols().names())
        .containsExactly("a", "A");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketOptions.DEFAULT.subprotocols("a", "b", "a"))
        .withMessage(
            "webSocket.subprotocols: [a, b, a], allowed each name once (RFC 6455 section 4.1)");
  }

  @Test
  void eachPartOfAWebSocketsOptionsIsChangedAlone() {
    WebSocketOptions changed =
        WebSocketOptions.compressed()
            .header("a", "b")
            .subprotocols("c")
            .keepalive(Keepalive.OFF)
            .silencePings(false)
            .parts(true)
            .credit(3)
            .highWater(7)
            .sendTimeout(MIN)
            .credentials(Credentials.basic("d", "e"));
    assertThat(changed)
        .isEqualTo(
            new WebSocketOptions(
                Headers.of("a", "b"),
                Subprotocols.of("c"),
                Optional.of(Deflate.DEFAULT),
                Keepalive.OFF,
                false,
                true,
                3,
                7,
                MIN,
                Optional.empty(),
                Optional.of(Credentials.basic("d", "e"))));
    assertThat(WebSocketOptions.DEFAULT.deflate()).isEmpty();
    assertThat(changed.replyTo(message -> {}).replyTo()).isPresent();
  }

  @Test
  void theListsOfOptionsDoNotChange() {
    List<String> names = new ArrayList<>(List.of("a"));
    Tls tls = new Tls(Optional.empty(), Optional.empty(), Optional.empty(), true, false, names);
    names.add("b");
    assertThat(tls.alpn()).containsExactly("a");
  }

  // ---- requests

  @ParameterizedTest
  @ValueSource(strings = {"GET", "get", "M-SEARCH", "!", "PROPFIND"})
  void anyTokenIsAMethod(String method) {
    assertThat(Request.of(method, "/").method()).isEqualTo(method);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G T", "GET\r\nHost:", "GET\0", "GÉT", "GET ", "GET/"})
  void whatIsNoTokenIsNoMethod(String method) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of(method, "/"))
        .withMessageStartingWith("method: ")
        .withMessageEndingWith(", allowed a token (RFC 9110 section 9.1)");
  }

  @Test
  void connectIsNoRequest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("CONNECT", "/"))
        .withMessage("method: CONNECT, allowed any but CONNECT, which makes a tunnel");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "/a?b=c&d", "/%C3%A4", "/a?b?c/d", "/~!$&'()*+,;=:@"})
  void aPathWithAnOptionalQueryIsATarget(String target) {
    assertThat(Request.of("GET", target).target()).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "*",
        "?",
        "http://h/",
        "/a b",
        "/a\r\nX: y",
        "/\n",
        "/\0",
        "/\t",
        "/a#b",
        "/ä",
        "/\u007f",
        " /"
      })
  void whatIsNotInOriginFormIsNoTarget(String target) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("GET", target))
        .withMessageStartingWith("path: \"")
        .withMessageEndingWith(
            "\", allowed a path that begins with / and is percent-encoded (RFC 9112 section"
                + " 3.2.1)")
        .matches(e -> e.getMessage().chars().noneMatch(c -> c < ' '));
  }

  @Test
  void onlyOptionsAsksForTheAsterisk() {
    assertThat(Request.of("OPTIONS", "*").target()).isEqualTo("*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Expect", "transfer-encoding", "UPGRADE"})
  void aHeaderThatFramesTheMessageIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("POST", "/").header(name, "1"))
        .withMessage(
            "header: "
                + name.toLowerCase(Locale.ROOT)
                + ", allowed any but [expect, transfer-encoding, upgrade], which Lariat sets");
  }

  @Test
  void rfc9112_32_aSecondHostIsRefused() {
    Headers hosts = Headers.of("host", "a", "Host", "b");
    String message = "host: a, b, allowed one, once (RFC 9112 section 3.2)";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("GET", "/").headers(hosts))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketOptions.DEFAULT.headers(hosts))
        .withMessage(message);
    assertThat(Request.of("GET", "/").header("host", "a").headers().all("host"))
        .containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\r\nX: 2", "\n", "\r", "\0", "€"})
  void aHeaderValueThatWouldBreakTheRequestIsRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("GET", "/").header("a", value))
        .withMessageContaining("header value of a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "+1", "1 ", "1, 1", "1234567890123456789"})
  void rfc9110_86_aContentLengthIsANumber(String length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("PUT", "/").header("Content-Length", length))
        .withMessage("content-length: " + length + ", allowed a number of up to 18 digits, once");
  }

  @Test
  void whatIsNamedTwiceIsTriedAgainAllTheSame() {
    assertThat(RequestRetry.DEFAULT.statuses(503, 503).statuses()).containsExactly(503);
    assertThat(RequestRetry.DEFAULT.methods("GET", "GET").methods()).containsExactly("GET");
  }

  @Test
  void aContentLengthIsThatOfTheBody() {
    Request request = Request.of("PUT", "/").header("Content-Length", "2");
    assertThat(request.contentLength()).hasValue(2);
    assertThat(request.body(Bytes.utf8("ab")).contentLength()).hasValue(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.body(Bytes.utf8("abc")))
        .withMessage("content-length: 2, allowed 3, the size of the body");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.header("content-length", "2"))
        .withMessageStartingWith("content-length: 2, 2, allowed");
    assertThat(Request.of("PUT", "/").contentLength()).isEmpty();
  }

  @Test
  void eachPartOfARequestIsChangedAlone() {
    Request request =
        Request.of("PUT", "/a").header("b", "c").body(Bytes.utf8("d")).replyTo(message -> {});
    assertThat(request.headers()).isEqualTo(Headers.of("b", "c"));
    assertThat(request.body()).isEqualTo(Bytes.utf8("d"));
    assertThat(request.replyTo()).isPresent();
    assertThat(request.headers(Headers.EMPTY).headers().isEmpty()).isTrue();
  }
}
