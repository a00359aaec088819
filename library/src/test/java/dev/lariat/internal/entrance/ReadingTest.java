package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.Asleep;
import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.Origin;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A response as a thread reads it that waits for it. */
@Timeout(30)
class ReadingTest {
  private static final Duration LONG = Origin.PATIENCE;
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final Origin origin =
      new Origin(
          ConnectionOptions.DEFAULT
              .limits(Limits.DEFAULT.body(100))
              .http1(Http1.DEFAULT.pipelining(2)));
  private final Connection connection = origin.connection;

  @TempDir private Path folder;

  @BeforeEach
  void connect() throws Exception {
    connection.awaitUp(LONG);
    assertThat(origin.mailbox.take()).isInstanceOf(Up.class);
  }

  @AfterEach
  void close() {
    origin.close();
  }

  private Exchange answered(String... parts) throws Exception {
    Exchange exchange = connection.get("/");
    origin.settle();
    for (String part : parts) {
      origin.answer(part);
    }
    return exchange;
  }

  private static Reason reason(Throwable thrown) {
    assertThat(thrown).isInstanceOf(FailedException.class);
    return ((FailedException) thrown).reason();
  }

  /** Whatever else comes of a failed exchange, its mailbox holds none of it. */
  private void nothingIsLeft() throws Exception {
    origin.settle();
    while (origin.mailbox.size() > 0) { // the connection's own messages may be there
      assertThat(origin.mailbox.take()).isNotInstanceOf(Message.OfStream.class);
    }
  }

  // ---- what is read

  @Test
  void theResponseIsReadPastInformationalOnesAndAgain() throws Exception {
    Exchange exchange =
        answered("HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n", "HTTP/1.1 404 No\r\nC: d\r\n", "\r\n");
    Response response = exchange.response(LONG);
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.headers()).isEqualTo(Headers.of("c", "d"));
    assertThat(exchange.response(Duration.ZERO)).isSameAs(response);
  }

  @Test
  void theBodyIsJoined() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nhel\r\n", "2\r\nlo\r\n", "0\r\n\r\n");
    assertThat(exchange.body(LONG)).isEqualTo(Bytes.ofUtf8("hello"));
    assertThat(exchange.trailers()).isEqualTo(Headers.EMPTY);
    assertThat(origin.mailbox.size()).isZero();
  }

  @Test
  void theBodyOfAnAnswerWithoutOneIsEmpty() throws Exception {
    Exchange exchange = answered("HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(exchange.body(LONG)).isEqualTo(Bytes.EMPTY);
    assertThat(exchange.response(Duration.ZERO).status()).isEqualTo(204);
  }

  @Test
  void theTrailersAreThereBehindTheBody() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nhel\r\n", "0\r\nSum: 9\r\n\r\n");
    assertThatIllegalStateException()
        .isThrownBy(exchange::trailers)
        .withMessage("the body of GET / was not read to its end");
    assertThat(exchange.text(LONG)).isEqualTo("hel");
    assertThat(exchange.trailers()).isEqualTo(Headers.of("sum", "9"));
  }

  @Test
  void aThreadThatWaitsGetsWhatComes() throws Exception {
    Exchange exchange = answered();
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> text.complete(exchange.text(LONG)));
    origin.answer(HELLO);
    assertThat(text.get()).isEqualTo("hello");
  }

  @Test
  void theMessagesOfOthersStayWhereTheyAre() throws Exception {
    Exchange first = connection.get("/1");
    Exchange second = connection.get("/2");
    origin.settle();
    origin.answer(HELLO + HELLO.replace("hello", "HELLO"));
    assertThat(second.text(LONG)).isEqualTo("HELLO");
    assertThat(first.text(LONG)).isEqualTo("hello");
  }

  @Test
  void whoeverTookTheResponseHimselfReadsTheBodyAllTheSame() throws Exception {
    Exchange exchange = answered(HELLO);
    assertThat(origin.mailbox.take()).isInstanceOf(Response.class);
    assertThatIllegalStateException()
        .isThrownBy(() -> exchange.response(LONG))
        .withMessage("the Response to GET / was taken from the mailbox before");
    assertThat(exchange.text(LONG)).isEqualTo("hello");
  }

  @Test
  void aMailboxOfTheRequestsOwnIsRead() throws Exception {
    Mailbox own = Mailbox.create();
    Exchange exchange = connection.request(Request.of("GET", "/").replyTo(own));
    origin.settle();
    origin.answer(HELLO);
    assertThat(exchange.text(LONG)).isEqualTo("hello");
    assertThat(origin.mailbox.size() + own.size()).isZero();
  }

  // ---- text

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain|\u00c3\u00a4|ä",
        "text/plain;charset=ISO-8859-1|\u00e4|ä",
        "text/plain; Charset=\"iso-8859-1\"|\u00e4|ä",
        "text/plain;charset=nowhere|\u00c3\u00a4|ä",
        "text/plain;charset=|\u00c3\u00a4|ä",
        "nothing|\u00c3\u00a4|ä",
        "text/plain|a\u00e4b\u00f0\u009f\u0098|a\ufffdb\ufffd",
        "text/plain;charset=ISO-8859-1|\u00ef\u00bb\u00bf\u00c3\u00a4|ä",
        "text/plain|\u00ff\u00feab|\u6261",
        "text/plain|\u00fe\u00ffab|\u6162"
      })
  void aTextIsDecodedByItsMarkThenItsCharsetThenAsUtf8(String type, String body, String text)
      throws Exception {
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    assertThat(answered(answer).text(LONG)).isEqualTo(text);
    Exchange byLine = connection.get("/");
    origin.settle();
    for (char c : answer.toCharArray()) {
      origin.answer(String.valueOf(c));
    }
    try (Stream<String> lines = byLine.lines(LONG)) {
      assertThat(lines).containsExactly(text);
    }
  }

  // ---- lines

  @Test
  void linesComeAsTheyArrive() throws Exception {
    Exchange exchange = answered(CHUNKED, "4\r\na\nb\r\r\n");
    try (Stream<String> stream = exchange.lines(LONG)) {
      Iterator<String> lines = stream.iterator();
      assertThat(lines.next()).isEqualTo("a");
      assertThat(lines.next()).isEqualTo("b");
      origin.answer("2\r\n\nc\r\n");
      origin.answer("6\r\nd\r\n\r\ne\r\n0\r\n\r\n");
      assertThat(lines).toIterable().containsExactly("cd", "", "e");
    }
    assertThat(exchange.trailers()).isEqualTo(Headers.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\r\n\n\r\n", "4\r\n\u00ef\u00bb\u00bf\n\r\n"})
  void aFirstLineThatIsEmptyWaitsForNothing(String chunk) throws Exception {
    try (Stream<String> lines = answered(CHUNKED, chunk).lines(SHORT)) {
      assertThat(lines.iterator().next()).isEmpty();
    }
  }

  @Test
  void linesThatNobodyReadsAnyMoreAreCancelled() throws Exception {
    Exchange exchange = answered(CHUNKED, "4\r\na\nb\n\r\n");
    try (Stream<String> lines = exchange.lines(LONG)) {
      assertThat(lines.findFirst()).hasValue("a");
    }
    assertThat(reason(catchThrowable(() -> exchange.response(LONG))))
        .isEqualTo(new Reason.Cancelled());
    nothingIsLeft();
  }

  @Test
  void aLineWithoutEndPassesTheLimitAndManyShortOnesDoNot() throws Exception {
    String many = "ab\n".repeat(100);
    Exchange exchange = answered("HTTP/1.1 200 OK\r\nContent-Length: 401\r\n\r\n" + many);
    origin.answer("x".repeat(101));
    try (Stream<String> stream = exchange.lines(LONG)) {
      Iterator<String> lines = stream.iterator();
      for (int i = 0; i < 100; i++) {
        assertThat(lines.next()).isEqualTo("ab");
      }
      assertThat(reason(catchThrowable(lines::next)))
          .isEqualTo(new Reason.Limit(Reason.Bound.BODY, 100));
    }
    nothingIsLeft();
  }

  // ---- events

  private static final String EVENTS =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  private Exchange askedForEvents(String answer) throws Exception {
    Exchange exchange =
        connection.request(Request.of("GET", "/").content(Content.EVENTS).credit(1));
    origin.settle();
    origin.answer(answer);
    return exchange;
  }

  @Test
  void eventsComeOneAfterTheOther() throws Exception {
    Exchange exchange = askedForEvents(EVENTS + "14\r\ndata: a\n\ndata: bcd\n\n\r\n");
    try (Stream<ServerSentEvent> stream = exchange.events(LONG)) {
      Iterator<String> events = stream.map(ServerSentEvent::data).iterator();
      assertThat(events.next()).isEqualTo("a");
      assertThat(events.next()).isEqualTo("bcd");
      origin.answer("9\r\ndata: e\n\n\r\n0\r\n\r\n");
      assertThat(events).toIterable().containsExactly("e");
    }
    assertThat(exchange.trailers()).isEqualTo(Headers.EMPTY);
  }

  private void assertNoEvents(Exchange exchange, String why) {
    try (Stream<ServerSentEvent> events = exchange.events(LONG)) {
      assertThat(reason(catchThrowable(events::toList)))
          .isEqualTo(new Reason.BadState("events", why));
    }
  }

  @Test
  void aResponseThatIsNoEventStreamSaysWhatItIs() throws Exception {
    String busy = "HTTP/1.1 529 x\r\nContent-Type: application/json\r\n";
    String json = "the response is not an event stream: status 529, application/json";
    assertNoEvents(askedForEvents(busy + "Content-Length: 2\r\n\r\n{}"), json);
    assertNoEvents(askedForEvents(busy + "Content-Length: 0\r\n\r\n"), json);
  }

  @Test
  void anEventStreamThatCannotBeReadSaysWhatToAskFor() throws Exception {
    String zipped =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
            + "Content-Length: 1\r\n\r\nx";
    assertNoEvents(
        askedForEvents(zipped), "the response is compressed with gzip: use Content.DECOMPRESSED");
    assertNoEvents(
        answered(zipped.replace("Content-Encoding: gzip\r\n", "")),
        "the request did not ask for events: use Content.EVENTS");
  }

  @Test
  void whatIsNotToldAsEventsIsNotReadAsEventsAndTheOtherWayRound() throws Exception {
    Exchange bytes = answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
    try (Stream<ServerSentEvent> events = bytes.events(LONG)) {
      assertThat(reason(catchThrowable(events::toList)))
          .isEqualTo(
              new Reason.BadState(
                  "events", "the response is not an event stream: status 200, no Content-Type"));
    }
    origin.answer("four");
    Exchange events = askedForEvents(EVENTS + "9\r\ndata: a\n\n\r\n");
    assertThat(reason(catchThrowable(() -> events.text(LONG))))
        .isEqualTo(new Reason.BadState("text", "the body arrives as events"));
    nothingIsLeft();
  }

  // ---- a file

  @Test
  void aFileIsThereWhenItIsWholeAndReplacesTheOneBefore() throws Exception {
    Path file = folder.resolve("page");
    Files.writeString(file, "before");
    Exchange exchange = answered("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + "a".repeat(9));
    CompletableFuture<Long> size = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                size.complete(exchange.download(file, LONG));
              } catch (IOException e) {
                size.completeExceptionally(e);
              }
            });
    assertThat(file).hasContent("before");
    origin.answer("a".repeat(291));
    assertThat(size.get()).isEqualTo(300);
    assertThat(file).hasContent("a".repeat(300));
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aFileMayHaveTheLongestName() throws Exception {
    Path file = folder.resolve("a".repeat(255));
    assertThat(answered(HELLO).download(file, LONG)).isEqualTo(5);
    assertThat(file).hasContent("hello");
  }

  @Test
  void aFileWhoseBodyFailsIsNotThere() throws Exception {
    Exchange exchange = answered("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + "a".repeat(9));
    origin.hangUp();
    assertThat(reason(catchThrowable(() -> exchange.download(folder.resolve("page"), LONG))))
        .isInstanceOf(Reason.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileThatCannotBeWrittenCancelsTheRequest() throws Exception {
    Exchange exchange = answered("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + "a".repeat(9));
    assertThatThrownBy(() -> exchange.download(folder.resolve("nowhere/page"), LONG))
        .isInstanceOf(NoSuchFileException.class);
    nothingIsLeft();
  }

  // ---- a stream

  @Test
  void anInputStreamGivesTheBodyAsItComes() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nabc\r\n");
    try (InputStream in = exchange.inputStream(LONG)) {
      byte[] bytes = new byte[5];
      assertThat(in.read(bytes, 1, 2)).isEqualTo(2);
      assertThat(bytes).containsExactly(0, 'a', 'b', 0, 0);
      assertThat(in.available()).isEqualTo(1);
      assertThat(in.read()).isEqualTo('c');
      origin.answer("2\r\nde\r\n0\r\n\r\n");
      assertThat(in.readAllBytes()).containsExactly('d', 'e');
      assertThat(in.read()).isEqualTo(-1);
    }
    assertThat(exchange.trailers()).isEqualTo(Headers.EMPTY);
  }

  @Test
  void anInputStreamThatIsClosedEarlyCancelsTheRest() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nabc\r\n");
    InputStream in = exchange.inputStream(LONG);
    assertThat(in.read()).isEqualTo('a');
    in.close();
    in.close();
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("the stream is closed");
    nothingIsLeft();
  }

  @Test
  void anInputStreamIsNotBoundByTheLimit() throws Exception {
    Exchange exchange =
        answered("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + "a".repeat(300));
    try (InputStream in = exchange.inputStream(LONG)) {
      assertThat(in.readAllBytes()).hasSize(300);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void theCreditOfTheRequestIsGivenBackAsTheBodyIsRead(long credit) throws Exception {
    Exchange exchange = connection.request(Request.of("GET", "/").credit(credit));
    origin.settle();
    origin.answer(CHUNKED + "1\r\na\r\n".repeat(9) + "0\r\n\r\n");
    assertThat(exchange.response(LONG).status()).isEqualTo(200);
    assertThat(origin.mailbox.size()).isEqualTo((int) credit);
    assertThat(exchange.text(LONG)).isEqualTo("a".repeat(9));
  }

  // ---- failures

  @Test
  void aDeadlineThatPassesCancelsAndLeavesNothing() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nabc\r\n");
    Reason late = new Reason.Timeout(Reason.Step.RESPONSE, SHORT);
    assertThat(reason(catchThrowable(() -> exchange.body(SHORT)))).isEqualTo(late);
    assertThat(reason(catchThrowable(() -> exchange.body(LONG)))).isEqualTo(late);
    assertThat(reason(catchThrowable(() -> exchange.response(LONG)))).isEqualTo(late);
    assertThat(reason(catchThrowable(exchange::trailers))).isEqualTo(late);
    nothingIsLeft();
  }

  /** Or a server that sends without end could hold a call for as long as it likes. */
  @Test
  void aDeadlineEndsACallThoughThereIsMoreToRead() throws Exception {
    Exchange exchange = answered(CHUNKED, "1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n");
    Duration over = Duration.ofNanos(1);
    assertThat(reason(catchThrowable(() -> exchange.body(over))))
        .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, over));
    Exchange other = answered(CHUNKED, "1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n");
    assertThat(other.body(Duration.ZERO)).as("what is there").isEqualTo(Bytes.ofUtf8("ab"));
    nothingIsLeft();
  }

  @Test
  void aLineThatDoesNotComeIsNotTheWholeResponsesDelay() throws Exception {
    Exchange exchange = answered(CHUNKED, "4\r\nabc\n\r\n");
    try (Stream<String> lines = exchange.lines(SHORT)) {
      assertThat(reason(catchThrowable(lines::toList)))
          .isEqualTo(new Reason.Timeout(Reason.Step.READ, SHORT));
    }
    nothingIsLeft();
  }

  @Test
  void theDeadlineIsOneForTheWholeCall() throws Exception {
    Exchange exchange = answered(CHUNKED, "3\r\nabc\r\n");
    Duration none = Duration.ofSeconds(-1);
    assertThat(reason(catchThrowable(() -> exchange.body(none))))
        .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, none));
  }

  @Test
  void aBodyPastTheLimitIsCancelled() throws Exception {
    Exchange exchange =
        answered("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + "a".repeat(100));
    origin.answer("a");
    assertThat(reason(catchThrowable(() -> exchange.body(LONG))))
        .isEqualTo(new Reason.Limit(Reason.Bound.BODY, 100));
    nothingIsLeft();
  }

  @Test
  void aBodyAsLargeAsTheLimitIsRead() throws Exception {
    Exchange exchange =
        answered("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + "a".repeat(100));
    assertThat(exchange.body(LONG).size()).isEqualTo(100);
  }

  @Test
  void whatTheStreamFailedWithIsThrownAgainAndAgain() throws Exception {
    Exchange exchange = answered("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + "a".repeat(9));
    exchange.cancel();
    for (int i = 0; i < 2; i++) {
      assertThat(reason(catchThrowable(() -> exchange.text(LONG))))
          .isEqualTo(new Reason.Cancelled());
    }
    assertThat(origin.mailbox.size()).isZero();
  }

  @Test
  void anInterruptEndsTheExchange() throws Exception {
    Exchange exchange = answered();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    CompletableFuture<Boolean> still = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  thrown.complete(catchThrowable(() -> exchange.text(LONG)));
                  still.complete(Thread.currentThread().isInterrupted());
                });
    thread.interrupt();
    assertThat(reason(thrown.get()))
        .isEqualTo(new Reason.BadState("text", "the thread was interrupted while it waited"));
    assertThat(still.get()).isTrue();
    nothingIsLeft();
  }

  @Test
  void anInterruptDoesNotStopAFileThatNeedsNoWait() throws Exception {
    Path file = folder.resolve("page");
    Exchange exchange = answered(HELLO);
    exchange.response(LONG);
    Thread.currentThread().interrupt();
    assertThat(exchange.download(file, LONG)).isEqualTo(5);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(file).hasContent("hello");
  }

  // ---- misuse

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void theBodyIsReadOnce(int way) throws Exception {
    Exchange exchange = answered(HELLO);
    assertThat(exchange.body(LONG)).isEqualTo(Bytes.ofUtf8("hello"));
    assertThatIllegalStateException()
        .isThrownBy(
            () -> {
              switch (way) {
                case 0 -> exchange.body(LONG);
                case 1 -> exchange.text(LONG);
                case 2 -> exchange.download(folder.resolve("page"), LONG);
                case 3 -> exchange.lines(LONG).close();
                default -> exchange.inputStream(LONG).close();
              }
            })
        .withMessage("the body of GET / was taken before");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aReceiverThatIsNoMailboxCannotBeRead() {
    Exchange exchange = connection.request(Request.of("GET", "/").replyTo(message -> {}));
    assertThatIllegalStateException()
        .isThrownBy(() -> exchange.response(LONG))
        .withMessage("the messages of GET / go to a receiver that is not a Mailbox");
  }

  @Test
  void anEventLoopIsNotBlocked() throws Exception {
    Exchange exchange = answered(HELLO);
    Throwable thrown = origin.on(() -> catchThrowable(() -> exchange.text(LONG)));
    assertThat(thrown)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("text would block an event loop; on it, be a Receiver");
    assertThat(exchange.text(LONG)).isEqualTo("hello");
  }

  @Test
  void twoThreadsDoNotReadTheSameResponse() throws Exception {
    Exchange exchange = answered(CHUNKED, "2\r\na\n\r\n");
    CountDownLatch within = new CountDownLatch(1);
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  within.countDown();
                  text.complete(exchange.text(LONG));
                });
    within.await();
    Asleep.await(reader);
    assertThatIllegalStateException()
        .isThrownBy(() -> exchange.response(LONG))
        .withMessage("another thread reads the response to GET /");
    origin.answer("0\r\n\r\n");
    assertThat(text.get()).isEqualTo("a\n");
  }
}
