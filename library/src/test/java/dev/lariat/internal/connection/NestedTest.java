package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Guarded;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Host;
import dev.lariat.internal.protocol.MemoryLane;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Engines that are hosted on streams of a connection's own engine. */
class NestedTest {

  /**
   * An engine of many streams: each octet that comes is followed by another, for the stream of that
   * number. What a stream writes it keeps, until the test looks.
   */
  private static final class Switchboard implements Engine {
    final List<MemoryLane> lanes = new ArrayList<>(); // their near ends
    final List<Host> hosts = new ArrayList<>();

    @Override
    public Protocol protocol() {
      return Protocol.HTTP_1_1;
    }

    @Override
    public void begin(Out out) {}

    @Override
    public void command(Command.OfStream command, Out out) {
      switch (command) {
        case Command.Upgrade(var stream, var path, var options, var names) ->
            host(
                new Change.SpeakWebSocket(
                    stream,
                    new Handshake.Agreement(Optional.empty(), Optional.empty()),
                    Headers.EMPTY,
                    options,
                    List.of(),
                    new Reason.StreamEnded()),
                out);
        case Command.Raw(var stream, var credit) ->
            host(new Change.SpeakRaw(stream, credit, List.of()), out);
        default -> Refusals.refuse(command, new Reason.BadState("test", "it is not here"), out);
      }
    }

    private void host(Change.Speak start, Out out) {
      MemoryLane lane = MemoryLane.pair();
      lanes.add(lane);
      Host host = out.host(start, lane);
      hosts.add(host);
      lane.host(host);
    }

    @Override
    public void received(ByteBuf bytes, Out out) {
      while (bytes.isReadable(2)) {
        Host host = hosts.get(bytes.readByte());
        int length = bytes.readByte();
        if (length == 0) {
          host.inputClosed();
        } else {
          host.received(bytes.readSlice(length));
        }
      }
    }

    @Override
    public void writable(Out out) {}

    @Override
    public void inputClosed(Out out) {
      out.become(new Change.Close(new Reason.Closed()));
    }

    @Override
    public int streams() {
      return 0;
    }

    @Override
    public @Nullable Standing standing(StreamRef stream) {
      return null;
    }

    @Override
    public long deadline() {
      return NEVER;
    }

    @Override
    public void elapsed(Out out) {}

    @Override
    public void shutdown(Out out) {
      out.become(new Change.Close(new Reason.OwnerClosed()));
    }

    @Override
    public Casualties end(Reason reason, Out out) {
      return Casualties.NONE;
    }
  }

  private final Switchboard switchboard = new Switchboard();
  private final Scene scene =
      new Scene(
          ConnectionOptions.DEFAULT,
          new Engines("origin", ConnectionOptions.DEFAULT) {
            @Override
            Engine first(Optional<String> chosen, Held held, Shared shared) {
              return new Guarded(switchboard);
            }
          });
  private final Scene.Socket channel = scene.up();

  NestedTest() {
    scene.owner.told(); // that it is up
  }

  private Stream webSocket(String name, WebSocketOptions options) {
    Stream stream = scene.stream(name);
    scene.command(new Command.Upgrade(stream, "/", options, FieldNames.PLAIN));
    scene.owner.told();
    return stream;
  }

  private Stream webSocket(String name) {
    return webSocket(name, WebSocketOptions.DEFAULT);
  }

  private static String frame(int stream, String frame) {
    return (char) stream + "" + (char) frame.length() + frame;
  }

  private static String text(String text) {
    return "\u0081" + (char) text.length() + text;
  }

  private int written(int stream) {
    int before = switchboard.lanes.get(stream).room(0).readableBytes();
    switchboard.lanes.get(stream).room(0).clear();
    return before;
  }

  private void send(Stream stream, String text) {
    Text frame = new Text(text);
    scene.command(new Command.Send(stream, frame, Payload.of(frame)));
  }

  @Test
  void aCommandFindsTheEngineOfItsStream() {
    Stream first = webSocket("first");
    Stream second = webSocket("second");
    send(second, "abc");
    assertThat(written(0)).isZero();
    assertThat(written(1)).isEqualTo(2 + 4 + 3);
    send(first, "a");
    assertThat(written(0)).isEqualTo(2 + 4 + 1);
    assertThat(written(1)).isZero();
  }

  @Test
  void whatComesGoesToTheEngineOfItsStreamInOneTurn() {
    Stream first = webSocket("first");
    Stream second = webSocket("second");
    scene.receive(channel, frame(1, text("b")) + frame(0, text("a")) + frame(1, text("c")));
    assertThat(scene.owner.told())
        .containsExactly(
            new WebSocketFrame(second.ref(), new Text("b")),
            new WebSocketFrame(first.ref(), new Text("a")),
            new WebSocketFrame(second.ref(), new Text("c")));
    assertThat(scene.actor.inspect().standing(second).received()).isEqualTo(2);
  }

  @Test
  void aBrokenRuleEndsItsStreamAndSparesTheOthers() {
    Stream first = webSocket("first");
    Stream second = webSocket("second");
    scene.receive(channel, frame(0, "\u0083\u0000") + frame(1, text("b")));
    assertThat(scene.owner.told())
        .hasSize(2)
        .anySatisfy(
            message ->
                assertThat(message)
                    .isInstanceOfSatisfying(
                        StreamFailed.class,
                        failed -> {
                          assertThat(failed.stream()).isEqualTo(first.ref());
                          assertThat(failed.reason()).isInstanceOf(Reason.Protocol.class);
                        }))
        .contains(new WebSocketFrame(second.ref(), new Text("b")));
    scene.advance(Timeouts.DEFAULT.closing()); // which the peer of this stream does not use
    assertThat(switchboard.lanes.getFirst().ended()).isInstanceOf(Reason.Protocol.class);
    assertThat(switchboard.lanes.get(1).ended()).isNull();
    assertThat(channel.isOpen()).isTrue();
    send(first, "late");
    assertThat(scene.owner.told()).singleElement().isInstanceOf(Rejected.class);
  }

  @Test
  void whatIsSentOnAStreamThatClosesIsRejected() {
    Stream first = webSocket("first");
    scene.receive(channel, frame(0, "\u0083\u0000")); // a broken rule: only the end is awaited
    scene.owner.told();
    send(first, "late");
    assertThat(scene.owner.told())
        .singleElement()
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.reason())
                    .isEqualTo(new Reason.BadState("send", "the stream is closing")));
  }

  @Test
  void aClosingHandshakeEndsItsStreamOnly() {
    Stream first = webSocket("first");
    webSocket("second");
    scene.receive(channel, frame(0, "\u0088\u0000"));
    scene.receive(channel, frame(0, ""));
    assertThat(scene.owner.told())
        .anyMatch(
            message -> message instanceof WebSocketClosed closed && closed.stream() == first.ref());
    assertThat(switchboard.lanes.getFirst().ended()).isNotNull();
    assertThat(switchboard.lanes.get(1).ended()).isNull();
  }

  @Test
  void theEndOfTheConnectionEndsEachStreamBeforeItIsTold() {
    Stream first = webSocket("first");
    Stream second = webSocket("second");
    channel.close();
    scene.run();
    List<Message> told = scene.owner.told();
    assertThat(told.get(0)).isEqualTo(new StreamFailed(first.ref(), new Reason.Closed()));
    assertThat(told.get(1)).isEqualTo(new StreamFailed(second.ref(), new Reason.Closed()));
    assertThat(told.get(2))
        .isInstanceOfSatisfying(
            Down.class,
            down -> assertThat(down.killed()).containsExactly(first.ref(), second.ref()));
  }

  @Test
  void eachStreamHasItsOwnDeadlines() {
    Keepalive often = Keepalive.every(Duration.ofSeconds(5));
    webSocket("quiet", WebSocketOptions.DEFAULT.keepalive(often));
    scene.advance(Duration.ofSeconds(2));
    webSocket("later", WebSocketOptions.DEFAULT.keepalive(often));
    scene.advance(Duration.ofSeconds(3));
    assertThat(written(0)).as("a ping").isPositive();
    assertThat(written(1)).isZero();
    scene.advance(Duration.ofSeconds(2));
    assertThat(written(1)).as("a ping").isPositive();
  }

  @Test
  void aFullInboxLeavesTheStreamsUnread() {
    webSocket("first");
    scene.owner.full = true;
    scene.receive(channel, frame(0, text("a")));
    assertThat(switchboard.lanes.getFirst().isWanted()).isFalse();
    scene.owner.full = false;
    scene.owner.whenRoom.removeFirst().run();
    scene.run();
    assertThat(switchboard.lanes.getFirst().isWanted()).isTrue();
  }

  @Test
  void anEngineThatFailsEndsItsStreamOnly() {
    Stream raw = scene.stream("raw");
    scene.command(new Command.Raw(raw, Long.MAX_VALUE));
    webSocket("second");
    switchboard
        .hosts
        .getFirst()
        .broke(new IllegalStateException("the stream cannot go on, on purpose"));
    scene.run();
    assertThat(scene.owner.told())
        .singleElement()
        .isInstanceOfSatisfying(
            StreamFailed.class,
            failed -> assertThat(failed.reason()).isInstanceOf(Reason.Fault.class));
    assertThat(switchboard.lanes.get(1).ended()).isNull();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void aStreamEndsEachOfItsSidesByItself() {
    Stream raw = scene.stream("raw");
    scene.command(new Command.Raw(raw, Long.MAX_VALUE));
    scene.receive(channel, frame(0, "ab") + frame(0, ""));
    assertThat(scene.owner.told())
        .containsExactly(
            new Data(raw.ref(), false, Bytes.ofUtf8("ab")), new Data(raw.ref(), true, Bytes.EMPTY));
    assertThat(switchboard.lanes.getFirst().ended()).isNull();
    scene.command(new Command.Data(raw, Bytes.ofUtf8("c").asByteBuffer(), true, null));
    switchboard.lanes.getFirst().far().host(new Silent());
    switchboard.lanes.getFirst().carry();
    scene.run();
    assertThat(switchboard.lanes.getFirst().ended()).isEqualTo(new Reason.Closed());
  }

  @Test
  void twoEnginesStandBackToBack() {
    Stream here = scene.stream("here");
    Stream there = scene.stream("there");
    scene.command(new Command.Raw(here, Long.MAX_VALUE), new Command.Raw(there, Long.MAX_VALUE));
    MemoryLane near = switchboard.lanes.get(0);
    MemoryLane far = switchboard.lanes.get(1);
    near.far().host(switchboard.hosts.get(1));
    far.far().host(switchboard.hosts.get(0));
    scene.command(
        new Command.Data(here, Bytes.ofUtf8("there").asByteBuffer(), false, null),
        new Command.Data(there, Bytes.ofUtf8("and back").asByteBuffer(), true, null));
    near.carry();
    far.carry();
    scene.run();
    assertThat(scene.owner.told())
        .containsExactly(
            new Data(there.ref(), false, Bytes.ofUtf8("there")),
            new Data(here.ref(), false, Bytes.ofUtf8("and back")),
            new Data(here.ref(), true, Bytes.EMPTY));
  }

  /** A far end that takes everything. */
  private static final class Silent implements Host {
    @Override
    public void received(ByteBuf bytes) {
      bytes.skipBytes(bytes.readableBytes());
    }

    @Override
    public void writabilityChanged() {}

    @Override
    public void inputCut() {}

    @Override
    public void inputClosed() {}

    @Override
    public void outputEnded() {}

    @Override
    public void closed() {}

    @Override
    public void failed(Reason reason) {}

    @Override
    public void broke(Throwable cause) {}
  }
}
