package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bodies of requests beside the server's windows, and what becomes of those that it stops. */
class SendWindowTest {
  private final Stand stand = new Stand();
  private final List<String> fates = new ArrayList<>();

  private Command.Data part(Stream stream, String text, boolean last) {
    Fate fate =
        new Fate() {
          @Override
          public void written() {
            fates.add("written");
          }

          @Override
          public void lost(Reason reason) {
            fates.add("lost");
          }

          @Override
          public void refused(Reason reason) {
            fates.add("refused: " + reason.sentence());
          }
        };
    Command.Data data =
        new Command.Data(
            stream,
            Bytes.ofUtf8(text).asByteBuffer(),
            last,
            Headers.EMPTY,
            FieldNames.PLAIN,
            fate,
            stream.gate());
    assertThat(stream.gate().tryEnter(data.bytes())).isTrue();
    return data;
  }

  /** A request whose body the server's window holds back. */
  private Stream stuck() {
    stand.open(INITIAL_WINDOW_SIZE, 0);
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.command(part(put, "hello", true));
    stand.frames();
    return put;
  }

  @Test
  void aResetAnswersEachPartThatWaits() {
    Stream put = stuck();
    stand.resets(1, INTERNAL_ERROR);
    stand.out.expect(new StreamFailed(put.ref(), new Reason.StreamReset(INTERNAL_ERROR)));
    assertThat(fates).containsExactly("refused: " + new Reason.StreamReset(2).sentence());
    stand.out.expectEnd();
  }

  @Test
  void aServerThatGoesAwayAnswersEachPartThatWaits() {
    Stream put = stuck();
    stand.goesAway(0, NO_ERROR, "");
    assertThat(stand.told(StreamFailed.class).stream()).isEqualTo(put.ref());
    assertThat(fates).hasSize(1);
    stand.out.next(Change.Close.class);
    stand.out.expectEnd();
  }

  @Test
  void theEndOfABodyNeedsNoWindow() {
    stand.open(INITIAL_WINDOW_SIZE, 5);
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.frames();
    stand.data(put, "hello", false);
    assertThat(stand.frame().text()).isEqualTo("hello");
    stand.data(put, "", true);
    assertThat(stand.frame().has(END_STREAM)).isTrue();
  }

  @Test
  void theEndOfABodyDoesNotWaitForTheConnectionsWindow() {
    stand.open(INITIAL_WINDOW_SIZE, 1 << 20);
    Stream one = stand.ask(Request.of("PUT", "/1"), false);
    Stream two = stand.ask(Request.of("PUT", "/2"), false);
    stand.data(one, "a".repeat(70_000), true);
    stand.frames();
    stand.data(two, "", true);
    Frame end = stand.frame();
    assertThat(end.stream()).isEqualTo(3);
    assertThat(end.has(END_STREAM)).isTrue();
    stand.opens(0, 10_000);
    assertThat(stand.frame().stream()).isEqualTo(1);
  }

  @Test
  void aConnectionWindowThatStaysShutEndsTheStreamsThatWaitForIt() {
    stand.open(INITIAL_WINDOW_SIZE, 1 << 20);
    Stream one = stand.ask(Request.of("PUT", "/1"), false);
    stand.data(one, "a".repeat(70_000), true);
    stand.later(20 * Stand.SECOND);
    stand.opens(0, 1);
    stand.later(20 * Stand.SECOND); // a byte has left since
    stand.frames();
    stand.out.expectNothing();
    stand.later(10 * Stand.SECOND);
    assertThat(stand.told(StreamFailed.class))
        .isEqualTo(
            new StreamFailed(
                one.ref(), new Reason.Timeout(Reason.Step.WRITE, Duration.ofSeconds(30))));
    stand.told(Rejected.class); // the part that was not wholly sent
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void anAnsweredBodyIsNotFoundStuck() {
    stand.open(INITIAL_WINDOW_SIZE, 0);
    Stream put = stand.ask(Request.of("PUT", "/").credit(0), false);
    stand.data(put, "hello", true);
    stand.answers(1, false, "413");
    stand.sends(1, "too large", true);
    stand.resets(1, NO_ERROR);
    stand.told(Response.class);
    stand.told(Rejected.class);
    stand.later(60 * Stand.SECOND); // its receiver takes its time
    stand.credit(put, 1);
    stand.out.expect(new Data(put.ref(), true, Bytes.ofUtf8("too large")));
    stand.frames();
    stand.out.expectEnd();
  }

  @Test
  void aWindowThatTheServersSettingsOpenTooFarEndsTheConnection() {
    stand.open();
    stand.ask(Request.of("PUT", "/"), false);
    stand.opens(1, 10);
    stand.settings(INITIAL_WINDOW_SIZE, Integer.MAX_VALUE);
    Reason reason = ((Change.Close) stand.out.next()).reason();
    assertThat(((Reason.Protocol) reason).section()).isEqualTo("RFC 9113 section 6.9.2");
    assertThat(stand.frames().getLast().number(4)).isEqualTo(FLOW_CONTROL_ERROR);
  }

  // ---- consent

  private Stream expecting() {
    stand.open();
    Request request = Request.of("PUT", "/").expectContinue(Duration.ofSeconds(1));
    Stream put = stand.ask(request, false);
    stand.command(part(put, "hello", true));
    stand.frames();
    return put;
  }

  @Test
  void anAnswerInsteadOfConsentIsReadToItsEnd() {
    Stream put = expecting();
    stand.answers(1, false, "403");
    assertThat(stand.frames()).isEmpty(); // a reset would end the response, too
    assertThat(fates).hasSize(1);
    stand.sends(1, "no", true);
    stand.out.expect(
        new Response(put.ref(), false, 403, Headers.EMPTY),
        new Data(put.ref(), true, Bytes.ofUtf8("no")));
    Frame reset = stand.frame();
    assertThat(reset.type()).isEqualTo(RST_STREAM);
    assertThat(reset.number(0)).isEqualTo(CANCEL);
    stand.out.expectEnd();
  }

  @Test
  void anAnswerWithoutContentInsteadOfConsentSendsNoBody() {
    Stream put = expecting();
    stand.answers(1, true, "417");
    stand.out.expect(new Response(put.ref(), true, 417, Headers.EMPTY));
    assertThat(stand.frame().type()).isEqualTo(RST_STREAM);
    assertThat(fates).hasSize(1);
    stand.later(10 * Stand.SECOND);
    assertThat(stand.frames()).isEmpty();
    stand.out.expectEnd();
  }

  // ---- fields

  @Test
  void aHeadThatIsLargerThanAFrameIsContinued() {
    stand.open();
    stand.ask(Request.of("GET", "/").header("a", "\u007e".repeat(40_000)));
    List<Frame> frames = stand.frames();
    assertThat(frames.size()).isGreaterThan(2);
    assertThat(frames.getFirst().type()).isEqualTo(HEADERS);
    assertThat(frames.getFirst().has(END_STREAM)).isTrue();
    assertThat(frames.getFirst().has(END_HEADERS)).isFalse();
    assertThat(frames.subList(1, frames.size())).extracting(Frame::type).containsOnly(CONTINUATION);
    assertThat(frames.getLast().fields().first("a").orElseThrow()).hasSize(40_000);
  }

  @Test
  void theSizeOfTheServersTableIsToldTwiceAtTheMost() {
    stand.open();
    stand.settings(HEADER_TABLE_SIZE, 100);
    stand.settings(HEADER_TABLE_SIZE, 0);
    stand.settings(HEADER_TABLE_SIZE, 200);
    stand.settings(HEADER_TABLE_SIZE, 4096);
    stand.frames();
    stand.get("/");
    byte[] block = stand.frame().payload();
    assertThat(block[0]).isEqualTo((byte) 0x20); // first the smallest, which is 0
    assertThat(block[1] & 0xff).isEqualTo(0x3f); // then 4,096, in three octets
    assertThat(block[4] & 0xe0).isNotEqualTo(0x20);
  }

  @Test
  void aStreamsGateIsFreeWhenItHasEnded() {
    Stream put = stuck();
    stand.cancel(put);
    stand.told(StreamFailed.class);
    assertThat(Recorder.gate(put).waiting).isZero();
    assertThat(Recorder.gate(put).hasEnded()).isTrue();
  }
}
