package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server must not do, each with the code that it is told and the reason that is told. */
class MisbehavingServerTest {

  private static byte[] octets(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static Arguments fault(String name, int code, String section, Consumer<Stand> fault) {
    return arguments(name, code, "RFC 9113 section " + section, fault);
  }

  static List<Arguments> endTheConnection() {
    return List.of(
        fault(
            "a frame that is too large",
            FRAME_SIZE_ERROR,
            "4.2",
            its -> its.receives(octets(0, 0x40, 1, DATA, 0, 0, 0, 0, 1))),
        fault("a short PING", FRAME_SIZE_ERROR, "6.7", its -> its.frame(PING, 0, 0, new byte[7])),
        fault(
            "a PING on a stream", PROTOCOL_ERROR, "6.7", its -> its.frame(PING, 0, 1, new byte[8])),
        fault(
            "SETTINGS of 5 octets",
            FRAME_SIZE_ERROR,
            "6.5",
            its -> its.frame(SETTINGS, 0, 0, new byte[5])),
        fault(
            "SETTINGS on a stream",
            PROTOCOL_ERROR,
            "6.5",
            its -> its.frame(SETTINGS, 0, 1, new byte[6])),
        fault(
            "an ACK with parameters",
            FRAME_SIZE_ERROR,
            "6.5",
            its -> its.frame(SETTINGS, ACK, 0, new byte[6])),
        fault(
            "a second ACK",
            PROTOCOL_ERROR,
            "6.5.3",
            its -> its.frame(SETTINGS, ACK, 0, new byte[0])),
        fault("ENABLE_PUSH 1", PROTOCOL_ERROR, "6.5.2", its -> its.settings(ENABLE_PUSH, 1)),
        fault(
            "a huge initial window",
            FLOW_CONTROL_ERROR,
            "6.5.2",
            its -> its.settings(INITIAL_WINDOW_SIZE, -1)),
        fault(
            "a small frame size",
            PROTOCOL_ERROR,
            "6.5.2",
            its -> its.settings(MAX_FRAME_SIZE, 100)),
        fault(
            "RST_STREAM of 3 octets",
            FRAME_SIZE_ERROR,
            "6.4",
            its -> its.frame(RST_STREAM, 0, 1, new byte[3])),
        fault("RST_STREAM on no stream", PROTOCOL_ERROR, "6.4", its -> its.resets(0, CANCEL)),
        fault("RST_STREAM of an idle stream", PROTOCOL_ERROR, "5.1", its -> its.resets(99, CANCEL)),
        fault("DATA on no stream", PROTOCOL_ERROR, "6.1", its -> its.sends(0, "x", false)),
        fault("DATA on an idle stream", PROTOCOL_ERROR, "5.1", its -> its.sends(99, "x", false)),
        fault("DATA on an even stream", PROTOCOL_ERROR, "5.1", its -> its.sends(2, "x", false)),
        fault("HEADERS on no stream", PROTOCOL_ERROR, "6.2", its -> its.answers(0, false, "200")),
        fault(
            "HEADERS on an idle stream",
            PROTOCOL_ERROR,
            "5.1",
            its -> its.answers(99, false, "200")),
        fault(
            "padding past the end of DATA",
            PROTOCOL_ERROR,
            "6.1",
            its -> its.frame(DATA, PADDED, 1, octets(5, 'a'))),
        fault(
            "padding past the end of HEADERS",
            PROTOCOL_ERROR,
            "6.2",
            its -> its.frame(HEADERS, PADDED | END_HEADERS, 1, octets(5, 0x88))),
        fault(
            "HEADERS without their priority",
            FRAME_SIZE_ERROR,
            "6.2",
            its -> its.frame(HEADERS, WITH_PRIORITY | END_HEADERS, 1, octets(1, 2))),
        fault(
            "a short PRIORITY",
            FRAME_SIZE_ERROR,
            "6.3",
            its -> its.frame(PRIORITY, 0, 1, new byte[4])),
        fault(
            "PRIORITY on no stream",
            PROTOCOL_ERROR,
            "6.3",
            its -> its.frame(PRIORITY, 0, 0, new byte[5])),
        fault(
            "CONTINUATION of nothing",
            PROTOCOL_ERROR,
            "6.10",
            its -> its.frame(CONTINUATION, END_HEADERS, 1, octets(0x88))),
        fault(
            "a frame within a field block",
            PROTOCOL_ERROR,
            "6.10",
            its -> {
              its.frame(HEADERS, 0, 1, octets(0x88));
              its.pings(1, false);
            }),
        fault(
            "CONTINUATION of another stream",
            PROTOCOL_ERROR,
            "6.10",
            its -> {
              its.frame(HEADERS, 0, 1, octets(0x88));
              its.frame(CONTINUATION, END_HEADERS, 3, octets(0x88));
            }),
        fault(
            "a short GOAWAY", FRAME_SIZE_ERROR, "6.8", its -> its.frame(GOAWAY, 0, 0, new byte[7])),
        fault(
            "GOAWAY on a stream",
            PROTOCOL_ERROR,
            "6.8",
            its -> its.frame(GOAWAY, 0, 1, new byte[8])),
        fault(
            "a GOAWAY that takes back",
            PROTOCOL_ERROR,
            "6.8",
            its -> {
              its.goesAway(1, NO_ERROR, "");
              its.goesAway(3, NO_ERROR, "");
            }),
        fault(
            "a WINDOW_UPDATE of 0 on the connection",
            PROTOCOL_ERROR,
            "6.9",
            its -> its.opens(0, 0)),
        fault(
            "a window past 2^31-1",
            FLOW_CONTROL_ERROR,
            "6.9.1",
            its -> its.opens(0, Integer.MAX_VALUE)),
        fault(
            "a short WINDOW_UPDATE",
            FRAME_SIZE_ERROR,
            "6.9",
            its -> its.frame(WINDOW_UPDATE, 0, 0, new byte[3])),
        fault("a WINDOW_UPDATE of an idle stream", PROTOCOL_ERROR, "5.1", its -> its.opens(99, 1)),
        arguments(
            "PRIORITY_UPDATE",
            PROTOCOL_ERROR,
            "RFC 9218 section 7.1",
            (Consumer<Stand>)
                its -> its.frame(PRIORITY_UPDATE, 0, 0, octets(0, 0, 0, 1, 'u', '=', '1'))),
        fault(
            "a promise that was switched off",
            PROTOCOL_ERROR,
            "6.6",
            its -> its.frame(PUSH_PROMISE, END_HEADERS, 1, octets(0, 0, 0, 2, 0x82))),
        fault(
            "DATA after the end of the stream",
            STREAM_CLOSED,
            "5.1",
            its -> {
              its.answers(1, true, "200");
              its.sends(1, "x", false);
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void endTheConnection(String name, int code, String section, Consumer<Stand> fault) {
    for (int cut : new int[] {1, 5, 1 << 20}) {
      Stand stand = new Stand().open();
      stand.cut = cut;
      stand.get("/1");
      stand.frames();
      fault.accept(stand);
      Reason reason = closed(stand);
      assertThat(reason).isInstanceOf(Reason.Protocol.class);
      assertThat(((Reason.Protocol) reason).section()).isEqualTo(section);
      Frame last = stand.frames().getLast();
      assertThat(last.type()).isEqualTo(GOAWAY);
      assertThat(last.number(4)).isEqualTo(code);
      assertThat(last.text()).contains(((Reason.Protocol) reason).rule());
      stand.end(reason);
      while (stand.out.hasNext()) {
        stand.out.next(StreamFailed.class);
      }
      stand.out.expectEnd();
    }
  }

  private static Reason closed(Stand stand) {
    while (true) {
      if (stand.out.next() instanceof Change.Close(var reason)) {
        return reason;
      }
    }
  }

  static List<Arguments> endTheStream() {
    return List.of(
        fault("no :status", PROTOCOL_ERROR, "8.3.2", its -> its.headers(1, false, "a", "b")),
        fault(
            "a :status of two digits", PROTOCOL_ERROR, "8.3.2", its -> its.answers(1, false, "20")),
        fault("the :status 101", PROTOCOL_ERROR, "8.6", its -> its.answers(1, false, "101")),
        fault(
            "a pseudo-header field of a request",
            PROTOCOL_ERROR,
            "8.3",
            its -> its.answers(1, false, "200", ":path", "/")),
        fault(
            "an unknown pseudo-header field",
            PROTOCOL_ERROR,
            "8.3",
            its -> its.answers(1, false, "200", ":x", "y")),
        fault(
            ":status twice",
            PROTOCOL_ERROR,
            "8.3",
            its -> its.answers(1, false, "200", ":status", "200")),
        fault(
            "a late pseudo-header field",
            PROTOCOL_ERROR,
            "8.3",
            its -> its.headers(1, false, "a", "b", ":status", "200")),
        fault(
            "upper case",
            PROTOCOL_ERROR,
            "8.2.1",
            its -> its.answers(1, false, "200", "Server", "x")),
        fault(
            "a name that is no token",
            PROTOCOL_ERROR,
            "8.2.1",
            its -> its.answers(1, false, "200", "a b", "x")),
        fault(
            "a value with LF",
            PROTOCOL_ERROR,
            "8.2.1",
            its -> its.answers(1, false, "200", "a", "x\ny")),
        fault(
            "a value with NUL",
            PROTOCOL_ERROR,
            "8.2.1",
            its -> its.answers(1, false, "200", "a", "x\0y")),
        fault(
            "a value that begins with a space",
            PROTOCOL_ERROR,
            "8.2.1",
            its -> its.answers(1, false, "200", "a", " x")),
        fault(
            "a field of a connection",
            PROTOCOL_ERROR,
            "8.2.2",
            its -> its.answers(1, false, "200", "connection", "close")),
        fault(
            "an informational response that ends",
            PROTOCOL_ERROR,
            "8.1",
            its -> its.answers(1, true, "103")),
        fault(
            "a second head",
            PROTOCOL_ERROR,
            "8.1",
            its -> {
              its.answers(1, false, "200");
              its.answers(1, false, "200");
            }),
        fault(
            "a pseudo-header field in trailers",
            PROTOCOL_ERROR,
            "8.3",
            its -> {
              its.answers(1, false, "200");
              its.headers(1, true, ":status", "200");
            }),
        fault("DATA before the head", PROTOCOL_ERROR, "8.1", its -> its.sends(1, "x", false)),
        fault(
            "less content than said",
            PROTOCOL_ERROR,
            "8.1.1",
            its -> {
              its.answers(1, false, "200", "content-length", "5");
              its.sends(1, "abc", true);
            }),
        fault(
            "more content than said",
            PROTOCOL_ERROR,
            "8.1.1",
            its -> {
              its.answers(1, false, "200", "content-length", "2");
              its.sends(1, "abc", false);
            }),
        fault(
            "no content where some was said",
            PROTOCOL_ERROR,
            "8.1.1",
            its -> its.answers(1, true, "200", "content-length", "5")),
        fault("a WINDOW_UPDATE of 0", PROTOCOL_ERROR, "6.9", its -> its.opens(1, 0)),
        fault(
            "a stream's window past 2^31-1",
            FLOW_CONTROL_ERROR,
            "6.9.1",
            its -> its.opens(1, Integer.MAX_VALUE)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void endTheStream(String name, int code, String section, Consumer<Stand> fault) {
    Stand stand = new Stand().open();
    Stream one = stand.ask(Request.of("PUT", "/1"), false);
    Stream two = stand.get("/2");
    stand.frames();
    fault.accept(stand);
    Frame reset = stand.frames().getLast();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.stream()).isEqualTo(1);
    assertThat(reset.number(0)).isEqualTo(code);
    Object told = stand.out.next();
    while (told instanceof Response || told instanceof Data) {
      told = stand.out.next();
    }
    assertThat(told).isInstanceOf(StreamFailed.class);
    StreamFailed failed = (StreamFailed) told;
    assertThat(failed.stream()).isEqualTo(one.ref());
    assertThat(((Reason.Protocol) failed.reason()).section()).isEqualTo(section);
    stand.answers(3, true, "200"); // the other goes on
    assertThat(stand.told(Response.class).stream()).isEqualTo(two.ref());
    stand.out.expectEnd();
  }

  @Test
  void aServerOfHttp1IsNamed() {
    Stand stand = new Stand();
    stand.begin();
    stand.receives("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(closed(stand).sentence())
        .isEqualTo(
            "Protocol error: the server answers with HTTP/1, and speaks no HTTP/2 (RFC 9113 section"
                + " 3.4).");
  }

  @Test
  void theFirstFrameIsSettings() {
    Stand stand = new Stand();
    stand.begin();
    stand.pings(1, false);
    assertThat(((Reason.Protocol) closed(stand)).section()).isEqualTo("RFC 9113 section 3.4");
  }

  @Test
  void fieldsThatCannotBeDecompressedEndTheConnection() {
    Stand stand = new Stand().open();
    stand.get("/");
    stand.frames();
    stand.frame(HEADERS, END_HEADERS, 1, octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
    assertThat(closed(stand).sentence()).contains("RFC 7541");
    assertThat(stand.frames().getLast().number(4)).isEqualTo(COMPRESSION_ERROR);
  }

  @Test
  void aFieldBlockOverTheLimitEndsTheConnection() {
    Stand stand = new Stand(Http2.DEFAULT, Limits.DEFAULT.headerBlock(1000)).open();
    stand.get("/");
    stand.frames();
    stand.frame(HEADERS, 0, 1, new byte[900]);
    stand.frame(CONTINUATION, 0, 1, new byte[200]);
    assertThat(closed(stand)).isEqualTo(new Reason.Limit(Reason.Bound.HEADER_BLOCK, 1000));
    assertThat(stand.frames().getLast().number(4)).isEqualTo(ENHANCE_YOUR_CALM);
  }

  @Test
  void aFloodOfContinuationsEndsTheConnection() {
    Stand stand = new Stand().open();
    stand.get("/");
    stand.frames();
    stand.frame(HEADERS, 0, 1, new byte[0]);
    for (int i = 0; stand.out.change() == null; i++) {
      assertThat(i).isLessThan(100);
      stand.frame(CONTINUATION, 0, 1, new byte[0]);
    }
    assertThat(closed(stand)).isInstanceOf(Reason.Limit.class);
  }

  @Test
  void fieldsThatDecompressToTooMuchEndTheirStreamAndSpareTheConnection() {
    Stand stand = new Stand(Http2.DEFAULT, Limits.DEFAULT.headerBlock(1000)).open();
    Stream get = stand.get("/1");
    stand.get("/2");
    stand.frames();
    stand.answers(1, false, "200", "a", "x".repeat(600));
    stand.told(Response.class);
    stand.headers(1, true, "a", "x".repeat(600), "a", "x".repeat(600)); // from the table
    assertThat(stand.told(StreamFailed.class))
        .isEqualTo(new StreamFailed(get.ref(), new Reason.Limit(Reason.Bound.HEADER_BLOCK, 1000)));
    assertThat(stand.frame().number(0)).isEqualTo(CANCEL);
    stand.answers(3, true, "200", "a", "x".repeat(600));
    stand.told(Response.class);
  }

  static List<Arguments> floods() {
    return List.of(
        arguments("SETTINGS", (Consumer<Stand>) its -> its.settings()),
        arguments("PING", (Consumer<Stand>) its -> its.pings(1, false)),
        arguments("PING ACK", (Consumer<Stand>) its -> its.pings(1, true)),
        arguments("PRIORITY", (Consumer<Stand>) its -> its.frame(PRIORITY, 0, 1, new byte[5])),
        arguments("unknown frames", (Consumer<Stand>) its -> its.frame(0x42, 0, 1, new byte[5])),
        arguments("empty DATA", (Consumer<Stand>) its -> its.sends(1, "", false)),
        arguments("RST_STREAM of what has ended", (Consumer<Stand>) its -> its.resets(3, CANCEL)),
        arguments(
            "HEADERS for what has ended", (Consumer<Stand>) its -> its.headers(3, true, "a", "b")),
        arguments("WINDOW_UPDATE for what has ended", (Consumer<Stand>) its -> its.opens(3, 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void floods(String name, Consumer<Stand> frame) {
    Stand stand = new Stand().open();
    stand.get("/1");
    stand.get("/2");
    stand.answers(1, false, "200");
    stand.answers(3, true, "200");
    stand.told(Response.class);
    stand.told(Response.class);
    for (int i = 0; stand.out.change() == null; i++) {
      assertThat(i).isLessThan(1100);
      frame.accept(stand);
      stand.frames();
    }
    assertThat(closed(stand)).isEqualTo(new Reason.Limit(Reason.Bound.USELESS_FRAMES, 1000));
  }

  @Test
  void aFloodIsToldTheCode() {
    Stand stand = new Stand().open();
    Frame last = null;
    while (stand.out.change() == null) {
      stand.pings(1, false);
      last = stand.frames().getLast();
    }
    assertThat(last.type()).isEqualTo(GOAWAY);
    assertThat(last.number(4)).isEqualTo(ENHANCE_YOUR_CALM);
  }

  @Test
  void informationalResponsesWithoutEndEndTheirStream() {
    Stand stand = new Stand().open();
    Stream get = stand.get("/");
    stand.frames();
    Object told = null;
    for (int i = 0; !(told instanceof StreamFailed); i++) {
      assertThat(i).isLessThan(1100);
      stand.answers(1, false, "103");
      told = stand.out.next();
    }
    assertThat(told)
        .isEqualTo(new StreamFailed(get.ref(), new Reason.Limit(Reason.Bound.INFORMS, 100)));
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
  }

  @Test
  void moreDataThanTheStreamsWindowEndsTheStream() {
    Http2 small = Http2.DEFAULT.streamWindow(65_535).maxStreamWindow(65_535);
    Stand stand = new Stand(small, Limits.DEFAULT).open();
    Stream get = stand.ask(Request.of("GET", "/").credit(0));
    stand.frames();
    stand.answers(1, false, "200");
    stand.told(Response.class);
    for (int i = 0; i < 5; i++) {
      stand.sends(1, "a".repeat(16_000), false);
    }
    StreamFailed failed = stand.told(StreamFailed.class);
    assertThat(failed.stream()).isEqualTo(get.ref());
    assertThat(failed.reason().sentence()).contains("RFC 9113 section 6.9.1");
    assertThat(stand.frame().number(0)).isEqualTo(FLOW_CONTROL_ERROR);
  }

  @Test
  void aServerThatSendsNoSettingsIsGivenUp() {
    Stand stand = new Stand();
    stand.begin();
    stand.frames();
    stand.later(10 * Stand.SECOND);
    Reason reason = closed(stand);
    assertThat(reason.sentence())
        .isEqualTo("The wait for the server's SETTINGS took longer than 10 s (timeouts.settings).");
    assertThat(stand.frame().number(4)).isEqualTo(SETTINGS_TIMEOUT);
  }

  @Test
  void aServerWhoseWindowStaysShutLosesThatStreamOnly() {
    Stand stand = new Stand().open(INITIAL_WINDOW_SIZE, 0);
    Stream put = stand.ask(Request.of("PUT", "/").body(dev.lariat.message.Bytes.ofUtf8("x")));
    stand.get("/2");
    stand.frames();
    stand.later(30 * Stand.SECOND);
    assertThat(stand.told(StreamFailed.class))
        .isEqualTo(
            new StreamFailed(
                put.ref(),
                new Reason.Timeout(Reason.Step.WRITE, java.time.Duration.ofSeconds(30))));
    assertThat(stand.frame().number(0)).isEqualTo(CANCEL);
    assertThat(stand.out.change()).isNull();
  }

  @Test
  void aHugeTableOfTheServersIsNotUsed() {
    Stand stand = new Stand().open(HEADER_TABLE_SIZE, -1);
    stand.get("/");
    byte[] block = stand.frame().payload();
    assertThat(ByteBuffer.wrap(block).get() & 0xe0).isNotEqualTo(0x20); // no change of its size
  }
}
