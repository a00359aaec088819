package dev.lariat.internal.http1;

import static dev.lariat.internal.http1.Server.refs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits for what: responses for credit, requests for their deadlines, and servers for us. */
class PatienceTest {
  private static final Reason UNASKED =
      new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2");
  private static final Reason CLOSED = new Reason.Closed();
  private static final Request GET = Request.of("GET", "/");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration CLOSING = Duration.ofSeconds(15);
  private static final Reason LATE = new Reason.Timeout(Reason.Step.RESPONSE, SECOND);

  private final Server server = new Server();
  private final Recorder out = server.out;

  private static Data data(Stream stream, boolean fin, String text) {
    return new Data(stream.ref(), fin, Bytes.ofUtf8(text));
  }

  private static Response response(Stream stream, int status, String... headers) {
    return new Response(stream.ref(), true, status, Headers.of(headers));
  }

  private static StreamFailed failed(Stream stream, Reason reason) {
    return new StreamFailed(stream.ref(), reason);
  }

  private void credit(Stream stream, long messages) {
    server.engine.command(new Command.Credit(stream, messages), out.at(server.now));
  }

  private Stream timed(String method, Duration timeout) {
    return timed(Request.of(method, "/").timeout(timeout), true);
  }

  private Stream timed(Request request, boolean whole) {
    Stream stream = out.stream("request " + request.method());
    long deadline = server.now + request.timeout().orElseThrow().toNanos();
    server.engine.command(
        new Command.Request(stream, request, whole, deadline, List.of(), FieldNames.PLAIN),
        out.at(server.now));
    return stream;
  }

  // ---- credit

  @Test
  void aResponseTellsAsManyPartsAsItHasCreditForAndTheSocketIsNotReadThen() {
    Stream get = server.request(GET.credit(2));
    server.says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n");
    out.next(Response.class);
    out.expect(data(get, false, "a"), data(get, false, "b"));
    assertThat(out.reading).as("a next part may be the end").isTrue();
    server.says("1\r\nc\r\n1\r\nd\r\n0\r\n\r\n");
    out.expectNothing();
    assertThat(out.reading).isFalse();
    credit(get, 1);
    out.expect(data(get, false, "c"));
    assertThat(out.reading).isFalse();
    credit(get, 1);
    out.expect(data(get, false, "d"), data(get, true, ""));
    assertThat(out.reading).isTrue();
    server.endQuietly();
  }

  @Test
  void whatCarriesNoBytesNeedsNoCredit() {
    Stream one = server.request(GET.credit(0));
    Stream two = server.request(GET.credit(1));
    Stream three = server.request(GET.credit(0));
    server.says("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    server.says("0\r\nt: u\r\n\r\n");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    server.says("HTTP/1.1 204 No\r\n\r\n");
    out.next(Inform.class);
    out.next(Response.class);
    out.expect(new Trailers(one.ref(), Headers.of("t", "u")));
    out.next(Response.class);
    out.expect(data(two, true, "a"), response(three, 204));
    server.endQuietly();
  }

  @Test
  void responsesBehindOneWithoutCreditWaitForIt() {
    Stream get = server.request(GET.credit(0));
    Stream next = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 204 No\r\n\r\n");
    out.next(Response.class);
    out.expectNothing();
    credit(get, 5);
    out.expect(data(get, true, "a"), response(next, 204));
    server.endQuietly();
  }

  @Test
  void creditAddsUpAndDoesNotOverflow() {
    Stream get = server.request(GET.credit(Long.MAX_VALUE - 1));
    credit(get, Long.MAX_VALUE);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    out.next(Response.class);
    out.expect(data(get, true, "a"));
    credit(get, 1);
    out.expectNothing();
    server.endQuietly();
  }

  @Test
  void anEndWaitsBehindWhatHasNoCredit() {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.next(Response.class);
    server.hangsUp();
    out.expectNothing();
    credit(get, 1);
    out.expect(data(get, false, "abc"), data(get, true, ""));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void behindAnEndThatWaitsForCreditNothingIsSent() {
    Stream get = server.request(GET.credit(0));
    Stream put = server.headers(Request.of("PUT", "/"));
    Stream held = server.request(GET);
    server.reads();
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
    out.next(Response.class);
    server.hangsUp();
    Stream late = server.request(GET);
    server.data(put, "a", false);
    out.next(Rejected.class);
    assertThat(server.reads()).isEmpty();
    credit(get, 1);
    out.expect(data(get, true, "abc"));
    server.expectClose(CLOSED);
    assertThat(server.end(CLOSED)).isEqualTo(new Engine.Casualties(refs(put), List.of()));
    out.expect(
        failed(put, new Reason.Unanswered(CLOSED)),
        failed(held, Server.UNSENT),
        failed(late, Server.UNSENT));
    out.expectEnd();
  }

  @Test
  void aCutWaitsBehindWhatHasNoCreditToo() {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.next(Response.class);
    server.isCutOff();
    credit(get, 1);
    out.expect(data(get, false, "abc"));
    Reason cut = out.next(Change.Close.class).reason();
    assertThat(((Reason.Protocol) cut).section()).isEqualTo("RFC 9112 section 9.8");
    server.end(cut);
    out.expect(failed(get, cut));
    out.expectEnd();
  }

  @Test
  void aMistakeBehindWhatHasNoCreditIsFoundInItsTurn() {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nwrong\r\n");
    out.next(Response.class);
    out.expectNothing();
    credit(get, 1);
    out.expect(data(get, false, "a"));
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(reason).isInstanceOf(Reason.Protocol.class);
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @Test
  void aCancelledResponseNeedsNoCredit() {
    Stream get = server.request(GET.credit(0));
    Stream next = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 204 No\r\n\r\n");
    out.next(Response.class);
    server.cancel(get);
    out.expect(failed(get, new Reason.Cancelled()), response(next, 204));
    assertThat(out.reading).isTrue();
    server.endQuietly();
  }

  @Test
  void anUpgradeWaitsForResponsesThatAreToldByCredit() {
    Stream get = server.request(GET.credit(0));
    Stream socket = server.upgrade();
    credit(get, 1);
    assertThat(server.reads()).doesNotContain("upgrade");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    out.next(Response.class);
    out.expect(data(get, true, "a"));
    assertThat(server.reads()).contains("upgrade: websocket");
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.expect(response(socket, 404, "content-length", "0"));
    server.endQuietly();
  }

  @Test
  void whatIsKeptIsFreedAtTheEnd() {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    out.next(Response.class);
    assertThat(server.end(CLOSED).killed()).containsExactly(get.ref());
    out.expect(failed(get, new Reason.Incomplete(CLOSED)));
    out.expectEnd();
  }

  // ---- deadlines

  @Test
  void aRequestThatIsLateFailsAndIsCancelled() {
    Stream get = timed("GET", SECOND);
    Stream next = server.request(GET);
    server.passes(SECOND.minusNanos(1));
    out.expectNothing();
    server.passes(Duration.ofNanos(1));
    out.expect(failed(get, LATE));
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 204 No\r\n\r\n");
    out.expect(response(next, 204));
    assertThat(server.engine.deadline()).isEqualTo(Engine.NEVER);
    server.endQuietly();
  }

  @Test
  void aResponseThatIsArrivingIsLateToo() {
    Stream get = timed("GET", SECOND);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
    out.next(Response.class);
    out.expect(data(get, false, "a"));
    server.passes(SECOND);
    out.expect(failed(get, LATE));
    server.says("b");
    server.endQuietly();
  }

  @Test
  void aRequestThatWaitsToBeWrittenIsLateAndNotSent() {
    Stream put = server.headers(Request.of("PUT", "/"));
    Stream get = timed("GET", SECOND);
    Stream other = timed("HEAD", SECOND.multipliedBy(2));
    server.passes(SECOND);
    out.expect(failed(get, LATE));
    server.reads();
    server.data(put, "", true);
    assertThat(server.reads()).contains("HEAD /").doesNotContain("GET /");
    server.answers("HTTP/1.1 204 No");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204), response(other, 204));
    server.endQuietly();
  }

  @Test
  void aResponseInTimeIsNotLate() {
    Stream get = timed("GET", SECOND);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, 204));
    server.passes(SECOND);
    out.expectNothing();
    assertThat(server.engine.deadline()).isEqualTo(Engine.NEVER);
    server.endQuietly();
  }

  @Test
  void aLateBodyEndsTheConnection() {
    Stream put = timed(Request.of("PUT", "/").timeout(SECOND), false);
    server.passes(SECOND);
    out.expect(failed(put, LATE));
    Reason unfinished =
        new Reason.BodyUnfinished("its request was abandoned: The response took longer than 1 s.");
    server.expectClose(unfinished);
    server.endQuietly();
  }

  @Test
  void aBodyIsLateAfterItsResponseToo() {
    Stream put = timed(Request.of("PUT", "/").timeout(SECOND.multipliedBy(2)), false);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    server.passes(SECOND);
    server.data(put, "a sign of life", false);
    server.passes(SECOND.minusNanos(1));
    out.expectNothing();
    server.passes(Duration.ofNanos(1));
    server.expectClose(new Reason.BodyUnfinished("it did not end within 2 s (request.timeout)"));
    assertThat(server.engine.inGoodOrder()).isTrue();
    assertThat(Recorder.gate(put).hasEnded()).as("whoever waits for room learns it").isTrue();
    server.endQuietly();
  }

  @Test
  void aBodyThatTheServerDoesNotTakeIsLateToo() {
    Stream put = timed(Request.of("PUT", "/").timeout(SECOND), false);
    server.writable(false);
    server.data(put, "a", true);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(put, 204));
    server.passes(SECOND);
    out.expect(
        new Rejected(
            put.ref(),
            "data",
            new Reason.BadState("data", "no more of the request's body is expected")));
    server.expectClose(new Reason.BodyUnfinished("it did not end within 1 s (request.timeout)"));
    server.endQuietly();
  }

  @Test
  void eachRequestHasItsOwnDeadline() {
    Stream two = timed("GET", SECOND.multipliedBy(2));
    Stream one = timed("GET", SECOND);
    server.passes(SECOND);
    out.expect(failed(one, LATE));
    server.passes(SECOND);
    Reason late = new Reason.Timeout(Reason.Step.RESPONSE, SECOND.multipliedBy(2));
    out.expect(failed(two, late));
    server.expectClose(late); // nobody wants anything of it any more
    assertThat(server.engine.inGoodOrder()).isTrue();
    assertThat(server.end(late)).isEqualTo(Engine.Casualties.NONE);
    out.expectEnd();
  }

  // ---- HTTP/1.0

  @Test
  void rfc9112_61_aServerOfHttp10GetsNoChunks() {
    server.request(GET);
    server.answers("HTTP/1.0 200 OK", "connection: keep-alive", "content-length: 0");
    out.next(Response.class);
    Stream put = server.headers(Request.of("PUT", "/"));
    out.expect(
        failed(
            put,
            new Reason.BadState(
                "begin",
                "the server speaks HTTP/1.0, which has no chunks (RFC 9112 section 6.1)")));
    server.data(put, "a", true);
    out.next(Rejected.class);
    server.reads();
    Stream counted =
        server.headers(Request.of("PUT", "/").header("content-length", "1").expectContinue(SECOND));
    server.data(counted, "a", true);
    assertThat(server.reads()).endsWith("content-length: 1\r\n\r\na").doesNotContain("expect");
    server.answers("HTTP/1.0 204 No", "connection: keep-alive");
    assertThat(out.next(Response.class).stream()).isSameAs(counted.ref());
    server.endQuietly();
  }

  @Test
  void aBodyOfHttp10EndsWithTheConnection() {
    Stream get = server.request(GET);
    server.says("HTTP/1.0 200 OK\r\nserver: old\r\n\r\nabc");
    out.next(Response.class);
    out.expect(data(get, false, "abc"));
    server.hangsUp();
    out.expect(data(get, true, ""));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void rfc9110_78_http10SwitchesNoProtocols() {
    Stream socket = server.upgrade();
    server.answers("HTTP/1.0 101 Switching", "upgrade: websocket", "connection: upgrade");
    Reason reason = new Reason.Protocol("HTTP/1.0 cannot switch protocols", "RFC 9110 section 7.8");
    server.expectClose(reason);
    server.end(reason);
    out.expect(failed(socket, reason));
    out.expectEnd();
  }

  // ---- transfer codings

  @ParameterizedTest
  @ValueSource(strings = {"gzip, chunked", "gzip", "xchunked", "chunked, chunked", "chunked;q=1"})
  void rfc9110_1014_aTransferCodingThatWasNotAskedForIsRefused(String codings) {
    Stream get = server.request(GET);
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: " + codings);
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(reason).isInstanceOf(Reason.Protocol.class);
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @Test
  void twoLinesOfTransferCodingsAreRefused() {
    Stream get = server.request(GET);
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: chunked", "transfer-encoding: identity");
    Reason reason = out.next(Change.Close.class).reason();
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @ParameterizedTest
  @CsvSource({"Chunked, '1\r\na\r\n0\r\n\r\n', false", "identity, a, true"})
  void theCodingsThatCountAreKnownInAnyCase(String coding, String body, boolean untilClose) {
    Stream get = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n" + body);
    out.next(Response.class);
    out.expect(data(get, false, "a"));
    if (untilClose) {
      server.hangsUp();
    }
    out.expect(data(get, true, ""));
    if (untilClose) {
      server.expectClose(CLOSED);
    }
    server.endQuietly();
  }

  // ---- what could not go on

  @Test
  void whatStandsBehindAResponseThatBreaksARuleIsUnanswered() {
    Stream first = server.request(GET);
    Stream second = server.request(GET);
    server.answers("HTTP/2.0 200 OK");
    Reason reason =
        new Reason.Protocol("the response has the version HTTP/2.0", "RFC 9112 section 2.3");
    server.expectClose(reason);
    assertThat(server.end(reason).killed()).containsExactly(first.ref(), second.ref());
    out.expect(failed(first, reason), failed(second, new Reason.Unanswered(reason)));
    out.expectEnd();
  }

  @Test
  void whatStandsBehindACancelledRequestThatTheConnectionEndsForIsUnanswered() {
    Stream first = server.request(GET);
    Stream second = server.request(GET);
    server.cancel(first);
    out.expect(failed(first, new Reason.Cancelled()));
    server.passes(Timeouts.DEFAULT.closing());
    Reason reason = new Reason.Timeout(Reason.Step.DISCARD, Timeouts.DEFAULT.closing());
    server.expectClose(reason);
    assertThat(server.end(reason).killed()).containsExactly(second.ref());
    out.expect(failed(second, new Reason.Unanswered(reason)));
    out.expectEnd();
  }

  @Test
  void anOwnersCloseIsToldToAll() {
    Stream first = server.request(GET);
    Stream second = server.request(GET);
    Reason reason = new Reason.OwnerClosed();
    server.end(reason);
    out.expect(failed(first, reason), failed(second, reason));
    out.expectEnd();
  }

  // ---- what nobody asked for

  @Test
  void rfc9110_15_5_9_anIdleConnectionThatTheServerTiresOfIsToldWithItsWords() {
    server.says("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx");
    out.expect(
        new Notice.Unsolicited(408, Headers.of("connection", "close", "content-length", "1")));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void rfc9112_92_aRequestIsNotAnsweredByWhatBeganBeforeIt() {
    server.says("HTTP/1.1 200 OK\r\ncontent-len");
    Stream get = server.request(GET);
    assertThat(server.reads()).isEmpty();
    server.says("gth: 4\r\n\r\nevil");
    out.next(Notice.Unsolicited.class);
    server.expectClose(UNASKED);
    assertThat(server.reads()).isEmpty();
    server.endLeaving(get);
  }

  @Test
  void rfc9112_92_aRequestIsNotAnsweredByWhatWaitedForCreditBeforeIt() {
    Stream first = server.request(GET.credit(0));
    String response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    server.says(response + "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    Stream second = server.request(GET);
    out.next(Response.class);
    credit(first, 1);
    out.expect(data(first, true, "ok"));
    server.expectClose(UNASKED);
    server.end(UNASKED);
    out.expect(failed(second, new Reason.Unanswered(UNASKED)));
    out.expectEnd();
  }

  @Test
  void rfc9112_4_whatIsNoResponseEndsTheConnectionWithItsFirstOctet() {
    Stream first = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nj");
    out.expect(response(first, 200, "content-length", "0"));
    server.expectClose(
        new Reason.Protocol("the response does not begin with HTTP/", "RFC 9112 section 4"));
    server.endQuietly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP", "\r\n\r\nHTTP/1.1 200 OK\r\n"})
  void rfc9112_92_whatGoesNoFurtherKeepsARequestWaitingForASecond(String junk) {
    Stream first = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" + junk);
    out.expect(response(first, 200, "content-length", "0"));
    server.reads();
    Stream next = server.request(GET);
    server.passes(Duration.ofSeconds(1).minusNanos(1));
    out.expectEnd();
    server.passes(Duration.ofNanos(1));
    server.expectClose(UNASKED);
    server.endLeaving(next);
  }

  @Test
  void emptyLinesBehindAResponseArePassedOver() {
    Stream first = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n\r\n\r");
    Stream second = server.request(GET);
    server.says("\n");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(first, 200, "content-length", "0"), response(second, 204));
    server.endQuietly();
  }

  @Test
  void a408ToARequestIsItsResponse() {
    Stream get = server.request(GET);
    server.answers("HTTP/1.1 408 Late", "connection: close", "content-length: 0");
    out.expect(response(get, 408, "connection", "close", "content-length", "0"));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  // ---- the last response

  @Test
  void aRequestThatAsksToCloseIsTheLastOfItsConnection() {
    Stream one = server.request(GET);
    Stream last = server.request(GET.header("Connection", "TE, Close"));
    Stream behind = server.request(GET);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(one, 204));
    server.answers("HTTP/1.1 204 No"); // it need not say so again
    out.expect(response(last, 204));
    server.expectClose(CLOSED);
    server.endLeaving(behind);
  }

  @Test
  void aLastResponseOfKnownLengthMustNotStall() {
    Stream get = server.request(GET);
    server.says("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\na");
    out.next(Response.class);
    out.expect(data(get, false, "a"));
    server.passes(CLOSING.minusNanos(1));
    server.says("b");
    out.expect(data(get, false, "b"));
    server.passes(CLOSING.minusNanos(1));
    out.reading = false;
    server.passes(Duration.ofNanos(1)); // this side does not read
    out.reading = true;
    server.passes(CLOSING.minusNanos(1));
    out.expectNothing();
    server.passes(Duration.ofNanos(1));
    Reason late = new Reason.Timeout(Reason.Step.CLOSE, CLOSING);
    server.expectClose(late);
    server.end(late);
    out.expect(failed(get, new Reason.Incomplete(late)));
    out.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
      })
  void aLastResponseThatMayBeAStreamOfEventsHasNoDeadline(String head) {
    Stream get = server.request(GET);
    server.says(head);
    out.next(Response.class);
    assertThat(server.engine.deadline()).isEqualTo(Engine.NEVER);
    server.end(CLOSED);
    out.expect(failed(get, new Reason.Incomplete(CLOSED)));
    out.expectEnd();
  }

  // ---- the race with the server's end

  @Test
  void rfc9112_931_aRequestThatMetTheEndOnTheWayIsKnown() {
    Stream one = server.request(GET);
    Stream two = server.request(GET);
    server.hangsUp();
    server.expectClose(CLOSED);
    assertThat(server.end(CLOSED)).isEqualTo(new Engine.Casualties(refs(one, two), List.of()));
    Reason unanswered = new Reason.Unanswered(CLOSED);
    out.expect(failed(one, unanswered), failed(two, unanswered));
    out.expectEnd();
  }

  @Test
  void whatTheServerHasBegunToAnswerIsNotUnanswered() {
    Stream one = server.request(GET);
    Stream two = server.request(GET);
    server.answers("HTTP/1.1 103 Early");
    out.next(Inform.class);
    Reason reset = new Reason.Reset("test");
    server.end(reset);
    out.expect(
        failed(one, new Reason.Incomplete(reset)), failed(two, new Reason.Unanswered(reset)));
    out.expectEnd();
  }

  @Test
  void anEndThatThisSideMadeIsNoRace() {
    Stream get = server.request(GET);
    server.end(new Reason.OwnerClosed());
    out.expect(failed(get, new Reason.OwnerClosed()));
    out.expectEnd();
  }
}
