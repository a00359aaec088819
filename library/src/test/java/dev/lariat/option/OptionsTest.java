package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.text.Durations;
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
    PoolOptions pool = PoolOptions.DEFAULT;
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
            "request.sendQueue", 1, 1L << 40, n -> Request.of("PUT", "/").sendQueue(n).sendQueue()),
        number("raw.sendQueue", 1, 1L << 40, n -> RawOptions.DEFAULT.sendQueue(n).sendQueue()),
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
        number("cache.total", 1 << 10, 1L << 50, n -> CacheOptions.DEFAULT.total(n).total()),
        number("cache.entry", 1 << 10, 1 << 30, n -> CacheOptions.DEFAULT.entry(n).entry()),
        number("pool.connections", 1, 1_000_000, n -> pool.connections((int) n).connections()),
        number("pool.total", 1, 1_000_000, n -> pool.total((int) n).total()),
        number("pool.waiting", 0, 1_000_000, n -> pool.waiting((int) n).waiting()),
        number("pool.streams", 1, 1_000_000, n -> pool.streams((int) n).streams()),
        number("pool.openings", 1, 10_000, n -> pool.openings((int) n).openings()),
        number("pool.least", 0, 1_000_000, n -> pool.least((int) n).least()),
        number(
            "download.restarts",
            0,
            1_000_000,
            n -> DownloadOptions.DEFAULT.restarts((int) n).restarts()),
        number(
            "supervision.intensity",
            0,
            1_000_000,
            n -> Supervision.DEFAULT.intensity((int) n).intensity()),
        number(
            "webSocket.sendQueue",
            1,
            1L << 40,
            n -> WebSocketOptions.DEFAULT.sendQueue(n).sendQueue()));
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
    Backoff retry = Backoff.DEFAULT;
    return Stream.of(
        duration(
            "cache.heuristic", Duration.ZERO, d -> CacheOptions.DEFAULT.heuristic(d).heuristic()),
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
        duration("backoff.first", MIN, d -> retry.delays(d, YEAR).first()),
        duration("backoff.cap", MIN, d -> retry.delays(MIN, d).cap()),
        duration("backoff.stable", Duration.ZERO, d -> retry.stable(d).stable()),
        duration("raw.sendTimeout", MIN, d -> RawOptions.DEFAULT.sendTimeout(d).sendTimeout()),
        duration("pool.idle", MIN, d -> PoolOptions.DEFAULT.idle(d).idle()),
        duration("pool.age", MIN, d -> PoolOptions.DEFAULT.age(d).age()),
        duration("download.idle", MIN, d -> DownloadOptions.DEFAULT.idle(d).idle()),
        duration(
            "download.timeout",
            MIN,
            d -> DownloadOptions.DEFAULT.timeout(d).timeout().orElseThrow()),
        duration(
            "download.interval",
            Duration.ZERO,
            d -> DownloadOptions.DEFAULT.interval(d).interval()),
        duration("pool.forget", MIN, d -> PoolOptions.DEFAULT.forget(d).forget()),
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
          .withMessage(
              "%s: %s, allowed %s to 365 days",
              option, Durations.words(outside), Durations.words(min));
    }
  }

  // ---- retry

  @ParameterizedTest
  @ValueSource(doubles = {1, 1.5, 100})
  void aFactorOf1To100IsTaken(double factor) {
    assertThat(Backoff.DEFAULT.factor(factor).factor()).isEqualTo(factor);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.999, 100.001, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void anotherFactorIsRefused(double factor) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Backoff.DEFAULT.factor(factor))
        .withMessage("backoff.factor: " + factor + ", allowed 1 to 100");
  }

  @Test
  void theNumberOfAttemptsMayBeNoneOrEndless() {
    assertThat(Backoff.NEVER.attempts()).isZero();
    assertThat(Backoff.DEFAULT.attempts()).isEqualTo(Backoff.FOREVER);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Backoff.DEFAULT.attempts(-1))
        .withMessage("backoff.attempts: -1, allowed 0 to " + Backoff.FOREVER);
  }

  @Test
  void theCapIsNotBelowTheFirstDelay() {
    Duration second = Duration.ofSeconds(1);
    assertThat(Backoff.DEFAULT.delays(second, second).cap()).isEqualTo(second);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Backoff.DEFAULT.delays(second, Duration.ofMillis(999)))
        .withMessage("backoff.cap: 999 ms, allowed 1 s to 365 days");
  }

  @Test
  void gunsPolicyIsFiveAttemptsTheFirstAtOnceThenEveryFiveSeconds() {
    assertThat(Backoff.GUN.attempts()).isEqualTo(5);
    assertThat(Backoff.GUN.immediate()).isTrue();
    assertThat(Backoff.GUN.first()).isEqualTo(Duration.ofSeconds(5)).isEqualTo(Backoff.GUN.cap());
    assertThat(Backoff.GUN.jitter()).isFalse();
    assertThat(Backoff.GUN.stable()).isZero();
  }

  // ---- the other small ones

  @Test
  void theDefaultsAreTheDocumentedOnes() {
    assertThat(Limits.DEFAULT)
        .hasToString(
            "Limits[headerBlock=65536, message=16777216, inflateRatio=300, heldCommands=1024,"
                + " heldBytes=67108864, discarded=65536, body=67108864, decompressed=1073741824,"
                + " event=16777216, eventId=4096, unread=67108864]");
    assertThat(CookieLimits.DEFAULT).isEqualTo(new CookieLimits(180, 3000));
    assertThat(Http1.DEFAULT)
        .hasToString(
            "Http1[version=HTTP_1_1, keepalive=Optional.empty, spelling=Optional.empty,"
                + " pipelining=1, pipelinedMethods=IDEMPOTENT, tolerant=false]");
    assertThat(Http2.DEFAULT)
        .hasToString(
            "Http2[streamWindow=262144, maxStreamWindow=8388608, maxStreams=1000,"
                + " keepalive=Optional.empty, push=false, maxPushes=100]");
    assertThat(ConnectionOptions.DEFAULT.protocols()).containsExactly(Protocol.HTTP_1_1);
    assertThat(RawOptions.DEFAULT)
        .hasToString(
            "RawOptions[credit=9223372036854775807, sendQueue=1048576, sendTimeout=PT30S,"
                + " replyTo=Optional.empty]");
    assertThat(Keepalive.DEFAULT)
        .isEqualTo(new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10)));
    assertThat(Keepalive.OFF).isEqualTo(new Keepalive(YEAR, YEAR));
    assertThat(Timeouts.DEFAULT)
        .hasToString(
            "Timeouts[lookup=PT10S, connect=PT15S, attemptDelay=PT0.25S, tls=PT10S, upgrade=PT10S,"
                + " write=PT30S, closing=PT15S, settings=PT10S]");
    assertThat(DownloadOptions.DEFAULT)
        .hasToString(
            "DownloadOptions[headers={}, idle=PT30S, timeout=Optional.empty, retry="
                + DownloadOptions.DEFAULT.retry()
                + ", restarts=3, limit=9223372036854775807, sha256=Optional.empty,"
                + " progress=Optional.empty, interval=PT0.5S]");
    RequestRetry retry = DownloadOptions.DEFAULT.retry();
    assertThat(retry.statuses()).containsExactlyInAnyOrder(408, 429, 500, 502, 503, 504);
    assertThat(retry.longestWait()).isEqualTo(Duration.ofMinutes(5));
    assertThat(retry.backoff().attempts()).isEqualTo(10);
    assertThat(retry.backoff().first()).isEqualTo(Duration.ofMillis(500));
    assertThat(retry.backoff().cap()).isEqualTo(Duration.ofSeconds(30));
    assertThat(Supervision.DEFAULT)
        .hasToString(
            "Supervision[strategy=ONE_FOR_ONE, intensity=1, period=PT5S, platform=Optional.empty]");
    assertThat(Backoff.DEFAULT)
        .hasToString(
            "Backoff[attempts=2147483647, immediate=false, first=PT0.5S, factor=2.0, cap=PT1M,"
                + " jitter=true, stable=PT30S, schedule=Optional.empty]");
    assertThat(WebSocketOptions.DEFAULT)
        .hasToString(
            "WebSocketOptions[headers=%s, subprotocols=%s, deflate=Optional.empty, keepalive=%s,"
                    .formatted(Headers.EMPTY, Subprotocols.NONE, Keepalive.DEFAULT)
                + " silencePings=true, parts=false, credit=9223372036854775807, sendQueue=1048576,"
                + " sendTimeout=PT30S, replyTo=Optional.empty, credentials=Optional.empty]");
  }

  @Test
  void aConnectionHasNoCookiesUntilThereIsAStore() {
    assertThat(ConnectionOptions.DEFAULT.cookies()).isEmpty();
    assertThat(ConnectionOptions.DEFAULT.hideQueries()).isFalse();
    assertThat(ConnectionOptions.DEFAULT.tracer()).isEmpty();
    CookieStore store = new NoCookies();
    assertThat(ConnectionOptions.DEFAULT.cookies(store).cookies())
        .contains(new Cookies(store, false));
  }

  @Test
  void theSocketsOwnAddressIsNoName() {
    SocketOptions it = SocketOptions.DEFAULT;
    assertThat(it.noDelay()).isTrue();
    assertThat(it.keepAlive()).isTrue();
    assertThat(it.reuseAddress()).isFalse();
    InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
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
          .withMessage(
              "%s: %s, allowed %s to %s",
              option, Durations.words(outside), Durations.words(min), Durations.words(max));
    }
  }

  static Stream<List<Protocol>> notSpokenFirst() {
    return Stream.of(
        List.of(),
        List.of(Protocol.WEBSOCKET),
        List.of(Protocol.RAW, Protocol.HTTP_1_1),
        List.of(Protocol.HTTP_2, Protocol.RAW),
        List.of(Protocol.HTTP_1_1, Protocol.HTTP_1_1));
  }

  @ParameterizedTest
  @MethodSource("notSpokenFirst")
  void aConnectionSpeaksHttpOrIsRaw(List<Protocol> protocols) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConnectionOptions.DEFAULT.protocols(protocols.toArray(Protocol[]::new)))
        .withMessage(
            "protocols: " + protocols + ", allowed h2 and http/1.1, each once, or raw alone");
  }

  record NoCookies() implements CookieStore {
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
            "webSocket.headers: " + name.toLowerCase(Locale.ROOT) + ", allowed any except");
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
            "webSocket.subprotocols: \""
                + name.replaceAll("[\r\n]", "?")
                + "\", allowed tokens (RFC 9110 section 5.6.2)");
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
  void aWebSocketIsCompressedOnlyOnRequest() {
    assertThat(WebSocketOptions.DEFAULT.deflate()).isEmpty();
    assertThat(WebSocketOptions.compressed().deflate()).contains(Deflate.DEFAULT);
  }

  @Test
  void theListsOfOptionsDoNotChange() {
    List<String> names = new ArrayList<>(List.of("a"));
    Tls tls = Tls.DEFAULT.alpn(names);
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
  void aPriorityIsAHeaderInPlaceOfAnyOther() {
    Request request = Request.of("GET", "/").header("priority", "u=7").header("a", "b");
    assertThat(request.priority(1, true).headers())
        .isEqualTo(Headers.of("a", "b", "priority", "u=1, i"));
    assertThat(request.priority(0, false).headers().all("priority")).containsExactly("u=0");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 8, Integer.MAX_VALUE})
  void anUrgencyIsOneOfEight(int urgency) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("GET", "/").priority(urgency, false))
        .withMessage("priority.urgency: " + urgency + ", allowed 0 to 7 (RFC 9218 section 4.1)");
  }

  @Test
  void connectIsNoRequest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("CONNECT", "/"))
        .withMessage("method: CONNECT, allowed any except CONNECT, which makes a tunnel");
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
                + ", allowed any except [expect, transfer-encoding, upgrade], which Lariat sets");
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
    assertThat(request.body(Bytes.ofUtf8("ab")).contentLength()).hasValue(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.body(Bytes.ofUtf8("abc")))
        .withMessage("content-length: 2, allowed 3, the size of the body");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.header("content-length", "2"))
        .withMessageStartingWith("content-length: 2, 2, allowed");
    assertThat(Request.of("PUT", "/").contentLength()).isEmpty();
  }

  @Test
  void eachPartOfARequestIsChangedAlone() {
    Request request =
        Request.of("PUT", "/a").header("b", "c").body(Bytes.ofUtf8("d")).replyTo(message -> {});
    assertThat(request.headers()).isEqualTo(Headers.of("b", "c"));
    assertThat(request.body()).isEqualTo(Bytes.ofUtf8("d"));
    assertThat(request.replyTo()).isPresent();
    assertThat(request.headers(Headers.EMPTY).headers().isEmpty()).isTrue();
  }
}
