package dev.lariat.internal.connection;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.ServerFrames;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection of HTTP/2 keeps for its receivers when it ends is told all the same. */
class RemainsTest {
  private static final WebSocketOptions PLAIN = WebSocketOptions.DEFAULT;
  private static final Reason CLOSED = new Reason.Closed();

  private Http2Scene scene = new Http2Scene(Http2Scene.OPTIONS);

  /** A response that has come to its end, and whose content waits for credit. */
  private Stream keepsAResponse(int id) {
    Stream get = scene.scene.stream("kept" + id);
    scene.scene.command(new Command.Request(get, Request.of("GET", "/kept").credit(0)));
    scene.answers(id, false, "200");
    scene.sends(id, "whole".getBytes(StandardCharsets.US_ASCII), true);
    assertThat(scene.told()).hasOnlyElementsOfType(Response.class).hasSize(1);
    return get;
  }

  /** A WebSocket that the server has closed, of whose messages one was told. */
  private Stream keepsMessages(int id) {
    Stream socket = scene.open(id, PLAIN.credit(1));
    for (String text : List.of("a", "b", "c")) {
      scene.sends(id, ServerFrames.text(text), false);
    }
    scene.sends(id, ServerFrames.close(1000, "bye"), false);
    assertThat(scene.told()).containsExactly(new WebSocketFrame(socket.ref(), new Text("a")));
    return socket;
  }

  private void ends() {
    scene.channel.pipeline().fireChannelInactive();
    scene.scene.run();
  }

  private List<Message> credits(Stream stream) {
    scene.scene.command(new Command.Credit(stream, 10));
    scene.scene.advance(Duration.ofMillis(1));
    return scene.told();
  }

  private static Data whole(Stream get) {
    return new Data(get.ref(), true, Bytes.ofUtf8("whole"));
  }

  @Test
  void theLossIsToldAtOnceAndWhatIsKeptWhenThereIsCredit() {
    Stream kept = keepsAResponse(1);
    Stream cut = scene.scene.get("/cut");
    ends();
    assertThat(scene.told())
        .satisfiesExactly(
            failed ->
                assertThat(failed)
                    .isEqualTo(new StreamFailed(cut.ref(), new Reason.Unanswered(CLOSED))),
            down ->
                assertThat(down)
                    .isEqualTo(
                        new Down(
                            scene.scene.ref,
                            Protocol.HTTP_2,
                            CLOSED,
                            List.of(cut.ref()),
                            List.of())),
            retrying -> assertThat(retrying).isInstanceOf(Retrying.class));
    assertThat(credits(kept)).containsExactly(whole(kept));
    assertThat(scene.scene.actor.inspect().info(message -> {}).streams()).isZero();
  }

  @Test
  void theNextConnectionWaitsForNothing() {
    Stream kept = keepsAResponse(1);
    ends();
    scene.scene.advance(Duration.ofSeconds(2));
    scene.scene.up();
    assertThat(scene.told()).hasAtLeastOneElementOfType(Up.class);
    assertThat(credits(kept)).containsExactly(whole(kept));
  }

  @Test
  void anInboxThatWasFullGetsWhatIsKept() {
    Scene.Records slow = new Scene.Records();
    Stream get = scene.scene.stream("slow", slow);
    slow.full = true;
    scene.scene.command(new Command.Request(get, Request.of("GET", "/slow")));
    scene.answers(1, false, "200");
    scene.sends(1, "whole".getBytes(StandardCharsets.US_ASCII), true);
    slow.told();
    ends();
    assertThat(slow.told()).isEmpty();
    slow.full = false;
    slow.whenRoom.removeFirst().run();
    scene.scene.run();
    assertThat(slow.told()).containsExactly(whole(get));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWebSocketTellsWhatItKeepsAndThenItsEnd(boolean healed) {
    Stream socket = keepsMessages(1);
    ends();
    assertThat(scene.told()).noneMatch(StreamFailed.class::isInstance);
    if (healed) {
      scene.scene.advance(Duration.ofSeconds(2));
      scene.scene.up();
      scene.told();
    }
    List<Message> told = credits(socket);
    assertThat(told)
        .startsWith(
            new WebSocketFrame(socket.ref(), new Text("b")),
            new WebSocketFrame(socket.ref(), new Text("c")));
    assertThat(told.getLast()).isInstanceOf(WebSocketClosed.class);
    assertThat(told).as("these, the close frame and the end").hasSize(4);
  }

  @Test
  void aWebSocketThatWasNotClosedFailsAfterWhatItKeeps() {
    Stream socket = scene.open(1, PLAIN.credit(0));
    scene.sends(1, ServerFrames.text("a"), false);
    ends();
    scene.told();
    scene.scene.advance(Duration.ofHours(1)); // nobody misses an answer of the server's
    assertThat(scene.told()).noneMatch(Message.OfStream.class::isInstance);
    assertThat(credits(socket))
        .filteredOn(Message.OfStream.class::isInstance)
        .containsExactly(
            new WebSocketFrame(socket.ref(), new Text("a")),
            new StreamFailed(socket.ref(), CLOSED));
  }

  @Test
  void aWebSocketThatLingersFailsForWhatEndedItsConnection() {
    Stream socket = scene.open(1, PLAIN.credit(0));
    scene.sends(1, ServerFrames.text("a"), false);
    scene.goesAway(1, ENHANCE_YOUR_CALM, "too much");
    ends();
    scene.told();
    assertThat(credits(socket))
        .containsExactly(
            new WebSocketFrame(socket.ref(), new Text("a")),
            new StreamFailed(socket.ref(), new Reason.GoAway(ENHANCE_YOUR_CALM, "too much")));
  }

  /** Its end is not the peer's: what came is not whole. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesThatWaitAreCutOffUnlessTheServerEndedTheirStream(boolean ended) {
    Stream raw = scene.scene.stream("raw");
    Request request = Request.of("GET", "/raw").credit(0);
    scene.scene.command(
        new Command.Request(
            raw, request, true, Engine.NEVER, List.of("echo"), FieldNames.PLAIN, false));
    scene.answers(1, false, "200");
    scene.sends(1, "part".getBytes(StandardCharsets.US_ASCII), ended);
    scene.told();
    ends();
    scene.told();
    List<Message> told = credits(raw);
    Data part = new Data(raw.ref(), false, Bytes.ofUtf8("part"));
    Message end =
        ended ? new Data(raw.ref(), true, Bytes.EMPTY) : new StreamFailed(raw.ref(), CLOSED);
    assertThat(told).containsExactly(part, end);
  }

  @Test
  void whatIsSentOnAWebSocketThatLingersIsLost() {
    Stream socket = keepsMessages(1);
    ends();
    scene.told();
    FateOf fate = new FateOf();
    Text text = new Text("late");
    scene.scene.command(
        new Command.Send(
            socket,
            text,
            dev.lariat.internal.codec.Payload.of(text),
            fate,
            dev.lariat.internal.protocol.Gate.NONE));
    scene.scene.advance(Duration.ofMillis(1));
    assertThat(fate.lost).isEqualTo(CLOSED);
  }

  private static final class FateOf implements dev.lariat.internal.protocol.Fate {
    private Reason lost = new Reason.OwnerClosed();

    @Override
    public void written() {
      throw new AssertionError("nothing takes it");
    }

    @Override
    public void lost(Reason reason) {
      lost = reason;
    }
  }

  @Test
  void aStreamThatLingersCanBeCancelled() {
    Stream kept = keepsAResponse(1);
    ends();
    scene.told();
    scene.scene.command(new Command.Cancel(kept, new Reason.Cancelled()));
    assertThat(scene.told()).containsExactly(new StreamFailed(kept.ref(), new Reason.Cancelled()));
    assertThat(credits(kept)).isEmpty();
  }

  @Test
  void aWebSocketThatTheServersEndCutsOffWhileThisSideDrainsFailsForThat() {
    scene = new Http2Scene(Http2Scene.OPTIONS.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1));
    Stream socket = scene.open(1, PLAIN);
    scene.scene.get("/");
    scene.resets(3, HTTP_1_1_REQUIRED);
    scene.told();
    ends();
    assertThat(scene.told()).first().isEqualTo(new StreamFailed(socket.ref(), CLOSED));
  }

  // ---- the end of all

  @Test
  void theConnectionIsTerminatedWhenAllIsTold() {
    scene = new Http2Scene(Http2Scene.OPTIONS.retry(Backoff.NEVER));
    Stream kept = keepsAResponse(1);
    ends();
    assertThat(scene.told()).hasSize(1).hasOnlyElementsOfType(Down.class);
    Stream refused = scene.scene.stream("refused");
    scene.scene.command(
        new Command.Upgrade(refused, "/refused", PLAIN, FieldNames.PLAIN)); // too late
    assertThat(scene.told()).hasSize(1).hasOnlyElementsOfType(StreamFailed.class);
    assertThat(credits(kept))
        .containsExactly(
            whole(kept), new Terminated(scene.scene.ref, new Reason.GaveUp(0, CLOSED)));
  }

  @Test
  void closeEndsWhatLingers() {
    Stream kept = keepsAResponse(1);
    Stream socket = keepsMessages(3);
    ends();
    scene.told();
    scene.scene.command(new Command.Close());
    Reason owner = new Reason.OwnerClosed();
    assertThat(scene.told())
        .containsExactlyInAnyOrder(
            new StreamFailed(kept.ref(), owner),
            new StreamFailed(socket.ref(), owner),
            new Terminated(scene.scene.ref, owner))
        .last()
        .isInstanceOf(Terminated.class);
  }

  @Test
  void closeEndsWhatIsKeptOnAConnectionThatIsUp() {
    Stream kept = keepsAResponse(1);
    scene.scene.command(new Command.Close());
    Reason owner = new Reason.OwnerClosed();
    assertThat(scene.told())
        .containsExactly(
            new StreamFailed(kept.ref(), owner), new Terminated(scene.scene.ref, owner));
  }

  @Test
  void whatIsKeptWhenTheTimeForClosingIsOverEndsWithTheConnection() {
    Stream kept = keepsAResponse(1);
    scene.scene.command(new Command.Shutdown());
    scene.told();
    scene.scene.advance(Http2Scene.OPTIONS.timeouts().closing());
    Reason late = new Reason.Timeout(Reason.Step.CLOSE, Http2Scene.OPTIONS.timeouts().closing());
    assertThat(scene.told())
        .containsExactly(
            new StreamFailed(kept.ref(), new Reason.Incomplete(late)),
            new Terminated(scene.scene.ref, new Reason.OwnerClosed()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shutdownGivesWhatIsKeptItsTime(boolean before) {
    Stream kept = keepsAResponse(1);
    Stream late = keepsAResponse(3);
    if (before) {
      scene.scene.command(new Command.Shutdown());
    }
    ends();
    if (!before) {
      scene.scene.command(new Command.Shutdown());
    }
    scene.told();
    assertThat(credits(kept)).containsExactly(whole(kept));
    scene.scene.advance(Http2Scene.OPTIONS.timeouts().closing());
    assertThat(scene.told())
        .satisfiesExactly(
            failed ->
                assertThat(failed)
                    .isInstanceOfSatisfying(
                        StreamFailed.class, its -> assertThat(its.stream()).isEqualTo(late.ref())),
            end ->
                assertThat(end)
                    .isEqualTo(new Terminated(scene.scene.ref, new Reason.OwnerClosed())));
  }
}
