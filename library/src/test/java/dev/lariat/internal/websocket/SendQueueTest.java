package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Deflation;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Text;
import dev.lariat.option.Deflate;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendQueueTest {
  private static final Reason REFUSED = new Reason.BadState("send", "closing");
  private static final Reason LOST = new Reason.Reset("test");

  private final Recorder out = new Recorder();
  private final Stream stream = out.stream("socket");
  private final List<Frame> wrote = new ArrayList<>();
  private SendQueue queue = new SendQueue(new Shared(new SecureRandom()), null, wrote::add);

  private final Followed fate = new Followed();
  private final Outgoing message = out.message(true, fate);

  // ---- doing

  private Command.Send command(Frame frame, Followed follower) {
    Command.Send send = new Command.Send(stream, frame, Payload.of(frame), follower);
    Recorder.gate(stream).waiting += send.bytes();
    return send;
  }

  private void data(String text) {
    queue.data(command(new Text(text), null), out);
  }

  private void ping(String payload) {
    queue.control(command(new Ping(Bytes.ofUtf8(payload)), null), out);
  }

  private void part(Outgoing of, byte[] octets, boolean fin) {
    Command.SendPart part = new Command.SendPart(stream, of, ByteBuffer.wrap(octets), fin);
    Recorder.gate(of).waiting += part.bytes();
    queue.part(part, out);
  }

  private void part(Outgoing of, String text, boolean fin) {
    part(of, Bytes.ofUtf8(text).toArray(), fin);
  }

  private void close() {
    queue.close(command(Close.NORMAL, null), REFUSED, out);
  }

  private void drain() {
    out.writable = true;
    queue.drain(out);
  }

  // ---- seeing

  private List<Sent> sent() {
    return Sent.all(out.written());
  }

  private Rejected rejected() {
    return new Rejected(stream.ref(), "send", REFUSED);
  }

  @AfterEach
  void nothingIsLeft() {
    out.expectNothing();
    queue.refuse(REFUSED, LOST, out);
    out.discard();
    assertThat(Recorder.gate(stream).waiting).isZero();
    assertThat(Recorder.gate(message).waiting).isZero();
    queue.release();
  }

  // ---- RFC 6455 section 5.4

  @Test
  void rfc6455_54_partsOfAMessageAreItsFragments() {
    part(message, "a", false);
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"));
    part(message, "b", false);
    part(message, "", false);
    assertThat(sent()).containsExactly(Sent.of(0x00, "b"), Sent.of(0x00, ""));
    assertThat(fate.isOpen()).isTrue();
    part(message, "c", true);
    assertThat(sent()).containsExactly(Sent.of(0x80, "c"));
    assertThat(fate.isWritten()).isTrue();
    assertThat(wrote).as("whole frames only").isEmpty();
  }

  @Test
  void rfc6455_54_aMessageOfOnePartIsNotFragmented() {
    Outgoing binary = out.message(false, new Followed());
    part(message, "a", true);
    part(binary, "", true);
    assertThat(sent()).containsExactly(Sent.of(0x81, "a"), Sent.of(0x82, ""));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 65_535, 65_536, 1 << 20})
  void fragmentsHaveTheLengthOfTheirParts(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    Outgoing binary = out.message(false, fate);
    part(binary, octets, false);
    part(binary, octets, false);
    part(binary, octets, true);
    assertThat(sent())
        .containsExactly(
            new Sent(0x02, Bytes.wrap(octets)),
            new Sent(0x00, Bytes.wrap(octets)),
            new Sent(0x80, Bytes.wrap(octets)));
    assertThat(Recorder.gate(binary).waiting).isZero();
  }

  @Test
  void rfc6455_54_otherMessagesWaitForTheLastFragment() {
    part(message, "a", false);
    data("x");
    queue.data(command(new Binary(Bytes.ofUtf8("y")), null), out);
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"));
    assertThat(Recorder.gate(stream).waiting).isEqualTo(2 * (1 + 6));
    part(message, "b", false);
    assertThat(sent()).containsExactly(Sent.of(0x00, "b"));
    part(message, "c", true);
    assertThat(sent()).containsExactly(Sent.of(0x80, "c"), Sent.of(0x81, "x"), Sent.of(0x82, "y"));
  }

  @Test
  void messagesInPartsGoOutOneAfterTheOtherHoweverTheirPartsCome() {
    Followed second = new Followed();
    Outgoing other = out.message(false, second);
    part(message, "a1", false);
    part(other, "b1", false);
    data("x");
    part(other, "b2", true);
    data("y");
    part(message, "a2", true);
    assertThat(sent())
        .containsExactly(
            Sent.of(0x01, "a1"),
            Sent.of(0x80, "a2"),
            Sent.of(0x02, "b1"),
            Sent.of(0x80, "b2"), // before x, which came between them
            Sent.of(0x81, "x"),
            Sent.of(0x81, "y"));
    assertThat(second.isWritten()).isTrue();
  }

  @Test
  void whoComesInTheMiddleOfAMessageWaitsForTheRestOfItToCome() {
    part(message, "a", false);
    Outgoing other = out.message(true, new Followed());
    part(other, "b1", false);
    part(message, "c", true);
    data("x");
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"), Sent.of(0x80, "c"), Sent.of(0x01, "b1"));
    part(other, "b2", true);
    assertThat(sent()).containsExactly(Sent.of(0x80, "b2"), Sent.of(0x81, "x"));
  }

  // ---- the order of what waits

  @Test
  void rfc6455_54_controlFramesGoOutBetweenFragments() {
    part(message, "a", false);
    ping("p");
    queue.pong(Bytes.ofUtf8("q"), out);
    part(message, "b", true);
    assertThat(sent())
        .containsExactly(
            Sent.of(0x01, "a"), Sent.of(0x89, "p"), Sent.of(0x8a, "q"), Sent.of(0x80, "b"));
  }

  @Test
  void controlFramesOvertakeFragmentsAndMessagesThatWait() {
    part(message, "a", false);
    out.writable = false;
    part(message, "b", true);
    data("x");
    ping("p");
    queue.pong(Bytes.ofUtf8("q"), out);
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"));
    drain();
    assertThat(sent())
        .containsExactly(
            Sent.of(0x8a, "q"), Sent.of(0x89, "p"), Sent.of(0x80, "b"), Sent.of(0x81, "x"));
  }

  @Test
  void aControlFrameDoesNotOvertakeAnother() {
    out.writable = false;
    ping("one");
    out.writable = true; // and nobody has said so yet
    ping("two");
    assertThat(sent()).isEmpty();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x89, "one"), Sent.of(0x89, "two"));
  }

  @Test
  void dataDoesNotOvertakeAControlFrame() {
    out.writable = false;
    queue.control(command(new Pong(Bytes.ofUtf8("one")), null), out);
    out.writable = true;
    data("x");
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x8a, "one"), Sent.of(0x81, "x"));
  }

  @Test
  void aWrittenControlFrameIsToldAsWritten() {
    Followed pinged = new Followed();
    out.writable = false;
    queue.control(command(new Ping(Bytes.EMPTY), pinged), out);
    assertThat(pinged.isOpen()).isTrue();
    drain();
    assertThat(pinged.isWritten()).isTrue();
    assertThat(sent()).containsExactly(Sent.of(0x89, ""));
    assertThat(wrote).containsExactly(new Ping(Bytes.EMPTY));
  }

  // ---- the close frame

  @Test
  void aCloseFrameEndsAMessageThatHasNoEnd() {
    part(message, "a", false);
    data("behind it");
    close();
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1000, ""));
    assertThat(fate.lost()).isEqualTo(REFUSED);
    assertThat(message.isLost()).isTrue();
    out.expect(rejected());
  }

  @Test
  void aCloseFrameWaitsBehindAMessageThatHasAnEnd() {
    part(message, "a", false);
    out.writable = false;
    part(message, "b", true);
    data("x");
    close();
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"));
    drain();
    assertThat(sent())
        .containsExactly(Sent.of(0x80, "b"), Sent.of(0x81, "x"), Sent.close(1000, ""));
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void aCloseFrameRefusesOnlyTheMessagesThatHaveNoEnd() {
    out.writable = false;
    Followed cut = new Followed();
    Outgoing unfinished = out.message(true, cut);
    part(unfinished, "never", false);
    part(message, "a", false);
    data("x");
    part(message, "b", true);
    close();
    assertThat(cut.lost()).isEqualTo(REFUSED);
    assertThat(Recorder.gate(unfinished).waiting).isZero();
    drain();
    assertThat(sent())
        .containsExactly(
            Sent.of(0x01, "a"), Sent.of(0x80, "b"), Sent.of(0x81, "x"), Sent.close(1000, ""));
    assertThat(fate.isWritten()).isTrue();
  }

  @Test
  void aCloseFrameThatCannotWaitCutsEverythingOff() {
    part(message, "a", false);
    out.writable = false;
    part(message, "b", true);
    ping("p");
    queue.closeNow(Close.GOING_AWAY, out);
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"), Sent.close(1001, ""));
    queue.refuse(REFUSED, LOST, out);
    assertThat(fate.lost()).isEqualTo(LOST);
    out.expect(rejected());
  }

  // ---- giving up

  @Test
  void aMessageThatHasNotBegunIsForgotten() {
    out.writable = false;
    data("x");
    part(message, "a", false);
    data("y");
    part(message, "b", false);
    assertThat(queue.giveUp(message, REFUSED, out)).isFalse();
    assertThat(fate.lost()).isEqualTo(REFUSED);
    assertThat(Recorder.gate(message).waiting).isZero();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x81, "x"), Sent.of(0x81, "y"));
  }

  @Test
  void aMessageWithoutAPartIsForgottenToo() {
    assertThat(queue.giveUp(message, REFUSED, out)).isFalse();
    assertThat(fate.lost()).isEqualTo(REFUSED);
    assertThat(message.isLost()).isTrue();
  }

  @Test
  void aMessageThatHasBegunIsNotForgotten() {
    part(message, "a", false);
    out.writable = false;
    part(message, "b", false);
    assertThat(queue.giveUp(message, REFUSED, out)).isTrue();
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"));
  }

  @Test
  void aMessageThatIsWholeGoesOutThoughItIsGivenUp() {
    part(message, "a", false);
    out.writable = false;
    part(message, "b", true);
    assertThat(queue.giveUp(message, REFUSED, out)).isFalse();
    drain();
    assertThat(sent()).containsExactly(Sent.of(0x01, "a"), Sent.of(0x80, "b"));
    assertThat(fate.isWritten()).isTrue();
    assertThat(queue.giveUp(message, REFUSED, out)).as("too late").isFalse();
    assertThat(fate.isWritten()).isTrue();
  }

  // ---- the end

  @Test
  void thoseWhoFollowAreToldWhyTheLinkWasLostAndTheOthersThatItIsRefused() {
    part(message, "a", false);
    assertThat(sent()).hasSize(1);
    out.writable = false;
    Followed data = new Followed();
    Followed control = new Followed();
    Followed second = new Followed();
    Outgoing other = out.message(true, second);
    queue.data(command(new Text("x"), data), out);
    queue.control(command(new Ping(Bytes.EMPTY), control), out);
    part(other, "b", true);
    data("y");
    queue.refuse(REFUSED, LOST, out);
    for (Followed follower : List.of(fate, data, control, second)) {
      assertThat(follower.lost()).isEqualTo(LOST);
    }
    out.expect(rejected());
    assertThat(Recorder.gate(other).waiting).isZero();
  }

  // ---- RFC 7692 section 7.2.1

  private static final int[] CUTS = {0, 1, 17, 0, 125, 126, 5000, 65_536, 200_000};

  private void deflating(boolean noContextTakeover) {
    DeflateTerms terms = new DeflateTerms(false, noContextTakeover, 15, 15);
    Shared shared = new Shared(new SecureRandom());
    queue = new SendQueue(shared, new Deflation(terms, Deflate.DEFAULT, shared), wrote::add);
  }

  /** So many octets, which compress: each kilobyte stands twice. */
  private static byte[] octets(Random random, int length) {
    byte[] octets = new byte[length];
    byte[] kilobyte = new byte[1024];
    for (int i = 0; i < length; i++) {
      if (i % 2048 == 0) {
        random.nextBytes(kilobyte);
      }
      octets[i] = kilobyte[i % 1024];
    }
    return octets;
  }

  private static byte[] inflate(Inflater server, List<Sent> fragments) throws DataFormatException {
    server.setInput(join(Sent.data(fragments), hex("00 00 ff ff")));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] room = new byte[8192];
    for (int count = server.inflate(room); count > 0; count = server.inflate(room)) {
      all.write(room, 0, count);
    }
    assertThat(server.getRemaining()).isZero();
    return all.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rfc7692_72_aMessageIsCompressedAcrossItsFragments(boolean noContextTakeover)
      throws DataFormatException {
    deflating(noContextTakeover);
    Random random = new Random(1);
    Inflater server = new Inflater(true);
    byte[] kept = octets(random, 10_000);
    for (int round = 0; round < 3; round++) {
      Outgoing binary = out.message(false, new Followed());
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (int cut : CUTS) {
        byte[] octets = octets(random, cut);
        whole.writeBytes(octets);
        part(binary, octets, false);
        ping("between");
      }
      part(binary, kept, false);
      whole.writeBytes(kept);
      part(binary, new byte[0], true);
      List<Sent> frames = sent();
      List<Sent> fragments = frames.stream().filter(frame -> !frame.isControl()).toList();
      assertThat(fragments.getFirst().first()).as("RSV1 on the first").isEqualTo(0x42);
      assertThat(fragments.getLast().first()).isEqualTo(0x80);
      assertThat(fragments.subList(1, fragments.size() - 1))
          .extracting(Sent::first)
          .containsOnly(0x00);
      assertThat(frames.stream().filter(Sent::isControl).map(Sent::first)).containsOnly(0x89);
      if (noContextTakeover) {
        server.reset();
      }
      assertThat(inflate(server, fragments)).isEqualTo(whole.toByteArray());
      assertThat(Sent.data(fragments).length).isLessThan(whole.size() * 2 / 3);
    }
    server.end();
  }

  @Test
  void rfc7692_72_theWindowReachesFromOneMessageIntoTheNext() throws DataFormatException {
    deflating(false);
    Inflater server = new Inflater(true);
    byte[] octets = new byte[5000];
    new Random(2).nextBytes(octets); // which only a repetition makes shorter
    Outgoing first = out.message(false, new Followed());
    part(first, octets, false);
    part(first, new byte[0], true);
    assertThat(inflate(server, sent())).isEqualTo(octets);
    queue.data(command(new Binary(octets), null), out);
    List<Sent> second = sent();
    assertThat(second.getFirst().payload().size()).isLessThan(100);
    assertThat(inflate(server, second)).isEqualTo(octets);
    Outgoing third = out.message(false, new Followed());
    part(third, octets, true);
    List<Sent> again = sent();
    assertThat(again).singleElement().extracting(Sent::first).isEqualTo(0xc2);
    assertThat(inflate(server, again)).isEqualTo(octets);
    server.end();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void rfc7692_7236_anEmptyMessageInAnyNumberOfFragmentsInflatesToNothing(int fragments)
      throws DataFormatException {
    deflating(false);
    Inflater server = new Inflater(true);
    for (int round = 0; round < 3; round++) {
      Outgoing empty = out.message(true, new Followed());
      for (int i = 0; i < fragments; i++) {
        part(empty, "", false);
      }
      part(empty, "", true);
      List<Sent> frames = sent();
      assertThat(frames).hasSize(fragments + 1);
      assertThat(frames.getLast().payload().size()).as("section 7.2.3.6").isPositive();
      assertThat(inflate(server, frames)).isEmpty();
    }
    server.end();
  }
}
