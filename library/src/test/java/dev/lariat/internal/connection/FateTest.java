package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of what is sent, where somebody follows it. */
class FateTest {
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:80");
  private static final ConnectionOptions ONCE = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);
  private static final WebSocketOptions SILENT = WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF);

  private final Scene scene = new Scene(ONCE);
  private final Followed fate = new Followed();

  private static Command.Send send(Stream stream, Frame frame, Followed fate) {
    return new Command.Send(stream, frame, Payload.of(frame), fate);
  }

  private void follow(String text) {
    scene.command(send(scene.socket(), new Text(text), fate));
  }

  // ---- written

  @Test
  void isWrittenWhenTheSocketHasTakenTheLastByte() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    follow("1234");
    assertThat(fate.isOpen()).isTrue();
    channel.take(9);
    assertThat(fate.isOpen()).isTrue();
    channel.take(1);
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void isWrittenAtOnceWhereTheSocketTakesAll() {
    scene.upgraded(SILENT);
    follow("1234");
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void isWrittenByTheWriteThatCarriesIt() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    Followed large = new Followed();
    Followed last = new Followed();
    Binary binary = new Binary(new byte[100_000]); // a write of its own
    scene.command(
        send(scene.socket(), new Text("1"), fate),
        send(scene.socket(), binary, large),
        send(scene.socket(), new Text("2"), last));
    channel.take(7);
    assertThat(fate.isWritten()).isTrue();
    assertThat(large.isOpen()).isTrue();
    channel.take(100_014);
    assertThat(large.isWritten()).isTrue();
    assertThat(last.isOpen()).isTrue();
    channel.take(7);
    assertThat(last.isWritten()).isTrue();
  }

  @Test
  void isWrittenByTheUpgradeThatItWaitedFor() {
    Stream stream = scene.webSocket(SILENT);
    scene.command(send(stream, new Text("early"), fate));
    Scene.Socket channel = scene.up();
    assertThat(fate.isOpen()).isTrue();
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void isWrittenThoughTheServerClosesMeanwhile() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    follow("1234");
    scene.receive(channel, "\u0088\u0002\u0003\u00e8");
    assertThat(fate.isOpen()).as("what was given to the socket goes out").isTrue();
    channel.take(Integer.MAX_VALUE);
    assertThat(fate.isWritten()).isTrue();
  }

  // ---- lost

  private void clogged(Scene in) {
    in.upgraded(SILENT).clog();
    in.command(send(in.socket(), new Text("in the buffer"), fate));
    assertThat(fate.isOpen()).isTrue();
  }

  @Test
  void isLostWhenTheServerEndsTheConnection() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    follow("in the buffer");
    channel.close();
    scene.run();
    assertThat(fate.lost()).isEqualTo(new Reason.Closed());
    assertThat(scene.owner.told())
        .last()
        .isEqualTo(new Terminated(scene.ref, new Reason.GaveUp(0, new Reason.Closed())));
  }

  @Test
  void isLostWhenTheWriteFails() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext context, Object bytes, ChannelPromise write) {
                ReferenceCountUtil.release(bytes);
                write.setFailure(new IOException("Broken pipe"));
              }
            });
    follow("broken");
    Reason broken = new Reason.Reset("Broken pipe");
    assertThat(fate.lost()).isEqualTo(broken);
    assertThat(scene.owner.told())
        .last()
        .isEqualTo(new Terminated(scene.ref, new Reason.GaveUp(0, broken)));
  }

  @Test
  void isLostWhenTheOwnerClosesTheConnection() {
    clogged(scene);
    scene.command(new Command.Close());
    assertThat(fate.lost()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void isLostForTheReasonOfTheEndWhenTheLastFlushFails() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    follow("in the buffer");
    channel.breaks();
    scene.command(new Command.Close());
    assertThat(fate.lost()).isEqualTo(new Reason.OwnerClosed());
    assertThat(scene.owner.told())
        .last()
        .isEqualTo(new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void isLostWhenTheSocketTakesNothing() {
    clogged(scene);
    Duration limit = ONCE.timeouts().write();
    scene.advance(limit);
    assertThat(fate.lost()).isEqualTo(new Reason.Timeout(Reason.Step.WRITE, limit));
  }

  @Test
  void isLostByAFault() {
    clogged(scene);
    Error fault = new AssertionError("on purpose");
    Followed waiting = new Followed();
    Gate failing =
        new Gate() {
          @Override
          public boolean tryEnter(long bytes) {
            return true;
          }

          @Override
          public void left(long bytes) {
            throw fault;
          }

          @Override
          public void ended() {}
        };
    Outgoing message = new Outgoing(true, failing, waiting);
    scene.command(
        new Command.SendPart(scene.socket(), message, ByteBuffer.wrap(new byte[1]), false));
    assertThat(fate.lost()).isEqualTo(new Reason.Fault(fault));
    assertThat(waiting.lost()).isEqualTo(new Reason.Fault(fault));
  }

  @Test
  void isLostWithTheDialThatWasTheLast() {
    Stream stream = scene.webSocket(SILENT);
    scene.command(send(stream, new Text("held"), fate));
    scene.attempt().fails(REFUSED);
    assertThat(fate.lost()).isEqualTo(REFUSED);
    assertThat(scene.owner.told()).noneMatch(Rejected.class::isInstance);
  }

  @Test
  void waitsForTheNextDialWhereThereIsOne() {
    Scene patient = new Scene(ConnectionOptions.DEFAULT);
    Stream stream = patient.webSocket(SILENT);
    patient.command(send(stream, new Text("held"), fate));
    patient.attempt().fails(REFUSED);
    assertThat(fate.isOpen()).isTrue();
    patient.command(new Command.Close());
    assertThat(fate.lost()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void isHeldWithItsWebSocketHoweverManyWait() {
    Scene narrow = new Scene(ONCE.limits(Limits.DEFAULT.heldCommands(1)));
    Stream stream = narrow.webSocket(SILENT);
    narrow.command(
        send(stream, new Text("one"), new Followed()), send(stream, new Text("2"), fate));
    assertThat(fate.isOpen()).as("the gate has let it in").isTrue();
    Scene.Socket channel = narrow.up();
    narrow.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void isLostByTheLinkThatEndsBeforeTheUpgradeIsAnswered() {
    Stream stream = scene.webSocket(SILENT);
    Scene.Socket channel = scene.up();
    scene.command(send(stream, new Text("early"), fate));
    channel.close();
    scene.run();
    assertThat(fate.lost()).isEqualTo(new Reason.Closed());
  }

  @Test
  void isLostByAnUpgradeThatIsRefused() {
    Stream stream = scene.webSocket(SILENT);
    Scene.Socket channel = scene.up();
    scene.command(send(stream, new Text("early"), fate));
    scene.receive(channel, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assertThat(fate.lost()).isEqualTo(new Reason.BadState("send", "the WebSocket is not open"));
  }

  @Test
  void isLostAtOnceOnAWebSocketThatHasEnded() {
    Scene patient = new Scene(ConnectionOptions.DEFAULT);
    EmbeddedChannel channel = patient.upgraded(SILENT);
    channel.close();
    patient.run();
    patient.owner.told();
    patient.command(send(patient.socket(), new Text("late"), fate));
    assertThat(fate.lost()).isEqualTo(new Reason.BadState("send", "the WebSocket has ended"));
    assertThat(patient.owner.told()).as("who follows needs no message").isEmpty();
  }

  // ---- messages in parts

  private static Command.SendPart part(Stream stream, Outgoing message, boolean fin) {
    return new Command.SendPart(stream, message, ByteBuffer.wrap(new byte[] {'x'}), fin);
  }

  @Test
  void aMessageInPartsIsWrittenWithItsLastPart() {
    Scene.Socket channel = scene.upgraded(SILENT);
    channel.clog();
    Outgoing message = new Outgoing(true, Gate.NONE, fate);
    scene.command(part(scene.socket(), message, false));
    channel.take(7);
    assertThat(fate.isOpen()).isTrue();
    scene.command(part(scene.socket(), message, true));
    channel.take(6);
    assertThat(fate.isOpen()).isTrue();
    channel.take(1);
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void aMessageInPartsThatThereIsNoRoomToHoldIsNotSentAtAll() {
    Scene narrow = new Scene(ONCE.limits(Limits.DEFAULT.heldCommands(1)));
    Stream stream = narrow.webSocket(SILENT);
    Outgoing message = new Outgoing(true, Gate.NONE, fate);
    narrow.command(part(stream, message, false), part(stream, message, false));
    assertThat(fate.lost()).isEqualTo(new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1));
    narrow.command(new Command.GiveUp(stream, message)); // as its sender does
    Scene.Socket channel = narrow.up();
    String request = Scene.sent(channel);
    narrow.command(part(stream, message, true)); // was on its way
    narrow.send(new Text("other"));
    narrow.receive(channel, Scene.accepting(request));
    assertThat(Sent.all(Scene.sentBytes(channel))).containsExactly(Sent.of(0x81, "other"));
  }

  @Test
  void aMessageInPartsOfWhichAPartIsHeldIsHeldWhole() {
    Scene narrow = new Scene(ONCE.limits(Limits.DEFAULT.heldCommands(2)));
    Stream stream = narrow.webSocket(SILENT);
    Outgoing message = new Outgoing(true, Gate.NONE, fate);
    narrow.command(part(stream, message, false), part(stream, message, true));
    assertThat(fate.isOpen()).isTrue();
    Scene.Socket channel = narrow.up();
    narrow.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void aMessageThatIsGivenUpWhereThereIsNoRoomToHoldThatIsNotSentEither() {
    Scene narrow = new Scene(ONCE.limits(Limits.DEFAULT.heldCommands(2)));
    Stream stream = narrow.webSocket(SILENT);
    Outgoing message = new Outgoing(true, Gate.NONE, fate);
    narrow.command(part(stream, message, false), new Command.GiveUp(stream, message));
    Scene.Socket channel = narrow.up();
    String request = Scene.sent(channel);
    narrow.send(new Text("other"));
    narrow.receive(channel, Scene.accepting(request));
    assertThat(Sent.all(Scene.sentBytes(channel))).containsExactly(Sent.of(0x81, "other"));
  }

  // ---- handlers

  @Test
  void aHandlerGetsTheFramesBehindTheUpgradeInAnyCut() {
    WebSocketOptions handled =
        SILENT.subprotocols(
            Subprotocols.NONE.otherwise(
                session -> {
                  session.trySend(new Text("begun"));
                  return frame -> session.tell((Object) frame);
                }));
    for (int cut = 1; ; cut++) {
      Scene each = new Scene(ONCE);
      Scene.Socket channel = each.up();
      Stream stream = each.webSocket(handled);
      String bytes = Scene.accepting(Scene.sent(channel)) + "\u0081\u0002hi\u0081\u0001x";
      each.owner.told();
      each.receive(channel, bytes.substring(0, cut));
      each.receive(channel, bytes.substring(cut));
      assertThat(each.owner.told())
          .as("cut at " + cut)
          .satisfiesExactly(
              first -> assertThat(first).isInstanceOf(Upgraded.class),
              second -> assertThat(second).isEqualTo(made(stream, new Text("hi"))),
              third -> assertThat(third).isEqualTo(made(stream, new Text("x"))));
      assertThat(Sent.all(Scene.sentBytes(channel))).containsExactly(Sent.of(0x81, "begun"));
      if (cut == bytes.length()) {
        return;
      }
    }
  }

  private static Message made(Stream stream, Object value) {
    return new SubprotocolMessage(stream.ref(), value);
  }
}
