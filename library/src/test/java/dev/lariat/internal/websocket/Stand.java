package dev.lariat.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One WebSocket whose transport is a recorder: what is asked of it, and what it does. */
final class Stand {
  static final Reason LOST = new Reason.Reset("test");
  static final Reason NOT_OPEN = new Reason.BadState("send", "the WebSocket is closing or closed");
  private static final long NOW = 1_000_000_000_000L;

  final Recorder out = new Recorder();
  final Stream stream = out.stream("socket");
  private final List<Command.OfStream> early = new ArrayList<>();
  private @Nullable WebSocketEngine engine;

  // ---- doing

  /** What is asked for now is asked before the upgrade. */
  void command(Command.OfStream command) {
    WebSocketEngine open = engine;
    if (open == null) {
      early.add(command);
    } else {
      open.command(command, out.at(NOW));
    }
  }

  /** The handshake is over, but not a byte behind it was looked at. */
  void upgrade(WebSocketOptions options, @Nullable String subprotocol, Headers headers) {
    Handshake.Agreement agreement =
        new Handshake.Agreement(Optional.ofNullable(subprotocol), Optional.empty());
    Change.SpeakWebSocket start =
        new Change.SpeakWebSocket(
            stream, agreement, headers, options, List.copyOf(early), new Reason.Closed());
    engine =
        new WebSocketEngine(
            start, Limits.DEFAULT, Timeouts.DEFAULT, new Shared(new SecureRandom()));
  }

  void begin() {
    engine().begin(out.at(NOW));
  }

  void open(WebSocketOptions options) {
    upgrade(options, null, Headers.EMPTY);
    begin();
  }

  private WebSocketEngine engine() {
    WebSocketEngine open = engine;
    assertThat(open).as("upgraded").isNotNull();
    return open;
  }

  void send(Frame... frames) {
    for (Frame frame : frames) {
      send(frame, null);
    }
  }

  void send(Frame frame, @Nullable Followed fate) {
    Command.Send send = new Command.Send(stream, frame, Payload.of(frame), fate);
    Recorder.gate(stream).waiting += send.bytes();
    command(send);
  }

  void part(Outgoing message, String octets, boolean fin) {
    ByteBuffer payload = ByteBuffer.wrap(octets.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Command.SendPart part = new Command.SendPart(stream, message, payload, fin);
    Recorder.gate(message).waiting += part.bytes();
    command(part);
  }

  void giveUp(Outgoing message) {
    command(new Command.GiveUp(stream, message));
  }

  void receive(byte[]... frames) {
    engine().received(Unpooled.wrappedBuffer(frames), out.at(NOW));
    if (engine().deadline() <= NOW) {
      engine().elapsed(out.at(NOW)); // the turn after
    }
  }

  void drain() {
    out.writable = true;
    engine().writable(out.at(NOW));
  }

  void shutdown() {
    engine().shutdown(out.at(NOW));
  }

  /** The connection is over; nothing but its end is left to tell. */
  void end(Reason reason) {
    assertThat(engine().end(reason, out).killed()).containsExactly(stream.ref());
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  /** The connection is over, whose WebSocket was so before. */
  void endAfterClose() {
    assertThat(engine().end(LOST, out).killed()).isEmpty();
    out.expectEnd();
  }

  /** The connection is lost, while something waits. */
  void lose(Reason reason) {
    engine().end(reason, out);
  }

  // ---- seeing

  List<Sent> sent() {
    return Sent.all(out.written());
  }

  Object[] told(Frame... frames) {
    return Arrays.stream(frames).map(frame -> new WebSocketFrame(stream.ref(), frame)).toArray();
  }

  Rejected rejected() {
    return new Rejected(stream.ref(), "send", NOT_OPEN);
  }

  Object[] closed(Reason.CloseHandshake handshake) {
    return new Object[] {
      new WebSocketClosed(stream.ref(), handshake), new Change.Closing(handshake)
    };
  }

  static Reason.CloseHandshake handshake(Close received, Close sent, Side initiator) {
    return new Reason.CloseHandshake(received, sent, initiator);
  }
}
