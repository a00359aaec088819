package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.text;
import static dev.lariat.internal.websocket.Stand.LOST;
import static dev.lariat.internal.websocket.Stand.NOT_OPEN;
import static dev.lariat.internal.websocket.Stand.handshake;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.option.WebSocketOptions;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages in parts, and frames whose fate somebody follows, in the states of a WebSocket. */
class SendingTest {
  private final Stand socket = new Stand();
  private final Recorder out = socket.out;
  private final Followed fate = new Followed();
  private final Outgoing message = out.message(true, fate);

  private void open() {
    socket.open(WebSocketOptions.DEFAULT);
  }

  // ---- messages in parts

  @Test
  void aPingIsAnsweredBetweenFragments() {
    open();
    socket.part(message, "a", false);
    socket.receive(ping("p"), text("x"));
    socket.part(message, "b", true);
    assertThat(socket.sent())
        .containsExactly(Sent.of(0x01, "a"), Sent.of(0x8a, "p"), Sent.of(0x80, "b"));
    assertThat(fate.isWritten()).isTrue();
    out.expect(socket.told(new Text("x")));
    socket.end(LOST);
  }

  @Test
  void partsWaitForTheUpgrade() {
    socket.part(message, "a", false);
    socket.send(new Text("x"));
    socket.part(message, "b", true);
    open();
    assertThat(socket.sent())
        .containsExactly(Sent.of(0x01, "a"), Sent.of(0x80, "b"), Sent.of(0x81, "x"));
    socket.end(LOST);
  }

  @Test
  void aMessageThatCannotBeCompletedClosesTheWebSocketWith1011() {
    open();
    socket.part(message, "a", false);
    socket.send(new Text("behind it"));
    socket.giveUp(message);
    assertThat(socket.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1011, ""));
    assertThat(fate.lost()).isEqualTo(NOT_OPEN);
    out.expect(socket.rejected());
    Close sent = new Close(1011, "");
    socket.receive(close(1011, ""));
    out.expect(socket.told(sent));
    out.expect(socket.closed(handshake(sent, sent, Side.CLIENT)));
    socket.endAfterClose();
  }

  @Test
  void aMessageThatIsGivenUpBehindTheCloseFrameDoesNothingMore() {
    open();
    socket.part(message, "a", false);
    socket.send(Close.NORMAL);
    socket.giveUp(message);
    assertThat(socket.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1000, ""));
    socket.end(LOST);
  }

  @Test
  void aPartOfALostMessageDoesNotBeginAnother() {
    open();
    out.writable = false;
    socket.part(message, "a", false);
    socket.giveUp(message);
    socket.part(message, "b", true); // was on its way
    assertThat(Recorder.gate(message).waiting).isZero();
    socket.drain();
    assertThat(socket.sent()).isEmpty();
    socket.send(new Text("x"));
    assertThat(socket.sent()).containsExactly(Sent.of(0x81, "x"));
    socket.end(LOST);
  }

  @Test
  void aPartBehindTheCloseFrameIsLost() {
    open();
    socket.send(Close.NORMAL);
    socket.sent();
    socket.part(message, "a", false);
    assertThat(fate.lost()).isEqualTo(NOT_OPEN);
    assertThat(Recorder.gate(message).waiting).isZero();
    socket.end(LOST);
  }

  @Test
  void aPartOfAnotherWebSocketIsLost() {
    open();
    Stream other = out.stream("request");
    Command.SendPart part =
        new Command.SendPart(other, message, ByteBuffer.wrap(new byte[] {1}), true);
    Recorder.gate(message).waiting += part.bytes();
    socket.command(part);
    socket.command(new Command.GiveUp(other, message));
    assertThat(fate.lost()).isEqualTo(NOT_OPEN);
    assertThat(socket.sent()).isEmpty();
    socket.end(LOST);
  }

  @Test
  void shutdownDoesNotWaitForAMessageThatHasNoEnd() {
    open();
    socket.part(message, "a", false);
    socket.shutdown();
    assertThat(socket.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1001, ""));
    assertThat(fate.lost()).isEqualTo(NOT_OPEN);
    socket.end(LOST);
  }

  @Test
  void theServersCloseFrameEndsAMessageInTheMiddle() {
    open();
    socket.part(message, "a", false);
    socket.receive(close(1000, ""));
    assertThat(socket.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1000, ""));
    Reason.CloseHandshake handshake = handshake(Close.NORMAL, Close.NORMAL, Side.SERVER);
    assertThat(fate.lost()).isEqualTo(handshake);
    out.expect(socket.told(Close.NORMAL));
    out.expect(socket.closed(handshake));
    socket.endAfterClose();
  }

  @Test
  void aRuleThatTheServerBreaksEndsAMessageInTheMiddle() {
    open();
    socket.part(message, "a", false);
    socket.receive(hex("81 80"));
    Reason broken = out.next(Change.Closing.class).reason();
    assertThat(socket.sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1002, ""));
    socket.part(message, "b", true);
    assertThat(socket.sent()).isEmpty();
    socket.end(broken);
    assertThat(fate.lost()).isEqualTo(NOT_OPEN);
  }

  // ---- who follows

  @Test
  void aFrameIsToldAsWrittenWhenItLeft() {
    open();
    Followed first = new Followed();
    Followed second = new Followed();
    socket.send(new Text("a"), first);
    out.writable = false;
    socket.send(new Text("b"), second);
    assertThat(first.isWritten()).isTrue();
    assertThat(second.isOpen()).isTrue();
    socket.drain();
    assertThat(second.isWritten()).isTrue();
    assertThat(socket.sent()).hasSize(2);
    socket.end(LOST);
  }

  @Test
  void aFrameThatWaitsAtTheEndOfTheLinkIsLostForTheLinksReason() {
    open();
    out.writable = false;
    Followed ping = new Followed();
    Followed close = new Followed();
    socket.part(message, "a", true);
    socket.send(new Text("x"));
    socket.send(new Ping(Bytes.EMPTY), ping);
    socket.send(Close.NORMAL, close);
    socket.lose(LOST);
    for (Followed follower : List.of(fate, ping, close)) {
      assertThat(follower.lost()).isEqualTo(LOST);
    }
    out.expect(socket.rejected(), new StreamFailed(socket.stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void aFrameThatWaitsWhenTheServerClosesIsLostByTheHandshake() {
    open();
    out.writable = false;
    Followed data = new Followed();
    Followed close = new Followed();
    socket.send(new Text("x"), data);
    socket.send(new Close(4000, ""), close);
    socket.receive(close(1001, ""));
    Reason.CloseHandshake handshake = handshake(Close.GOING_AWAY, new Close(4000, ""), Side.SERVER);
    assertThat(data.lost()).isEqualTo(handshake);
    assertThat(close.isWritten()).as("it is the answer").isTrue();
    assertThat(socket.sent()).containsExactly(Sent.close(4000, ""));
    out.expect(socket.told(Close.GOING_AWAY));
    out.expect(socket.closed(handshake));
    socket.endAfterClose();
  }

  @Test
  void aFrameBehindTheCloseFrameIsLostAtOnceAndNoRejectedTellsIt() {
    open();
    socket.send(Close.NORMAL);
    assertThat(socket.sent()).hasSize(1);
    Followed late = new Followed();
    socket.send(new Text("late"), late);
    assertThat(late.lost()).isEqualTo(NOT_OPEN);
    out.expectNothing();
    socket.end(LOST);
  }
}
