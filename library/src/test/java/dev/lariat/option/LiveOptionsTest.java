package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.internal.text.Durations;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Ping;
import dev.lariat.message.Text;
import dev.lariat.option.Outbox.Overflow;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The options of connections that heal themselves. */
class LiveOptionsTest {
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration YEAR = Duration.ofDays(365);

  static Stream<Arguments> durations() {
    return Stream.of(
        duration("live.endpoint", MIN, d -> LiveOptions.DEFAULT.endpoint(d).endpoint()),
        duration("live.opening", MIN, d -> LiveOptions.DEFAULT.opening(d).opening()),
        duration("events.endpoint", MIN, d -> EventOptions.DEFAULT.endpoint(d).endpoint()),
        duration("events.answer", MIN, d -> EventOptions.DEFAULT.answer(d).answer()),
        duration(
            "events.between", MIN, d -> EventOptions.DEFAULT.between(d).between().orElseThrow()),
        duration("healing.spread", Duration.ZERO, d -> Healing.DEFAULT.spread(d).spread()),
        duration("healing.shortestWait", MIN, d -> Healing.DEFAULT.shortestWait(d).shortestWait()),
        duration(
            "healing.longestRetryAfter",
            Duration.ZERO,
            d -> Healing.DEFAULT.longestRetryAfter(d).longestRetryAfter()),
        duration(
            "rotation.maxAge", Duration.ofSeconds(1), d -> Rotation.DEFAULT.maxAge(d).maxAge()),
        duration("rotation.drain", MIN, d -> Rotation.DEFAULT.drain(d).drain()),
        duration("rotation.quiet", Duration.ZERO, d -> Rotation.DEFAULT.quiet(d).quiet()),
        duration("rotation.settle", Duration.ZERO, d -> Rotation.DEFAULT.settle(d).settle()),
        duration("silence.limit", MIN, d -> Silence.of(d).limit()),
        duration("topics.linger", Duration.ZERO, d -> TopicOptions.DEFAULT.linger(d).linger()),
        duration(
            "topics.acknowledgement",
            MIN,
            d -> TopicOptions.DEFAULT.acknowledgement(d).acknowledgement().orElseThrow()),
        duration("outbox.sendTimeout", MIN, d -> Outbox.DEFAULT.sendTimeout(d).sendTimeout()));
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
    for (Duration outside : new Duration[] {min.minusNanos(1), YEAR.plusNanos(1)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make.apply(outside))
          .withMessage(
              "%s: %s, allowed %s to 365 days",
              option, Durations.words(outside), Durations.words(min));
    }
  }

  static Stream<Arguments> numbers() {
    return Stream.of(
        number("outbox.messages", 0, 1 << 30, n -> Outbox.DEFAULT.messages((int) n).messages()),
        number("outbox.bytes", 0, 1L << 40, n -> Outbox.DEFAULT.bytes(n).bytes()),
        number(
            "topics.perSocket",
            1,
            1 << 30,
            n -> TopicOptions.DEFAULT.perSocket((int) n).perSocket()),
        number("topics.sockets", 1, 10_000, n -> TopicOptions.DEFAULT.sockets((int) n).sockets()),
        number("topics.batch", 1, 1_000_000, n -> TopicOptions.DEFAULT.batch((int) n).batch()),
        number("healing.repeats", 1, 1_000_000, n -> Healing.DEFAULT.repeats((int) n).repeats()),
        number(
            "events.remembered",
            0,
            1 << 20,
            n -> EventOptions.DEFAULT.remembered((int) n).remembered()));
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
    for (long outside : new long[] {min - 1, max + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> make.apply(outside))
          .withMessage("%s: %d, allowed %d to %d", option, outside, min, max);
    }
  }

  @Test
  void theDefaultsAreTheDocumentedOnes() {
    assertThat(Outbox.DEFAULT)
        .hasToString(
            "Outbox[messages=1024, bytes=16777216, overflow=BLOCK, key=Optional.empty,"
                + " replay=false, sendTimeout=PT30S, acknowledgement=Optional.empty]");
    assertThat(Outbox.NONE.messages()).isZero();
    assertThat(Outbox.NONE.overflow()).isEqualTo(Overflow.FAIL);
    assertThat(TopicOptions.DEFAULT)
        .hasToString(
            "TopicOptions[perSocket=1073741824, sockets=100, batch=1, linger=PT5S,"
                + " acknowledgement=Optional.empty, pace=Optional.empty, overflow=BLOCK]");
    assertThat(Rotation.DEFAULT)
        .hasToString("Rotation[maxAge=PT8760H, drain=PT5S, quiet=PT1S, settle=PT5S]");
    assertThat(Healing.DEFAULT)
        .hasToString(
            "Healing[retry=%s, spread=PT5S, shortestWait=PT0.5S, longestRetryAfter=PT1H,"
                    .formatted(Backoff.DEFAULT)
                + " classifier=%s, repeats=3, budget=Optional.empty]"
                    .formatted(Classifier.DEFAULT));
    assertThat(LiveOptions.DEFAULT.endpoint()).isEqualTo(Duration.ofSeconds(30));
    assertThat(LiveOptions.DEFAULT.opening()).isEqualTo(Duration.ofSeconds(30));
    assertThat(EventOptions.DEFAULT.remembered()).isEqualTo(4096);
    assertThat(EventOptions.DEFAULT.answer()).isEqualTo(Duration.ofSeconds(30));
    assertThat(EventOptions.DEFAULT.between()).isEmpty();
    assertThat(EventOptions.DEFAULT.comments()).isFalse();
  }

  @Test
  void conflationIsSetWithItsRuleForWhenItIsFull() {
    Outbox conflated = Outbox.DEFAULT.bytes(1).replay(true).conflate(frame -> frame);
    assertThat(conflated.overflow()).isEqualTo(Overflow.CONFLATE);
    assertThat(conflated.bytes()).isEqualTo(1);
    assertThat(conflated.replay()).isTrue();
  }

  @Test
  void liveEventsFollowRedirectsAndLiveWebSocketsDoNot() {
    assertThat(EventOptions.DEFAULT.redirects()).isEqualTo(new Redirects(20, true, false));
    assertThat(LiveOptions.DEFAULT.redirects()).isEqualTo(Redirects.NONE);
  }

  @Test
  void credentialsAndAnAuthorizationExcludeEachOther() {
    Credentials credentials = Credentials.bearer("abc");
    Endpoint endpoint = Endpoint.of("ws://a").header("Authorization", "b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint.credentials(credentials))
        .withMessageStartingWith("endpoint.credentials: some beside an Authorization header");
    WebSocketOptions options = WebSocketOptions.DEFAULT.credentials(credentials);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.header("Authorization", "b"))
        .withMessageStartingWith("webSocket.credentials: ");
    Request request = Request.of("GET", "/").credentials(credentials);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.header("Authorization", "b"))
        .withMessageStartingWith("request.credentials: ");
  }

  @Test
  void whatIsAcknowledgedIsNeverDropped() {
    Outbox outbox = Outbox.DEFAULT.acknowledge(sent -> sent, received -> received);
    assertThat(outbox.messages(1).overflow(Overflow.FAIL).acknowledgement()).isPresent();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outbox.overflow(Overflow.DROP_OLDEST))
        .withMessage("outbox.overflow: DROP_OLDEST, allowed BLOCK or FAIL with acknowledgement");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outbox.conflate(frame -> frame))
        .withMessage("outbox.overflow: CONFLATE, allowed BLOCK or FAIL with acknowledgement");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Outbox.DEFAULT
                    .conflate(frame -> frame)
                    .overflow(Overflow.BLOCK)
                    .acknowledge(sent -> sent, received -> received))
        .withMessage("outbox.key: a function, allowed none with acknowledgement");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outbox.messages(0))
        .withMessage("outbox.messages with acknowledgement: 0, allowed 1 to 1073741824");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LiveOptions.DEFAULT.outbox(outbox).webSocket(WebSocketOptions.DEFAULT.parts(true)))
        .withMessageStartingWith("live.webSocket.parts: true");
  }

  @Test
  void toConflateNeedsAKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Outbox.DEFAULT.overflow(Overflow.CONFLATE))
        .withMessage("outbox.overflow: CONFLATE, allowed only with a key");
  }

  @Test
  void whatIsTheLiveOnesOwnIsRefusedOfItsWebSockets() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveOptions.DEFAULT.webSocket(WebSocketOptions.DEFAULT.credit(1)))
        .withMessage("live.webSocket.credit: 1, allowed unlimited");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LiveOptions.DEFAULT.webSocket(WebSocketOptions.DEFAULT.replyTo(message -> {})))
        .withMessageStartingWith("live.webSocket.replyTo: ");
  }

  @Test
  void messagesCountAgainstSilenceAndPingsDoNot() {
    Silence silence = Silence.of(MIN);
    assertThat(silence.counts().test(new Text(""))).isTrue();
    assertThat(silence.counts().test(new Binary(Bytes.EMPTY))).isTrue();
    assertThat(silence.counts().test(Ping.EMPTY)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "ws://a, false, /",
    "wss://a/, true, /",
    "HTTPS://a?b=%20c, true, /?b=%20c",
    "http://a:81/x/y?z#frag, false, /x/y?z"
  })
  void anEndpointIsAPlaceAndATarget(String uri, boolean secure, String target) {
    Endpoint endpoint = Endpoint.of(uri);
    assertThat(endpoint.secure()).isEqualTo(secure);
    assertThat(endpoint.target()).isEqualTo(target);
  }

  @Test
  void anEndpointCarriesHeadersAndSubprotocols() {
    Endpoint endpoint = Endpoint.of("ws://a").header("A", "b").subprotocols(Subprotocols.of("v1"));
    assertThat(endpoint.headers().first("a")).contains("b");
    assertThat(endpoint.subprotocols().names()).containsExactly("v1");
    assertThat(endpoint.headers(endpoint.headers().with("c", "d")).headers().size()).isEqualTo(2);
  }
}
