package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.event.Event;
import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.protocol.Stalls;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Notice;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server promises and pushes, and what it must not (RFC 9113 section 8.4). */
class PushesTest {
  private static final Http2 PUSH =
      Http2.DEFAULT.push(true).streamWindow(65_535).maxStreamWindow(65_535);
  private static final Limits LIMITS = Limits.DEFAULT.headerBlock(4096);

  private static final Map<String, String> GOOD = new LinkedHashMap<>();

  static {
    GOOD.put(":method", "GET");
    GOOD.put(":scheme", "https");
    GOOD.put(":authority", "host.example");
    GOOD.put(":path", "/x");
  }

  private final List<Event> events = new ArrayList<>();
  private final Stand stand = stand(PUSH);

  private Stand stand(Http2 options) {
    Stand its = new Stand(options, LIMITS);
    its.out.observer =
        Observer.of(
            () -> "test",
            ConnectionOptions.DEFAULT.listener(events::add),
            () -> its.now,
            Stalls.NONE,
            detail -> {});
    return its;
  }

  /** The server promises this path, with the first request. */
  private Stream promised(int id, String path) {
    stand.promises(1, id, path);
    Stream pushed = stand.pushed.getLast();
    assertThat(stand.told(Push.class).promised()).isSameAs(pushed.ref());
    return pushed;
  }

  private static int parameter(Frame settings, int which) {
    ByteBuffer payload = ByteBuffer.wrap(settings.payload());
    while (payload.hasRemaining()) {
      int name = payload.getShort();
      int value = payload.getInt();
      if (name == which) {
        return value;
      }
    }
    return -1;
  }

  private void wasReset(int id, int code) {
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.stream()).isEqualTo(id);
    assertThat(reset.number(0)).isEqualTo(code);
  }

  private Reason refused() {
    Event last = events.removeLast();
    return ((Event.PushRefused) last).reason();
  }

  // ---- what is said of it

  @Test
  void pushIsOffUnlessItIsAskedFor() {
    Stand its = new Stand();
    its.begin();
    Frame settings = its.frames().getFirst();
    assertThat(parameter(settings, ENABLE_PUSH)).isZero();
    assertThat(parameter(settings, MAX_CONCURRENT_STREAMS)).isEqualTo(-1);
  }

  @Test
  void theServerIsToldThatItMayPushAndHowMuch() {
    Stand its = stand(PUSH.maxPushes(7));
    its.begin();
    Frame settings = its.frames().getFirst();
    assertThat(parameter(settings, ENABLE_PUSH)).isEqualTo(1);
    assertThat(parameter(settings, MAX_CONCURRENT_STREAMS)).isEqualTo(7);
  }

  // ---- what is told

  @Test
  void aPromiseIsToldBeforeTheResponseGoesOn() {
    for (int cut : new int[] {1, 3, 1 << 20}) {
      Stand its = stand(PUSH).open();
      its.cut = cut;
      Stream page = its.get("/page");
      its.promise(
          1,
          2,
          good(":authority", "HOST.example:443", ":path", "/style?a=b", "accept", "text/css"));
      Stream style = its.pushed.getFirst();
      its.answers(1, true, "200");
      its.answers(2, false, "103", "link", "x");
      its.answers(2, false, "200", "content-length", "1");
      its.sends(2, "b", false); // one octet, which no cut makes two messages of
      its.headers(2, true, "sum", "1");
      its.out.expect(
          new Push(
              page.ref(),
              style.ref(),
              "GET",
              "https://host.example/style?a=b",
              Headers.of("accept", "text/css")),
          new Response(page.ref(), true, 200, Headers.EMPTY),
          new Inform(style.ref(), 103, Headers.of("link", "x")),
          new Response(style.ref(), false, 200, Headers.of("content-length", "1")),
          new Data(style.ref(), false, Bytes.ofUtf8("b")),
          new Trailers(style.ref(), Headers.of("sum", "1")));
      assertThat(its.engine.streams()).isZero();
      its.frames();
      its.out.expectEnd();
    }
  }

  @Test
  void aPromiseMayComeAmidTheContent() {
    stand.open();
    Stream page = stand.get("/");
    stand.answers(1, false, "200");
    stand.sends(1, "a", false);
    stand.promises(1, 2, "/x");
    stand.sends(1, "b", true);
    stand.answers(2, true, "204");
    stand.told(Response.class);
    stand.out.expect(new Data(page.ref(), false, Bytes.ofUtf8("a")));
    assertThat(stand.told(Push.class).stream()).isSameAs(page.ref());
    stand.out.expect(
        new Data(page.ref(), true, Bytes.ofUtf8("b")),
        new Response(stand.pushed.getFirst().ref(), true, 204, Headers.EMPTY));
  }

  @Test
  void aPushedResponseHasTheCreditOfItsParentAndAWindowOfItsOwn() {
    stand.open();
    stand.ask(Request.of("GET", "/").credit(1));
    stand.frames();
    Stream pushed = promised(2, "/x");
    stand.answers(2, false, "200");
    stand.told(Response.class);
    stand.sends(2, "a".repeat(16_000), false);
    stand.sends(2, "b".repeat(16_000), false);
    stand.sends(2, "c".repeat(16_000), false);
    assertThat(stand.told(Data.class).bytes().size()).isEqualTo(16_000);
    stand.out.expectNothing();
    stand.credit(pushed, 2);
    assertThat(stand.told(Data.class).stream()).isSameAs(pushed.ref());
    assertThat(stand.told(Data.class).bytes().size()).isEqualTo(16_000);
    Frame opened = stand.frame();
    assertThat(opened.type()).isEqualTo(WINDOW_UPDATE);
    assertThat(opened.stream()).isEqualTo(2);
  }

  @Test
  void aPushedResponseIsDecompressedIfItsParentIs() throws IOException {
    stand.open();
    stand.ask(Request.of("GET", "/").content(Content.DECOMPRESSED));
    promised(2, "/x");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write("hello".getBytes(StandardCharsets.UTF_8));
    }
    stand.answers(2, false, "200", "content-encoding", "gzip");
    stand.frame(DATA, END_STREAM, 2, packed.toByteArray());
    assertThat(stand.told(Response.class).headers()).isEqualTo(Headers.EMPTY);
    assertThat(stand.told(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("hello"));
    assertThat(stand.told(Data.class).fin()).isTrue();
    assertThat(stand.engine.bodies()).isZero();
  }

  @Test
  void aPushedHeadHasNoContentWhateverItSays() {
    stand.open();
    stand.get("/");
    stand.promise(1, 2, good(":method", "HEAD"));
    assertThat(stand.told(Push.class).method()).isEqualTo("HEAD");
    stand.answers(2, true, "200", "content-length", "5");
    assertThat(stand.told(Response.class).fin()).isTrue();
  }

  @Test
  void pushedStreamsTakeNoRoomFromRequests() {
    Stand its = stand(PUSH.maxStreams(2)).open();
    its.get("/1");
    its.promises(1, 2, "/x");
    its.promises(1, 4, "/y");
    its.frames();
    its.get("/2");
    assertThat(its.frame().type()).isEqualTo(HEADERS);
  }

  // ---- how it ends

  @Test
  void aPushIsCancelledAndItsParentGoesOn() {
    stand.open();
    Stream page = stand.get("/");
    stand.frames();
    Stream pushed = promised(2, "/x");
    stand.cancel(pushed);
    stand.out.expect(new StreamFailed(pushed.ref(), new Reason.Cancelled()));
    wasReset(2, CANCEL);
    stand.answers(2, false, "200"); // which were on their way
    stand.sends(2, "x".repeat(1000), false);
    stand.resets(2, NO_ERROR);
    stand.answers(1, true, "200");
    stand.out.expect(new Response(page.ref(), true, 200, Headers.EMPTY));
    stand.out.expectEnd();
  }

  @Test
  void whoCancelsARequestCancelsWhatIsPushedWithIt() {
    stand.open();
    Stream one = stand.get("/1");
    Stream two = stand.get("/2");
    Stream first = promised(2, "/x");
    stand.promises(3, 4, "/y");
    stand.told(Push.class);
    Stream second = stand.pushed.getLast();
    stand.cancel(one);
    stand.out.expect(
        new StreamFailed(first.ref(), new Reason.Cancelled()),
        new StreamFailed(one.ref(), new Reason.Cancelled()));
    stand.answers(3, true, "200");
    stand.out.expect(new Response(two.ref(), true, 200, Headers.EMPTY));
    stand.frames();
    stand.cancel(two); // which has ended before
    stand.out.expect(new StreamFailed(second.ref(), new Reason.Cancelled()));
    wasReset(4, CANCEL);
    stand.out.expectEnd();
  }

  @Test
  void aPromiseThatCrossesTheCancelIsRefused() {
    stand.open();
    Stream page = stand.get("/");
    stand.cancel(page);
    stand.told(StreamFailed.class);
    stand.frames();
    stand.promises(1, 2, "/x");
    wasReset(2, CANCEL);
    stand.answers(2, true, "200");
    stand.get("/2");
    stand.answers(3, true, "200", "x", "y"); // the table of the fields is whole
    assertThat(stand.told(Response.class).headers()).isEqualTo(Headers.of("x", "y"));
  }

  @Test
  void theServerGivesAPushUp() {
    stand.open();
    stand.get("/");
    Stream pushed = promised(2, "/x");
    stand.resets(2, INTERNAL_ERROR);
    stand.out.expect(new StreamFailed(pushed.ref(), new Reason.StreamReset(INTERNAL_ERROR)));
    assertThat(stand.out.change()).isNull();
  }

  @Test
  void aPushHasTheTimeOfItsParentFromThePromiseOn() {
    stand.open();
    Duration time = Duration.ofSeconds(5);
    stand.ask(Request.of("GET", "/").timeout(time));
    stand.now += 3 * Stand.SECOND;
    Stream pushed = promised(2, "/x");
    stand.frames();
    stand.later(4 * Stand.SECOND);
    stand.out.expectNothing();
    stand.later(Stand.SECOND);
    stand.out.expect(
        new StreamFailed(pushed.ref(), new Reason.Timeout(Reason.Step.RESPONSE, time)));
    wasReset(2, CANCEL);
  }

  @Test
  void theEndOfTheConnectionEndsItsPushes() {
    stand.open();
    Stream page = stand.get("/");
    Stream promised = promised(2, "/x");
    Stream begun = promised(4, "/y");
    stand.answers(4, false, "200");
    stand.told(Response.class);
    stand.engine.inputClosed(stand.out.at(stand.now));
    Reason closed = stand.out.next(Change.Close.class).reason();
    stand.end(closed);
    stand.out.expect(
        new StreamFailed(page.ref(), new Reason.Unanswered(closed)),
        new StreamFailed(promised.ref(), new Reason.Unanswered(closed)),
        new StreamFailed(begun.ref(), new Reason.Incomplete(closed)));
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void theServersGoAwayLeavesItsPushesAlone() {
    stand.open();
    stand.get("/");
    Stream pushed = promised(2, "/x");
    stand.goesAway(0, NO_ERROR, "");
    stand.told(StreamFailed.class);
    stand.out.next(Notice.GoingAway.class);
    stand.answers(2, true, "200");
    stand.out.expect(new Response(pushed.ref(), true, 200, Headers.EMPTY));
    stand.out.next(Change.Close.class);
  }

  @Test
  void ourGoAwayNamesTheLastPromise() {
    stand.open();
    stand.get("/");
    promised(2, "/x");
    promised(6, "/y");
    stand.frames();
    stand.engine.shutdown(stand.out.at(stand.now));
    Frame last = stand.frame();
    assertThat(last.type()).isEqualTo(GOAWAY);
    assertThat(last.number(0)).isEqualTo(6);
    stand.promises(1, 8, "/z");
    wasReset(8, REFUSED_STREAM);
    assertThat(refused()).isEqualTo(new Reason.BadState("push", "the connection is closing"));
    stand.opens(0, 0); // a fault
    Frame fault = stand.frame();
    assertThat(fault.number(0)).isEqualTo(8);
    assertThat(fault.number(4)).isEqualTo(PROTOCOL_ERROR);
  }

  // ---- bounds

  @Test
  void furtherPromisesAreRefusedUntilOneHasEnded() {
    Stand its = stand(PUSH.maxPushes(2)).open();
    its.get("/");
    its.promises(1, 2, "/2");
    its.promises(1, 4, "/4");
    its.frames();
    its.promises(1, 6, "/6");
    Frame reset = its.frame();
    assertThat(reset.stream()).isEqualTo(6);
    assertThat(reset.number(0)).isEqualTo(REFUSED_STREAM);
    assertThat(refused()).isEqualTo(new Reason.Limit(Reason.Bound.PUSHES, 2));
    its.answers(6, false, "200"); // before it knew
    its.sends(6, "x", true);
    its.answers(2, true, "200");
    its.promises(1, 8, "/8");
    its.told(Push.class);
    its.told(Push.class);
    its.told(Response.class);
    assertThat(its.told(Push.class).uri()).isEqualTo("https://host.example/8");
    assertThat(its.frames()).isEmpty();
    assertThat(its.engine.streams()).isEqualTo(3);
    its.out.expectNothing();
  }

  @Test
  void aPromiseForAFullInboxIsRefused() {
    stand.open();
    stand.get("/");
    stand.frames();
    stand.out.full = true;
    stand.promises(1, 2, "/x");
    wasReset(2, REFUSED_STREAM);
    assertThat(refused()).isEqualTo(new Reason.BadState("push", "the mailbox is full"));
    stand.out.expectNothing();
  }

  @Test
  void aFloodOfPromisesEndsTheConnection() {
    Stand its = stand(PUSH.maxPushes(10)).open();
    its.get("/");
    for (int id = 2; its.out.change() == null; id += 2) {
      its.promises(1, id, "/" + id);
      assertThat(its.engine.streams()).isLessThanOrEqualTo(11);
      assertThat(id).isLessThan(2100);
      its.out.written();
      while (its.out.hasNext() && its.out.change() == null) {
        its.told(Push.class);
      }
    }
    assertThat(its.out.change())
        .isEqualTo(new Change.Close(new Reason.Limit(Reason.Bound.USELESS_FRAMES, 1000)));
  }

  @Test
  void aServerThatKeepsItsPromisesMayPushAsMuchAsItLikes() {
    stand.open();
    stand.get("/");
    for (int i = 1; i <= 5000; i++) {
      promised(2 * i, "/" + i);
      stand.answers(2 * i, true, "200");
      stand.told(Response.class);
    }
    assertThat(stand.frames()).extracting(Frame::type).containsExactly(HEADERS);
    stand.out.expectNothing();
  }

  @Test
  void whatIsSentOnARefusedStreamIsThrownAwayUpToItsWindow() {
    Stand its = stand(PUSH.maxPushes(1)).open();
    its.get("/");
    its.promises(1, 2, "/2");
    its.promises(1, 4, "/4");
    its.answers(4, false, "200");
    for (int i = 0; i < 4; i++) {
      its.sends(4, "x".repeat(16_000), false);
    }
    its.told(Push.class);
    its.out.discard();
    assertThat(its.out.change()).isNull();
    its.sends(4, "x".repeat(16_000), false);
    assertThat(((Change.Close) its.out.change()).reason())
        .isEqualTo(
            new Reason.Protocol(
                "the server sent DATA on a stream that has ended", "RFC 9113 section 5.1"));
  }

  @Test
  void onlySomeOfTheStreamsThatWereGivenUpAreRemembered() {
    stand.open();
    for (int i = 0; i < 3000; i++) {
      stand.cancel(stand.get("/"));
      stand.told(StreamFailed.class);
      stand.frames();
    }
    stand.promises(1, 2, "/x"); // which may have crossed, for all that is known
    wasReset(2, CANCEL);
    stand.promises(5999, 4, "/x");
    wasReset(4, CANCEL);
    assertThat(stand.out.change()).isNull();
  }

  // ---- what must not be promised

  private static Arguments promise(String name, String section, @Nullable String... changed) {
    return arguments(name, "RFC 9113 section " + section, good(changed));
  }

  /** A good promise with these fields instead of its own; null leaves one away. */
  private static String[] good(@Nullable String... changed) {
    Map<String, String> fields = new LinkedHashMap<>(GOOD);
    List<String> more = new ArrayList<>();
    for (int i = 0; i < changed.length; i += 2) {
      String field = Objects.requireNonNull(changed[i]);
      String value = changed[i + 1];
      if (value == null) {
        fields.remove(field);
      } else if (fields.replace(field, value) == null) {
        more.add(field);
        more.add(value);
      }
    }
    List<String> all = new ArrayList<>();
    fields.forEach((field, value) -> all.addAll(List.of(field, value)));
    all.addAll(more);
    return all.toArray(String[]::new);
  }

  static List<Arguments> isRefused() {
    return List.of(
        promise("POST", "8.4", ":method", "POST"),
        promise("OPTIONS", "8.4", ":method", "OPTIONS", ":path", "*"),
        promise("CONNECT", "8.4", ":method", "CONNECT"),
        promise("another host", "8.4", ":authority", "evil.example"),
        promise("another port", "8.4", ":authority", "host.example:444"),
        promise("another scheme", "8.4", ":scheme", "http"),
        promise("a user", "8.4", ":authority", "me@host.example"),
        promise("no host", "8.4", ":authority", ""),
        promise("a host field of another host", "8.3.1", "host", "evil.example"),
        promise("content", "8.4", "content-length", "5"),
        promise("no :method", "8.4.1", ":method", null),
        promise("no :scheme", "8.4.1", ":scheme", null),
        promise("no :authority", "8.4.1", ":authority", null, "host", "host.example"),
        promise("no :path", "8.4.1", ":path", null),
        promise("a path without its slash", "8.4.1", ":path", "x"),
        promise("a path with a space", "8.4.1", ":path", "/a b"),
        promise("an expectation", "8.4.1", "expect", "100-continue"),
        promise("a content-length that is none", "8.4.1", "content-length", "-1"),
        promise("a pseudo-header field of a response", "8.3", ":status", "200"),
        promise("a pseudo-header field behind others", "8.3", "a", "b", ":x", "y"),
        promise("upper case", "8.2.1", "Accept", "x"),
        promise("a value with LF", "8.2.1", "a", "x\ny"),
        promise("a field of a connection", "8.2.2", "connection", "x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isRefused(String name, String section, String[] fields) {
    stand.open();
    Stream page = stand.get("/");
    stand.frames();
    stand.promise(1, 2, fields);
    wasReset(2, PROTOCOL_ERROR);
    assertThat(((Reason.Protocol) refused()).section()).isEqualTo(section);
    stand.out.expectNothing(); // and the connection goes on, with a table that is whole
    stand.promises(1, 4, "/y");
    assertThat(stand.told(Push.class).uri()).isEqualTo("https://host.example/y");
    stand.answers(1, true, "200");
    stand.out.expect(new Response(page.ref(), true, 200, Headers.EMPTY));
  }

  @Test
  void aPromiseWithTooManyFieldsIsRefused() {
    stand.open();
    stand.get("/");
    stand.frames();
    stand.promise(1, 2, good("a", "b".repeat(4000)));
    wasReset(2, CANCEL);
    assertThat(refused()).isEqualTo(new Reason.Limit(Reason.Bound.HEADER_BLOCK, 4096));
    stand.out.expectNothing();
  }

  @Test
  void theHostThatTheUserNamesIsTheOriginOfWhatIsPushed() {
    stand.open();
    stand.ask(Request.of("GET", "/").header("host", "other.example"));
    stand.frames();
    stand.promises(1, 2, "/x");
    wasReset(2, PROTOCOL_ERROR);
    stand.promise(1, 4, good(":authority", "other.example"));
    assertThat(stand.told(Push.class).uri()).isEqualTo("https://other.example/x");
  }

  // ---- what ends the connection

  private static Arguments fault(String name, String section, Consumer<Stand> fault) {
    return arguments(name, "RFC 9113 section " + section, fault);
  }

  static List<Arguments> endsTheConnection() {
    return List.of(
        fault("a promise on an idle stream", "5.1", its -> its.promises(99, 2, "/x")),
        fault("a promise on an idle pushed stream", "5.1", its -> its.promises(4, 2, "/x")),
        fault(
            "a promise on a pushed stream",
            "6.6",
            its -> {
              its.promises(1, 2, "/x");
              its.answers(2, false, "200");
              its.promises(2, 4, "/y");
            }),
        fault(
            "a promise on a stream that has ended",
            "6.6",
            its -> {
              its.answers(1, true, "200");
              its.promises(1, 2, "/x");
            }),
        fault(
            "a promise on a stream that the server has reset",
            "6.6",
            its -> {
              its.resets(1, CANCEL);
              its.promises(1, 2, "/x");
            }),
        fault(
            "a promise on a stream that the server has ended and this side has not",
            "6.6",
            its -> {
              its.ask(Request.of("PUT", "/3"), false);
              its.answers(3, true, "200");
              its.promises(3, 2, "/x");
            }),
        fault("a promise of an odd stream", "5.1.1", its -> its.promises(1, 3, "/x")),
        fault(
            "a promise of the same stream",
            "5.1.1",
            its -> {
              its.promises(1, 2, "/x");
              its.promises(1, 2, "/x");
            }),
        fault(
            "a promise of an earlier stream",
            "5.1.1",
            its -> {
              its.promises(1, 4, "/x");
              its.promises(1, 2, "/x");
            }),
        fault("a promise of no stream", "6.6", its -> its.promises(1, 0, "/x")),
        fault("HEADERS before their promise", "5.1", its -> its.answers(2, false, "200")),
        fault("DATA before their promise", "5.1", its -> its.sends(2, "x", false)),
        fault("RST_STREAM before its promise", "5.1", its -> its.resets(2, CANCEL)),
        fault(
            "DATA before their head",
            "5.1",
            its -> {
              its.promises(1, 2, "/x");
              its.sends(2, "x", false);
            }),
        fault(
            "a WINDOW_UPDATE before the head",
            "5.1",
            its -> {
              its.promises(1, 2, "/x");
              its.opens(2, 1);
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void endsTheConnection(String name, String section, Consumer<Stand> fault) {
    for (int cut : new int[] {1, 5, 1 << 20}) {
      Stand its = stand(PUSH).open();
      its.cut = cut;
      its.get("/1");
      its.frames();
      fault.accept(its);
      Reason reason = ((Change.Close) its.out.change()).reason();
      assertThat(((Reason.Protocol) reason).section()).isEqualTo(section);
      Frame last = its.frames().getLast();
      assertThat(last.type()).isEqualTo(GOAWAY);
      assertThat(last.number(4)).isEqualTo(PROTOCOL_ERROR);
      its.end(reason);
      its.out.discard();
      its.out.expectEnd();
    }
  }
}
