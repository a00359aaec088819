package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.ServerFrames;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayList;
import java.util.List;

/** A connection that speaks HTTP/2 with a server that the test speaks for. */
final class Http2Scene extends Http2Peer {
  static final ConnectionOptions OPTIONS = ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2);

  final Scene scene;
  final Scene.Socket channel;

  /** The server has said its SETTINGS, among them that it takes WebSockets. */
  Http2Scene(ConnectionOptions options, int... parameters) {
    scene = new Scene(options);
    channel = scene.up();
    int[] all = java.util.Arrays.copyOf(parameters, parameters.length + 2);
    all[parameters.length] = ENABLE_CONNECT_PROTOCOL;
    all[parameters.length + 1] = 1;
    settings(all);
    acknowledgesSettings();
    frames();
    told();
  }

  @Override
  protected void receives(byte[] octets) {
    scene.receive(channel, octets);
  }

  List<Frame> frames() {
    return frames(Scene.sentBytes(channel));
  }

  List<Message> told() {
    return scene.owner.told();
  }

  /** What was sent on this stream since the last look, which loses what was sent on others. */
  byte[] sent(int id) {
    List<byte[]> parts = new ArrayList<>();
    for (Frame frame : frames()) {
      if (frame.type() == DATA && frame.stream() == id) {
        parts.add(frame.payload());
      }
    }
    return ServerFrames.join(parts.toArray(byte[][]::new));
  }

  /** The WebSocket's frames among that. */
  List<Sent> sentFrames(int id) {
    return Sent.all(sent(id));
  }

  void sends(int id, byte[] octets, boolean last) {
    frame(DATA, last ? END_STREAM : 0, id, octets);
  }

  // ---- what the user does

  Stream webSocket(
      String name, dev.lariat.internal.protocol.Inbox inbox, WebSocketOptions options) {
    Stream stream = scene.stream(name, inbox);
    scene.command(new Command.Upgrade(stream, "/" + name, options, FieldNames.PLAIN));
    return stream;
  }

  /** An open WebSocket on the stream of this number, its beginnings told. */
  Stream open(int id, WebSocketOptions options, String... fields) {
    Stream stream = webSocket("socket" + id, scene.owner, options);
    Frame connect = frames().getLast();
    assertThat(connect.stream()).isEqualTo(id);
    assertThat(connect.fields().first(".protocol")).contains("websocket");
    answers(id, false, "200", fields);
    told();
    return stream;
  }

  void send(Stream stream, dev.lariat.message.Frame... frames) {
    for (dev.lariat.message.Frame frame : frames) {
      scene.command(new Command.Send(stream, frame, Payload.of(frame)));
    }
  }
}
