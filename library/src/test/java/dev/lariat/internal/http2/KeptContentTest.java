package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Content;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sends beyond what anybody takes, or beyond the end of its stream. */
class KeptContentTest {
  private static final Http2 SMALL = Http2.DEFAULT.streamWindow(65_535).maxStreamWindow(65_535);
  private static final Content DECOMPRESSED = new Content(true, false, List.of());

  private final Stand stand = new Stand(SMALL, Limits.DEFAULT.unread(64 << 10));

  private void responds(int id) {
    stand.answers(id, false, "200");
    stand.told(Response.class);
    stand.frames();
  }

  @Test
  void smallPartsThatNobodyTakesAreJoined() {
    stand.open();
    Stream get = stand.ask(Request.of("GET", "/").credit(0));
    responds(1);
    for (int i = 0; i < 10_000; i++) {
      stand.sends(1, "x", i == 9_999);
    }
    stand.credit(get, 1);
    stand.out.expect(new Data(get.ref(), true, Bytes.ofUtf8("x".repeat(10_000))));
    stand.out.expectEnd();
  }

  @Test
  void trailersFollowWhatWaitedForCredit() {
    stand.open();
    Stream get = stand.ask(Request.of("GET", "/").credit(0));
    responds(1);
    stand.sends(1, "x", false);
    stand.headers(1, true, "sum", "1");
    stand.out.expectNothing();
    stand.credit(get, 1);
    stand.out.expect(
        new Data(get.ref(), false, Bytes.ofUtf8("x")),
        new Trailers(get.ref(), Headers.of("sum", "1")));
    stand.out.expectEnd();
  }

  @Test
  void theServerMaySendNoMoreThanTheStreamsMayKeepTogether() {
    stand.begin();
    int window = 65_535 + stand.frames().get(1).number(0);
    assertThat(window).isEqualTo(64 << 10);
    stand.settings();
    stand.frame(SETTINGS, ACK, 0, new byte[0]);
    Stream one = stand.ask(Request.of("GET", "/1").credit(0));
    stand.ask(Request.of("GET", "/2").credit(0));
    responds(1);
    responds(3);
    stand.sends(1, "a".repeat(16_000), false);
    stand.sends(1, "a".repeat(16_000), false);
    stand.sends(3, "b".repeat(16_000), false);
    stand.sends(3, "b".repeat(16_000), false);
    assertThat(stand.frames()).isEmpty();
    stand.credit(one, 2); // what is taken makes room for all
    assertThat(opened(0)).isEqualTo(16_000); // half a window at a time
  }

  private int opened(int id) {
    return stand.frames().stream()
        .filter(frame -> frame.type() == WINDOW_UPDATE && frame.stream() == id)
        .mapToInt(frame -> frame.number(0))
        .sum();
  }

  @Test
  void decompressedBodiesLeaveNothingThatShutsTheConnectionsWindow() throws IOException {
    stand.open();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("hello".getBytes(StandardCharsets.UTF_8));
    }
    int sent = 0;
    int opened = 0;
    for (int id = 1; sent < 200_000; id += 2) {
      stand.ask(Request.of("GET", "/").content(DECOMPRESSED));
      stand.answers(id, false, "200", "content-encoding", "gzip");
      stand.frame(DATA, END_STREAM, id, bytes.toByteArray());
      sent += bytes.size();
      opened += opened(0);
      stand.told(Response.class);
      stand.out.discard();
    }
    assertThat(opened).isGreaterThan(sent / 2);
  }

  // ---- what is whole, and waits for credit when the rest ends

  private Stream keepsAWholeResponse() {
    stand.open();
    Stream get = stand.ask(Request.of("GET", "/").credit(0));
    responds(1);
    stand.sends(1, "whole", true);
    return get;
  }

  private void isTold(Stream get) {
    stand.out.expectNothing();
    stand.credit(get, 1);
    stand.out.expect(new Data(get.ref(), true, Bytes.ofUtf8("whole")));
  }

  @ParameterizedTest
  @ValueSource(ints = {NO_ERROR, INTERNAL_ERROR, CANCEL})
  void aWholeResponseOutlivesTheResetOfItsStream(int code) {
    Stream get = keepsAWholeResponse();
    stand.resets(1, code);
    isTold(get);
    stand.out.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWholeResponseOutlivesTheEndOfTheConnection(boolean goodbye) {
    Stream get = keepsAWholeResponse();
    Stream other = stand.get("/other");
    responds(3);
    if (goodbye) {
      stand.goesAway(3, NO_ERROR, "");
      stand.out.next();
    }
    stand.engine.inputClosed(stand.out.at(stand.now));
    Reason closed = new Reason.Closed();
    stand.out.expect(new Change.Close(closed));
    stand.out.changed();
    assertThat(stand.engine.end(closed, stand.out).killed()).containsExactly(other.ref());
    stand.out.expect(new StreamFailed(other.ref(), new Reason.Incomplete(closed)));
    assertThat(stand.engine.lingers()).isTrue();
    isTold(get);
    stand.out.expect(new Change.Close(closed));
    assertThat(stand.engine.end(closed, stand.out).killed()).isEmpty();
    assertThat(stand.engine.lingers()).isFalse();
  }

  private Stream keepsAPart(Content content, String part) {
    stand.open();
    Stream get = stand.ask(Request.of("GET", "/").credit(0).content(content));
    stand.answers(1, false, "200", "content-type", "text/event-stream");
    stand.told(Response.class);
    stand.sends(1, part, false);
    stand.frames();
    assertThat(stand.engine.end(new Reason.Closed(), stand.out).killed()).isEmpty();
    stand.out.expectNothing();
    return get;
  }

  private void isCutOff(Stream get) {
    stand.out.expect(
        new StreamFailed(get.ref(), new Reason.Incomplete(new Reason.Closed())),
        new Change.Close(new Reason.Closed()));
  }

  @Test
  void aPartOfAResponseIsToldBeforeThatTheConnectionHasCutItOff() {
    Stream get = keepsAPart(Content.PLAIN, "part");
    stand.credit(get, 1);
    stand.out.expect(new Data(get.ref(), false, Bytes.ofUtf8("part")));
    isCutOff(get);
  }

  @Test
  void eventsAreToldBeforeThatTheConnectionHasCutThemOff() {
    Stream get = keepsAPart(Content.EVENTS, "data: a\n\ndata: b\n\ndata: c");
    for (String data : List.of("a", "b")) {
      stand.credit(get, 1);
      assertThat(stand.told(ServerSentEvent.class).data()).isEqualTo(data);
    }
    isCutOff(get);
  }

  @Test
  void theSecondEndOfAnEngineEndsWhatItKeeps() {
    Stream get = keepsAWholeResponse();
    Reason closed = new Reason.OwnerClosed();
    assertThat(stand.engine.end(closed, stand.out).killed()).isEmpty();
    assertThat(stand.engine.end(closed, stand.out).killed()).containsExactly(get.ref());
    stand.out.expect(new StreamFailed(get.ref(), closed));
    assertThat(stand.engine.lingers()).isFalse();
  }

  @Test
  void anEngineThatLingersAwaitsNothingOfTheServer() {
    Stand its =
        new Stand(SMALL.keepalive(Keepalive.DEFAULT), Limits.DEFAULT.unread(64 << 10)).open();
    its.ask(Request.of("PUT", "/").credit(0), false);
    its.answers(1, false, "200");
    its.told(Response.class);
    its.sends(1, "whole", true);
    its.engine.end(new Reason.Closed(), its.out);
    assertThat(its.engine.lingers()).isTrue();
    assertThat(its.engine.deadline()).isEqualTo(Engine.NEVER);
  }

  // ---- beyond the end

  @Test
  void dataAfterTheEndResetsTheStreamAndIsTold() {
    stand.open();
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.answers(1, true, "200");
    stand.out.expect(new Response(put.ref(), true, 200, Headers.EMPTY));
    stand.frames();
    stand.sends(1, "more", false);
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(STREAM_CLOSED);
    stand.out.expectEnd();
  }

  @Test
  void headersAfterTheEndResetTheStream() {
    stand.open();
    stand.ask(Request.of("PUT", "/"), false);
    stand.answers(1, true, "200");
    stand.told(Response.class);
    stand.frames();
    stand.headers(1, true, "sum", "1");
    assertThat(stand.frame().number(0)).isEqualTo(STREAM_CLOSED);
    stand.out.expectEnd();
  }

  @Test
  void aResponseToHeadHasNoContent() {
    stand.open();
    Stream head = stand.ask(Request.of("HEAD", "/"));
    stand.answers(1, false, "200", "content-length", "5");
    stand.told(Response.class);
    stand.sends(1, "hello", true);
    assertThat(stand.told(StreamFailed.class).stream()).isEqualTo(head.ref());
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void aResponseToHeadMayEndWithAnEmptyFrame() {
    stand.open();
    Stream head = stand.ask(Request.of("HEAD", "/"));
    stand.answers(1, false, "200", "content-length", "5");
    stand.sends(1, "", true);
    stand.out.expect(
        new Response(head.ref(), false, 200, Headers.of("content-length", "5")),
        new Data(head.ref(), true, Bytes.EMPTY));
  }

  @Test
  void answersToManyCancelledRequestsAreNoFlood() {
    Stand its = new Stand().open();
    for (int id = 1; id < 4_000; id += 2) {
      Stream get = its.get("/");
      its.cancel(get);
      its.told(StreamFailed.class);
    }
    its.frames();
    for (int id = 1; id < 4_000; id += 2) {
      its.answers(id, true, "204"); // they were on their way
    }
    assertThat(its.out.change()).isNull();
  }

  @Test
  void windowsThatAServerOpensForWhatItReadsAfterItsAnswerAreNoFlood() {
    Stand its = new Stand().open();
    for (int id = 1; id < 200; id += 2) {
      Stream put = its.ask(Request.of("PUT", "/"), false);
      for (int i = 0; i < 30; i++) {
        its.data(put, "x", i == 29);
      }
      its.answers(id, true, "413");
      its.told(Response.class);
    }
    its.frames();
    for (int id = 1; id < 200; id += 2) {
      for (int i = 0; i < 30; i++) {
        its.opens(id, 1);
      }
    }
    assertThat(its.out.change()).isNull();
  }

  @Test
  void informationalResponsesAreLimitedForEachStream() {
    Stand its = new Stand().open();
    Stream get = its.get("/");
    its.frames();
    for (int i = 0; i < 100; i++) {
      its.answers(1, false, "103");
      its.out.next();
    }
    its.answers(1, false, "103");
    its.out.expect(new StreamFailed(get.ref(), new Reason.Limit(Reason.Bound.INFORMS, 100)));
    assertThat(its.frame().number(0)).isEqualTo(CANCEL);
  }
}
