package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.ServerFrames;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Close;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets on the streams of an HTTP/2 connection (RFC 8441), each engine watched. */
class Http2WebSocketTest {
  private static final WebSocketOptions PLAIN = WebSocketOptions.DEFAULT;
  private static final Http2 SMALL = Http2.DEFAULT.streamWindow(65_535).maxStreamWindow(65_535);

  private final Http2Scene scene = new Http2Scene(Http2Scene.OPTIONS.http2(SMALL));

  private void serverSays(int id, byte... octets) {
    scene.sends(id, octets, false);
  }

  private int opened(int id) {
    return scene.frames().stream()
        .filter(frame -> frame.type() == WINDOW_UPDATE && frame.stream() == id)
        .mapToInt(frame -> frame.number(0))
        .sum();
  }

  // ---- opening

  @Test
  void itIsOpenedByAnExtendedConnect() {
    Stream socket = scene.webSocket("chat", scene.scene.owner, PLAIN);
    Frame connect = scene.frames().getLast();
    assertThat(connect.has(END_STREAM)).isFalse();
    assertThat(connect.fields())
        .isEqualTo(
            Headers.of(
                ".method", "CONNECT",
                ".scheme", "http",
                ".authority", "origin",
                ".path", "/chat",
                ".protocol", "websocket",
                "sec-websocket-version", "13"));
    scene.answers(1, false, "200");
    assertThat(scene.told())
        .containsExactly(
            new Upgraded(socket.ref(), Protocol.WEBSOCKET, Optional.empty(), Headers.EMPTY));
  }

  @Test
  void aRefusalIsAResponse() {
    Stream socket = scene.webSocket("chat", scene.scene.owner, PLAIN);
    scene.send(socket, new Text("early"));
    scene.frames();
    scene.answers(1, true, "403");
    assertThat(scene.told())
        .hasSize(2)
        .contains(new Response(socket.ref(), true, 403, Headers.EMPTY));
    assertThat(scene.frames().getLast().has(END_STREAM)).isTrue();
    assertThat(scene.channel.isOpen()).isTrue();
  }

  /** As a 101 response that the end of the transport follows (RFC 8441 section 5). */
  @Test
  void aServerThatAcceptsItAndEndsItsSideAtOnceHasOpenedAndClosedIt() {
    Stream socket = scene.webSocket("chat", scene.scene.owner, PLAIN);
    Stream get = scene.scene.get("/");
    scene.frames();
    scene.answers(1, true, "200");
    assertThat(scene.told())
        .containsExactly(
            new Upgraded(socket.ref(), Protocol.WEBSOCKET, Optional.empty(), Headers.EMPTY),
            new StreamFailed(socket.ref(), new Reason.StreamEnded()));
    assertThat(scene.frames())
        .satisfiesExactly(
            frame -> {
              assertThat(frame.type()).isEqualTo(RST_STREAM);
              assertThat(frame.number(0)).isEqualTo(CANCEL);
            });
    scene.answers(3, true, "200"); // the connection goes on
    assertThat(scene.told()).containsExactly(new Response(get.ref(), true, 200, Headers.EMPTY));
  }

  @Test
  void aServerWithoutItIsNamed() {
    Scene plain = new Scene(Http2Scene.OPTIONS);
    Scene.Socket channel = plain.up();
    plain.owner.told();
    Stream socket = plain.webSocket(PLAIN); // waits for the server's SETTINGS
    assertThat(plain.owner.told()).isEmpty();
    plain.receive(channel, new byte[] {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0});
    assertThat(plain.owner.told())
        .containsExactly(
            new StreamFailed(
                socket.ref(),
                new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3")));
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void whatIsSentBeforeItIsOpenGoesOutWhenItIs() {
    Stream socket = scene.webSocket("chat", scene.scene.owner, PLAIN);
    scene.send(socket, new Text("early"));
    scene.frames();
    scene.answers(1, false, "200");
    assertThat(scene.sentFrames(1)).containsExactly(Sent.of(0x81, "early"));
  }

  @Test
  void nobodyTakesWhatIsPromisedWithIt() {
    Http2Scene pushing = new Http2Scene(Http2Scene.OPTIONS.http2(SMALL.push(true)));
    pushing.webSocket("chat", pushing.scene.owner, PLAIN);
    pushing.frames();
    pushing.promise(
        1, 2, ":method", "GET", ":scheme", "http", ":authority", "origin", ":path", "/x");
    Frame reset = pushing.frames().getLast();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.stream()).isEqualTo(2);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
    assertThat(pushing.told()).isEmpty();
  }

  @Test
  void aPromiseOnItsStreamEndsIt() {
    Http2Scene pushing = new Http2Scene(Http2Scene.OPTIONS.http2(SMALL.push(true)));
    Stream socket = pushing.open(1, PLAIN);
    pushing.frames();
    pushing.promises(1, 2, "/x");
    assertThat(pushing.frames())
        .filteredOn(frame -> frame.type() == RST_STREAM)
        .extracting(Frame::stream, frame -> frame.number(0))
        .containsExactly(tuple(2, CANCEL), tuple(1, PROTOCOL_ERROR));
    assertThat(pushing.told())
        .containsExactly(
            new StreamFailed(
                socket.ref(),
                new Reason.Protocol(
                    "a promise came on a stream that carries bytes", "RFC 9113 section 8.5")));
    assertThat(pushing.channel.isOpen()).isTrue();
  }

  // ---- messages

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 100, 1_000_000})
  void messagesPassBothWaysHoweverSmallTheServersWindowIs(int window) {
    Http2Scene narrow = new Http2Scene(Http2Scene.OPTIONS, INITIAL_WINDOW_SIZE, window);
    Stream socket = narrow.open(1, PLAIN);
    String text = "x".repeat(300);
    narrow.send(socket, new Text(text), new Text("two"));
    byte[] sent = narrow.sent(1);
    while (sent.length < 308 + 9) {
      narrow.opens(1, 50);
      sent = ServerFrames.join(sent, narrow.sent(1));
    }
    assertThat(Sent.all(sent)).containsExactly(Sent.of(0x81, text), Sent.of(0x81, "two"));
    for (byte octet : ServerFrames.text("echo")) {
      narrow.sends(1, new byte[] {octet}, false);
    }
    assertThat(narrow.told()).containsExactly(new WebSocketFrame(socket.ref(), new Text("echo")));
  }

  @Test
  void theMessagesOfATurnAreOneFrame() {
    Stream socket = scene.open(1, PLAIN);
    Text one = new Text("one");
    Text two = new Text("two");
    scene.scene.command(
        new Command.Send(socket, one, dev.lariat.internal.codec.Payload.of(one)),
        new Command.Send(socket, two, dev.lariat.internal.codec.Payload.of(two)));
    List<Frame> frames = scene.frames();
    assertThat(frames).hasSize(1);
    assertThat(Sent.all(frames.getFirst().payload()))
        .containsExactly(Sent.of(0x81, "one"), Sent.of(0x81, "two"));
  }

  @Test
  void aLargeMessageIsCutToFrames() {
    Http2Scene wide = new Http2Scene(Http2Scene.OPTIONS, INITIAL_WINDOW_SIZE, 1 << 20);
    Stream socket = wide.open(1, PLAIN);
    String text = "x".repeat(40_000);
    wide.send(socket, new Text(text));
    List<Frame> frames = wide.frames();
    assertThat(frames).allSatisfy(frame -> assertThat(frame.payload()).hasSizeLessThan(16_385));
    byte[][] parts = frames.stream().map(Frame::payload).toArray(byte[][]::new);
    assertThat(Sent.all(ServerFrames.join(parts))).containsExactly(Sent.of(0x81, text));
  }

  @Test
  void compressionIsAgreedUponAndUsed() {
    Stream socket =
        scene.open(
            1, WebSocketOptions.compressed(), "sec-websocket-extensions", "permessage-deflate");
    scene.send(socket, new Text("hello ".repeat(100)));
    List<Sent> sent = scene.sentFrames(1);
    assertThat(sent).singleElement().satisfies(it -> assertThat(it.first()).isEqualTo(0xc1));
    assertThat(sent.getFirst().payload().size()).isLessThan(60);
    serverSays(1, ServerFrames.hex("c1 07 f2 48 cd c9 c9 07 00")); // RFC 7692 section 7.2.3.1
    assertThat(scene.told()).containsExactly(new WebSocketFrame(socket.ref(), new Text("Hello")));
  }

  @Test
  void aMessageComesInPartsWhereAskedFor() {
    scene.open(1, PLAIN.parts(true));
    serverSays(1, Arrays.copyOf(ServerFrames.text("hello"), 5));
    assertThat(scene.told()).hasOnlyElementsOfType(WebSocketPart.class).isNotEmpty();
  }

  @Test
  void whatHasNoCreditLeavesItsWindowShutAndNoOther() {
    Stream one = scene.open(1, PLAIN.credit(0));
    Stream two = scene.open(3, PLAIN);
    byte[] message = ServerFrames.text("x".repeat(15_000));
    for (int i = 0; i < 4; i++) {
      serverSays(1, message);
    }
    for (int i = 0; i < 4; i++) {
      serverSays(3, message);
    }
    assertThat(scene.told())
        .hasSize(4)
        .allMatch(told -> ((Message.OfStream) told).stream() == two.ref());
    assertThat(opened(1)).as("at most what the engine looked at").isLessThan(40_000);
    scene.scene.command(new Command.Credit(one, 4));
    scene.scene.advance(Duration.ofMillis(1));
    assertThat(scene.told()).hasSize(4);
    assertThat(opened(1)).isPositive();
  }

  @Test
  void whatItKeepsForCreditIsToldThoughItsStreamIsReset() {
    Stream socket = scene.open(1, PLAIN.credit(1));
    for (String text : List.of("a", "b", "c")) {
      serverSays(1, ServerFrames.text(text));
    }
    scene.sends(1, ServerFrames.close(1000, "bye"), true);
    assertThat(scene.told()).containsExactly(new WebSocketFrame(socket.ref(), new Text("a")));
    scene.resets(1, NO_ERROR);
    assertThat(scene.told()).isEmpty();
    scene.scene.command(new Command.Credit(socket, 10));
    scene.scene.advance(Duration.ofMillis(1));
    assertThat(scene.told())
        .startsWith(
            new WebSocketFrame(socket.ref(), new Text("b")),
            new WebSocketFrame(socket.ref(), new Text("c")))
        .anyMatch(WebSocketClosed.class::isInstance);
  }

  @Test
  void aFullInboxStopsItsWebSocketAndNoOther() {
    Scene.Records slow = new Scene.Records();
    Stream one = scene.webSocket("slow", slow, PLAIN);
    scene.answers(1, false, "200");
    Stream two = scene.open(3, PLAIN);
    slow.told();
    slow.full = true;
    serverSays(1, ServerFrames.text("a"));
    assertThat(slow.told()).hasSize(1);
    for (int i = 0; i < 3; i++) {
      serverSays(1, ServerFrames.text("b".repeat(15_000)));
    }
    serverSays(3, ServerFrames.text("c"));
    assertThat(slow.told()).isEmpty();
    assertThat(scene.told()).containsExactly(new WebSocketFrame(two.ref(), new Text("c")));
    assertThat(opened(1)).isZero();
    slow.full = false;
    slow.whenRoom.removeFirst().run();
    scene.scene.advance(Duration.ofMillis(1));
    assertThat(slow.told())
        .hasSize(3)
        .allMatch(it -> ((Message.OfStream) it).stream() == one.ref());
    assertThat(opened(1)).isPositive();
  }

  // ---- ends

  @Test
  void theCloseHandshakeEndsTheStreamOnly() {
    Stream socket = scene.open(1, PLAIN);
    Stream other = scene.open(3, PLAIN);
    scene.send(socket, Close.NORMAL);
    assertThat(scene.sentFrames(1)).containsExactly(Sent.close(1000, ""));
    scene.sends(1, ServerFrames.close(1000, ""), false);
    assertThat(scene.told())
        .last()
        .isInstanceOfSatisfying(
            WebSocketClosed.class, it -> assertThat(it.stream()).isEqualTo(socket.ref()));
    Frame end = scene.frames().getLast();
    assertThat(end.has(END_STREAM)).as("RFC 8441 section 5").isTrue();
    scene.sends(1, new byte[0], true);
    assertThat(scene.frames()).as("both sides have ended it").isEmpty();
    scene.send(other, new Text("on"));
    assertThat(scene.sentFrames(3)).containsExactly(Sent.of(0x81, "on"));
  }

  @Test
  void aCancelledOneIsResetAndSparesTheOthers() {
    Stream socket = scene.open(1, PLAIN);
    Stream other = scene.open(3, PLAIN);
    scene.scene.command(new Command.Cancel(socket, new Reason.OwnerClosed()));
    assertThat(scene.told())
        .containsExactly(new StreamFailed(socket.ref(), new Reason.OwnerClosed()));
    Frame reset = scene.frames().getLast();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.stream()).isEqualTo(1);
    scene.send(other, new Text("on"));
    assertThat(scene.sentFrames(3)).containsExactly(Sent.of(0x81, "on"));
  }

  @Test
  void theNextOneOfTheSameHandleOpensWhileTheLastOneStillCloses() {
    Stream last = scene.open(1, PLAIN);
    scene.send(last, Close.NORMAL);
    scene.sends(1, ServerFrames.close(1000, ""), false); // and does not end its side
    scene.told();
    Stream next = new Stream(last.ref(), scene.scene.owner, Gate.NONE);
    scene.scene.command(new Command.Upgrade(next, "/next", PLAIN, FieldNames.PLAIN));
    scene.frames();
    scene.answers(3, false, "200");
    assertThat(scene.told())
        .containsExactly(
            new Upgraded(last.ref(), Protocol.WEBSOCKET, Optional.empty(), Headers.EMPTY));
    scene.sends(1, new byte[0], true);
    scene.send(next, new Text("on"));
    assertThat(scene.sentFrames(3)).containsExactly(Sent.of(0x81, "on"));
  }

  @Test
  void aServerThatDoesNotEndItsSideIsReset() {
    Stream socket = scene.open(1, PLAIN);
    scene.send(socket, Close.NORMAL);
    scene.sends(1, ServerFrames.close(1000, ""), false);
    scene.frames();
    scene.scene.advance(Duration.ofMinutes(1));
    Frame reset = scene.frames().getLast();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
    assertThat(scene.channel.isOpen()).isTrue();
  }

  @Test
  void aResetAmidAMessageIsNamed() {
    Stream socket = scene.open(1, PLAIN);
    serverSays(1, (byte) 0x81, (byte) 5, (byte) 'h');
    scene.resets(1, INTERNAL_ERROR);
    assertThat(scene.told())
        .containsExactly(new StreamFailed(socket.ref(), new Reason.StreamReset(INTERNAL_ERROR)));
    assertThat(scene.channel.isOpen()).isTrue();
    scene.open(3, PLAIN);
  }

  @Test
  void aWindowThatStaysShutEndsItsWebSocketAndWhatStillComesIsNoFault() {
    Http2Scene shut = new Http2Scene(Http2Scene.OPTIONS, INITIAL_WINDOW_SIZE, 10);
    Stream socket = shut.open(1, PLAIN);
    shut.send(socket, new Text("x".repeat(100)));
    shut.scene.advance(Duration.ofSeconds(30));
    assertThat(shut.told())
        .containsExactly(
            new StreamFailed(
                socket.ref(), new Reason.Timeout(Reason.Step.WRITE, Duration.ofSeconds(30))));
    shut.sends(1, ServerFrames.text("late"), true);
    assertThat(shut.channel.isOpen()).isTrue();
  }

  @Test
  void whatAWebSocketKeptIsGivenBackWhenItEnds() {
    Http2Scene tight =
        new Http2Scene(Http2Scene.OPTIONS.http2(SMALL).limits(Limits.DEFAULT.unread(64 << 10)));
    for (int id = 1; id < 20; id += 2) {
      Stream socket = tight.open(id, PLAIN.credit(0));
      for (int i = 0; i < 3; i++) {
        tight.sends(id, ServerFrames.text("x".repeat(15_000)), false);
      }
      tight.frames();
      tight.resets(id, CANCEL);
      assertThat(tight.told())
          .containsExactly(new StreamFailed(socket.ref(), new Reason.StreamReset(CANCEL)));
      assertThat(tight.frames().stream().filter(frame -> frame.stream() == 0)).hasSize(1);
    }
  }

  @Test
  void aServerThatGoesAwayEndsTheWebSocketsThatItDoesNotActUpon() {
    Stream one = scene.open(1, PLAIN);
    Stream two = scene.open(3, PLAIN);
    scene.goesAway(1, NO_ERROR, "");
    assertThat(scene.told())
        .first()
        .isEqualTo(
            new StreamFailed(two.ref(), new Reason.Unprocessed("the server went away before it")));
    scene.send(one, new Text("on"));
    assertThat(scene.sentFrames(1)).containsExactly(Sent.of(0x81, "on"));
    scene.send(one, Close.NORMAL);
    scene.sends(1, ServerFrames.close(1000, ""), true);
    assertThat(scene.told())
        .anyMatch(WebSocketClosed.class::isInstance)
        .anySatisfy(
            told ->
                assertThat(told)
                    .isInstanceOfSatisfying(
                        Down.class,
                        down -> {
                          assertThat(down.reason()).isEqualTo(new Reason.Closed());
                          assertThat(down.unprocessed()).containsExactly(two.ref());
                        }));
  }

  @Test
  void aShutdownSaysGoodbyeOnEachWebSocketAndThenEnds() {
    Stream socket = scene.open(1, PLAIN);
    Stream get = scene.scene.get("/");
    scene.frames();
    scene.scene.command(new Command.Shutdown());
    List<Frame> frames = scene.frames();
    assertThat(frames).extracting(Frame::type).containsExactly(DATA, GOAWAY);
    assertThat(Sent.all(frames.getFirst().payload())).containsExactly(Sent.close(1001, ""));
    scene.answers(3, true, "200"); // what runs may end
    scene.sends(1, ServerFrames.close(1001, ""), true);
    assertThat(scene.told())
        .contains(new Response(get.ref(), true, 200, Headers.EMPTY))
        .anyMatch(it -> it instanceof WebSocketClosed end && end.stream() == socket.ref())
        .last()
        .isInstanceOf(Terminated.class);
  }

  @Test
  void theEndOfTheTransportEndsEachAndIsToldOnce() {
    Stream socket = scene.open(1, PLAIN);
    Stream get = scene.scene.get("/");
    scene.channel.close();
    scene.scene.run();
    List<Message> told = scene.told();
    assertThat(told.get(0)).isEqualTo(new StreamFailed(socket.ref(), new Reason.Closed()));
    assertThat(((StreamFailed) told.get(1)).reason()).isInstanceOf(Reason.Unanswered.class);
    assertThat(((Down) told.get(2)).killed()).containsExactly(socket.ref(), get.ref());
  }
}
