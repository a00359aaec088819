package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
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
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What arrives is told by credit and in parts; without credit it waits, and nobody is blamed. */
class WebSocketCreditTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Reason LOST = new Reason.Reset("test");
  private static final WebSocketOptions TOLD = WebSocketOptions.DEFAULT.silencePings(false);
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;

  private Recorder out = new Recorder();
  private Stream stream = out.stream("socket");
  private long now = 1000 * SECOND;
  private WebSocketEngine engine;

  private void open(WebSocketOptions options, Command.OfStream... early) {
    Handshake.Agreement agreement =
        new Handshake.Agreement(
            Optional.empty(), Optional.of(new DeflateTerms(false, false, 15, 15)));
    Change.SpeakWebSocket start =
        new Change.SpeakWebSocket(
            stream, agreement, Headers.EMPTY, options, List.of(early), new Reason.Closed());
    engine =
        new WebSocketEngine(
            start, Limits.DEFAULT, Timeouts.DEFAULT, new Shared(new SecureRandom()));
    engine.begin(out.at(now));
  }

  private void open(long credit) {
    open(TOLD.credit(credit));
  }

  private void receive(byte[]... frames) {
    ByteBuf lent = Unpooled.wrappedBuffer(join(frames));
    engine.received(lent, out.at(now));
    lent.setZero(0, lent.capacity()); // the next connection reads into it
    lent.release();
    nextTurn();
  }

  private void credit(long messages) {
    engine.command(new Command.Credit(stream, messages), out.at(now));
    nextTurn();
  }

  private void send(Frame frame) {
    Command.Send send = new Command.Send(stream, frame, Payload.of(frame));
    Recorder.gate(stream).waiting += send.bytes();
    engine.command(send, out.at(now));
  }

  private void pass(long seconds) {
    now += seconds * SECOND;
    engine.elapsed(out.at(now));
  }

  private void nextTurn() {
    if (engine.deadline() <= now) {
      engine.elapsed(out.at(now));
    }
  }

  private void end(Reason reason) {
    assertThat(engine.end(reason, out).killed()).containsExactly(stream.ref());
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  /** The handshake, and the end of the connection that it brings about. */
  private void expectClosed(Close received, Close sent, Side initiator, boolean peerIsGone) {
    Reason.CloseHandshake handshake = new Reason.CloseHandshake(received, sent, initiator);
    out.expect(
        told(received),
        new WebSocketClosed(stream.ref(), handshake),
        peerIsGone ? new Change.Close(handshake) : new Change.Closing(handshake));
    out.written();
    assertThat(engine.end(LOST, out)).isEqualTo(Engine.Casualties.NONE);
    out.expectEnd();
  }

  private WebSocketFrame told(Frame frame) {
    return new WebSocketFrame(stream.ref(), frame);
  }

  private WebSocketFrame told(String text) {
    return told(new Text(text));
  }

  private WebSocketPart part(String text, boolean fin) {
    return new WebSocketPart(stream.ref(), new Text(text), fin);
  }

  /** The first octets of the frames that were written, which are small. */
  private List<Integer> written() {
    byte[] octets = out.written();
    List<Integer> firsts = new ArrayList<>();
    for (int at = 0; at < octets.length; at += 2 + 4 + (octets[at + 1] & 0x7f)) {
      firsts.add(octets[at] & 0xff);
    }
    return firsts;
  }

  // ---- credit

  @Test
  void withoutALimitEverythingIsTold() {
    open(WebSocketOptions.DEFAULT);
    for (int i = 0; i < 10_000; i++) {
      receive(text("a"));
      out.expect(told("a"));
    }
    assertThat(out.reading).isTrue();
    end(LOST);
  }

  @Test
  void soManyMessagesAreToldAsThereIsCreditForAndTheTransportIsNotRead() {
    open(2);
    receive(text("a"));
    receive(text("b"));
    out.expect(told("a"), told("b"));
    assertThat(out.reading).as("while the next message has not begun").isTrue();
    receive(text("c"), text("d"), text("e"));
    out.expectNothing();
    assertThat(out.reading).isFalse();
    credit(1);
    out.expect(told("c"));
    assertThat(out.reading).isFalse();
    credit(1);
    out.expect(told("d"));
    assertThat(out.reading).isFalse();
    credit(1);
    out.expect(told("e"));
    assertThat(out.reading).isTrue();
    receive(text("f"));
    out.expectNothing();
    end(LOST);
  }

  @Test
  void creditAheadIsKept() {
    open(0);
    credit(2);
    credit(1);
    receive(text("a"), text("b"), text("c"), text("d"));
    out.expect(told("a"), told("b"), told("c"));
    end(LOST);
  }

  @Test
  void creditBeforeTheHandshakeIsOverCounts() {
    open(TOLD.credit(0), new Command.Credit(stream, 1));
    receive(text("a"), text("b"));
    out.expect(told("a"));
    end(LOST);
  }

  @Test
  void creditForAnotherStreamIsNone() {
    open(0);
    receive(text("a"));
    engine.command(new Command.Credit(out.stream("request"), 1), out.at(now));
    out.expectNothing();
    end(LOST);
  }

  @Test
  void creditWithoutEndTellsAllThatWaits() {
    open(0);
    receive(text("a"), text("b"), text("c"));
    credit(Long.MAX_VALUE);
    out.expect(told("a"), told("b"), told("c"));
    assertThat(out.reading).isTrue();
    end(LOST);
  }

  @Test
  void whatStillComesIsKeptBehindWhatWaits() {
    open(0);
    byte[] octets = join(text("a"), ping("p"), hex("01 01 62"), hex("80 01 63"), text("d"));
    for (byte octet : octets) {
      receive(new byte[] {octet}); // TLS may have decrypted as much already
    }
    out.expectNothing();
    credit(1);
    out.expect(told("a"), told(new Ping(Bytes.ofUtf8("p"))));
    assertThat(written()).containsExactly(PONG);
    receive(text("e"));
    credit(1);
    out.expect(told("bc"));
    credit(1);
    out.expect(told("d"));
    credit(1);
    out.expect(told("e"));
    assertThat(out.reading).isTrue();
    end(LOST);
  }

  @Test
  void theSameIsToldHoweverItIsCutAndWheneverCreditComes() {
    byte[] octets =
        join(
            text("a"),
            ping("p"),
            hex("01 01 62 8a 00 80 01 63"),
            hex("c1 07 f2 48 cd c9 c9 07 00"),
            text(""));
    for (int cut = 0; cut <= octets.length; cut++) {
      for (long credit = 0; credit < 5; credit++) {
        out = new Recorder();
        stream = out.stream("socket");
        open(credit);
        receive(Arrays.copyOf(octets, cut));
        receive(Arrays.copyOfRange(octets, cut, octets.length));
        for (int i = 0; i < 4; i++) {
          credit(1);
        }
        out.expect(
            told("a"),
            told(new Ping(Bytes.ofUtf8("p"))),
            told(new Pong(Bytes.EMPTY)),
            told("bc"),
            told("Hello"),
            told(""));
        assertThat(out.reading).isTrue();
        assertThat(written()).containsExactly(PONG);
        end(LOST);
      }
    }
  }

  // ---- control frames

  @Test
  void pingsAreAnsweredUntilTheNextMessageBegins() {
    open(1);
    receive(text("a"), ping("one"));
    out.expect(told("a"), told(new Ping(Bytes.ofUtf8("one"))));
    assertThat(written()).containsExactly(PONG);
    receive(ping("two"), text("b"), ping("three"));
    out.expect(told(new Ping(Bytes.ofUtf8("two"))));
    assertThat(written()).containsExactly(PONG);
    receive(ping("four"));
    out.expectNothing();
    credit(1);
    out.expect(
        told("b"), told(new Ping(Bytes.ofUtf8("three"))), told(new Ping(Bytes.ofUtf8("four"))));
    assertThat(written()).containsExactly(PONG, PONG);
    end(LOST);
  }

  @Test
  void theRoundTripOfAPingEndsWhenItsPongIsRead() {
    open(0);
    send(new Ping(Bytes.ofUtf8("p")));
    written();
    receive(text("a"), pong((byte) 'p'));
    now += SECOND;
    credit(1);
    out.expect(
        told("a"),
        told(new Pong(Bytes.ofUtf8("p"))),
        new Notice.PingAcknowledged(stream.ref(), Duration.ofSeconds(1)));
    end(LOST);
  }

  // ---- parts

  @Test
  void messagesAreToldInPartsAndControlFramesAsFrames() {
    open(TOLD.parts(true));
    receive(hex("01 02 61 62"));
    receive(ping("p"), hex("00 02 63 e2"));
    receive(hex("80 02 82 ac"));
    receive(frame(0x82, (byte) 1), hex("c1 07 f2 48 cd c9 c9 07 00"));
    out.expect(
        part("ab", false),
        told(new Ping(Bytes.ofUtf8("p"))),
        part("c", false),
        part("€", true),
        new WebSocketPart(stream.ref(), new Binary(new byte[] {1}), true),
        part("Hello", true));
    assertThat(written()).containsExactly(PONG);
    end(LOST);
  }

  @Test
  void aPartCostsOneCredit() {
    open(TOLD.parts(true).credit(1));
    receive(hex("81 03 61"));
    out.expect(part("a", false));
    assertThat(out.reading).as("inside a message").isFalse();
    receive(hex("62 63"));
    out.expectNothing();
    credit(1);
    out.expect(part("bc", true));
    assertThat(out.reading).isTrue();
    end(LOST);
  }

  @Test
  void aServerThatClosesInsideAMessageInPartsEndsItThere() {
    open(TOLD.parts(true));
    receive(hex("01 01 61"), close(1001, ""));
    out.expect(part("a", false));
    expectClosed(new Close(1001, ""), new Close(1001, ""), Side.SERVER, false);
  }

  @Test
  void anErrorInsideAMessageInPartsEndsItThere() {
    open(TOLD.parts(true).credit(1));
    receive(hex("01 02 61 ff"));
    out.expect(part("a", false));
    Reason notUtf8 = new Reason.Protocol("text is not UTF-8", "RFC 6455 section 8.1");
    out.expect(new Change.Closing(notUtf8));
    assertThat(written()).containsExactly(CLOSE);
    end(notUtf8);
  }

  @Test
  void aHandlerOfPartsTakesThemByCreditToo() {
    List<Object> handled = new ArrayList<>();
    WebSocketHandler handler =
        new WebSocketHandler() {
          @Override
          public void frame(Frame frame) {
            handled.add(frame);
          }

          @Override
          public void part(Frame data, boolean fin) {
            handled.add(data);
            handled.add(fin);
          }
        };
    open(TOLD.parts(true).credit(1).subprotocols(Subprotocols.NONE.otherwise(session -> handler)));
    receive(ping("p"), text("a"), text("b"));
    assertThat(handled).containsExactly(new Ping(Bytes.ofUtf8("p")), new Text("a"), true);
    credit(1);
    assertThat(handled).endsWith(new Text("b"), true);
    written();
    end(LOST);
  }

  @Test
  void nothingIsReadBehindAPartThatItsHandlerThrewAt() {
    IllegalStateException thrown = new IllegalStateException("handler");
    WebSocketHandler handler =
        new WebSocketHandler() {
          @Override
          public void frame(Frame frame) {
            throw new AssertionError(frame);
          }

          @Override
          public void part(Frame data, boolean fin) {
            throw thrown;
          }
        };
    open(TOLD.parts(true).subprotocols(Subprotocols.NONE.otherwise(session -> handler)));
    receive(hex("01 01 61"), hex("88 01 00")); // an error that nobody reads any more
    Reason threw = new Reason.HandlerThrew(thrown);
    out.expect(new Change.Closing(threw));
    assertThat(written()).containsExactly(CLOSE);
    end(threw);
  }

  // ---- the end of what arrives

  @Test
  void theEndIsToldBehindTheMessagesThatCameBeforeIt() {
    open(0);
    receive(text("a"), text("b"));
    engine.inputCut(out);
    engine.inputClosed(out.at(now));
    engine.inputClosed(out.at(now)); // TLS says so, and then the socket
    out.expectNothing();
    credit(1);
    out.expect(told("a"));
    credit(1);
    out.expect(told("b"), new Change.Close(new Reason.Closed()));
    assertThat(out.reading).as("there is nothing to be read").isFalse();
    end(new Reason.Closed());
  }

  @Test
  void theEndInsideAMessageIsToldBehindTheMessagesThatCameBeforeIt() {
    open(0);
    receive(text("a"), hex("81 02 62"));
    engine.inputClosed(out.at(now));
    credit(1);
    out.expect(told("a"));
    credit(1);
    out.expect(new Change.Close(new Reason.Closed()));
    end(new Reason.Closed());
  }

  @Test
  void aMessageThatTheEndCutsIsStillToldInParts() {
    open(TOLD.parts(true).credit(0));
    receive(hex("81 02 62"));
    engine.inputClosed(out.at(now));
    credit(1);
    out.expect(part("b", false));
    credit(1); // for the part that does not come
    out.expect(new Change.Close(new Reason.Closed()));
    end(new Reason.Closed());
  }

  @Test
  void theServersCloseFrameIsToldBehindTheMessagesThatCameBeforeIt() {
    open(0);
    receive(text("a"), close(1000, "bye"));
    out.expectNothing();
    credit(1);
    out.expect(told("a"));
    expectClosed(new Close(1000, "bye"), Close.NORMAL, Side.SERVER, false);
  }

  @Test
  void aCloseFrameAndTheEndBehindItAreToldBehindTheMessagesThatCameBeforeThem() {
    open(0);
    receive(text("a"), close(1000, "bye"));
    engine.inputClosed(out.at(now));
    out.expectNothing();
    credit(1);
    out.expect(told("a"));
    expectClosed(new Close(1000, "bye"), Close.NORMAL, Side.SERVER, true);
  }

  @Test
  void anErrorIsToldBehindTheMessagesThatCameBeforeIt() {
    open(0);
    receive(text("a"), hex("83 00"));
    out.expectNothing();
    credit(1);
    out.expect(told("a"));
    Reason reserved =
        new Reason.Protocol("a frame has the reserved opcode 3", "RFC 6455 section 5.2");
    out.expect(new Change.Closing(reserved));
    assertThat(written()).containsExactly(CLOSE);
    credit(1); // does nothing
    end(reserved);
  }

  @Test
  void whatIsUnreadWhenTheConnectionBreaksIsNotTold() {
    open(0);
    receive(text("a"));
    end(LOST);
    credit(1);
    out.expectNothing();
  }

  @Test
  void creditBehindTheEndDoesNothing() {
    open(1);
    receive(close(1000, ""), text("never"));
    Reason.CloseHandshake handshake =
        new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, Side.SERVER);
    out.expect(
        told(Close.NORMAL),
        new WebSocketClosed(stream.ref(), handshake),
        new Change.Closing(handshake));
    credit(1);
    assertThat(written()).containsExactly(CLOSE);
    engine.end(handshake, out);
    out.expectEnd();
  }

  // ---- closing without credit

  @Test
  void thisSidesCloseHandshakeEndsWhenThereIsCreditForWhatTheServerSentBeforeItsAnswer() {
    open(0);
    receive(text("a"));
    engine.shutdown(out.at(now));
    assertThat(written()).containsExactly(CLOSE);
    receive(text("b"), close(1001, ""));
    out.expectNothing();
    credit(1);
    out.expect(told("a"));
    credit(1);
    out.expect(told("b"));
    expectClosed(Close.GOING_AWAY, Close.GOING_AWAY, Side.CLIENT, false);
  }

  @Test
  void thisSidesCloseHandshakeIsOverInTimeWithoutCreditToo() {
    open(0);
    receive(text("a"));
    engine.shutdown(out.at(now));
    assertThat(engine.deadline()).isEqualTo(now + 15 * SECOND);
    written();
    pass(15);
    Reason late = new Reason.Timeout(Reason.Step.CLOSE, Duration.ofSeconds(15));
    out.expect(new Change.Close(late));
    end(late);
  }

  // ---- silence

  @Test
  void aPeerThatIsNotReadForWantOfCreditIsNotDead() {
    open(TOLD.keepalive(new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5))).credit(0));
    receive(text("a"));
    for (int i = 0; i < 1000; i++) {
      assertThat(engine.deadline()).isGreaterThan(now);
      pass(3);
    }
    out.expectNothing(); // no ping either, the answer to which would not be read
    credit(1);
    out.expect(told("a"));
    pass(10);
    assertThat(written()).containsExactly(PING);
    pass(5);
    Reason dead = new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(5));
    out.expect(new Change.Close(dead));
    end(dead);
  }

  @Test
  void aPeerIsHeardWhileItsMessageHasNotBegun() {
    open(TOLD.keepalive(new Keepalive(Duration.ofSeconds(10), Duration.ofSeconds(5))).credit(0));
    pass(10);
    assertThat(written()).containsExactly(PING);
    pass(5);
    Reason dead = new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(5));
    out.expect(new Change.Close(dead));
    end(dead);
  }
}
