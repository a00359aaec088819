package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 without a socket: requests, responses, windows, and ends in good order. */
class Http2EngineTest {
  private final Stand stand = new Stand();

  @Test
  void theClientSpeaksFirstWithThePrefaceAndItsSettings() {
    stand.begin();
    List<Frame> first = stand.frames();
    assertThat(first).extracting(Frame::type).containsExactly(SETTINGS, WINDOW_UPDATE);
    assertThat(first.get(1).number(0)).isEqualTo((64 << 20) - 65_535);
  }

  @Test
  void aRequestDoesNotWaitForTheServersSettings() {
    stand.begin();
    stand.frames();
    stand.get("/a");
    Frame head = stand.frame();
    assertThat(head.type()).isEqualTo(HEADERS);
    assertThat(head.has(END_STREAM)).isTrue();
    assertThat(head.fields())
        .isEqualTo(
            Headers.of(
                ".method", "GET", ".scheme", "https", ".authority", "host.example", ".path", "/a"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void aResponseIsToldHoweverItsBytesAreCut(int cut) {
    stand.cut = cut;
    stand.open();
    Stream get = stand.get("/");
    stand.answers(1, false, "200", "a", "b");
    assertThat(stand.told(Response.class))
        .isEqualTo(new Response(get.ref(), false, 200, Headers.of("a", "b")));
    stand.sends(1, "hello", true);
    StringBuilder text = new StringBuilder();
    boolean last = false;
    while (!last) {
      Data data = stand.told(Data.class);
      text.append(data.bytes().utf8());
      last = data.fin();
    }
    assertThat(text).hasToString("hello");
    assertThat(stand.engine.streams()).isZero();
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void aSmallBodyIsOneMessage() {
    stand.open();
    Stream get = stand.get("/");
    stand.answers(1, false, "200");
    stand.sends(1, "hello", true);
    stand.told(Response.class);
    stand.out.expect(new Data(get.ref(), true, Bytes.ofUtf8("hello")));
  }

  @Test
  void responsesComeInAnyOrder() {
    stand.open();
    Stream one = stand.get("/1");
    Stream two = stand.get("/2");
    stand.answers(3, true, "204");
    stand.answers(1, true, "200");
    stand.out.expect(
        new Response(two.ref(), true, 204, Headers.EMPTY),
        new Response(one.ref(), true, 200, Headers.EMPTY));
  }

  @Test
  void informationalResponsesAndTrailersAreTold() {
    stand.open();
    Stream get = stand.get("/");
    stand.answers(1, false, "103", "link", "a");
    stand.answers(1, false, "200");
    stand.sends(1, "x", false);
    stand.headers(1, true, "sum", "1");
    stand.out.expect(
        new Inform(get.ref(), 103, Headers.of("link", "a")),
        new Response(get.ref(), false, 200, Headers.EMPTY),
        new Data(get.ref(), false, Bytes.ofUtf8("x")),
        new Trailers(get.ref(), Headers.of("sum", "1")));
  }

  @Test
  void whatIsOfAConnectionOfHttp1IsNotSent() {
    stand.open();
    stand.ask(
        Request.of("GET", "/")
            .header("host", "other.example")
            .header("connection", "x")
            .header("keep-alive", "5")
            .header("te", "gzip")
            .header("accept", "*/*"));
    assertThat(stand.frame().fields())
        .isEqualTo(
            Headers.of(
                ".method", "GET",
                ".scheme", "https",
                ".authority", "other.example",
                ".path", "/",
                "accept", "*/*"));
  }

  // ---- bodies of requests

  @Test
  void aBodyGoesInDataFramesWithItsLength() {
    stand.open();
    Stream post = stand.ask(Request.of("POST", "/").body(Bytes.ofUtf8("hello")));
    List<Frame> frames = stand.frames();
    assertThat(frames).extracting(Frame::type).containsExactly(HEADERS, DATA);
    assertThat(frames.getFirst().fields().first("content-length")).contains("5");
    assertThat(frames.get(1).text()).isEqualTo("hello");
    assertThat(frames.get(1).has(END_STREAM)).isTrue();
    stand.answers(1, true, "200");
    stand.out.expect(new Response(post.ref(), true, 200, Headers.EMPTY));
  }

  @Test
  void aBodyStopsAtTheServersWindowAndGoesOnWhenThatIsOpened() {
    stand.open(INITIAL_WINDOW_SIZE, 3);
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.frames();
    stand.data(put, "hello", true);
    assertThat(stand.frame().text()).isEqualTo("hel");
    stand.opens(1, 1);
    assertThat(stand.frame().text()).isEqualTo("l");
    stand.settings(INITIAL_WINDOW_SIZE, 10);
    List<Frame> frames = stand.frames();
    assertThat(frames).extracting(Frame::type).containsExactlyInAnyOrder(SETTINGS, DATA);
    Frame last = frames.stream().filter(frame -> frame.type() == DATA).findFirst().orElseThrow();
    assertThat(last.text()).isEqualTo("o");
    assertThat(last.has(END_STREAM)).isTrue();
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.out.expectEnd();
  }

  @Test
  void bodiesShareTheConnectionInTurn() {
    stand.open();
    Stream one = stand.ask(Request.of("PUT", "/1"), false);
    Stream two = stand.ask(Request.of("PUT", "/2"), false);
    stand.frames();
    stand.out.writable = false;
    stand.data(one, "a".repeat(40_000), true);
    stand.data(two, "b".repeat(20_000), true);
    stand.out.writable = true;
    stand.engine.writable(stand.out.at(stand.now));
    stand.flush();
    assertThat(stand.frames()).extracting(Frame::stream).containsExactly(1, 3, 1, 3, 1);
  }

  @Test
  void trailersEndABody() {
    stand.open();
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.frames();
    dev.lariat.internal.protocol.Command.Data data =
        new dev.lariat.internal.protocol.Command.Data(
            put,
            Bytes.ofUtf8("x").asByteBuffer(),
            true,
            Headers.of("sum", "1"),
            dev.lariat.internal.protocol.FieldNames.PLAIN,
            null);
    assertThat(put.gate().tryEnter(data.bytes())).isTrue();
    stand.command(data);
    List<Frame> frames = stand.frames();
    assertThat(frames).extracting(Frame::type).containsExactly(DATA, HEADERS);
    assertThat(frames.get(0).has(END_STREAM)).isFalse();
    assertThat(frames.get(1).has(END_STREAM)).isTrue();
    assertThat(frames.get(1).fields()).isEqualTo(Headers.of("sum", "1"));
  }

  // ---- credit and windows

  @Test
  void whatHasNoCreditIsKeptAndItsWindowStaysShut() {
    Http2 small = Http2.DEFAULT.streamWindow(65_535).maxStreamWindow(65_535);
    Stand its = new Stand(small, Limits.DEFAULT).open();
    Stream get = its.ask(Request.of("GET", "/").credit(0));
    its.frames();
    its.answers(1, false, "200");
    its.told(Response.class);
    its.sends(1, "a".repeat(16_000), false);
    its.sends(1, "b".repeat(16_000), false);
    its.sends(1, "c".repeat(16_000), false);
    its.out.expectNothing();
    its.credit(get, 1);
    assertThat(its.told(Data.class).bytes().size()).isEqualTo(16_000);
    its.out.expectNothing();
    its.credit(get, 2);
    its.told(Data.class);
    its.told(Data.class);
    Frame opened = its.frame();
    assertThat(opened.type()).isEqualTo(WINDOW_UPDATE);
    assertThat(opened.stream()).isEqualTo(1);
  }

  @Test
  void aStreamThatNobodyReadsHoldsUpNoOther() {
    Http2 small = Http2.DEFAULT.streamWindow(65_535).maxStreamWindow(65_535);
    Stand its = new Stand(small, Limits.DEFAULT).open();
    its.ask(Request.of("GET", "/1").credit(0));
    Stream two = its.get("/2");
    its.answers(1, false, "200");
    its.answers(3, false, "200");
    its.told(Response.class);
    its.told(Response.class);
    for (int i = 0; i < 4; i++) {
      its.sends(1, "a".repeat(16_000), false);
    }
    its.sends(3, "hello", true);
    its.out.expect(new Data(two.ref(), true, Bytes.ofUtf8("hello")));
  }

  // ---- many streams

  @Test
  void whatTheServersLimitLeavesNoRoomForWaits() {
    stand.open(MAX_CONCURRENT_STREAMS, 1);
    stand.out.expect(new Notice.SettingsChanged(OptionalLong.of(1), false));
    Stream one = stand.get("/1");
    Stream two = stand.get("/2");
    assertThat(stand.frames()).hasSize(1);
    assertThat(stand.engine.whyWaiting(two.ref()).orElseThrow().sentence()).contains("1 stream");
    stand.answers(1, true, "200");
    stand.out.expect(new Response(one.ref(), true, 200, Headers.EMPTY));
    assertThat(stand.frame().fields().first(".path")).contains("/2");
  }

  @Test
  void aCancelledStreamIsResetAndSparesTheOthers() {
    stand.open();
    Stream one = stand.get("/1");
    Stream two = stand.get("/2");
    stand.frames();
    stand.cancel(one);
    stand.out.expect(new StreamFailed(one.ref(), new Reason.Cancelled()));
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
    stand.answers(1, false, "200"); // it was on its way
    stand.sends(1, "late", true);
    stand.answers(3, true, "200");
    stand.out.expect(new Response(two.ref(), true, 200, Headers.EMPTY));
  }

  // ---- resets and GOAWAY

  @Test
  void aRefusedStreamWasNotProcessed() {
    stand.open();
    Stream get = stand.get("/");
    stand.resets(1, REFUSED_STREAM);
    stand.out.expect(
        new StreamFailed(get.ref(), new Reason.Unprocessed("the server refused the stream")));
  }

  @Test
  void aResetNamesItsCode() {
    stand.open();
    Stream get = stand.get("/");
    stand.resets(1, INTERNAL_ERROR);
    stand.out.expect(new StreamFailed(get.ref(), new Reason.StreamReset(2)));
  }

  @Test
  void anAnswerInFullBeforeTheBodyHasEndedIsAGoodOne() {
    stand.open();
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.answers(1, true, "413");
    stand.resets(1, NO_ERROR);
    stand.out.expect(new Response(put.ref(), true, 413, Headers.EMPTY));
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void aBodyIsLateAfterItsResponseToo() {
    stand.open();
    Request request = Request.of("PUT", "/").timeout(Duration.ofSeconds(2));
    Stream put = stand.ask(request, false, stand.now + 2 * Stand.SECOND);
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.later(Stand.SECOND);
    stand.data(put, "a sign of life", false);
    stand.later(Stand.SECOND - 1);
    assertThat(stand.engine.occupied()).isEqualTo(1);
    stand.frames();
    stand.later(1);
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
    assertThat(Recorder.gate(put).hasEnded()).as("whoever waits for room learns it").isTrue();
    assertThat(stand.engine.occupied()).isZero();
    stand.out.expectEnd();
  }

  @Test
  void aServerThatGoesAwayEndsWhatItDoesNotActUponAtOnce() {
    stand.open();
    Stream one = stand.get("/1");
    Stream two = stand.get("/2");
    stand.goesAway(1, NO_ERROR, "");
    stand.out.expect(
        new StreamFailed(two.ref(), new Reason.Unprocessed("the server went away before it")));
    stand.out.expect(new Notice.GoingAway(1));
    Stream three = stand.get("/3"); // the next connection's
    assertThat(stand.held.has(three)).isTrue();
    stand.answers(1, true, "200");
    stand.out.expect(
        new Response(one.ref(), true, 200, Headers.EMPTY), new Change.Close(new Reason.Closed()));
  }

  @Test
  void aServerThatGoesAwayForAnErrorSaysWhich() {
    stand.open();
    stand.goesAway(0, ENHANCE_YOUR_CALM, "too_many_pings");
    stand.out.expect(new Change.Close(new Reason.GoAway(11, "too_many_pings")));
    assertThat(new Reason.GoAway(11, "too_many_pings").sentence())
        .isEqualTo(
            "The server ended the connection with ENHANCE_YOUR_CALM (error code 11):"
                + " too_many_pings.");
  }

  @Test
  void thisSidesPingTellsTheRoundTrip() {
    stand.open();
    CompletableFuture<Command.Answer> answer = new CompletableFuture<>();
    stand.engine.ping(new Command.Ping(answer::complete), stand.out.at(stand.now));
    byte[] data = stand.frame().payload();
    stand.now += 5_000_000;
    stand.frame(PING, ACK, 0, data);
    assertThat(answer).isCompletedWithValue(new Command.Answered(Duration.ofMillis(5)));
  }

  @Test
  void aPingFailsWithItsConnection() {
    stand.open();
    CompletableFuture<Command.Answer> answer = new CompletableFuture<>();
    stand.engine.ping(new Command.Ping(answer::complete), stand.out.at(stand.now));
    stand.frames();
    stand.end(new Reason.Closed());
    assertThat(answer).isCompletedWithValue(new Command.NotAnswered(new Reason.Closed()));
  }

  @Test
  void aServerThatIsSilentWhileThereAreStreamsIsAskedAndGivenUp() {
    Http2 alive = Http2.DEFAULT.keepalive(Keepalive.every(Duration.ofSeconds(30)));
    Stand its = new Stand(alive, Limits.DEFAULT).open();
    its.later(60 * Stand.SECOND);
    assertThat(its.frames()).isEmpty(); // nobody waits for anything
    its.get("/");
    its.frames();
    its.later(30 * Stand.SECOND);
    assertThat(its.frame().type()).isEqualTo(PING);
    its.later(10 * Stand.SECOND);
    its.out.expect(new Change.Close(new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(10))));
  }

  @Test
  void aPingIsAnswered() {
    stand.open();
    stand.pings(42, false);
    Frame pong = stand.frame();
    assertThat(pong.type()).isEqualTo(PING);
    assertThat(pong.has(ACK)).isTrue();
  }
}
