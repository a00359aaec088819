package dev.lariat.internal.websocket;

import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What one server sends takes no more than its turn of a loop, and what carries nothing ends. */
class TurnsTest {
  private static final byte[] ZEROS = new byte[1 << 20];
  private static final Deflater DEFLATER = new Deflater(9, true);

  private final Recorder out = new Recorder();
  private final Stream stream = out.stream("socket");
  private long now = 1_000_000_000_000L;
  private WebSocketEngine engine = engine(WebSocketOptions.DEFAULT);

  /** One that takes any ratio. */
  private WebSocketEngine engine(WebSocketOptions options) {
    DeflateTerms terms = new DeflateTerms(true, true, 15, 15);
    Handshake.Agreement agreement = new Handshake.Agreement(Optional.empty(), Optional.of(terms));
    Change.SpeakWebSocket start =
        new Change.SpeakWebSocket(
            stream, agreement, Headers.EMPTY, options, List.of(), new Reason.Closed());
    Limits limits = Limits.DEFAULT.inflateRatio(10_000);
    WebSocketEngine made =
        new WebSocketEngine(start, limits, Timeouts.DEFAULT, new Shared(new SecureRandom()));
    made.begin(out.at(now));
    return made;
  }

  /** A message of a mebibyte in a kilobyte. */
  private static byte[] large() {
    DEFLATER.reset();
    DEFLATER.setInput(ZEROS);
    byte[] room = new byte[4096];
    int size = DEFLATER.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
    return frame(0xc2, Arrays.copyOf(room, size - 4));
  }

  private void receive(byte[]... frames) {
    engine.received(Unpooled.wrappedBuffer(frames), out.at(now));
    if (engine.deadline() <= now) {
      engine.elapsed(out.at(now)); // the turn after
    }
  }

  private void goesOn() {
    assertThat(out.again).isTrue();
    out.again = false;
    engine.goOn(out.at(now));
  }

  /** How many large messages were told since the last time. */
  private int told() {
    int told = 0;
    while (out.hasNext()) {
      assertThat(out.next(WebSocketFrame.class).frame()).isEqualTo(new Binary(Bytes.wrap(ZEROS)));
      told++;
    }
    return told;
  }

  /** The connection ends, as the change asked for or by itself. */
  private void end(Reason reason) {
    engine.end(reason, out);
    out.discard();
  }

  @Test
  void largeMessagesAreToldInTurnsAndNothingIsReadInBetween() {
    byte[][] frames = new byte[12][];
    Arrays.fill(frames, large());
    receive(frames);
    int told = told();
    int turns = 1;
    assertThat(told).isZero();
    assertThat(out.reading).isFalse();
    for (; told < 12; turns++) {
      goesOn();
      int more = told();
      assertThat(more).isLessThanOrEqualTo(1);
      told += more;
    }
    assertThat(turns).isGreaterThan(12);
    out.goOn(engine, now);
    assertThat(out.reading).isTrue();
    receive(text("a"));
    out.expect(new WebSocketFrame(stream.ref(), new Text("a")));
    end(new Reason.Closed());
  }

  @Test
  void whatComesInBetweenWaitsForItsTurn() {
    receive(large());
    receive(text("a")); // TLS had it
    receive(text("b"));
    out.goOn(engine, now);
    assertThat(out.next(WebSocketFrame.class).frame()).isInstanceOf(Binary.class);
    out.expect(new WebSocketFrame(stream.ref(), new Text("a")));
    out.expect(new WebSocketFrame(stream.ref(), new Text("b")));
    assertThat(out.reading).isTrue();
    end(new Reason.Closed());
  }

  @Test
  void theEndOfTheConnectionWaitsForTheTurns() {
    receive(large(), large());
    engine.closed(out.at(now));
    assertThat(out.change()).isNull();
    out.goOn(engine, now);
    assertThat(out.next(WebSocketFrame.class).frame()).isInstanceOf(Binary.class);
    assertThat(out.next(WebSocketFrame.class).frame()).isInstanceOf(Binary.class);
    out.expect(new Change.Close(new Reason.Closed()));
    end(new Reason.Closed());
  }

  @Test
  void turnsAndCreditBothHoldMessagesBack() {
    out.discard();
    engine.end(new Reason.Closed(), new Recorder());
    engine = engine(WebSocketOptions.DEFAULT.credit(1));
    receive(large(), large(), large());
    engine.command(new Command.Credit(stream, 1), out.at(now)); // the turn is another connection's
    out.expectNothing();
    out.goOn(engine, now);
    assertThat(told()).isEqualTo(2);
    assertThat(out.reading).isFalse();
    engine.command(new Command.Credit(stream, 1), out.at(now));
    out.goOn(engine, now);
    assertThat(told()).isOne();
    end(new Reason.Closed());
  }

  @Test
  void theKeepaliveIsNotOverdueWhileTheTurnIsAnothers() {
    receive(large(), large());
    now += Duration.ofHours(1).toNanos();
    engine.elapsed(out.at(now));
    assertThat(out.written()).isEmpty();
    assertThat(out.change()).isNull();
    end(new Reason.Closed());
  }

  // ---- floods

  @Test
  void aFloodOfPingsEndsTheWebSocketWith1008() {
    byte[][] pings = new byte[1001][];
    Arrays.fill(pings, ping("a"));
    receive(pings);
    Reason.Limit flood = new Reason.Limit(Reason.Bound.USELESS_FRAMES, 1000);
    out.expect(new Change.Closing(flood));
    List<Sent> sent = Sent.all(out.written());
    assertThat(sent).hasSize(1001); // the pongs before it
    assertThat(sent.getLast()).isEqualTo(Sent.close(1008, ""));
    engine.end(flood, out);
    out.expect(new StreamFailed(stream.ref(), flood));
  }

  @Test
  void aPongForEachPingIsNoFlood() {
    for (int i = 0; i < 5000; i++) {
      Ping ping = new Ping(Bytes.ofUtf8("" + i));
      Command.Send send = new Command.Send(stream, ping, Payload.of(ping));
      Recorder.gate(stream).waiting += send.bytes();
      engine.command(send, out.at(now));
      receive(pong(("" + i).getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(out.change()).isNull();
    end(new Reason.Closed());
  }

  @Test
  void pingsThatGatheredWhileNothingWasReadAreNoFlood() {
    receive(text("a"));
    now += Duration.ofDays(1).toNanos();
    out.unreadUntil = now;
    byte[][] pings = new byte[86_400][];
    Arrays.fill(pings, ping(""));
    receive(join(pings));
    assertThat(out.change()).isNull();
    end(new Reason.Closed());
  }
}
