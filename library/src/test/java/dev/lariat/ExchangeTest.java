package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with a request whose body follows, against a server in memory. */
@Timeout(30)
class ExchangeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Request PUT = Request.of("PUT", "/up");
  private static final Reason CANCELLED = new Reason.Cancelled();

  private final Origin origin =
      new Origin(ConnectionOptions.DEFAULT.http1(Http1.DEFAULT.pipelining(2)));

  @BeforeEach
  void open() throws Exception {
    origin.connection.awaitUp(PATIENCE);
  }

  @AfterEach
  void close() {
    origin.close();
  }

  private Exchange put() throws Exception {
    return begun(PUT);
  }

  private Exchange put(int length) throws Exception {
    return begun(PUT.header("Content-Length", String.valueOf(length)));
  }

  /** A request whose head was read. */
  private Exchange begun(Request request) throws Exception {
    Exchange exchange = origin.connection.begin(request);
    assertThat(sent()).startsWith("PUT /up ").endsWith("\r\n\r\n");
    return exchange;
  }

  private String sent() throws Exception {
    origin.settle();
    return origin.text();
  }

  private Message.OfStream next(Exchange exchange) throws Exception {
    return origin.mailbox.await(exchange, PATIENCE);
  }

  private void expectCancelled(Exchange exchange) throws Exception {
    assertThat(next(exchange)).isEqualTo(new StreamFailed(exchange, CANCELLED));
  }

  private void expectAnswered(Exchange exchange) throws Exception {
    origin.answer("HTTP/1.1 204 No\r\n\r\n");
    assertThat(next(exchange)).isEqualTo(new Response(exchange, true, 204, Headers.EMPTY));
  }

  private static InputStream in(String content) {
    return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
  }

  private static Reason reason(Throwable thrown) {
    assertThat(thrown).isInstanceOf(FailedException.class);
    return ((FailedException) thrown).reason();
  }

  /** What this throws on a thread of its own, once it has come to its end. */
  private static CompletableFuture<Throwable> thrown(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> outcome.complete(catchThrowable(call)));
    return outcome;
  }

  private static Throwable get(CompletableFuture<Throwable> outcome) throws Exception {
    return outcome.get(20, TimeUnit.SECONDS);
  }

  // ---- part by part

  @Test
  void aBodyIsSentPartByPartAndEmptyPartsAreDropped() throws Exception {
    Exchange put = put();
    put.data(Bytes.EMPTY, false);
    assertThat(put.tryData(Bytes.EMPTY, false)).isTrue();
    assertThat(sent()).isEmpty();
    put.data(Bytes.ofUtf8("ab"), false);
    assertThat(put.tryData(Bytes.ofUtf8("c"), false)).isTrue();
    put.data(Bytes.EMPTY, true);
    assertThat(sent()).isEqualTo("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    expectAnswered(put);
  }

  @Test
  void trailersEndABody() throws Exception {
    Exchange put = put();
    put.data(Bytes.ofUtf8("a"), false);
    put.trailers(Headers.of("Digest", "x"));
    assertThat(sent()).isEqualTo("1\r\na\r\n0\r\ndigest: x\r\n\r\n");
    expectAnswered(put);
  }

  @Test
  void rfc9110_55_aControlCharacterInAHeaderIsRefusedBeforeAnythingIsSent() throws Exception {
    Request request = Request.of("GET", "/").header("token", "abc\u0001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.request(request))
        .withMessageStartingWith("header value of token: character 4 of 4 is U+0001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.begin(PUT.header("token", "\u007f")));
    Exchange exchange = put();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> exchange.trailers(Headers.of("digest", "\u000b")));
    Headers headers = Headers.of("token", "\u0001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketOptions.DEFAULT.headers(headers));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.of(URI.create("ws://a.example")).headers(headers));
  }

  @Test
  void rfc9110_651_aTrailerThatFramesOrRoutesIsRefused() throws Exception {
    Exchange put = put();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put.trailers(Headers.of("Content-Length", "1")))
        .withMessageStartingWith("trailer: content-length, allowed any except [");
    Exchange counted = origin.connection.begin(PUT.header("Content-Length", "1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> counted.trailers(Headers.of("digest", "x")))
        .withMessageStartingWith("trailers: after a body that is not chunked");
  }

  @Test
  void moreThanTheContentLengthIsNotSent() throws Exception {
    Exchange put = put(3);
    put.data(Bytes.ofUtf8("ab"), false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put.data(Bytes.ofUtf8("cd"), false))
        .withMessage("data: 2 bytes, allowed up to 1, which is what remains of the content-length");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put.tryData(Bytes.ofUtf8("cd"), true))
        .withMessage(
            "data: 2 bytes in the last part, allowed 1, which is what remains of the"
                + " content-length");
    put.data(Bytes.ofUtf8("c"), true);
    assertThat(sent()).isEqualTo("abc");
    expectAnswered(put);
  }

  @Test
  void lessThanTheContentLengthIsNoEnd() throws Exception {
    Exchange put = put(3);
    put.data(Bytes.ofUtf8("ab"), false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put.data(Bytes.EMPTY, true))
        .withMessage(
            "data: 0 bytes in the last part, allowed 1, which is what remains of the"
                + " content-length");
    put.cancel();
    expectCancelled(put);
  }

  @Test
  void nothingFollowsTheLastPart() throws Exception {
    Exchange put = put();
    put.data(Bytes.EMPTY, true);
    assertThat(reason(catchThrowable(() -> put.data(Bytes.ofUtf8("a"), false))))
        .isEqualTo(new Reason.BadState("data", "the request's body has ended"));
    expectAnswered(put);
  }

  @Test
  void aWholeRequestHasNoBodyToSend() {
    Exchange get = origin.connection.get("/");
    assertThat(reason(catchThrowable(() -> get.data(Bytes.EMPTY, true))))
        .isEqualTo(new Reason.BadState("data", "the request was sent with its whole body"));
  }

  @Test
  void aBodyThatFollowsIsNotInTheRequest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.begin(PUT.body(Bytes.ofUtf8("ab"))))
        .withMessage("body: 2 bytes, allowed none: begin(request) sends the body later");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> origin.connection.request(PUT.header("content-length", "2")))
        .withMessageStartingWith("content-length: 2, allowed 0, the size of the body; to send");
  }

  // ---- back-pressure

  @Test
  void aSenderWaitsWhileTheServerTakesNothing() throws Exception {
    Exchange put = begun(PUT.sendQueue(100));
    origin.clog();
    assertThat(put.tryData(Bytes.wrap(new byte[200_000]), false)).isTrue();
    assertThat(put.tryData(Bytes.ofUtf8("full"), false)).isFalse();
    CompletableFuture<Throwable> waiting = thrown(() -> put.data(Bytes.ofUtf8("x"), true));
    origin.settle();
    assertThat(waiting).isNotDone();
    origin.takeAll();
    assertThat(get(waiting)).isNull();
    assertThat(sent()).endsWith("1\r\nx\r\n0\r\n\r\n");
    expectAnswered(put);
  }

  @Test
  void aSenderWaitsNoLongerThanItsTimeout() throws Exception {
    Exchange put = begun(PUT.sendQueue(1).sendTimeout(Duration.ofMillis(1)));
    origin.clog();
    put.data(Bytes.wrap(new byte[200_000]), false);
    assertThat(reason(catchThrowable(() -> put.data(Bytes.ofUtf8("x"), false))))
        .isInstanceOfSatisfying(
            Reason.Timeout.class,
            late ->
                assertThat(new Reason.Timeout(late.step(), late.limit()))
                    .isEqualTo(new Reason.Timeout(Reason.Step.SEND, Duration.ofMillis(1))));
  }

  @Test
  void aSenderDoesNotWaitForARequestThatHasEnded() throws Exception {
    Exchange put = begun(PUT.sendQueue(1));
    origin.clog();
    put.data(Bytes.wrap(new byte[200_000]), false);
    CompletableFuture<Throwable> waiting = thrown(() -> put.data(Bytes.ofUtf8("x"), false));
    put.cancel();
    get(waiting); // either way
    expectCancelled(put);
  }

  @Test
  void anEventLoopIsNotBlocked() throws Exception {
    Exchange put = put();
    assertThat(origin.on(() -> catchThrowable(() -> put.send(in("abc")))))
        .isInstanceOf(IllegalStateException.class);
    assertThat(origin.on(() -> catchThrowable(() -> put.send(Path.of("any")))))
        .isInstanceOf(IllegalStateException.class);
    assertThat(origin.on(() -> put.tryData(Bytes.ofUtf8("abc"), true))).isTrue();
    expectAnswered(put);
  }

  // ---- as one

  @Test
  void aStreamIsSentToItsEnd() throws Exception {
    Exchange put = put();
    put.send(in("abc"));
    assertThat(sent()).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
    expectAnswered(put);
    assertThatThrownBy(() -> put.send(in("again"))).isInstanceOf(FailedException.class);
  }

  @Test
  void aLargeStreamIsSentWhole() throws Exception {
    String content = "0123456789".repeat(100_000);
    Exchange put = put(content.length());
    put.send(in(content));
    assertThat(sent()).isEqualTo(content);
    expectAnswered(put);
  }

  @Test
  void aStreamThatFailsGivesTheRequestUp() throws Exception {
    IOException failure = new IOException("no more");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("read one by one");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            throw failure;
          }
        };
    Exchange put = put();
    assertThatThrownBy(() -> put.send(failing)).isSameAs(failure);
    expectCancelled(put);
  }

  @Test
  void aStreamOfAnotherLengthGivesTheRequestUp() throws Exception {
    Exchange put = put(2);
    assertThatIllegalArgumentException().isThrownBy(() -> put.send(in("abc")));
    expectCancelled(put);
  }

  @Test
  void aStreamThatIsShorterGivesTheRequestUp() throws Exception {
    Exchange put = put(4);
    assertThatIllegalArgumentException().isThrownBy(() -> put.send(in("abc")));
    expectCancelled(put);
  }

  @Test
  void aResponseThatClosesEndsTheSendingAndIsTold() throws Exception {
    Exchange put = put();
    Endless endless = new Endless();
    CompletableFuture<Throwable> sending = thrown(() -> put.send(endless));
    origin.answer("HTTP/1.1 413 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\n");
    assertThat(reason(get(sending))).isEqualTo(new Reason.Closed());
    assertThat(next(put)).isInstanceOf(Response.class);
    origin.answer("no");
    assertThat(next(put)).isEqualTo(new Data(put, true, Bytes.ofUtf8("no")));
  }

  private static final class Endless extends InputStream {
    @Override
    public int read() {
      throw new AssertionError("read one by one");
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return length;
    }
  }

  @Test
  void aFileIsSentToItsEnd(@TempDir Path folder) throws Exception {
    String content = "0123456789".repeat(20_000);
    Path file = Files.writeString(folder.resolve("file"), content);
    Exchange counted = put(content.length());
    counted.send(file);
    assertThat(sent()).isEqualTo(content);
    expectAnswered(counted);
    Exchange chunked = put();
    chunked.send(Files.writeString(file, "abc"));
    assertThat(sent()).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
    expectAnswered(chunked);
  }

  @Test
  void anInterruptGivesUpTheRequestThatAFileIsSentFor(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "abc");
    Exchange put = put();
    Thread.currentThread().interrupt();
    Throwable thrown = catchThrowable(() -> put.send(file));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(thrown)
        .isInstanceOfSatisfying(
            FailedException.class,
            failed ->
                assertThat(failed.reason())
                    .isEqualTo(
                        new Reason.BadState("send", "the thread was interrupted while it waited")));
    expectCancelled(put);
  }

  @Test
  void aFileThatIsNotThereGivesTheRequestUp(@TempDir Path folder) throws Exception {
    Exchange one = put();
    assertThatThrownBy(() -> one.send(folder.resolve("nowhere")))
        .isInstanceOf(NoSuchFileException.class);
    expectCancelled(one);
  }

  @Test
  void aFolderIsNoFile(@TempDir Path folder) throws Exception {
    Exchange put = put();
    assertThatThrownBy(() -> put.send(folder))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("not a regular file");
    expectCancelled(put);
  }

  @Test
  void aFileBehindTheEndIsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "abc");
    Exchange put = put();
    put.send(file);
    assertThat(reason(catchThrowable(() -> put.send(file))))
        .isEqualTo(new Reason.BadState("data", "the request's body has ended"));
    expectAnswered(put);
  }

  @Test
  void aFileOfAnotherLengthGivesTheRequestUp(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "abc");
    Exchange put = put(2);
    assertThatIllegalArgumentException().isThrownBy(() -> put.send(file));
    expectCancelled(put);
  }

  @Test
  void aPublisherIsSentToItsEnd() throws Exception {
    Exchange put = put();
    CompletableFuture<Void> written;
    try (SubmissionPublisher<Bytes> parts = new SubmissionPublisher<>()) {
      written = put.send(parts);
      parts.submit(Bytes.ofUtf8("ab"));
      parts.submit(Bytes.EMPTY);
      parts.submit(Bytes.ofUtf8("c"));
    }
    written.get(20, TimeUnit.SECONDS);
    assertThat(sent()).isEqualTo("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    expectAnswered(put);
  }

  @Test
  void aPublisherThatGivesTooMuchGivesTheRequestUp() throws Exception {
    Exchange put = put(2);
    CompletableFuture<Void> written;
    try (SubmissionPublisher<Bytes> parts = new SubmissionPublisher<>()) {
      written = put.send(parts);
      parts.submit(Bytes.ofUtf8("abc"));
      assertThatThrownBy(() -> written.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
    expectCancelled(put);
  }

  @Test
  void aPublisherThatThrowsGivesTheRequestUp() throws Exception {
    Exchange put = put();
    Flow.Publisher<Bytes> throwing =
        subscriber -> {
          throw new IllegalStateException("no");
        };
    assertThat(put.send(throwing)).isCompletedExceptionally();
    expectCancelled(put);
  }

  @Test
  void toCancelTheFutureGivesTheRequestUp() throws Exception {
    Exchange put = put();
    try (SubmissionPublisher<Bytes> parts = new SubmissionPublisher<>()) {
      put.send(parts).cancel(false);
    }
    expectCancelled(put);
  }

  // ---- the response

  @Test
  void aResponseIsToldAsItsReaderAllows() throws Exception {
    Exchange get = origin.connection.request(Request.of("GET", "/").credit(0));
    origin.settle();
    origin.answer("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
    assertThat(next(get)).isInstanceOf(Response.class);
    origin.settle();
    assertThat(origin.mailbox.size()).isEqualTo(1); // Up
    get.credit(1);
    assertThat(next(get)).isEqualTo(new Data(get, true, Bytes.ofUtf8("abc")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> get.credit(0))
        .withMessage("credit: 0, allowed 1 to 9223372036854775807");
  }

  @Test
  void aRequestHasItsTime() throws Exception {
    Duration time = Duration.ofMillis(1);
    Exchange get = origin.connection.request(Request.of("GET", "/").timeout(time));
    assertThat(next(get))
        .isEqualTo(new StreamFailed(get, new Reason.Timeout(Reason.Step.RESPONSE, time)));
  }

  // ---- giving up

  @Test
  void aCancelledRequestIsToldOnceAndItsResponseNotAtAll() throws Exception {
    Exchange one = origin.connection.get("/1");
    Exchange two = origin.connection.get("/2");
    one.cancel();
    one.cancel();
    expectCancelled(one);
    origin.answer("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    assertThat(next(two)).isInstanceOf(Response.class);
    assertThat(origin.mailbox.flush(one)).isZero();
  }

  @Test
  void whatNeedsTheConnectionThrowsWhenItHasTerminated() throws Exception {
    Exchange put = put();
    origin.connection.close();
    origin.settle();
    assertThatThrownBy(() -> put.data(Bytes.ofUtf8("a"), false))
        .isInstanceOf(FailedException.class);
    assertThatThrownBy(() -> put.send(in("a"))).isInstanceOf(FailedException.class);
    put.cancel();
  }

  @Test
  void itsNameIsWhatItAsksFor() {
    assertThat(origin.connection.begin(PUT)).hasToString("PUT /up");
  }
}
