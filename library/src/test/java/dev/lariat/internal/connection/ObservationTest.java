package dev.lariat.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.FrameType;
import dev.lariat.event.StreamInfo;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What listeners are told, and how a connection and its streams stand when they are asked. */
class ObservationTest {
  private static final Reason REFUSED = new Reason.Refused("127.0.0.1:80");
  private static final Backoff STEADY =
      Backoff.DEFAULT.jitter(false).delays(Duration.ofSeconds(1), Duration.ofSeconds(4));
  private static final Receiver RECEIVER = message -> {};

  private final Pairs pairs = new Pairs();
  private final List<Event> events = pairs.events;
  private final Scene scene =
      new Scene(
          ConnectionOptions.DEFAULT
              .retry(STEADY)
              .http1(Http1.DEFAULT.pipelining(2))
              .listener(pairs::event));

  /** The kinds of the events since the last look. */
  private List<String> kinds() {
    List<String> kinds = events.stream().map(event -> event.getClass().getSimpleName()).toList();
    events.clear();
    return kinds;
  }

  private <T extends Event> T only(Class<T> kind) {
    List<T> found = events.stream().filter(kind::isInstance).map(kind::cast).toList();
    assertThat(found).as("of " + events).hasSize(1);
    return found.get(0);
  }

  // ---- the connection

  @Test
  void aConnectionIsToldFromItsBeginningToItsEnd() {
    scene.advance(Duration.ofSeconds(1));
    Scene.Attempt first = scene.attempt();
    first.fails(REFUSED);
    assertThat(only(RetryScheduled.class))
        .isEqualTo(new RetryScheduled(scene.ref, 1, Duration.ofSeconds(1), REFUSED));
    assertThat(kinds()).containsExactly("Init", "RetryScheduled");
    scene.advance(Duration.ofSeconds(1));
    scene.advance(Duration.ofSeconds(2));
    scene.up();
    Established up = only(Established.class);
    assertThat(up.protocol()).isEqualTo(Protocol.HTTP_1_1);
    assertThat(up.took()).isEqualTo(Duration.ofSeconds(2));
    scene.advance(Duration.ofSeconds(3));
    scene.command(new Command.Close());
    assertThat(only(Disconnect.class))
        .isEqualTo(
            new Disconnect(
                scene.ref, Protocol.HTTP_1_1, new Reason.OwnerClosed(), Duration.ofSeconds(3)));
    assertThat(only(Terminate.class))
        .isEqualTo(new Terminate(scene.ref, new Reason.OwnerClosed(), Duration.ofSeconds(7)));
    assertThat(kinds()).containsExactly("Established", "Disconnect", "Terminate");
  }

  @Test
  void nobodyIsToldWhereNobodyListens() {
    Scene unobserved = new Scene(ConnectionOptions.DEFAULT);
    assertThat(unobserved.actor.observer()).isSameAs(Observer.NOBODY);
    assertThat(unobserved.actor.observer().listens()).isFalse();
  }

  // ---- requests

  @Test
  void aRequestIsToldInItsOrderWithItsTimes() {
    Scene.Socket channel = scene.up();
    events.clear();
    Stream stream = scene.get("/a");
    assertThat(kinds()).containsExactly("RequestStart", "RequestHeaders", "RequestEnd");
    scene.advance(Duration.ofMillis(30));
    scene.receive(channel, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    assertThat(only(ResponseStart.class).waited()).isEqualTo(Duration.ofMillis(30));
    assertThat(kinds()).containsExactly("ResponseStart", "ResponseInform");
    scene.advance(Duration.ofMillis(10));
    scene.receive(
        channel,
        "HTTP/1.1 200 OK\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "5\r\n"
            + "hello\r\n"
            + "0\r\n"
            + "Check: sum\r\n\r\n");
    assertThat(only(ResponseEnd.class))
        .isEqualTo(new ResponseEnd(stream.ref(), 200, 5, Optional.empty(), Duration.ofMillis(40)));
    assertThat(kinds()).containsExactly("ResponseHeaders", "ResponseTrailers", "ResponseEnd");
  }

  @Test
  void aRequestOfAConnectionThatIsLostIsCancelledBeforeTheDisconnect() {
    Scene.Socket channel = scene.up();
    Stream stream = scene.get("/a");
    scene.receive(channel, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    Stream behind = scene.get("/b");
    events.clear();
    channel.close();
    scene.run();
    assertThat(only(ResponseEnd.class).failure())
        .hasValue(new Reason.Incomplete(new Reason.Closed()));
    assertThat(only(ResponseEnd.class).bytes()).isEqualTo(4);
    assertThat(events.stream().filter(Cancel.class::isInstance).map(Cancel.class::cast))
        .extracting(Cancel::stream)
        .containsExactly(stream.ref(), behind.ref());
    assertThat(kinds())
        .containsExactly("ResponseEnd", "Cancel", "Cancel", "Disconnect", "RetryScheduled");
  }

  @Test
  void aRequestThatWasNeverSentHasNoEvents() {
    scene.get("/held");
    scene.command(new Command.Close());
    assertThat(kinds()).containsExactly("Init", "Terminate");
  }

  // ---- WebSocket

  @Test
  void anUpgradeIsTold() {
    Scene.Socket channel = scene.up();
    events.clear();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    assertThat(only(Upgrade.class)).isEqualTo(new Upgrade(socket.ref(), "/ws"));
    assertThat(only(RequestHeaders.class).headers().first("upgrade")).hasValue("websocket");
    assertThat(kinds()).containsExactly("Upgrade", "RequestStart", "RequestHeaders", "RequestEnd");
    scene.advance(Duration.ofMillis(5));
    scene.receive(channel, Scene.accepting(Scene.sent(channel)));
    assertThat(only(ResponseInform.class).status()).isEqualTo(101);
    assertThat(only(ProtocolChanged.class))
        .isEqualTo(
            new ProtocolChanged(
                socket.ref(), Protocol.WEBSOCKET, Optional.empty(), Duration.ofMillis(5)));
    assertThat(kinds())
        .containsExactly("ResponseStart", "ResponseInform", "ResponseEnd", "ProtocolChanged");
  }

  @Test
  void aRefusedUpgradeIsAResponseLikeAnyOther() {
    Scene.Socket channel = scene.up();
    scene.webSocket(WebSocketOptions.DEFAULT);
    events.clear();
    scene.receive(channel, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assertThat(only(ResponseEnd.class).status()).isEqualTo(404);
    assertThat(kinds()).containsExactly("ResponseStart", "ResponseHeaders", "ResponseEnd");
  }

  @Test
  void aSwitchToAProtocolOfTheUsersIsToldAndItsBytesAreNoResponse() {
    Scene.Socket channel = scene.up();
    Stream stream = parrot();
    events.clear();
    scene.receive(
        channel, "HTTP/1.1 101 Switching\r\nUpgrade: parrot\r\nConnection: upgrade\r\n\r\nhello");
    ProtocolChanged changed = only(ProtocolChanged.class);
    assertThat(changed.stream()).isSameAs(stream.ref());
    assertThat(changed.protocol()).isEqualTo(Protocol.RAW);
    assertThat(only(ResponseEnd.class).bytes()).isZero();
    assertThat(kinds())
        .containsExactly("ResponseStart", "ResponseInform", "ResponseEnd", "ProtocolChanged");
    channel.close();
    scene.run();
    assertThat(kinds()).containsExactly("Disconnect", "RetryScheduled");
  }

  private Stream parrot() {
    Stream stream = scene.stream("parrot");
    scene.command(
        new Command.Request(
            stream,
            Request.of("GET", "/"),
            true,
            Engine.NEVER,
            List.of("parrot"),
            FieldNames.PLAIN));
    return stream;
  }

  @Test
  void framesAreToldAtEveryCutOfTheInput() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    byte[] frames = {(byte) 0x01, 2, 'h', 'e', (byte) 0x89, 1, 'p', (byte) 0x80, 1, 'y'};
    List<Event> whole = null;
    for (int cut = 0; cut <= frames.length; cut++) {
      events.clear();
      scene.receive(channel, java.util.Arrays.copyOf(frames, cut));
      scene.receive(channel, java.util.Arrays.copyOfRange(frames, cut, frames.length));
      List<Event> received =
          events.stream()
              .filter(
                  event ->
                      event instanceof FrameReceiveStart
                          || event instanceof FrameReceiveHeader
                          || event instanceof FrameReceiveEnd)
              .toList();
      whole = whole == null ? received : whole;
      assertThat(received).as("cut at " + cut).isEqualTo(whole);
    }
    assertThat(whole)
        .filteredOn(FrameReceiveHeader.class::isInstance)
        .containsExactly(
            new FrameReceiveHeader(scene.socket().ref(), FrameType.TEXT, false, false, 2),
            new FrameReceiveHeader(scene.socket().ref(), FrameType.PING, true, false, 1),
            new FrameReceiveHeader(scene.socket().ref(), FrameType.CONTINUATION, true, false, 1));
    assertThat(whole).hasSize(9);
  }

  @Test
  void aFrameThatTakesItsTimeSaysSo() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    events.clear();
    scene.receive(channel, new byte[] {(byte) 0x82});
    scene.advance(Duration.ofMillis(20));
    scene.receive(channel, new byte[] {2, 1});
    scene.advance(Duration.ofMillis(20));
    scene.receive(channel, new byte[] {2});
    assertThat(only(FrameReceiveEnd.class))
        .isEqualTo(
            new FrameReceiveEnd(
                scene.socket().ref(),
                Optional.of(FrameType.BINARY),
                true,
                2,
                Optional.empty(),
                Duration.ofMillis(40)));
  }

  @Test
  void aFrameThatTheEndCutsEndsWithTheReason() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    events.clear();
    scene.receive(channel, new byte[] {(byte) 0x82, 5, 1});
    channel.close();
    scene.run();
    assertThat(only(FrameReceiveEnd.class).failure()).isPresent();
    assertThat(only(WebSocketEnd.class).reason()).isInstanceOf(Reason.Closed.class);
    assertThat(kinds())
        .containsExactly(
            "FrameReceiveStart",
            "FrameReceiveHeader",
            "FrameReceiveEnd",
            "WebSocketEnd",
            "Disconnect",
            "RetryScheduled");
  }

  @Test
  void aFrameWithABadHeaderHasAnEndThatSaysWhy() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    events.clear();
    scene.receive(channel, new byte[] {(byte) 0xf2, 1, 1});
    scene.advance(Duration.ZERO);
    FrameReceiveEnd end = only(FrameReceiveEnd.class);
    assertThat(end.type()).isEmpty();
    assertThat(end.failure()).get().isInstanceOf(Reason.Protocol.class);
  }

  @Test
  void sentFramesAreTold() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    events.clear();
    scene.send(new Text("hello"), Ping.EMPTY, new Binary(Bytes.EMPTY));
    assertThat(events.stream().filter(FrameSendEnd.class::isInstance).map(FrameSendEnd.class::cast))
        .extracting(FrameSendEnd::type)
        .containsExactly(FrameType.TEXT, FrameType.PING, FrameType.BINARY);
    assertThat(events.get(0))
        .isEqualTo(new FrameSendStart(scene.socket().ref(), FrameType.TEXT, true, false, 5));
    events.clear();
    Outgoing message = new Outgoing(true, Gate.NONE, Fate.IGNORED);
    scene.command(
        new Command.SendPart(scene.socket(), message, ByteBuffer.wrap(new byte[] {'a'}), false),
        new Command.SendPart(scene.socket(), message, ByteBuffer.wrap(new byte[] {'b'}), true));
    assertThat(events.stream().filter(FrameSendStart.class::isInstance))
        .containsExactly(
            new FrameSendStart(scene.socket().ref(), FrameType.TEXT, false, false, 1),
            new FrameSendStart(scene.socket().ref(), FrameType.CONTINUATION, true, false, 1));
    assertThat(Scene.sentBytes(channel)).isNotEmpty();
  }

  @Test
  void aCloseHandshakeEndsTheWebSocketThenTheConnection() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    events.clear();
    scene.send(Close.NORMAL);
    scene.receive(channel, new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
    assertThat(only(WebSocketEnd.class).reason()).isInstanceOf(Reason.CloseHandshake.class);
    channel.close();
    scene.run();
    assertThat(kinds())
        .containsExactly(
            "FrameSendStart",
            "FrameSendEnd",
            "FrameReceiveStart",
            "FrameReceiveHeader",
            "FrameReceiveEnd",
            "WebSocketEnd",
            "Disconnect",
            "RetryScheduled");
  }

  // ---- listeners

  @Test
  void aListenerThatThrowsIsToldOnceAndGoesOn() {
    RuntimeException thrown = new IllegalStateException("a listener's own");
    List<Event> heard = new ArrayList<>();
    List<Event> beside = new ArrayList<>();
    Scene harmed =
        new Scene(
            ConnectionOptions.DEFAULT
                .listener(
                    event -> {
                      heard.add(event);
                      throw thrown;
                    })
                .listener(beside::add));
    Scene.Socket channel = harmed.up();
    harmed.get("/");
    harmed.receive(channel, "HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(heard).isEqualTo(beside).hasSize(8);
    assertThat(harmed.owner.told().stream().filter(Notice.class::isInstance))
        .containsExactly(new Notice(harmed.ref, new Notice.ListenerThrew("Init", thrown)));
  }

  // ---- every start has its one end

  @Property(tries = 300)
  void everyStartHasItsOneEnd(
      @ForAll @Size(max = 30) List<@IntRange(min = 0, max = 9) Integer> doings) {
    Pairs heard = new Pairs();
    Scene played = new Scene(ConnectionOptions.DEFAULT.retry(STEADY).listener(heard::event));
    Scene.Socket channel = null;
    for (int doing : doings) {
      switch (doing) {
        case 0, 1 -> channel = played.attempts.isEmpty() ? channel : played.up();
        case 2 -> {
          if (!played.attempts.isEmpty()) {
            played.attempt().fails(REFUSED);
          }
        }
        case 3, 4 -> played.get("/");
        case 5 -> played.webSocket(WebSocketOptions.DEFAULT);
        case 6 -> play(played, channel, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
        case 7 -> play(played, channel, "lf");
        case 8 -> {
          if (channel != null) {
            String sent = Scene.sent(channel);
            int upgrade = sent.indexOf("sec-websocket-key: ");
            play(
                played,
                channel,
                upgrade < 0
                    ? "\u0082\u0004ab"
                    : Scene.accepting(sent.substring(upgrade)) + "\u0001\u0001a");
          }
        }
        default -> {
          if (channel != null) {
            channel.close();
          }
          played.advance(Duration.ofSeconds(4));
        }
      }
    }
    played.command(new Command.Close());
    assertThat(heard.open()).isEmpty();
    assertThat(heard.events.getLast()).isInstanceOf(Terminate.class);
  }

  private static void play(Scene scene, Scene.Socket channel, String bytes) {
    if (channel != null && channel.isOpen()) {
      scene.receive(channel, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** Keeps the events, and holds starts against ends. */
  private static final class Pairs {
    final List<Event> events = new ArrayList<>();
    private final List<List<Object>> open = new ArrayList<>();

    void event(Event event) {
      events.add(event);
      switch (event) {
        case Init init -> begin("init", init.connection());
        case Terminate end -> end("init", end.connection());
        case Established up -> begin("up", up.connection());
        case Disconnect down -> end("up", down.connection());
        case RequestStart start -> {
          begin("request", start.stream());
          begin("exchange", start.stream());
        }
        case RequestEnd end -> end("request", end.stream());
        case ResponseStart start -> {
          end("exchange", start.stream());
          begin("response", start.stream());
        }
        case ResponseEnd end -> {
          end("response", end.stream());
          if (end.failure().isPresent()) {
            begin("exchange", end.stream());
          }
        }
        case Cancel cancel -> end("exchange", cancel.stream());
        case ProtocolChanged changed -> begin("socket", changed.stream());
        case WebSocketEnd end -> end("socket", end.stream());
        case FrameReceiveStart start -> begin("frame in", start.stream());
        case FrameReceiveEnd end -> end("frame in", end.stream());
        case FrameSendStart start -> begin("frame out", start.stream());
        case FrameSendEnd end -> end("frame out", end.stream());
        default -> {}
      }
    }

    private void begin(String what, Object of) {
      assertThat(open).as("before a start").doesNotContain(List.of(what, of));
      open.add(List.of(what, of));
    }

    private void end(String what, Object of) {
      assertThat(open.remove(List.of(what, of))).as("a start before the end of " + what).isTrue();
    }

    List<List<Object>> open() {
      return open;
    }
  }

  // ---- info

  @Test
  void infoTellsTheStateAndForHowLong() {
    scene.advance(Duration.ofSeconds(2));
    assertThat(scene.actor.inspect().info(RECEIVER).state())
        .isEqualTo(ConnectionInfo.State.DIALING);
    assertThat(scene.actor.inspect().info(RECEIVER).inState()).isEqualTo(Duration.ofSeconds(2));
    assertThat(scene.actor.inspect().info(RECEIVER).protocol()).isEmpty();
    scene.attempt().fails(REFUSED);
    assertThat(scene.actor.inspect().info(RECEIVER).state())
        .isEqualTo(ConnectionInfo.State.WAITING);
    assertThat(scene.actor.inspect().info(RECEIVER).inState()).isZero();
    scene.advance(Duration.ofSeconds(1));
    scene.get("/held");
    assertThat(scene.actor.inspect().info(RECEIVER).streams()).isEqualTo(1);
    scene.up();
    scene.get("/b");
    ConnectionInfo up = scene.actor.inspect().info(RECEIVER);
    assertThat(up.state()).isEqualTo(ConnectionInfo.State.UP);
    assertThat(up.connection()).isSameAs(scene.ref);
    assertThat(up.owner()).isSameAs(RECEIVER);
    assertThat(up.protocol()).hasValue(Protocol.HTTP_1_1);
    assertThat(up.streams()).isEqualTo(2);
    assertThat(up.tls()).isEmpty();
    assertThat(up.intermediaries()).isEmpty();
    scene.command(new Command.Close());
    assertThat(scene.actor.inspect().info(RECEIVER).state())
        .isEqualTo(ConnectionInfo.State.TERMINATED);
    assertThat(scene.actor.inspect().info(RECEIVER).remote()).isEmpty();
  }

  @Test
  void infoTellsHowManyBytesWait() {
    Scene.Socket channel = scene.up();
    channel.clog();
    scene.get("/a");
    assertThat(scene.actor.inspect().info(RECEIVER).bytesWaiting()).isPositive();
    channel.take(Integer.MAX_VALUE);
    assertThat(scene.actor.inspect().info(RECEIVER).bytesWaiting()).isZero();
  }

  @Test
  void aStreamIsKnownFromItsBeginningToItsEnd() {
    Stream stream = scene.get("/a");
    assertThat(state(stream)).isEqualTo(StreamInfo.State.WAITING);
    Scene.Socket channel = scene.up();
    Stream second = scene.get("/b");
    assertThat(state(stream)).isEqualTo(StreamInfo.State.RUNNING);
    assertThat(scene.actor.inspect().standing(second).ahead()).isEqualTo(1);
    scene.receive(channel, "HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(state(stream)).isEqualTo(StreamInfo.State.ENDED);
    assertThat(scene.actor.inspect().standing(second).ahead()).isZero();
    scene.receive(channel, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n");
    assertThat(state(second)).isEqualTo(StreamInfo.State.STOPPING);
    channel.close();
    scene.run();
    assertThat(state(second)).as("while nothing is connected").isEqualTo(StreamInfo.State.ENDED);
    assertThat(state(scene.stream("of nobody"))).isEqualTo(StreamInfo.State.ENDED);
  }

  @Test
  void aCancelledRequestHasEndedThoughItsResponseIsYetToCome() {
    scene.up();
    Stream stream = scene.get("/a");
    Stream second = scene.get("/b");
    scene.command(new Command.Cancel(stream, new Reason.Cancelled()));
    assertThat(state(stream)).isEqualTo(StreamInfo.State.ENDED);
    assertThat(scene.actor.inspect().info(RECEIVER).streams()).isEqualTo(1);
    assertThat(scene.actor.inspect().standing(second).ahead()).isEqualTo(1);
  }

  @Test
  void aPendingUpgradeIsKnownAndSoIsWhatStandsBehindIt() {
    Scene.Socket channel = scene.up();
    Stream socket = scene.webSocket(WebSocketOptions.DEFAULT);
    Stream behind = scene.get("/behind");
    assertThat(state(socket)).isEqualTo(StreamInfo.State.OPENING);
    assertThat(scene.actor.inspect().standing(behind))
        .isEqualTo(new Standing(StreamInfo.State.WAITING, 1));
    assertThat(scene.actor.inspect().info(RECEIVER).streams()).isEqualTo(2);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void aWebSocketIsKnownWithItsCounts() {
    Scene.Socket channel = scene.upgraded(WebSocketOptions.DEFAULT);
    Stream socket = scene.socket();
    scene.send(new Text("a"), new Text("b"));
    scene.receive(channel, new byte[] {(byte) 0x81, 1, 'c'});
    assertThat(scene.actor.inspect().standing(socket))
        .isEqualTo(new Standing(StreamInfo.State.RUNNING, 0, 1, 2));
    assertThat(state(scene.stream("another"))).isEqualTo(StreamInfo.State.ENDED);
    scene.send(Close.NORMAL);
    assertThat(state(socket)).isEqualTo(StreamInfo.State.STOPPING);
    scene.receive(channel, new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
    assertThat(state(socket)).isEqualTo(StreamInfo.State.ENDED);
    assertThat(channel.isOpen()).as("asking harms nothing").isTrue();
  }

  private StreamInfo.State state(Stream stream) {
    return scene.actor.inspect().standing(stream).state();
  }
}
