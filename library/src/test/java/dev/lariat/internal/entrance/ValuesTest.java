package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Origin;
import dev.lariat.client.Answer;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Numbers;
import dev.lariat.message.Reason;
import dev.lariat.message.UnreadableException;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Form;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies, lines and events as values. */
@Timeout(30)
class ValuesTest {
  private static final Duration LONG = Origin.PATIENCE;
  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String EVENTS =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final BodyCodec<Integer> NUMBERS = new Numbers();

  private final Origin origin =
      new Origin(
          ConnectionOptions.DEFAULT
              .limits(Limits.DEFAULT.body(100))
              .http1(Http1.DEFAULT.pipelining(2).pipelinedMethods(Http1.Methods.ALL)));

  @BeforeEach
  void connect() throws Exception {
    origin.connection.awaitUp(LONG);
  }

  @AfterEach
  void close() {
    origin.close();
  }

  private Exchange answered(String... parts) throws Exception {
    return answered(Request.of("GET", "/ticks"), parts);
  }

  private Exchange answered(Request request, String... parts) throws Exception {
    Exchange exchange = origin.connection.request(request);
    origin.settle();
    for (String part : parts) {
      origin.answer(part);
    }
    return exchange;
  }

  private static String chunk(String data) {
    int size = data.getBytes(StandardCharsets.ISO_8859_1).length;
    return Integer.toHexString(size) + "\r\n" + data + "\r\n";
  }

  private static final String LAST = "0\r\n\r\n";

  private static Answer answer(int status, Headers headers, Bytes body) {
    return new Answer(
        status, headers, body, Headers.EMPTY, "http://u:p@a/b?key=1", List.of(), Optional.empty());
  }

  private static Answer json(String body) {
    return answer(200, Headers.of("content-type", "application/json"), Bytes.ofUtf8(body));
  }

  private static Reason reason(ThrowingCallable call) {
    return catchThrowableOfType(FailedException.class, call).reason();
  }

  private static Reason.Unreadable unreadable(ThrowingCallable call) {
    return (Reason.Unreadable) reason(call);
  }

  private void nothingIsLeft() throws Exception {
    origin.settle();
    while (origin.mailbox.size() > 0) { // the connection's own messages may be there
      assertThat(origin.mailbox.take()).isNotInstanceOf(Message.OfStream.class);
    }
  }

  // ---- whole bodies

  @Test
  void anAnswerIsAValue() {
    assertThat(json("7").as(NUMBERS)).isEqualTo(7);
  }

  @Test
  void anAnswerThatIsNoValueSaysWhichAndWhereAndWithoutSecrets() {
    Reason.Unreadable why = unreadable(() -> json("seven").as(NUMBERS));
    assertThat(why.sentence())
        .isEqualTo(
            "The response of http://***@a/b?key=*** (status 200, application/json) cannot be read"
                + " as Integer: line 1, column 1, $: \"seven\" is no number.");
    assertThat(why.content()).isEqualTo(Bytes.ofUtf8("seven"));
    assertThat(why.cause().line()).isEqualTo(1);
    assertThat(why.cause().column()).isEqualTo(1);
    assertThat(why.cause().path()).isEqualTo("$");
    assertThatThrownBy(() -> json("seven").as(NUMBERS))
        .isInstanceOf(FailedException.class)
        .cause()
        .isInstanceOf(UnreadableException.class)
        .hasMessage("Integer cannot be read: line 1, column 1, $: \"seven\" is no number")
        .hasCauseInstanceOf(NumberFormatException.class);
  }

  @Test
  void ofALargeAnswerOnlyTheBeginningIsKept() {
    Reason.Unreadable why = unreadable(() -> json("x".repeat(100_000)).as(NUMBERS));
    assertThat(why.content().size()).isEqualTo(Reason.Status.MOST_OF_BODY);
    assertThat(why.sentence()).hasSizeLessThan(400);
  }

  @Test
  void anAnswerOfAnErrorIsItsStatus() {
    Headers headers =
        Headers.of(
            "content-type", "application/json",
            "date", "Sun, 29 Nov 2026 10:00:00 GMT",
            "retry-after", "Sun, 29 Nov 2026 10:00:30 GMT");
    Answer answer = answer(503, headers, Bytes.ofUtf8("7"));
    assertThat(reason(() -> answer.as(NUMBERS)))
        .isEqualTo(
            new Reason.Status(
                503, Optional.of(Duration.ofSeconds(30)), headers, Bytes.ofUtf8("7")));
    assertThat(NUMBERS.read(answer.body())).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 205})
  void anEmptyBodyIsNoValue(int status) {
    Answer answer = answer(status, Headers.EMPTY, Bytes.EMPTY);
    assertThat(reason(() -> answer.as(NUMBERS)).sentence())
        .isEqualTo(
            "The response of http://***@a/b?key=*** (status "
                + status
                + ", no type) cannot be read as Integer: the body is empty.");
  }

  @Test
  void anyContentTypeIsReadAndAPageIsNamed() {
    Headers page = Headers.of("content-type", "Text/HTML; charset=utf-8");
    assertThat(answer(200, page, Bytes.ofUtf8("7")).as(NUMBERS)).isEqualTo(7);
    assertThat(reason(() -> answer(200, page, Bytes.ofUtf8("<html>")).as(NUMBERS)).sentence())
        .contains("(status 200, an HTML page: Text/HTML; charset=utf-8)");
  }

  @Test
  void theEncodingIsThatOfText() {
    byte[] utf16 = "7".getBytes(StandardCharsets.UTF_16); // with a mark
    assertThat(answer(200, Headers.EMPTY, Bytes.wrap(utf16)).as(NUMBERS)).isEqualTo(7);
    Headers named = Headers.of("content-type", "application/json; charset=utf-16le");
    byte[] unmarked = "7".getBytes(StandardCharsets.UTF_16LE);
    assertThat(answer(200, named, Bytes.wrap(unmarked)).as(NUMBERS)).isEqualTo(7);
    assertThat(json("\ufeff7").as(NUMBERS)).isEqualTo(7);
  }

  @Test
  void aCodecThatBreaksItsContractIsToldAsUnreadable() {
    Reason.Unreadable why = unreadable(() -> json("7").as(Numbers.BROKEN));
    assertThat(why.cause().detail()).isEqualTo("java.lang.IllegalStateException: broken");
    assertThat(why.cause()).hasCauseInstanceOf(IllegalStateException.class);
    assertThat(unreadable(() -> json("7").as(Numbers.EMPTY)).cause().detail())
        .isEqualTo("the codec returned null");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void whatIsNullIsNamedAtOnce() throws Exception {
    assertThatThrownBy(() -> json("7").as(null)).hasMessage("codec: null, allowed any other value");
    Exchange exchange = answered();
    assertThatThrownBy(() -> exchange.lines((BodyCodec<Integer>) null, LONG))
        .hasMessage("codec: null, allowed any other value");
    assertThatThrownBy(() -> exchange.events(NUMBERS, LONG, null))
        .hasMessage("skipped: null, allowed any other value");
  }

  @Test
  void theBodyOfAnExchangeIsAValue() throws Exception {
    assertThat(answered(CHUNKED, chunk("1"), chunk("2"), LAST).as(NUMBERS, LONG)).isEqualTo(12);
    Exchange missing = answered("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone");
    assertThat(reason(() -> missing.as(NUMBERS, LONG)))
        .isInstanceOfSatisfying(
            Reason.Status.class, status -> assertThat(status.body().utf8()).isEqualTo("none"));
    Exchange wrong = answered("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone");
    assertThat(reason(() -> wrong.as(NUMBERS, LONG)).sentence())
        .startsWith("The response to GET /ticks (status 200, no type) cannot be read as Integer");
    nothingIsLeft();
  }

  // ---- lines

  @Test
  void linesAreValuesAsTheyArrive() throws Exception {
    Exchange exchange = answered(CHUNKED, chunk("1\n2"));
    try (Stream<Integer> values = exchange.lines(NUMBERS, LONG)) {
      var iterator = values.iterator();
      assertThat(iterator.next()).isEqualTo(1);
      origin.answer(chunk("3\r\n\n\n4"));
      assertThat(iterator.next()).isEqualTo(23);
      origin.answer(LAST);
      assertThat(iterator.next()).isEqualTo(4);
      assertThat(iterator.hasNext()).isFalse();
    }
    nothingIsLeft();
  }

  @Test
  void anEmptyBodyHasNoLines() throws Exception {
    try (Stream<Integer> values =
        answered("HTTP/1.1 204 No Content\r\n\r\n").lines(NUMBERS, LONG)) {
      assertThat(values).isEmpty();
    }
  }

  @Test
  void aLineThatIsNoValueEndsTheStreamAndCancelsTheRequest() throws Exception {
    Exchange exchange = answered(CHUNKED, chunk("1\n\nx\n3\n"));
    List<Integer> read = new ArrayList<>();
    try (Stream<Integer> values = exchange.lines(NUMBERS, LONG)) {
      assertThat(reason(() -> values.forEach(read::add)).sentence())
          .isEqualTo(
              "Line 3 of the response to GET /ticks cannot be read as Integer: line 1, column 1, $:"
                  + " \"x\" is no number.");
    }
    assertThat(read).containsExactly(1);
    assertThat(reason(() -> exchange.response(LONG))).isInstanceOf(Reason.Unreadable.class);
    nothingIsLeft();
  }

  @Test
  void aLineThatIsNoValueIsSkippedIfTheUserSaysSo() throws Exception {
    List<Reason.Unreadable> skipped = new ArrayList<>();
    Exchange exchange = answered(CHUNKED, chunk("1\nx\n3\n"), LAST);
    try (Stream<Integer> values = exchange.lines(NUMBERS, LONG, skipped::add)) {
      assertThat(values).containsExactly(1, 3);
    }
    assertThat(skipped)
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.what()).isEqualTo("line 2 of the response to GET /ticks");
              assertThat(why.content()).isEqualTo(Bytes.ofUtf8("x"));
            });
  }

  @Test
  void whatTheUserThrowsForASkippedLineIsThrown() throws Exception {
    Exchange exchange = answered(CHUNKED, chunk("x\n"));
    try (Stream<Integer> values =
        exchange.lines(
            NUMBERS,
            LONG,
            why -> {
              throw new IllegalStateException("enough");
            })) {
      assertThatIllegalStateException().isThrownBy(values::toList).withMessage("enough");
    }
    nothingIsLeft();
  }

  @Test
  void aLineThatIsTooLongIsALimit() throws Exception {
    Exchange exchange = answered(CHUNKED, chunk("1\n" + "2".repeat(101)));
    try (Stream<Integer> values = exchange.lines(NUMBERS, LONG)) {
      var iterator = values.iterator();
      assertThat(iterator.next()).isEqualTo(1);
      assertThat(reason(iterator::hasNext)).isEqualTo(new Reason.Limit(Reason.Bound.BODY, 100));
    }
    nothingIsLeft();
  }

  @Test
  void linesOfAnErrorAreItsStatusWithTheBeginningOfTheBody() throws Exception {
    Exchange exchange =
        answered(
            "HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 9\r\n\r\n", "1\n2\n", "slow\n");
    try (Stream<Integer> values = exchange.lines(NUMBERS, LONG)) {
      assertThat(reason(values::toList))
          .isInstanceOfSatisfying(
              Reason.Status.class,
              status -> {
                assertThat(status.status()).isEqualTo(429);
                assertThat(status.retryAfter()).contains(Duration.ofSeconds(9));
                assertThat(status.body().utf8()).isEqualTo("1\n2\nslow\n");
              });
    }
    nothingIsLeft();
  }

  @Test
  void linesOfAnErrorWithoutItsBodyAreStillItsStatus() throws Exception {
    Exchange exchange = answered("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\n", "so far");
    try (Stream<Integer> values = exchange.lines(NUMBERS, Duration.ofMillis(20))) {
      assertThat(reason(values::toList))
          .isInstanceOfSatisfying(
              Reason.Status.class, status -> assertThat(status.body().utf8()).isEqualTo("so far"));
    }
    assertThat(reason(() -> exchange.response(LONG))).isInstanceOf(Reason.Status.class);
    nothingIsLeft();
  }

  // ---- events

  @Test
  void eventsAreValues() throws Exception {
    Request request = Request.of("GET", "/ticks").content(Content.EVENTS);
    Exchange exchange = answered(request, EVENTS, chunk("data: 1\n\ndata: 2\n\n"), LAST);
    try (Stream<Integer> values = exchange.events(NUMBERS, LONG)) {
      assertThat(values).containsExactly(1, 2);
    }
  }

  @Test
  void anEventThatIsNoValueSaysWhichAndMayBeSkipped() throws Exception {
    Request request = Request.of("GET", "/ticks").content(Content.EVENTS);
    String stream = "data: 1\n\nid: 42\nevent: end\ndata: [DONE]\n\ndata: 3\n\n";
    Exchange exchange = answered(request, EVENTS, chunk(stream));
    try (Stream<Integer> values = exchange.events(NUMBERS, LONG)) {
      assertThat(reason(values::toList).sentence())
          .isEqualTo(
              "Event 2 (type end, id 42) of the response to GET /ticks cannot be read as Integer:"
                  + " line 1, column 1, $: \"[DONE]\" is no number.");
    }
    nothingIsLeft();
  }

  @Test
  void anEventThatIsNoValueIsSkippedIfTheUserSaysSo() throws Exception {
    Request request = Request.of("GET", "/ticks").content(Content.EVENTS);
    List<String> skipped = new ArrayList<>();
    Exchange exchange = answered(request, EVENTS, chunk("data: 1\n\ndata: x\n\ndata: 3\n\n"), LAST);
    try (Stream<Integer> values =
        exchange.events(NUMBERS, LONG, why -> skipped.add(why.content().utf8()))) {
      assertThat(values).containsExactly(1, 3);
    }
    assertThat(skipped).containsExactly("x");
  }

  // ---- requests

  @Test
  void aValueIsABodyOfItsTypeUnlessTheRequestHasOne() {
    Request plain = Request.of("POST", "/").body(NUMBERS, 7);
    assertThat(plain.body()).isEqualTo(Bytes.ofUtf8("7"));
    assertThat(plain.headers()).isEqualTo(Headers.of("content-type", "application/json"));
    Request own =
        Request.of("POST", "/").header("content-type", "application/vnd.x+json").body(NUMBERS, 7);
    assertThat(own.headers()).isEqualTo(Headers.of("content-type", "application/vnd.x+json"));
    assertThatThrownBy(() -> Request.of("POST", "/").body(Numbers.BROKEN, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("value: 7, allowed none");
    assertThat(NUMBERS.text(7).text()).isEqualTo("7");
    assertThat(NUMBERS.read("7")).isEqualTo(7);
  }

  @Test
  void aLaterContentTypeReplacesTheOneThatTheBodyHasSet() {
    Headers own = Headers.of("accept", "text/plain", "content-type", "application/vnd.x+json");
    Request value = Request.of("POST", "/").body(NUMBERS, 7).header("accept", "text/plain");
    assertThat(value.header("Content-Type", "application/vnd.x+json").headers()).isEqualTo(own);
    Request form = Request.of("POST", "/").body(Form.of("a", "b")).header("accept", "text/plain");
    assertThat(form.header("content-type", "application/vnd.x+json").headers()).isEqualTo(own);
    Request twice = value.header("content-type", "text/csv").body(NUMBERS, 8);
    assertThat(twice.headers().all("content-type")).containsExactly("text/csv");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void aBodyThatIsNullIsNamedAtOnce() {
    assertThatThrownBy(() -> Request.of("POST", "/").body(null, 7))
        .hasMessage("codec: null, allowed any other value");
    assertThatThrownBy(() -> Request.of("POST", "/").body(NUMBERS, null))
        .hasMessage("value: null, allowed any other value");
  }
}
