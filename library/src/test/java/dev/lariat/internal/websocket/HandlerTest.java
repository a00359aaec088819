package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static dev.lariat.internal.websocket.Stand.LOST;
import static dev.lariat.internal.websocket.Stand.handshake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's handler between the frames and the receiver. */
class HandlerTest {
  private static final WebSocketOptions TOLD = WebSocketOptions.DEFAULT.silencePings(false);

  private final Stand socket = new Stand();
  private final Recorder out = socket.out;

  private void open(WebSocketOptions options, WebSocketHandler.Factory handler) {
    socket.open(options.subprotocols(Subprotocols.NONE.otherwise(handler)));
  }

  private void open(WebSocketHandler.Factory handler) {
    open(WebSocketOptions.DEFAULT, handler);
  }

  /** A handler of frames that has its session at hand. */
  private static WebSocketHandler.Factory frames(
      BiConsumer<WebSocketHandler.Session, Frame> handler) {
    return session -> frame -> handler.accept(session, frame);
  }

  private SubprotocolMessage made(Object value) {
    return new SubprotocolMessage(socket.stream.ref(), value);
  }

  private static String words(Frame frame) {
    return ((Text) frame).text();
  }

  // ---- which handler

  private void agree(Subprotocols subprotocols, String chosen) {
    socket.upgrade(WebSocketOptions.DEFAULT.subprotocols(subprotocols), chosen, Headers.EMPTY);
    socket.begin();
  }

  private static WebSocketHandler.Factory named(String name) {
    return frames((session, frame) -> session.tell(name + " " + words(frame)));
  }

  private static final Subprotocols THREE =
      Subprotocols.of("raw").and("a", named("a")).and("b", named("b")).otherwise(named("none"));

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void theChosenNameSelectsTheHandler(String chosen) {
    agree(THREE, chosen);
    socket.receive(text("x"));
    out.expect(made(chosen + " x"));
    socket.end(LOST);
  }

  @Test
  void anotherHandlerSpeaksWhereTheServerChoseNone() {
    agree(THREE, null);
    socket.receive(text("x"));
    out.expect(made("none x"));
    socket.end(LOST);
  }

  @Test
  void framesAreToldAsTheyAreWhereTheChosenNameHasNoHandler() {
    agree(THREE, "raw");
    socket.receive(text("x"));
    out.expect(socket.told(new Text("x")));
    socket.end(LOST);
  }

  @Test
  void framesAreToldAsTheyAreWhereNobodySpeaksWithoutASubprotocol() {
    agree(Subprotocols.NONE.and("a", named("a")), null);
    socket.receive(text("x"));
    out.expect(socket.told(new Text("x")));
    socket.end(LOST);
  }

  @Test
  void everyUpgradeHasAHandlerOfItsOwn() {
    List<List<Frame>> states = new ArrayList<>();
    WebSocketHandler.Factory factory =
        session -> {
          List<Frame> state = new ArrayList<>();
          states.add(state);
          return state::add;
        };
    Stand other = new Stand();
    open(factory);
    other.open(WebSocketOptions.DEFAULT.subprotocols(Subprotocols.NONE.otherwise(factory)));
    socket.receive(text("one"));
    other.receive(text("two"));
    assertThat(states).containsExactly(List.of(new Text("one")), List.of(new Text("two")));
    socket.end(LOST);
    other.end(LOST);
  }

  // ---- what it has

  @Test
  void aHandlerKnowsWhatTheUpgradeBrought() {
    Object options = new Object();
    Headers headers = Headers.of("server", "test");
    List<Object> known = new ArrayList<>();
    WebSocketHandler.Factory handler =
        session -> {
          known.add(session.stream());
          known.add(session.headers());
          known.add(session.subprotocol());
          known.add(session.userOptions());
          return frame -> {};
        };
    socket.upgrade(
        WebSocketOptions.DEFAULT.subprotocols(
            Subprotocols.NONE.and("a", handler).userOptions(options)),
        "a",
        headers);
    socket.begin();
    assertThat(known)
        .containsExactly(socket.stream.ref(), headers, Optional.of("a"), Optional.of(options));
    socket.end(LOST);
  }

  @Test
  void aHandlerWithoutOptionsHasNone() {
    open(
        session -> {
          session.tell(session.userOptions());
          session.tell(session.subprotocol());
          return frame -> {};
        });
    out.expect(made(Optional.empty()), made(Optional.empty()));
    socket.end(LOST);
  }

  // ---- what it gets

  @Test
  void aHandlerGetsFramesInsteadOfTheReceiver() {
    List<Frame> got = new ArrayList<>();
    open(TOLD, session -> got::add);
    socket.receive(text("a"), hex("02 01 79"), ping("p"), hex("80 01 7a"), pong((byte) 'q'));
    assertThat(got)
        .containsExactly(
            new Text("a"),
            new Ping(Bytes.ofUtf8("p")),
            new Binary(Bytes.ofUtf8("yz")),
            new Pong(Bytes.ofUtf8("q")));
    assertThat(socket.sent()).as("answered all the same").containsExactly(Sent.of(0x8a, "p"));
    socket.end(LOST);
  }

  @Test
  void pingsAndPongsAreKeptFromAHandlerToo() {
    List<Frame> got = new ArrayList<>();
    open(session -> got::add);
    socket.receive(ping("p"), pong((byte) 'q'));
    assertThat(got).isEmpty();
    assertThat(socket.sent()).containsExactly(Sent.of(0x8a, "p"));
    socket.end(LOST);
  }

  @Test
  void aHandlerGetsTheCloseFrameAndTheReceiverTheEnd() {
    open(frames((session, frame) -> session.tell(frame.toString())));
    socket.receive(close(4000, "bye"));
    Close received = new Close(4000, "bye");
    out.expect(made(received.toString()));
    out.expect(socket.closed(handshake(received, new Close(4000, ""), Side.SERVER)));
    assertThat(socket.sent()).containsExactly(Sent.close(4000, ""));
    socket.endAfterClose();
  }

  private record Part(Frame data, boolean fin) {}

  @Test
  void aHandlerGetsPartsWhereTheyAreToldAndControlFramesAsFrames() {
    WebSocketHandler.Factory handler =
        session ->
            new WebSocketHandler() {
              @Override
              public void frame(Frame frame) {
                session.tell(frame);
              }

              @Override
              public void part(Frame data, boolean fin) {
                session.tell(new Part(data, fin));
              }
            };
    open(TOLD.parts(true), handler);
    socket.receive(hex("01 01 61"));
    socket.receive(ping("p"), hex("80 01 62"));
    List<Object> got = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      got.add(out.next());
    }
    assertThat(got)
        .containsExactly(
            made(new Part(new Text("a"), false)),
            socket.told(new Ping(Bytes.ofUtf8("p")))[0],
            made(new Part(new Text("b"), true)));
    socket.sent();
    socket.end(LOST);
  }

  // ---- what it does

  @Test
  void aHandlerTellsFramesAndValues() {
    open(
        frames(
            (session, frame) -> {
              session.tell((Object) frame); // a value like any other
              session.tell(frame);
            }));
    socket.receive(text("x"));
    out.expect(made(new Text("x")));
    out.expect(socket.told(new Text("x")));
    socket.end(LOST);
  }

  @Test
  void aHandlerSendsBeforeAnybodyElse() {
    socket.send(new Text("early"));
    open(
        session -> {
          session.tell("begun");
          assertThat(session.trySend(new Text("hello"))).isTrue();
          return frame -> session.trySend(new Text("answer to " + words(frame)));
        });
    out.expect(made("begun"));
    assertThat(socket.sent()).containsExactly(Sent.of(0x81, "hello"), Sent.of(0x81, "early"));
    socket.receive(text("x"));
    assertThat(socket.sent()).containsExactly(Sent.of(0x81, "answer to x"));
    socket.end(LOST);
  }

  @Test
  void aHandlerSendsNothingThatHasNoRoom() {
    open(frames((session, frame) -> session.tell(session.trySend(frame))));
    Recorder.gate(socket.stream).full = true;
    socket.receive(text("x"));
    out.expect(made(false));
    Recorder.gate(socket.stream).full = false;
    socket.receive(text("y"));
    out.expect(made(true));
    assertThat(socket.sent()).containsExactly(Sent.of(0x81, "y"));
    socket.end(LOST);
  }

  @Test
  void aHandlerSendsNothingBehindACloseFrame() {
    open(frames((session, frame) -> session.tell(session.trySend(frame))));
    socket.send(Close.NORMAL);
    socket.sent();
    socket.receive(text("x"));
    out.expect(made(false));
    out.expectNothing();
    socket.end(LOST);
  }

  @Test
  void aHandlerClosesTheWebSocket() {
    open(frames((session, frame) -> session.trySend(new Close(4001, words(frame)))));
    socket.receive(text("enough"));
    assertThat(socket.sent()).containsExactly(Sent.close(4001, "enough"));
    socket.send(new Text("late"));
    out.expect(socket.rejected());
    socket.end(LOST);
  }

  @Test
  void aHandlersCloseFrameIsTheAnswerToTheServers() {
    Close answer = new Close(4001, "answer");
    open(frames((session, frame) -> session.tell(session.trySend(answer))));
    socket.receive(close(1000, ""));
    out.expect(made(true));
    out.expect(socket.closed(handshake(Close.NORMAL, answer, Side.SERVER)));
    assertThat(socket.sent()).containsExactly(Sent.close(4001, "answer"));
    socket.endAfterClose();
  }

  @Test
  void aTextWithAnUnpairedSurrogateIsTheHandlersMistake() {
    open(
        frames(
            (session, frame) ->
                session.tell(
                    catchThrowable(() -> session.trySend(new Text("\ud800"))).getClass())));
    socket.receive(text("x"));
    out.expect(made(IllegalArgumentException.class));
    socket.end(LOST);
  }

  @Test
  void aSessionIsUsedWithinTheHandlersCallsOnly() {
    List<WebSocketHandler.Session> sessions = new ArrayList<>();
    open(
        session -> {
          sessions.add(session);
          return frame -> session.tell("within");
        });
    socket.receive(text("x"));
    out.expect(made("within"));
    WebSocketHandler.Session session = sessions.getFirst();
    assertIsOfNoUse(session);
    assertThat(session.stream()).as("what it knows may be read").isEqualTo(socket.stream.ref());
    socket.end(LOST);
  }

  @Test
  void aSessionIsOfNoUseToOtherThreadsWhileItsHandlerIsCalled() {
    open(
        session -> {
          elsewhere(session);
          return frame -> elsewhere(session);
        });
    socket.receive(text("x"));
    assertThat(socket.sent()).isEmpty();
    socket.end(LOST);
  }

  private static void elsewhere(WebSocketHandler.Session session) {
    CompletableFuture.runAsync(
            () -> assertIsOfNoUse(session), task -> new Thread(task, "elsewhere").start())
        .join();
  }

  private static void assertIsOfNoUse(WebSocketHandler.Session session) {
    List<Runnable> uses =
        List.of(
            () -> session.tell("value"),
            () -> session.tell(new Text("frame")),
            () -> session.trySend(new Text("frame")));
    for (Runnable use : uses) {
      assertThatIllegalStateException()
          .isThrownBy(use::run)
          .withMessage("a session is used within its handler's calls only, on their thread");
    }
  }

  // ---- what it throws

  private static final Exception EXCEPTION = new Exception("thrown on purpose");
  private static final Error ERROR = new AssertionError("thrown on purpose");

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static WebSocketHandler.Factory throwing(Throwable thrown) {
    return session -> frame -> HandlerTest.<RuntimeException>sneak(thrown);
  }

  private void threw(Throwable thrown) {
    Reason reason = new Reason.HandlerThrew(thrown);
    out.expect(new Change.Closing(reason));
    assertThat(socket.sent()).containsExactly(Sent.close(1011, ""));
    socket.receive(text("never"), close(1000, ""));
    socket.end(reason);
  }

  @Test
  void anExceptionOfAHandlersEndsItsWebSocketWith1011() {
    open(throwing(EXCEPTION));
    socket.receive(text("x"), text("never"));
    threw(EXCEPTION);
  }

  @Test
  void anErrorOfAHandlersDoesSoToo() {
    open(throwing(ERROR));
    socket.receive(text("x"));
    threw(ERROR);
  }

  @Test
  void aHandlerMayThrowAtAnyKindOfFrame() {
    for (byte[] frame : List.of(ping("p"), pong(), close(1000, ""))) {
      Stand each = new Stand();
      each.open(TOLD.subprotocols(Subprotocols.NONE.otherwise(throwing(EXCEPTION))));
      each.receive(frame);
      Reason reason = new Reason.HandlerThrew(EXCEPTION);
      each.out.expect(new Change.Closing(reason));
      assertThat(each.sent()).containsExactly(Sent.close(1011, ""));
      each.end(reason);
    }
  }

  @Test
  void whatAHandlerDidBeforeItThrewIsDone() {
    open(
        frames(
            (session, frame) -> {
              session.tell("before");
              session.trySend(new Text("before"));
              HandlerTest.<RuntimeException>sneak(EXCEPTION);
            }));
    socket.receive(text("x"));
    out.expect(made("before"));
    out.expect(new Change.Closing(new Reason.HandlerThrew(EXCEPTION)));
    assertThat(socket.sent()).containsExactly(Sent.of(0x81, "before"), Sent.close(1011, ""));
    socket.end(new Reason.HandlerThrew(EXCEPTION));
  }

  @Test
  void aHandlerThatCannotBeMadeEndsItsWebSocket() {
    socket.send(new Text("early"));
    open(
        session -> {
          HandlerTest.<RuntimeException>sneak(EXCEPTION);
          return frame -> {};
        });
    out.expect(new Change.Closing(new Reason.HandlerThrew(EXCEPTION)), socket.rejected());
    assertThat(socket.sent()).containsExactly(Sent.close(1011, ""));
    socket.receive(text("never"));
    socket.end(new Reason.HandlerThrew(EXCEPTION));
  }

  @Test
  void aHandlerThatWasNotMadeEndsItsWebSocketAtOnce() {
    open(session -> null);
    Change.Closing closing = out.next(Change.Closing.class);
    assertThat(closing.reason().sentence()).contains("the factory made no handler");
    assertThat(socket.sent()).containsExactly(Sent.close(1011, ""));
    socket.end(closing.reason());
  }

  @Test
  void aHandlerOfWholeMessagesCannotTakeParts() {
    open(WebSocketOptions.DEFAULT.parts(true), session -> frame -> {});
    socket.receive(text("x"));
    Reason reason = out.next(Change.Closing.class).reason();
    assertThat(((Reason.HandlerThrew) reason).cause())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(socket.sent()).containsExactly(Sent.close(1011, ""));
    socket.end(reason);
  }

  @Test
  void aHandlerThatThrowsBehindTheCloseFrameSendsNoSecondOne() {
    open(throwing(EXCEPTION));
    socket.send(Close.NORMAL);
    assertThat(socket.sent()).containsExactly(Sent.close(1000, ""));
    socket.receive(text("x"));
    out.expect(new Change.Closing(new Reason.HandlerThrew(EXCEPTION)));
    socket.end(new Reason.HandlerThrew(EXCEPTION));
  }
}
