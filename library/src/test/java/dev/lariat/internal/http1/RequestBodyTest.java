package dev.lariat.internal.http1;

import static dev.lariat.internal.http1.Server.UNSENT;
import static dev.lariat.internal.http1.Server.refs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that follow their requests: how they are framed, what they wait for, how they end. */
class RequestBodyTest {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Reason LOST = new Reason.Reset("test");
  private static final Reason UNANSWERED = new Reason.Unanswered(LOST);
  private static final Request PUT = Request.of("PUT", "/up");
  private static final String CHUNKED =
      "PUT /up HTTP/1.1\r\nhost: example.com\r\ntransfer-encoding: chunked\r\n\r\n";
  private static final Reason NOT_AWAITED =
      new Reason.BadState("data", "no more of the request's body is expected");
  private static final Reason CANCELLED = new Reason.Cancelled();
  private static final Reason GIVEN_UP =
      new Reason.BodyUnfinished("its request was abandoned: The request was cancelled.");

  private final Server server = new Server();
  private final Recorder out = server.out;

  private static Request put(int length) {
    return PUT.header("content-length", String.valueOf(length));
  }

  private static Response response(Stream stream, int status, String... headers) {
    return new Response(stream.ref(), true, status, Headers.of(headers));
  }

  private static StreamFailed failed(Stream stream, Reason reason) {
    return new StreamFailed(stream.ref(), reason);
  }

  private static Rejected rejected(Stream stream) {
    return new Rejected(stream.ref(), "data", NOT_AWAITED);
  }

  /** The server answers this request, which is the only one, and all is well. */
  private void answered(Stream stream) {
    server.answers("HTTP/1.1 204 No");
    out.expect(response(stream, 204));
    assertThat(server.engine.deadline()).isEqualTo(Engine.NEVER);
    server.endQuietly();
  }

  // ---- framing

  @Test
  void rfc9112_71_aBodyOfUnknownLengthIsChunked() {
    Stream put = server.headers(PUT);
    assertThat(server.reads()).isEqualTo(CHUNKED);
    server.data(put, "abc", false);
    assertThat(server.reads()).isEqualTo("3\r\nabc\r\n");
    server.data(put, "de", true);
    assertThat(server.reads()).isEqualTo("2\r\nde\r\n0\r\n\r\n");
    assertThat(Recorder.gate(put).hasEnded()).isTrue();
    answered(put);
  }

  @Test
  void aBodyOfKnownLengthIsCounted() {
    Stream put = server.headers(put(5));
    server.data(put, "abc", false);
    server.data(put, "de", true);
    assertThat(server.reads())
        .isEqualTo("PUT /up HTTP/1.1\r\nhost: example.com\r\ncontent-length: 5\r\n\r\nabcde");
    answered(put);
  }

  @Test
  void anEmptyLastPartIsTheEnd() {
    Stream put = server.headers(PUT);
    server.data(put, "", true);
    assertThat(server.reads()).isEqualTo(CHUNKED + "0\r\n\r\n");
    answered(put);
  }

  @Test
  void nothingCanFollowTheLastPart() {
    Stream put = server.headers(PUT);
    server.reads();
    server.writable(false); // so that the last part waits
    server.data(put, "abc", true);
    server.data(put, "de", true);
    out.expect(rejected(put));
    server.writable(true);
    assertThat(server.reads()).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
    assertThat(Recorder.gate(put).waiting).isZero();
    answered(put);
  }

  @Test
  void rfc9112_712_trailersFollowTheLastChunk() {
    Stream put = server.headers(PUT);
    server.data(put, "a", false);
    server.data(put, "", true, Headers.of("digest", "x", "n", "v"), null);
    assertThat(server.reads()).isEqualTo(CHUNKED + "1\r\na\r\n0\r\ndigest: x\r\nn: v\r\n\r\n");
    answered(put);
  }

  @Test
  void whatWaitsBehindTheLastRequestIsTheNextConnections() {
    Stream put = server.headers(PUT);
    Stream last = server.request(Request.of("GET", "/last").header("connection", "close"));
    Stream behind = server.request("GET", "/behind");
    server.data(put, "", true);
    assertThat(server.reads()).contains("GET /last").doesNotContain("/behind");
    server.answers("HTTP/1.1 204 No");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204), response(last, 204));
    server.expectClose(new Reason.Closed());
    server.endLeaving(behind);
  }

  @Test
  void anyMethodMayHaveABody() {
    Stream get = server.headers(Request.of("GET", "/search"));
    server.data(get, "q", true);
    assertThat(server.reads()).endsWith("transfer-encoding: chunked\r\n\r\n1\r\nq\r\n0\r\n\r\n");
    answered(get);
  }

  @Test
  void whoFollowsABodyLearnsThatItsLastPartIsWritten() {
    Followed fate = new Followed();
    Stream put = server.headers(PUT);
    server.data(put, "a", false, Headers.EMPTY, fate);
    assertThat(fate.isOpen()).isTrue();
    server.data(put, "", true, Headers.EMPTY, fate);
    assertThat(fate.isWritten()).isTrue();
    answered(put);
  }

  // ---- what it waits for

  @Test
  void partsWaitAtTheGateWhileTheTransportTakesNone() {
    Stream put = server.headers(put(4));
    server.writable(false);
    server.data(put, "ab", false);
    server.data(put, "cd", true);
    server.reads();
    assertThat(Recorder.gate(put).waiting).isEqualTo(2 * (2 + 16));
    server.writable(true);
    assertThat(server.reads()).isEqualTo("abcd");
    assertThat(Recorder.gate(put).waiting).isZero();
    answered(put);
  }

  @Test
  void aLargePartIsWrittenInPieces() {
    int size = 200_000;
    Stream put = server.headers(put(size));
    server.reads();
    server.writable(false);
    server.data(put, "x".repeat(size), true);
    out.writableTimes = 2;
    server.engine.writable(out.at(server.now));
    assertThat(server.reads()).hasSize(2 << 16);
    assertThat(Recorder.gate(put).waiting).isEqualTo(size + 16);
    server.writable(true);
    assertThat(server.reads()).hasSize(size - (2 << 16));
    answered(put);
  }

  @Test
  void requestsBehindAnUnfinishedBodyWaitForItInTheirOrder() {
    Stream put = server.headers(PUT);
    server.reads();
    Stream two = server.request("GET", "/2");
    Stream three = server.headers(Request.of("POST", "/3"));
    server.data(three, "three", true);
    Stream four = server.request("GET", "/4");
    assertThat(server.reads()).isEmpty();
    server.data(put, "one", true);
    assertThat(server.reads())
        .startsWith("3\r\none\r\n0\r\n\r\nGET /2 ")
        .containsSubsequence("GET /2 ", "POST /3 ", "5\r\nthree\r\n0\r\n\r\n", "GET /4 ");
    for (Stream each : List.of(put, two, three, four)) {
      server.answers("HTTP/1.1 204 No");
      out.expect(response(each, 204));
    }
    server.endQuietly();
  }

  @Test
  void noMoreRequestsWaitForABodyThanTheLimitAllows() {
    Server each = new Server(Limits.DEFAULT.heldCommands(1));
    Stream put = each.headers(PUT);
    Stream held = each.headers(PUT);
    Stream past = each.request("GET", "/past");
    each.out.expect(failed(past, new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1)));
    for (int i = 0; i < 3; i++) {
      each.data(held, "its gate bounds these", i == 2);
    }
    each.reads();
    each.data(put, "", true);
    assertThat(each.reads()).contains("its gate bounds these\r\n0\r\n\r\n");
    each.answers("HTTP/1.1 204 No");
    each.answers("HTTP/1.1 204 No");
    each.out.expect(response(put, 204), response(held, 204));
    each.endQuietly();
  }

  @Test
  void aRequestAndItsBodyWaitForTheTransportTogether() {
    out.writable = false;
    Stream put = server.headers(PUT);
    server.data(put, "a", true);
    assertThat(server.reads()).isEmpty();
    server.writable(true);
    assertThat(server.reads()).isEqualTo(CHUNKED + "1\r\na\r\n0\r\n\r\n");
    answered(put);
  }

  // ---- from a file

  private static final class Source implements AutoCloseable {
    final FileChannel channel;
    final Followed fate = new Followed();

    Source(Path folder, String content) throws Exception {
      channel =
          FileChannel.open(
              Files.writeString(folder.resolve("file"), content), StandardOpenOption.READ);
    }

    Command.SendFile of(Stream stream) throws Exception {
      return new Command.SendFile(stream, new SentFile(channel), 0, channel.size(), fate);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Test
  void aFileIsSentInPieces(@TempDir Path folder) throws Exception {
    String content = "0123456789".repeat(20_000);
    try (Source file = new Source(folder, content)) {
      Stream put = server.headers(put(content.length()));
      server.reads();
      out.writableTimes = 1;
      server.engine.command(file.of(put), out.at(server.now));
      assertThat(server.reads()).isEqualTo(content.substring(0, 1 << 16));
      assertThat(file.fate.isOpen()).isTrue();
      server.writable(true);
      assertThat(server.reads()).isEqualTo(content.substring(1 << 16));
      assertThat(file.fate.isWritten()).isTrue();
      answered(put);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc"})
  void aFileMayBeChunkedAndEmpty(String content, @TempDir Path folder) throws Exception {
    try (Source file = new Source(folder, content)) {
      Stream put = server.headers(PUT);
      server.engine.command(file.of(put), out.at(server.now));
      assertThat(server.reads())
          .isEqualTo(CHUNKED + (content.isEmpty() ? "" : "3\r\nabc\r\n") + "0\r\n\r\n");
      assertThat(file.fate.isWritten()).isTrue();
      answered(put);
    }
  }

  @Test
  void aFileThatCannotBeSentToItsEndIsLostForTheConnectionsReason(@TempDir Path folder)
      throws Exception {
    try (Source file = new Source(folder, "abc")) {
      Stream put = server.headers(PUT);
      server.writable(false);
      server.engine.command(file.of(put), out.at(server.now));
      server.end(LOST);
      assertThat(file.fate.lost()).isEqualTo(LOST);
      out.expect(failed(put, UNANSWERED));
      out.expectEnd();
    }
  }

  @Test
  void aFileThatBecomesShorterEndsItsRequestAndTheConnection(@TempDir Path folder)
      throws Exception {
    Path path = folder.resolve("file");
    try (Source file = new Source(folder, "0123456789".repeat(20_000))) {
      Stream get = server.request("GET", "/");
      Stream put = server.headers(put(200_000));
      out.writableTimes = 1;
      server.engine.command(file.of(put), out.at(server.now));
      Files.writeString(path, "short");
      server.writable(true);
      Reason reason = new Reason.BodyUnfinished("its file cannot be read: it has become shorter");
      assertThat(file.fate.lost()).isEqualTo(reason);
      out.expect(failed(put, reason));
      server.answers("HTTP/1.1 204 No");
      out.expect(response(get, 204));
      out.expect(new Change.Close(reason));
    }
  }

  // ---- the end of the connection

  @Test
  void whatWaitedIsAnsweredWhenTheConnectionEndsForGood() {
    Stream put = server.headers(PUT);
    server.writable(false);
    server.data(put, "a", false);
    Followed fate = new Followed();
    Stream held = server.headers(PUT);
    server.data(held, "b", true, Headers.EMPTY, fate);
    assertThat(server.end(LOST)).isEqualTo(new Engine.Casualties(refs(put), List.of()));
    assertThat(fate.lost()).isNotNull();
    out.expect(rejected(put), failed(put, UNANSWERED), failed(held, UNSENT));
    assertThat(Recorder.gate(put).hasEnded()).isTrue();
    assertThat(Recorder.gate(held).hasEnded()).isTrue();
    out.expectEnd();
  }

  @Test
  void partsBehindTheLastAreRejected() {
    Stream put = server.headers(PUT);
    server.data(put, "", true);
    server.data(put, "late", true);
    out.expect(rejected(put));
    answered(put);
  }

  @Test
  void shutdownLetsABodyAndItsResponseEnd() {
    Stream put = server.headers(PUT);
    server.engine.shutdown(out.at(server.now));
    server.reads();
    server.data(put, "a", true);
    assertThat(server.reads()).isEqualTo("1\r\na\r\n0\r\n\r\n");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    server.expectClose(new Reason.OwnerClosed());
    server.endQuietly();
  }

  @Test
  void shutdownEndsABodyBehindTheResponseThatIsAwaited() {
    Stream get = server.request("GET", "/");
    Stream put = server.headers(PUT);
    server.engine.shutdown(out.at(server.now));
    out.expect(failed(put, new Reason.OwnerClosed()));
    server.data(put, "a", true);
    out.expect(
        new Rejected(put.ref(), "data", new Reason.BadState("data", "the connection is closing")));
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, 204));
    server.expectClose(new Reason.OwnerClosed());
    server.endQuietly();
  }

  // ---- Expect: 100-continue

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void rfc9110_1011_aBodyWaitsForTheServersConsent() {
    Stream put = server.headers(PUT.expectContinue(SECOND));
    assertThat(server.reads())
        .isEqualTo(CHUNKED.replace("chunked\r\n\r\n", "chunked\r\nexpect: 100-continue\r\n\r\n"));
    server.data(put, "a", false);
    assertThat(server.reads()).isEmpty();
    server.answers("HTTP/1.1 103 Early Hints");
    assertThat(server.reads()).isEmpty();
    server.answers("HTTP/1.1 100 Continue");
    out.expect(
        new Inform(put.ref(), 103, Headers.EMPTY), new Inform(put.ref(), 100, Headers.EMPTY));
    server.data(put, "b", true);
    assertThat(server.reads()).isEqualTo("1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    answered(put);
  }

  @Test
  void aWholeBodyWaitsTheSame() {
    Stream put = server.request(PUT.body(Bytes.ofUtf8("abc")).expectContinue(SECOND));
    assertThat(server.reads()).endsWith("\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n");
    server.answers("HTTP/1.1 100 Continue");
    assertThat(server.reads()).isEqualTo("abc");
    out.next(Inform.class);
    answered(put);
  }

  @Test
  void aServerThatSaysNothingGetsTheBodyInTheEnd() {
    Stream put = server.headers(PUT.expectContinue(SECOND));
    server.data(put, "a", true);
    server.reads();
    server.passes(SECOND.minusNanos(1));
    assertThat(server.reads()).isEmpty();
    server.passes(Duration.ofNanos(1));
    assertThat(server.reads()).isEqualTo("1\r\na\r\n0\r\n\r\n");
    answered(put);
  }

  @Test
  void theTimeForTheConsentBeginsWhenTheResponseIsTheNext() {
    Stream get = server.request("GET", "/");
    Stream put = server.headers(PUT.expectContinue(SECOND));
    server.data(put, "a", true);
    server.reads();
    server.passes(SECOND.multipliedBy(2));
    assertThat(server.reads()).isEmpty();
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, 204));
    server.passes(SECOND);
    assertThat(server.reads()).isEqualTo("1\r\na\r\n0\r\n\r\n");
    answered(put);
  }

  @ParameterizedTest
  @ValueSource(strings = {"417 Expectation Failed", "401 Unauthorized", "200 OK"})
  void aFinalResponseLeavesTheBodyUnsentAndIsTheLast(String status) {
    Stream put = server.headers(PUT.expectContinue(SECOND));
    Followed fate = new Followed();
    server.data(put, "a", true, Headers.EMPTY, fate);
    Stream held = server.request("GET", "/held");
    server.reads();
    server.says("HTTP/1.1 " + status + "\r\ncontent-length: 2\r\n\r\nn");
    Reason unsent = new Reason.BodyUnfinished("the server answered without asking for it");
    assertThat(out.next(Response.class).stream()).isSameAs(put.ref());
    out.expect(new Data(put.ref(), false, Bytes.ofUtf8("n")));
    assertThat(fate.lost()).isEqualTo(unsent);
    server.says("o");
    out.expect(new Data(put.ref(), true, Bytes.ofUtf8("o")));
    assertThat(server.reads()).isEmpty();
    server.expectClose(unsent);
    server.endLeaving(held);
  }

  @Test
  void rfc9110_1011_withoutABodyThereIsNothingToConsentTo() {
    Stream put = server.request(PUT.expectContinue(SECOND));
    assertThat(server.reads()).doesNotContain("expect");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    Stream empty = server.headers(put(0).expectContinue(SECOND));
    assertThat(server.reads()).doesNotContain("expect");
    server.data(empty, "", true);
    answered(empty);
  }

  @Test
  void aConsentThatNobodyAskedForChangesNothing() {
    Stream get = server.request("GET", "/");
    Stream put = server.headers(PUT.expectContinue(SECOND));
    server.data(put, "a", true);
    server.reads();
    server.answers("HTTP/1.1 100 Continue"); // to the first
    out.expect(new Inform(get.ref(), 100, Headers.EMPTY));
    assertThat(server.reads()).isEmpty();
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, 204));
    server.answers("HTTP/1.1 100 Continue");
    out.expect(new Inform(put.ref(), 100, Headers.EMPTY));
    assertThat(server.reads()).isNotEmpty();
    answered(put);
  }

  // ---- the response comes first

  @Test
  void aBodyGoesOnBehindItsResponseAndTheNextRequestComesAfterIt() {
    Stream put = server.headers(put(4));
    server.data(put, "ab", false);
    server.answers("HTTP/1.1 200 OK", "content-length: 0");
    out.expect(response(put, 200, "content-length", "0"));
    Stream next = server.request("GET", "/next");
    server.reads();
    server.data(put, "cd", true);
    assertThat(server.reads()).startsWith("cdGET /next ");
    answered(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\n",
        "HTTP/1.0 413 Too Large\r\ncontent-length: 2\r\n\r\n"
      })
  void rfc9112_95_aResponseThatClosesEndsTheBody(String head) {
    Stream put = server.headers(PUT);
    server.data(put, "a", false);
    server.reads();
    server.writable(false);
    server.data(put, "b", false);
    Stream held = server.request("GET", "/held");
    server.says(head + "n");
    out.next(Response.class);
    out.expect(rejected(put), new Data(put.ref(), false, Bytes.ofUtf8("n")));
    assertThat(Recorder.gate(put).hasEnded()).isTrue();
    server.writable(true);
    server.data(put, "c", true);
    out.expect(
        new Rejected(put.ref(), "data", new Reason.BadState("data", "the connection is closing")));
    server.says("o");
    out.expect(new Data(put.ref(), true, Bytes.ofUtf8("o")));
    assertThat(server.reads()).isEmpty();
    server.expectClose(CLOSED);
    server.endLeaving(held);
  }

  @Test
  void aBodyThatNobodyGoesOnWithBehindItsResponseEndsTheConnection() {
    Stream put = server.headers(PUT);
    server.passes(Duration.ofDays(1)); // until then it may take its time
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    Stream next = server.request("GET", "/next");
    server.passes(Duration.ofSeconds(14));
    server.data(put, "a sign of life", false);
    server.passes(Duration.ofSeconds(14));
    out.expectNothing();
    server.passes(Duration.ofSeconds(1));
    Reason late = new Reason.Timeout(Reason.Step.BODY, Duration.ofSeconds(15));
    server.expectClose(late);
    server.endLeaving(next);
  }

  @Test
  void aBodyThatTheServerDoesNotTakeIsNotItsSendersFault() {
    Stream put = server.headers(PUT);
    server.writable(false);
    server.data(put, "a", true);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    server.passes(Duration.ofSeconds(15));
    server.passes(Duration.ofSeconds(15));
    out.expectNothing();
    server.writable(true);
    assertThat(server.reads()).endsWith("0\r\n\r\n");
    server.endQuietly();
  }

  @Test
  void aBodyThatIsGivenUpBehindItsResponseEndsTheConnection() {
    Stream put = server.headers(PUT);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    server.cancel(put);
    server.expectClose(GIVEN_UP);
    server.endQuietly();
  }

  // ---- giving up

  @Test
  void aRequestThatIsNotWrittenYetIsNotSent() {
    Stream put = server.headers(PUT);
    Stream held = server.headers(PUT);
    server.data(held, "held", false);
    Stream next = server.request("GET", "/next");
    server.cancel(held);
    out.expect(failed(held, CANCELLED), new Rejected(held.ref(), "data", CANCELLED));
    server.cancel(held);
    server.reads();
    server.data(put, "", true);
    assertThat(server.reads()).startsWith("0\r\n\r\nGET /next ");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    answered(next);
  }

  @Test
  void theResponseToACancelledRequestIsThrownAwayAndTheNextOneIsNot() {
    Stream get = server.request("GET", "/1");
    Stream next = server.request("GET", "/2");
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    server.cancel(get);
    server.says(
        "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n0\r\nt: u\r\n\r\n");
    out.expectNothing();
    answered(next);
  }

  @Test
  void aResponseThatIsArrivingIsSilencedFromNowOn() {
    Stream get = server.request("GET", "/1");
    Stream next = server.request("GET", "/2");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    out.next(Response.class);
    out.expect(new Data(get.ref(), false, Bytes.ofUtf8("ab")));
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    server.says("cd");
    out.expectNothing();
    answered(next);
  }

  @Test
  void noMoreIsThrownAwayThanTheLimitAllows() {
    Server each = new Server(Limits.DEFAULT.discarded(3));
    Stream get = each.request("GET", "/1");
    Stream next = each.request("GET", "/2");
    each.cancel(get);
    each.out.expect(failed(get, CANCELLED));
    each.says("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc");
    each.out.expectNothing();
    each.says("d");
    Reason limit = new Reason.Limit(Reason.Bound.DISCARDED, 3);
    each.expectClose(limit);
    assertThat(each.end(limit).killed()).containsExactly(next.ref());
    each.out.expect(failed(next, new Reason.Unanswered(limit)));
    each.out.expectEnd();
  }

  @Test
  void aCancelledResponseThatComesNextEndsTheConnection() {
    Stream first = server.request("GET", "/0");
    Stream get = server.request("GET", "/1");
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    Stream next = server.request("POST", "/2");
    server.passes(Duration.ofSeconds(60)); // the one before it has its time
    server.answers("HTTP/1.1 204 No");
    out.expect(response(first, 204));
    server.expectClose(CANCELLED);
    assertThat(server.reads()).doesNotContain("POST");
    server.endLeaving(next);
  }

  @Test
  void theTimeToThrowAResponseAwayDoesNotCountWhileNothingIsRead() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    out.next(Response.class);
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    out.reading = false;
    server.passes(SECOND);
    assertThat(server.engine.deadline()).isEqualTo(server.now + Server.SECOND);
    out.reading = true;
    server.passes(SECOND);
    Reason late = new Reason.Timeout(Reason.Step.DISCARD, SECOND);
    server.expectClose(late);
    server.end(late);
    out.expectEnd();
  }

  @Test
  void anUnfinishedBodyThatIsGivenUpEndsTheConnection() {
    Stream put = server.headers(PUT);
    server.writable(false);
    server.data(put, "a", false);
    Stream held = server.request("GET", "/held");
    server.cancel(put);
    out.expect(failed(put, CANCELLED), rejected(put));
    server.expectClose(GIVEN_UP);
    assertThat(server.engine.inGoodOrder()).isTrue();
    server.endLeaving(held);
  }

  @Test
  void theResponsesBeforeABodyThatIsGivenUpAreReadFirst() {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream put = server.headers(PUT);
    server.cancel(put);
    out.expect(failed(put, CANCELLED));
    Stream late = server.request("GET", "/late");
    server.answers("HTTP/1.1 204 No");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(one, 204), response(two, 204));
    server.expectClose(GIVEN_UP);
    server.endLeaving(late);
  }

  @Test
  void aResponseThatClosesBeforeABodyThatIsGivenUpIsTheLastAllTheSame() {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream put = server.headers(PUT);
    server.cancel(put);
    out.expect(failed(put, CANCELLED));
    server.answers("HTTP/1.1 204 No", "connection: close");
    out.expect(
        response(one, 204, "connection", "close"),
        failed(
            two,
            new Reason.Unprocessed("the server closes the connection after an earlier response")));
    server.expectClose(GIVEN_UP);
    assertThat(server.end(GIVEN_UP)).isEqualTo(new Engine.Casualties(List.of(), refs(two)));
    out.expectEnd();
  }

  @Test
  void whatHasEndedCannotBeCancelled() {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, 204));
    server.cancel(get);
    out.expectNothing();
    server.endQuietly();
  }

  @Test
  void aConnectionThatIsLostDoesNotTellOfACancelledRequestAgain() {
    Stream get = server.request("GET", "/1");
    Stream next = server.request("GET", "/2");
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    assertThat(server.end(LOST).killed()).containsExactly(next.ref());
    out.expect(failed(next, UNANSWERED));
    out.expectEnd();
  }

  @Test
  void shutdownDoesNotWaitForACancelledResponse() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    out.next(Response.class);
    server.cancel(get);
    out.expect(failed(get, CANCELLED));
    server.engine.shutdown(out.at(server.now));
    server.expectClose(new Reason.OwnerClosed());
    server.endQuietly();
  }
}
