package dev.lariat.internal.raw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawEngineTest {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Reason LOST = new Reason.Reset("test");
  private static final String END = "end of output";

  private final StringBuilder written = new StringBuilder();
  private final Recorder out = new Recorder(Unpooled.buffer());
  private final Stream stream = out.stream("raw");
  private RawEngine engine = engine(Long.MAX_VALUE);

  private String written() {
    return written.append(new String(out.written(), StandardCharsets.ISO_8859_1)).toString();
  }

  private RawEngine engine(long credit, Command.OfStream... early) {
    Change.SpeakRaw start = new Change.SpeakRaw(stream, credit, List.of(early));
    RawEngine made = new RawEngine(start, new Held(Limits.DEFAULT));
    made.begin(out.at(0));
    return made;
  }

  private Command.Data data(String part, boolean last, @Nullable Followed fate) {
    Command.Data data = new Command.Data(stream, Bytes.ofUtf8(part).asByteBuffer(), last, fate);
    Recorder.gate(stream).waiting += data.bytes();
    return data;
  }

  private void send(String part, boolean last) {
    engine.command(data(part, last, null), out.at(0));
  }

  private void arrives(String text) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    engine.received(bytes, out.at(0));
    assertThat(bytes.release()).isTrue();
  }

  private Data told(boolean fin, String text) {
    return new Data(stream.ref(), fin, Bytes.ofUtf8(text));
  }

  private void end(Reason reason, Engine.Casualties casualties) {
    assertThat(engine.end(reason, out)).isEqualTo(casualties);
  }

  private Engine.Casualties killed() {
    return new Engine.Casualties(List.of(stream.ref()), List.of());
  }

  @Test
  void bytesGoBothWaysAsTheyAre() {
    assertThat(engine.protocol()).isEqualTo(Protocol.RAW);
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    send("ab", false);
    arrives("cd");
    assertThat(written()).isEqualTo("ab");
    out.expect(told(false, "cd"));
    arrives("x".repeat(70_000));
    out.expect(told(false, "x".repeat(65_536)), told(false, "x".repeat(70_000 - 65_536)));
    engine.elapsed(out.at(1));
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void whatWasSentEarlyGoesFirst() {
    engine = engine(1, data("early", false, null));
    send(" late", false);
    assertThat(written()).isEqualTo("early late");
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void eachSideEndsOnItsOwnAndTheConnectionWithTheSecond() {
    engine.inputClosed(out.at(0));
    out.expect(told(true, ""));
    send("still", false);
    send(" here", true);
    assertThat(written()).isEqualTo("still here");
    out.expect(END);
    engine.outputEnded(out.at(0));
    out.expect(new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void theOtherWayRoundToo() {
    send("", true);
    out.expect(END);
    engine.outputEnded(out.at(0));
    arrives("more");
    out.expect(told(false, "more"));
    engine.inputClosed(out.at(0));
    out.expect(told(true, ""), new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void nothingFollowsTheLastPartEvenBeforeThatIsWritten() {
    out.writable = false;
    send("last", true);
    send("late", false);
    out.expect(rejected("data"));
    out.writable = true;
    engine.writable(out.at(0));
    assertThat(written()).isEqualTo("last");
    out.expect(END);
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void aConnectionThatIsClosedBothWaysEnds() {
    engine.inputClosed(out.at(0));
    out.expect(told(true, ""));
    engine.closed(out.at(0));
    out.expect(new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void partsWaitForTheTransport() {
    out.writable = false;
    Followed fate = new Followed();
    engine.command(data("abc", true, fate), out.at(0));
    assertThat(written()).isEmpty();
    assertThat(Recorder.gate(stream).waiting).isPositive();
    out.writable = true;
    engine.writable(out.at(0));
    assertThat(written()).isEqualTo("abc");
    assertThat(fate.isWritten()).isTrue();
    out.expect(END);
    send("late", false);
    out.expect(rejected("data"));
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void aFileIsSentInPieces(@TempDir Path folder) throws Exception {
    Followed fate = new Followed();
    String content = "0123456789".repeat(10_000);
    try (FileChannel file = FileChannel.open(Files.writeString(folder.resolve("file"), content))) {
      engine.command(
          new Command.SendFile(stream, new SentFile(file), 0, content.length(), fate), out.at(0));
    }
    assertThat(written()).isEqualTo(content);
    assertThat(fate.isWritten()).isTrue();
    out.expect(END);
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void aFileThatBecomesShorterEndsTheConnection(@TempDir Path folder) throws Exception {
    Followed fate = new Followed();
    Path path = Files.writeString(folder.resolve("file"), "abc");
    Reason reason = new Reason.BodyUnfinished("its file cannot be read: it has become shorter");
    try (FileChannel file = FileChannel.open(path)) {
      engine.command(new Command.SendFile(stream, new SentFile(file), 0, 4, fate), out.at(0));
    }
    out.expect(new Change.Close(reason));
    end(reason, killed());
    assertThat(fate.lost()).isEqualTo(reason);
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  @Test
  void whatWaitsIsLostWithTheConnection() {
    out.writable = false;
    Followed fate = new Followed();
    engine.command(data("abc", false, fate), out.at(0));
    end(LOST, killed());
    assertThat(fate.lost()).isEqualTo(LOST);
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void withoutCreditNothingIsToldAndTheTransportIsNotRead() {
    engine = engine(1);
    arrives("a");
    out.expect(told(false, "a"));
    assertThat(out.reading).isTrue();
    arrives("b");
    assertThat(out.reading).isFalse();
    arrives("c");
    engine.inputClosed(out.at(0));
    out.expectNothing();
    engine.command(new Command.Credit(stream, 1), out.at(0));
    out.expect(told(false, "bc"), told(true, ""));
    end(LOST, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void creditLetsTheTransportBeReadAgain() {
    engine = engine(0);
    arrives("a");
    engine.command(new Command.Credit(stream, Long.MAX_VALUE), out.at(0));
    engine.command(new Command.Credit(stream, Long.MAX_VALUE), out.at(0));
    out.expect(told(false, "a"));
    assertThat(out.reading).isTrue();
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void whatIsKeptIsFreedAtTheEnd() {
    engine = engine(0);
    arrives("a");
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void toCancelEndsTheConnection() {
    Reason cancelled = new Reason.Cancelled();
    engine.command(new Command.Cancel(out.stream("request other"), cancelled), out.at(0));
    out.expectNothing();
    engine.command(new Command.Cancel(stream, cancelled), out.at(0));
    out.expect(new Change.Close(cancelled));
    end(cancelled, killed());
    out.expect(new StreamFailed(stream.ref(), cancelled));
    out.expectEnd();
  }

  @Test
  void shutdownEndsItAtOnce() {
    engine.shutdown(out.at(0));
    out.expect(new Change.Close(new Reason.OwnerClosed()));
    end(new Reason.OwnerClosed(), killed());
    out.expect(new StreamFailed(stream.ref(), new Reason.OwnerClosed()));
    out.expectEnd();
  }

  @Test
  void requestsAreRefused() {
    Stream request = out.stream("request");
    engine.command(new Command.Request(request, Request.of("GET", "/")), out.at(0));
    Stream socket = out.stream("socket");
    engine.command(
        new Command.Upgrade(socket, "/", WebSocketOptions.DEFAULT, FieldNames.PLAIN), out.at(0));
    out.expect(
        new StreamFailed(request.ref(), badState("request")),
        new StreamFailed(socket.ref(), badState("webSocket")));
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  // ---- from the first byte

  private void asksForItsStream(long credit) {
    engine.command(new Command.Raw(stream, credit), out.at(0));
  }

  private void begunWithoutAStream() {
    engine = new RawEngine(new Held(Limits.DEFAULT));
    assertThat(engine.streams()).isZero();
    assertThat(engine.standing(stream.ref())).isNull();
  }

  @Test
  void theStreamBeginsWhenItIsAskedForAndWhatCameBeforeIsItsOwn() {
    begunWithoutAStream();
    arrives("wel");
    assertThat(out.reading).as("what nobody has asked for is left with the peer").isFalse();
    arrives("come");
    out.expectNothing();
    asksForItsStream(1);
    out.expect(told(false, "welcome"));
    assertThat(out.reading).isTrue();
    assertThat(engine.streams()).isOne();
    send("hi", false);
    assertThat(written()).isEqualTo("hi");
    arrives("more");
    assertThat(out.reading).isFalse();
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void itHasOneStreamAndNoOther() {
    Stream other = out.stream("other raw");
    engine.command(new Command.Raw(other, 1), out.at(0));
    out.expect(
        new StreamFailed(other.ref(), new Reason.BadState("raw", "the connection has its stream")));
    engine.shutdown(out.at(0));
    out.next(Change.Close.class);
    end(LOST, killed());
    out.expect(new StreamFailed(stream.ref(), LOST));
    out.expectEnd();
  }

  @Test
  void whatIsSentOnNoStreamIsRefused() {
    begunWithoutAStream();
    send("a", false);
    out.expect(rejected("data"));
    engine.command(new Command.Cancel(stream, new Reason.Cancelled()), out.at(0));
    engine.command(new Command.Credit(stream, 1), out.at(0));
    engine.writable(out.at(0));
    out.expectNothing();
    end(LOST, Engine.Casualties.NONE);
  }

  @Test
  void aPeerThatEndsItsSideBeforeAnybodyAsksEndsTheConnection() {
    begunWithoutAStream();
    engine.inputClosed(out.at(0));
    out.expect(new Change.Close(CLOSED));
    Stream late = out.stream("late raw");
    engine.command(new Command.Raw(late, 1), out.at(0));
    out.next(StreamFailed.class);
    end(CLOSED, Engine.Casualties.NONE);
  }

  @Test
  void whatThePeerSaidBeforeItsEndWaitsForTheStream() {
    begunWithoutAStream();
    arrives("bye");
    engine.inputClosed(out.at(0));
    out.expectNothing();
    asksForItsStream(Long.MAX_VALUE);
    out.expect(told(false, "bye"), told(true, ""));
    send("bye", true);
    out.expect(END);
    engine.outputEnded(out.at(0));
    out.expect(new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void whatNobodyAskedForIsFreedAtTheEnd() {
    begunWithoutAStream();
    arrives("a");
    end(LOST, Engine.Casualties.NONE);
    out.expectNothing();
  }

  // ---- ends

  @Test
  void anEndBothWaysWaitsBehindWhatHasNoCreditAndThenEndsTheConnection() {
    engine = engine(0);
    arrives("a");
    engine.inputClosed(out.at(0));
    engine.closed(out.at(0));
    out.expectNothing();
    engine.command(new Command.Credit(stream, 1), out.at(0));
    out.expect(told(false, "a"), told(true, ""), new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void behindAnEndBothWaysThatWaitsForCreditNothingIsSent() {
    engine = engine(0);
    arrives("abc");
    out.writable = false;
    send("waits", false);
    engine.closed(out.at(0));
    out.writable = true; // as where TLS alone has ended
    engine.writable(out.at(0));
    send("late", false);
    Reason why = new Reason.BadState("data", "the connection ended before it was written");
    Rejected rejected = new Rejected(stream.ref(), "data", why);
    out.expect(rejected, rejected);
    assertThat(written()).isEmpty();
    assertThat(Recorder.gate(stream).waiting).isZero();
    engine.command(new Command.Credit(stream, 1), out.at(0));
    out.expect(told(false, "abc"), told(true, ""), new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  @Test
  void rfc8446_61_anEndWithoutACloseNotifyIsNone() {
    Reason cut =
        new Reason.Protocol(
            "the server ended TLS without a close_notify, so what it sent is incomplete",
            "RFC 8446 section 6.1");
    engine = engine(0);
    arrives("a");
    engine.inputCut(out);
    engine.inputClosed(out.at(0));
    out.expectNothing();
    engine.command(new Command.Credit(stream, 1), out.at(0));
    out.expect(told(false, "a"), new Change.Close(cut));
    end(cut, killed());
    out.expect(new StreamFailed(stream.ref(), cut));
    out.expectEnd();
  }

  @Test
  void aCutBehindTheEndCutsNothingOff() {
    engine.inputClosed(out.at(0));
    out.expect(told(true, ""));
    engine.inputCut(out);
    engine.closed(out.at(0));
    out.expect(new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    out.expectEnd();
  }

  private static Reason badState(String operation) {
    return new Reason.BadState(operation, "the connection speaks another protocol");
  }

  private Rejected rejected(String operation) {
    return new Rejected(stream.ref(), operation, badState(operation));
  }

  @Test
  void whatIsAskedForWhileATunnelEndsWaitsForTheNextConnection() {
    Held held = new Held(Limits.DEFAULT);
    engine = new RawEngine(new Change.SpeakRaw(stream, Long.MAX_VALUE, List.of(), true), held);
    engine.begin(out.at(0));
    Stream early = out.stream("early");
    engine.command(new Command.Request(early, Request.of("GET", "/")), out.at(0));
    assertThat(out.next(StreamFailed.class).stream()).isSameAs(early.ref());
    send("", true);
    out.expect(END);
    Stream next = out.stream("next");
    Stream given = out.stream("given up");
    engine.command(new Command.Request(next, Request.of("GET", "/")), out.at(0));
    engine.command(new Command.Request(given, Request.of("GET", "/")), out.at(0));
    engine.command(new Command.Cancel(given, new Reason.Cancelled()), out.at(0));
    assertThat(out.next(StreamFailed.class).stream()).isSameAs(given.ref());
    assertThat(held.streams()).isEqualTo(1);
    assertThat(engine.inGoodOrder()).isFalse();
    engine.inputClosed(out.at(0));
    out.expect(told(true, ""));
    assertThat(engine.inGoodOrder()).isTrue();
    engine.outputEnded(out.at(0));
    out.expect(new Change.Close(CLOSED));
    end(CLOSED, Engine.Casualties.NONE);
    held.giveUp(next, LOST, out); // by the connection that follows
    out.expect(new StreamFailed(next.ref(), LOST));
    out.expectEnd();
  }
}
