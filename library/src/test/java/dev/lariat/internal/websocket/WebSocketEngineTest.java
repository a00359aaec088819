package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.LentStreams;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Deflate;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketEngineTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Reason LOST = new Reason.Reset("test");
  private static final Reason NOT_OPEN =
      new Reason.BadState("send", "the WebSocket is closing or closed");
  private static final WebSocketOptions TOLD = WebSocketOptions.DEFAULT.silencePings(false);

  private final Recorder out = new Recorder();
  private final Stream stream = out.stream("socket");
  private final Shared shared = new Shared(new SecureRandom());
  private long now = 1000 * SECOND;
  private WebSocketEngine engine = engine(WebSocketOptions.DEFAULT, null);

  private WebSocketEngine engine(
      WebSocketOptions options, DeflateTerms terms, Command.OfStream... early) {
    Handshake.Agreement agreement =
        new Handshake.Agreement(Optional.empty(), Optional.ofNullable(terms));
    Change.SpeakWebSocket start =
        new Change.SpeakWebSocket(
            stream, agreement, Headers.EMPTY, options, List.of(early), new Reason.Closed());
    WebSocketEngine made = new WebSocketEngine(start, Limits.DEFAULT, Timeouts.DEFAULT, shared);
    made.begin(out.at(now));
    return made;
  }

  // ---- doing

  private Command.Send command(Frame frame) {
    Command.Send send = new Command.Send(stream, frame, Payload.of(frame));
    Recorder.gate(stream).waiting += send.bytes();
    return send;
  }

  private void send(Frame... frames) {
    for (Frame frame : frames) {
      engine.command(command(frame), out.at(now));
    }
  }

  private void receive(byte[]... frames) {
    read(frames);
    if (engine.deadline() <= now) {
      engine.elapsed(out.at(now)); // the turn after
    }
  }

  private void read(byte[]... frames) {
    engine.received(Unpooled.wrappedBuffer(frames), out.at(now));
  }

  private void pass(long seconds) {
    now += seconds * SECOND;
    engine.elapsed(out.at(now));
  }

  private void drain() {
    out.writable = true;
    engine.writable(out.at(now));
  }

  /** The connection ends, as the change asked for or by itself. */
  private void end(Reason reason) {
    assertThat(engine.end(reason, out).killed()).containsExactly(stream.ref());
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  private void endAfterClose() {
    Reason any = new Reason.Closed();
    assertThat(engine.end(any, out)).isEqualTo(Engine.Casualties.NONE);
    out.expectEnd();
  }

  // ---- seeing

  private WebSocketFrame told(Frame frame) {
    return new WebSocketFrame(stream.ref(), frame);
  }

  private Rejected rejected() {
    return new Rejected(stream.ref(), "send", NOT_OPEN);
  }

  private Object[] closed(Close received, Close sent, Side initiator) {
    Reason.CloseHandshake handshake = new Reason.CloseHandshake(received, sent, initiator);
    return new Object[] {
      new WebSocketClosed(stream.ref(), handshake), new Change.Closing(handshake)
    };
  }

  private List<Sent> sent() {
    return Sent.all(out.written());
  }

  // ---- open

  @Test
  void framesGoBothWays() {
    assertThat(engine.protocol()).isEqualTo(Protocol.WEBSOCKET);
    send(
        new Text("a"),
        new Binary(Bytes.ofUtf8("b")),
        new Ping(Bytes.ofUtf8("c")),
        new Pong(Bytes.ofUtf8("d")));
    assertThat(sent())
        .containsExactly(
            Sent.of(0x81, "a"), Sent.of(0x82, "b"), Sent.of(0x89, "c"), Sent.of(0x8a, "d"));
    receive(text("x"), hex("02 01 79 80 01 7a"));
    out.expect(told(new Text("x")), told(new Binary(Bytes.ofUtf8("yz"))));
    end(LOST);
  }

  @Test
  void whatTheReceiverAnswersBeforeAnErrorGoesOutBeforeTheCloseFrame() {
    read(text("a"), hex("83 00"));
    out.expect(told(new Text("a")));
    send(new Text("answer"));
    pass(0);
    assertThat(sent()).containsExactly(Sent.of(0x81, "answer"), Sent.close(1002, ""));
    out.next(Change.Closing.class);
    Reason broken =
        new Reason.Protocol("a frame has the reserved opcode 3", "RFC 6455 section 5.2");
    assertThat(engine.end(broken, out).killed()).containsExactly(stream.ref());
    out.expect(new StreamFailed(stream.ref(), broken));
    out.expectEnd();
  }

  @Test
  void whatTheReceiverAnswersBeforeTheServersCloseFrameGoesOutBeforeTheAnswerToThat() {
    read(text("a"), close(1000, "bye"));
    out.expect(told(new Text("a")), told(new Close(1000, "bye")));
    send(new Text("answer"));
    pass(0);
    assertThat(sent()).containsExactly(Sent.of(0x81, "answer"), Sent.close(1000, ""));
    out.expect(closed(new Close(1000, "bye"), new Close(1000, ""), Side.SERVER));
    endAfterClose();
  }

  @Test
  void anErrorThatTheEndFollowsAtOnceIsStillTheReason() {
    read(hex("83 00"));
    engine.inputClosed(out.at(now));
    out.expectNothing();
    pass(0);
    assertThat(sent()).containsExactly(Sent.close(1002, ""));
    Reason broken =
        new Reason.Protocol("a frame has the reserved opcode 3", "RFC 6455 section 5.2");
    out.expect(new Change.Close(broken));
    end(broken);
  }

  @Test
  void anErrorThatAResetFollowsAtOnceIsStillWhatTheStreamIsTold() {
    read(hex("83 00"));
    assertThat(engine.end(LOST, out).killed()).containsExactly(stream.ref());
    out.next(Change.Closing.class);
    assertThat(out.next(StreamFailed.class).reason().sentence()).contains("opcode 3");
    out.discard();
  }

  @Test
  void earlyFramesGoFirst() {
    engine =
        engine(
            WebSocketOptions.DEFAULT,
            null,
            command(new Text("early")),
            command(new Text("second")));
    send(new Text("late"));
    assertThat(sent())
        .containsExactly(Sent.of(0x81, "early"), Sent.of(0x81, "second"), Sent.of(0x81, "late"));
    end(LOST);
  }

  @Test
  void messagesAreCompressedWhereThatWasAgreed() throws DataFormatException {
    engine = engine(TOLD, new DeflateTerms(false, false, 15, 15));
    send(new Text("Hello".repeat(50)), new Ping(Bytes.ofUtf8("Hello")), Close.NORMAL);
    List<Sent> frames = sent();
    assertThat(frames).extracting(Sent::first).containsExactly(0xc1, 0x89, 0x88);
    Inflater server = new Inflater(true);
    server.setInput(join(frames.get(0).payload().toArray(), hex("00 00 ff ff")));
    byte[] room = new byte[1000];
    assertThat(new String(room, 0, server.inflate(room), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("Hello".repeat(50));
    server.end();
    receive(hex("c1 07 f2 48 cd c9 c9 07 00"));
    out.expect(told(new Text("Hello")));
    end(LOST);
  }

  @Test
  void whatIsSmallerThanWorthCompressingIsSentAsItIs() {
    Deflate deflate = Deflate.DEFAULT.smallest(6);
    engine = engine(TOLD.deflate(deflate), new DeflateTerms(false, false, 15, 15));
    send(new Text("small"), new Text("larger"), new Binary(Bytes.ofUtf8("small")), new Text(""));
    assertThat(sent()).extracting(Sent::first).containsExactly(0x81, 0xc1, 0x82, 0x81);
    end(LOST);
  }

  @Test
  void aMessageInPartsIsCompressedUnlessItsFirstPartIsItsLastAndSmall() throws Exception {
    Deflate deflate = Deflate.DEFAULT.smallest(6);
    engine = engine(TOLD.deflate(deflate), new DeflateTerms(false, false, 15, 15));
    sendParts("a", "b", "c");
    sendParts("small");
    sendParts("larger");
    List<Sent> frames = sent();
    assertThat(frames).extracting(Sent::first).containsExactly(0x41, 0x00, 0x80, 0x81, 0xc1);
    Inflater server = new Inflater(true);
    server.setInput(
        join(
            frames.get(0).payload().toArray(),
            frames.get(1).payload().toArray(),
            frames.get(2).payload().toArray(),
            hex("00 00 ff ff")));
    byte[] room = new byte[10];
    assertThat(server.inflate(room)).isEqualTo(3);
    assertThat(room).startsWith('a', 'b', 'c');
    server.end();
    assertThat(frames.get(3)).isEqualTo(Sent.of(0x81, "small"));
    end(LOST);
  }

  private void sendParts(String... parts) {
    Outgoing message = new Outgoing(true, Gate.NONE, Fate.IGNORED);
    for (int i = 0; i < parts.length; i++) {
      ByteBuffer payload = Bytes.ofUtf8(parts[i]).asByteBuffer();
      boolean fin = i == parts.length - 1;
      engine.command(new Command.SendPart(stream, message, payload, fin), out.at(now));
    }
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void compressionHoldsNoNativeMemoryPastTheEnd(Ending ending) {
    engine = engine(TOLD, new DeflateTerms(false, false, 15, 15));
    send(new Text("Hello"));
    receive(hex("c1 07 f2 48 cd c9 c9 07 00"));
    out.expect(told(new Text("Hello")));
    assertThat(LentStreams.of(shared)).isEqualTo(2);
    switch (ending) {
      case CLOSE_HANDSHAKE -> receive(close(1000, ""));
      case BROKEN_RULE -> receive(hex("c1 02 07 00"));
      case LOST_CONNECTION -> engine.end(LOST, out);
    }
    assertThat(LentStreams.of(shared)).isZero();
  }

  private enum Ending {
    CLOSE_HANDSHAKE,
    BROKEN_RULE,
    LOST_CONNECTION
  }

  @Test
  void requestsAndUpgradesAreRefusedOnAWebSocket() {
    Stream request = out.stream("request");
    Stream upgrade = out.stream("upgrade");
    engine.command(new Command.Request(request, Request.of("GET", "/")), out.at(now));
    engine.command(new Command.Upgrade(upgrade, "/", TOLD, FieldNames.PLAIN), out.at(now));
    String state = "the connection is a WebSocket";
    out.expect(
        new StreamFailed(request.ref(), new Reason.BadState("request", state)),
        new StreamFailed(upgrade.ref(), new Reason.BadState("upgrade", state)));
    end(LOST);
  }

  @Test
  void toCancelARequestOnAWebSocketChangesNothing() {
    Stream request = out.stream("request");
    engine.command(new Command.Request(request, Request.of("GET", "/")), out.at(now));
    out.next(StreamFailed.class);
    engine.command(new Command.Cancel(request, new Reason.Cancelled()), out.at(now));
    out.expectNothing();
    receive(text("x"));
    out.expect(told(new Text("x")));
    end(LOST);
  }

  @Test
  void aFrameForAnotherStreamIsRejected() {
    Stream other = out.stream("other");
    Command.Send foreign = new Command.Send(other, new Text("a"), Payload.of(new Text("a")));
    Recorder.gate(other).waiting = foreign.bytes();
    engine.command(foreign, out.at(now));
    engine.command(new Command.SetKeepalive(other, Keepalive.DEFAULT), out.at(now));
    out.expect(
        new Rejected(other.ref(), "send", NOT_OPEN),
        new Rejected(
            other.ref(),
            "keepalive",
            new Reason.BadState("keepalive", "the WebSocket is closing or closed")));
    assertThat(Recorder.gate(other).waiting).isZero();
    other.gate().ended();
    end(LOST);
  }

  // ---- waiting for room

  @Test
  void dataWaitsForTheTransportAndKeepsItsOrder() {
    send(new Text("a"));
    out.writable = false;
    send(new Text("b"), new Binary(Bytes.ofUtf8("c")));
    assertThat(sent()).containsExactly(Sent.of(0x81, "a"));
    assertThat(Recorder.gate(stream).waiting).isEqualTo(2 * (1 + 6)); // with their headers
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x81, "b"), Sent.of(0x82, "c"));
    assertThat(Recorder.gate(stream).waiting).isZero();
    end(LOST);
  }

  @Test
  void dataBehindWaitingDataWaitsToo() {
    out.writable = false;
    send(new Text("a"));
    out.writable = true;
    send(new Text("b"));
    assertThat(sent()).isEmpty();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x81, "a"), Sent.of(0x81, "b"));
    end(LOST);
  }

  @Test
  void controlFramesOvertakeData() {
    out.writable = false;
    send(new Text("a"), new Ping(Bytes.ofUtf8("p")), new Pong(Bytes.ofUtf8("q")));
    assertThat(sent()).isEmpty();
    assertThat(Recorder.gate(stream).waiting).isEqualTo(3 * (1 + 6)); // none goes past the gate
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x89, "p"), Sent.of(0x8a, "q"), Sent.of(0x81, "a"));
    end(LOST);
  }

  @Test
  void whatWaitsAtTheEndIsRejected() {
    out.writable = false;
    send(new Text("a"), new Text("b"), Close.NORMAL);
    engine.end(LOST, out);
    out.expect(rejected(), rejected(), rejected(), new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  // ---- RFC 6455 sections 5.5.2 and 5.5.3

  @Test
  void rfc6455_552_aPingIsAnswered() {
    receive(ping("one"), text("x"), ping(""));
    out.expect(told(new Text("x")));
    assertThat(sent()).containsExactly(Sent.of(0x8a, "one"), Sent.of(0x8a, ""));
    end(LOST);
  }

  @Test
  void pingsAndPongsAreToldWhereTheyAreNotSilenced() {
    engine = engine(TOLD, null);
    receive(ping("one"), pong((byte) 'z'));
    out.expect(told(new Ping(Bytes.ofUtf8("one"))), told(new Pong(Bytes.ofUtf8("z"))));
    assertThat(sent()).containsExactly(Sent.of(0x8a, "one"));
    end(LOST);
  }

  @Test
  void rfc6455_553_onlyTheNewestOfThePingsThatWaitedIsAnswered() {
    out.writable = false;
    send(new Text("waits"));
    receive(ping("one"), ping("two"), ping("three"));
    assertThat(sent()).isEmpty();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x8a, "three"), Sent.of(0x81, "waits"));
    drain();
    assertThat(sent()).isEmpty();
    end(LOST);
  }

  @Test
  void rfc6455_553_anOlderPingIsNotAnsweredBehindANewer() {
    out.writable = false;
    receive(ping("old"));
    out.writable = true;
    receive(ping("new"));
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x8a, "new"));
    end(LOST);
  }

  @Test
  void rfc6455_552_aPingIsAnsweredUntilTheCloseFrameIsWritten() {
    out.writable = false;
    send(new Text("data"), Close.NORMAL);
    receive(ping("p"));
    drain();
    assertThat(sent())
        .containsExactly(Sent.of(0x8a, "p"), Sent.of(0x81, "data"), Sent.close(1000, ""));
    receive(ping("late"));
    assertThat(sent()).isEmpty();
    end(LOST);
  }

  // ---- closing

  @Test
  void theServersCloseFrameIsAnsweredWithItsCode() {
    receive(text("x"), close(4000, "bye"), text("never"));
    Close received = new Close(4000, "bye");
    out.expect(told(new Text("x")), told(received));
    out.expect(closed(received, new Close(4000, ""), Side.SERVER));
    assertThat(sent()).containsExactly(Sent.close(4000, ""));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    receive(text("never"));
    endAfterClose();
  }

  @Test
  void aCloseFrameWithoutACodeIsAnsweredWithoutOne() {
    receive(hex("88 00"));
    out.expect(told(Close.EMPTY));
    out.expect(closed(Close.EMPTY, Close.EMPTY, Side.SERVER));
    assertThat(sent()).containsExactly(Sent.of(0x88, ""));
    endAfterClose();
  }

  @Test
  void theServerAnswersOurCloseFrame() {
    send(new Close(3000, "done"));
    assertThat(sent()).containsExactly(Sent.close(3000, "done"));
    receive(text("still"), close(1000, "fine"));
    Close received = new Close(1000, "fine");
    out.expect(told(new Text("still")), told(received));
    out.expect(closed(received, new Close(3000, "done"), Side.CLIENT));
    endAfterClose();
  }

  @Test
  void nothingIsSentBehindACloseFrame() {
    send(Close.NORMAL);
    assertThat(sent()).containsExactly(Sent.close(1000, ""));
    send(new Text("a"), new Ping(Bytes.EMPTY), Close.NORMAL);
    out.expect(rejected(), rejected(), rejected());
    receive(ping("p"));
    engine.shutdown(out.at(now));
    end(LOST);
  }

  @Test
  void theCloseFrameWaitsBehindData() {
    out.writable = false;
    send(new Text("a"), Close.NORMAL);
    assertThat(sent()).isEmpty();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x81, "a"), Sent.close(1000, ""));
    receive(close(1000, ""));
    out.expect(told(Close.NORMAL));
    out.expect(closed(Close.NORMAL, Close.NORMAL, Side.CLIENT));
    endAfterClose();
  }

  @Test
  void aWaitingCloseFrameIsTheAnswerToTheServersAndDataBeforeItIsRejected() {
    out.writable = false;
    send(new Text("a"), new Close(3001, "mine"));
    receive(close(1001, "its"));
    Close received = new Close(1001, "its");
    out.expect(told(received), rejected());
    out.expect(closed(received, new Close(3001, "mine"), Side.SERVER));
    assertThat(sent()).containsExactly(Sent.close(3001, "mine"));
    endAfterClose();
  }

  @Test
  void waitingDataIsRejectedWhenTheServerCloses() {
    out.writable = false;
    send(new Text("a"), new Text("b"));
    receive(close(1000, ""));
    out.expect(told(Close.NORMAL), rejected(), rejected());
    out.expect(closed(Close.NORMAL, Close.NORMAL, Side.SERVER));
    assertThat(Recorder.gate(stream).hasEnded()).isTrue();
    assertThat(sent()).containsExactly(Sent.close(1000, ""));
    endAfterClose();
  }

  @Test
  void sendsBehindTheEndAreRejected() {
    receive(close(1000, ""));
    out.expect(told(Close.NORMAL));
    out.expect(closed(Close.NORMAL, Close.NORMAL, Side.SERVER));
    sent();
    send(new Text("a"));
    engine.command(new Command.SetKeepalive(stream, Keepalive.DEFAULT), out.at(now));
    out.expect(
        rejected(),
        new Rejected(
            stream.ref(),
            "keepalive",
            new Reason.BadState("keepalive", "the WebSocket is closing or closed")));
    endAfterClose();
  }

  @Test
  void theServerHasUntilTheDeadlineForItsCloseFrame() {
    send(Close.NORMAL);
    sent();
    long deadline = now + 15 * SECOND;
    assertThat(engine.deadline()).isEqualTo(deadline);
    now += 14 * SECOND;
    receive(text("talks on"));
    out.expect(told(new Text("talks on")));
    assertThat(engine.deadline()).isEqualTo(deadline);
    pass(1);
    Reason late = new Reason.Timeout(Reason.Step.CLOSE, Duration.ofSeconds(15));
    out.expect(new Change.Close(late));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    pass(1);
    engine.inputClosed(out.at(now));
    receive(text("never"));
    end(late);
  }

  @Test
  void aStuckWriterDoesNotHoldTheCloseDeadlineUp() {
    out.writable = false;
    send(new Text("a"), Close.NORMAL);
    pass(15);
    Reason late = new Reason.Timeout(Reason.Step.CLOSE, Duration.ofSeconds(15));
    out.expect(new Change.Close(late));
    engine.end(late, out);
    out.expect(rejected(), rejected(), new StreamFailed(stream.ref(), late));
    out.expectEnd();
  }

  @Test
  void whoWaitsForACloseFrameIsNotHeldToAPing() {
    engine =
        engine(TOLD.keepalive(new Keepalive(Duration.ofSeconds(1), Duration.ofSeconds(1))), null);
    send(Close.NORMAL);
    assertThat(engine.deadline()).isEqualTo(now + 15 * SECOND);
    for (int i = 0; i < 14; i++) {
      pass(1);
    }
    assertThat(sent()).containsExactly(Sent.close(1000, ""));
    receive(close(1000, ""));
    out.expect(told(Close.NORMAL));
    out.expect(closed(Close.NORMAL, Close.NORMAL, Side.CLIENT));
    endAfterClose();
  }

  @Test
  void shutdownSaysThatThisSideGoesAway() {
    engine.shutdown(out.at(now));
    assertThat(sent()).containsExactly(Sent.close(1001, ""));
    engine.shutdown(out.at(now));
    send(new Text("a"));
    out.expect(rejected());
    receive(close(1001, ""));
    out.expect(told(Close.GOING_AWAY));
    out.expect(closed(Close.GOING_AWAY, Close.GOING_AWAY, Side.CLIENT));
    endAfterClose();
  }

  @Test
  void shutdownWaitsBehindDataAndIsNobodysCommand() {
    out.writable = false;
    send(new Text("a"));
    engine.shutdown(out.at(now));
    assertThat(sent()).isEmpty();
    assertThat(Recorder.gate(stream).waiting).isEqualTo(1 + 6);
    engine.end(LOST, out);
    out.expect(rejected(), new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void shutdownBehindDataIsWrittenInTurn() {
    out.writable = false;
    send(new Text("a"));
    engine.shutdown(out.at(now));
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x81, "a"), Sent.close(1001, ""));
    end(LOST);
  }

  @Test
  void shutdownBehindTheEndDoesNothing() {
    receive(close(1000, ""));
    out.expect(told(Close.NORMAL));
    out.expect(closed(Close.NORMAL, Close.NORMAL, Side.SERVER));
    sent();
    engine.shutdown(out.at(now));
    endAfterClose();
  }

  // ---- rules that the server breaks

  @Test
  void rfc6455_717_aViolationIsToldToTheServerByItsCode() {
    receive(text("ok"), hex("81 80"));
    Reason masked = new Reason.Protocol("the server masked a frame", "RFC 6455 section 5.1");
    out.expect(told(new Text("ok")), new Change.Closing(masked));
    assertThat(sent()).containsExactly(Sent.close(1002, ""));
    receive(text("never"));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    end(masked);
  }

  @Test
  void textThatIsNotUtf8ClosesWith1007AndALimitWith1009() {
    receive(hex("81 01 ff"));
    Reason reason = out.next(Change.Closing.class).reason();
    assertThat(sent()).containsExactly(Sent.close(1007, ""));
    end(reason);
  }

  @Test
  void aLimitClosesWith1009() {
    receive(hex("82 7f 00 00 00 00 01 00 00 01"));
    Reason limit = new Reason.Limit(Reason.Bound.MESSAGE, 16 << 20);
    out.expect(new Change.Closing(limit));
    assertThat(sent()).containsExactly(Sent.close(1009, ""));
    end(limit);
  }

  @Test
  void aViolationBehindOurCloseFrameSendsNoSecondOne() {
    send(Close.NORMAL);
    assertThat(sent()).containsExactly(Sent.close(1000, ""));
    receive(hex("83 00"));
    end(out.next(Change.Closing.class).reason());
  }

  @Test
  void aViolationOvertakesWhatWaits() {
    out.writable = false;
    send(new Text("a"), Close.NORMAL);
    receive(hex("83 00"));
    Reason reason = out.next(Change.Closing.class).reason();
    assertThat(sent()).containsExactly(Sent.close(1002, ""));
    engine.end(reason, out);
    out.expect(rejected(), rejected(), new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  // ---- the end of the input

  @Test
  void theServerMayHangUp() {
    engine.inputClosed(out.at(now));
    out.expect(new Change.Close(new Reason.Closed()));
    end(new Reason.Closed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"81", "81 02 61", "01 00", "89 01", "82 7e 01"})
  void rfc6455_715_anEndInsideAMessageIsALostConnection(String octets) {
    receive(hex(octets));
    engine.inputClosed(out.at(now));
    out.expect(new Change.Close(new Reason.Closed()));
    end(new Reason.Closed());
  }

  // ---- keepalive: a ping after 30 s, the end 10 s after it

  @Test
  void silenceIsAnsweredByAPingAndThenByTheEnd() {
    assertThat(engine.deadline()).isEqualTo(now + 30 * SECOND);
    pass(29);
    assertThat(sent()).isEmpty();
    pass(1);
    assertThat(sent()).extracting(Sent::first).containsExactly(0x89);
    assertThat(engine.deadline()).isEqualTo(now + 10 * SECOND);
    pass(9);
    out.expectNothing();
    pass(1);
    Reason dead = new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(10));
    out.expect(new Change.Close(dead));
    pass(100);
    end(dead);
  }

  @Test
  void aPongTellsTheRoundTrip() {
    pass(30);
    byte[] token = sent().get(0).payload().toArray();
    now += SECOND / 4;
    receive(pong(token), pong(token));
    out.expect(new Notice.PingAcknowledged(stream.ref(), Duration.ofMillis(250)));
    assertThat(engine.deadline()).isEqualTo(now + 30 * SECOND);
    end(LOST);
  }

  @Test
  void aPingOfTheOwnersTellsItsRoundTripToo() {
    engine = engine(TOLD, null);
    send(new Ping(Bytes.ofUtf8("old")), new Ping(Bytes.ofUtf8("new")));
    sent();
    now += SECOND;
    receive(pong((byte) 'x'), pong(Bytes.ofUtf8("new").toArray()));
    out.expect(
        told(new Pong(Bytes.ofUtf8("x"))),
        told(new Pong(Bytes.ofUtf8("new"))),
        new Notice.PingAcknowledged(stream.ref(), Duration.ofSeconds(1)));
    end(LOST);
  }

  @Test
  void anyByteIsASignOfLife() {
    pass(20);
    receive(hex("81"));
    assertThat(engine.deadline()).isEqualTo(now + 30 * SECOND);
    pass(30);
    assertThat(sent()).hasSize(1);
    now += 9 * SECOND;
    receive(hex("7e"));
    pass(1);
    assertThat(engine.deadline()).isEqualTo(now + 29 * SECOND);
    out.expectNothing();
    end(LOST);
  }

  @Test
  void everySilenceHasAPingOfItsOwn() {
    for (int i = 0; i < 3; i++) {
      pass(30);
      assertThat(sent()).hasSize(1);
      now += SECOND;
      receive(pong());
    }
    end(LOST);
  }

  @Test
  void aStuckWriterDoesNotHideADeadPeer() {
    out.writable = false;
    send(new Text("stuck"));
    pass(30);
    assertThat(sent()).extracting(Sent::first).containsExactly(0x89);
    pass(10);
    Reason dead = new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(10));
    out.expect(new Change.Close(dead));
    engine.end(dead, out);
    out.expect(rejected(), new StreamFailed(stream.ref(), dead));
    out.expectEnd();
  }

  @Test
  void whatIsNotReadSaysNothingAboutThePeer() {
    out.reading = false;
    for (int i = 0; i < 10; i++) {
      pass(30);
    }
    out.expectNothing();
    out.reading = true;
    pass(29);
    out.expectNothing();
    pass(1);
    assertThat(sent()).hasSize(1);
    out.reading = false; // in the middle of a probe
    pass(9);
    pass(1);
    assertThat(engine.deadline()).isEqualTo(now + 10 * SECOND);
    receive(pong());
    end(LOST);
  }

  @Test
  void thePatienceForAnAnswerCountsFromWhenItCanBeRead() {
    pass(30);
    assertThat(sent()).hasSize(1);
    out.reading = false;
    pass(9);
    out.reading = true;
    out.unreadUntil = now;
    pass(1);
    out.expectNothing();
    assertThat(engine.deadline()).isEqualTo(now + 9 * SECOND);
    pass(9);
    Reason dead = new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(10));
    out.expect(new Change.Close(dead));
    end(dead);
  }

  @Test
  void keepaliveMayBeChangedWhileTheSocketIsOpen() {
    pass(10);
    engine.command(
        new Command.SetKeepalive(
            stream, new Keepalive(Duration.ofSeconds(12), Duration.ofSeconds(3))),
        out.at(now));
    assertThat(engine.deadline()).isEqualTo(now + 2 * SECOND);
    pass(2);
    assertThat(sent()).hasSize(1);
    assertThat(engine.deadline()).isEqualTo(now + 3 * SECOND);
    engine.command(new Command.SetKeepalive(stream, Keepalive.OFF), out.at(now));
    pass(1000);
    out.expectNothing();
    receive(pong());
    assertThat(engine.deadline()).isEqualTo(now + Duration.ofDays(365).toNanos());
    end(LOST);
  }

  @Test
  void anEarlyCallChangesNothing() {
    long deadline = engine.deadline();
    for (int i = 0; i < 29; i++) {
      pass(1);
      assertThat(engine.deadline()).isEqualTo(deadline);
    }
    end(LOST);
  }
}
