package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Timeouts;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A connection that is raw from the first byte on is supervised like any other. */
class RawTest {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Backoff STEADY = Backoff.DEFAULT.jitter(false).delays(SECOND, SECOND);

  private final Scene scene =
      new Scene(
          ConnectionOptions.DEFAULT
              .protocols(Protocol.RAW)
              .retry(STEADY)
              .timeouts(Timeouts.DEFAULT.write(SECOND)));

  private Stream raw(long credit) {
    Stream stream = scene.stream("raw");
    scene.command(new Command.Raw(stream, credit));
    return stream;
  }

  private Stream raw() {
    return raw(Long.MAX_VALUE);
  }

  private void send(Stream stream, String part, boolean last) {
    scene.command(new Command.Data(stream, Bytes.ofUtf8(part).asByteBuffer(), last, null));
  }

  private static Data data(Stream stream, boolean fin, String text) {
    return new Data(stream.ref(), fin, Bytes.ofUtf8(text));
  }

  private static void endsItsSide(Scene.Socket socket) {
    socket.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  void itComesUpLosesItsStreamAndComesBack() {
    Stream first = raw(); // waits for the connection
    send(first, "hello", false);
    Scene.Socket socket = scene.up();
    assertThat(scene.owner.told()).containsExactly(new Up(scene.ref, Protocol.RAW));
    assertThat(Scene.sent(socket)).isEqualTo("hello");
    scene.receive(socket, "one");
    assertThat(scene.owner.told()).containsExactly(data(first, false, "one"));
    socket.close();
    scene.run();
    assertThat(scene.owner.told())
        .containsExactly(
            data(first, true, ""),
            new Down(scene.ref, Protocol.RAW, CLOSED, List.of(), List.of()),
            new Retrying(scene.ref, 1, SECOND, CLOSED));
    Stream second = raw();
    scene.advance(SECOND);
    Scene.Socket next = scene.up();
    scene.receive(next, "two");
    assertThat(scene.owner.told())
        .containsExactly(new Up(scene.ref, Protocol.RAW), data(second, false, "two"));
  }

  @Test
  void aConnectionThatBreaksTakesItsStreamWithIt() {
    Scene.Socket socket = scene.up();
    Stream raw = raw();
    scene.owner.told();
    socket.pipeline().fireExceptionCaught(new java.io.IOException("Connection reset by peer"));
    scene.run();
    Reason reset = new Reason.Reset("Connection reset by peer");
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(raw.ref(), reset),
            new Down(scene.ref, Protocol.RAW, reset, List.of(raw.ref()), List.of()),
            new Retrying(scene.ref, 1, SECOND, reset));
  }

  @Test
  void eachSideEndsOnItsOwnAndTheConnectionWithTheSecond() {
    Stream raw = raw();
    Scene.Socket socket = scene.up();
    scene.owner.told();
    endsItsSide(socket);
    assertThat(scene.owner.told()).containsExactly(data(raw, true, ""));
    send(raw, "still here", false);
    assertThat(Scene.sent(socket)).isEqualTo("still here");
    send(raw, "", true);
    assertThat(scene.owner.told())
        .containsExactly(
            new Down(scene.ref, Protocol.RAW, CLOSED, List.of(), List.of()),
            new Retrying(scene.ref, 1, SECOND, CLOSED));
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void whatThePeerSaysFirstWaitsForTheStreamAndStopsTheReading() {
    Scene.Socket socket = scene.up();
    scene.receive(socket, "220 ready");
    assertThat(scene.owner.told()).containsExactly(new Up(scene.ref, Protocol.RAW));
    assertThat(socket.config().isAutoRead()).isFalse();
    Stream raw = raw(2);
    assertThat(scene.owner.told()).containsExactly(data(raw, false, "220 ready"));
    assertThat(socket.config().isAutoRead()).isTrue();
    scene.receive(socket, "b");
    scene.receive(socket, "c");
    assertThat(scene.owner.told()).containsExactly(data(raw, false, "b"));
    assertThat(socket.config().isAutoRead()).isFalse();
    scene.command(new Command.Credit(raw, 1));
    assertThat(scene.owner.told()).containsExactly(data(raw, false, "c"));
    assertThat(socket.config().isAutoRead()).isTrue();
  }

  @Test
  void aFullReceiverStopsTheReading() {
    raw();
    Scene.Socket socket = scene.up();
    scene.owner.full = true;
    scene.receive(socket, "a");
    assertThat(socket.config().isAutoRead()).isFalse();
    scene.owner.full = false;
    scene.owner.whenRoom.forEach(Runnable::run);
    scene.run();
    assertThat(socket.config().isAutoRead()).isTrue();
  }

  @Test
  void aPeerThatTakesNothingEndsTheConnection() {
    Stream raw = raw();
    Scene.Socket socket = scene.up();
    socket.clog();
    send(raw, "x".repeat(100_000), false); // more than the transport keeps
    send(raw, "y", false);
    scene.owner.told();
    scene.advance(SECOND);
    Reason stuck = new Reason.Timeout(Reason.Step.WRITE, SECOND);
    String why = "the connection ended before it was written";
    Rejected unwritten = new Rejected(raw.ref(), "data", new Reason.BadState("data", why));
    assertThat(scene.owner.told())
        .containsExactly(
            unwritten, // what was begun
            unwritten,
            new StreamFailed(raw.ref(), stuck),
            new Down(scene.ref, Protocol.RAW, stuck, List.of(raw.ref()), List.of()),
            new Retrying(scene.ref, 1, SECOND, stuck));
  }

  @Test
  void requestsAreRefusedAndASecondStreamIs() {
    Scene.Socket socket = scene.up();
    Stream raw = raw();
    scene.owner.told();
    Stream get = scene.get("/");
    Stream second = raw();
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(
                get.ref(),
                new Reason.BadState("request", "the connection speaks another protocol")),
            new StreamFailed(
                second.ref(), new Reason.BadState("raw", "the connection has its stream")));
    send(raw, "a", false);
    assertThat(Scene.sent(socket)).isEqualTo("a");
  }

  @Test
  void shutdownEndsItAtOnce() {
    scene.up();
    Stream raw = raw();
    scene.owner.told();
    scene.command(new Command.Shutdown());
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(raw.ref(), new Reason.OwnerClosed()),
            new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void aStreamThatWaitsForTheConnectionIsUnprocessedWithoutIt() {
    Stream raw = raw();
    send(raw, "a", false);
    scene.command(new Command.Close());
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(
                raw.ref(),
                new Reason.Unprocessed(
                    "the connection ended before it was sent",
                    Optional.of(new Reason.OwnerClosed()))),
            new Rejected(
                raw.ref(), "data", new Reason.BadState("data", "the connection is closing")),
            new Terminated(scene.ref, new Reason.OwnerClosed()));
  }

  @Test
  void toCancelEndsTheConnectionWhichComesBack() {
    Scene.Socket socket = scene.up();
    Stream raw = raw();
    scene.owner.told();
    Reason cancelled = new Reason.Cancelled();
    scene.command(new Command.Cancel(raw, cancelled));
    assertThat(scene.owner.told())
        .containsExactly(
            new StreamFailed(raw.ref(), cancelled),
            new Down(scene.ref, Protocol.RAW, cancelled, List.of(raw.ref()), List.of()),
            new Retrying(scene.ref, 1, SECOND, cancelled));
    assertThat(socket.isOpen()).isFalse();
  }
}
