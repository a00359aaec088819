package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.option.Content;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whatever a server says and whenever its owner acts: each stream has one final message and nothing
 * after it, each part of a body one answer, and no exception leaves the engine. The recorder and
 * the gates check that.
 */
class Http2EngineFuzzTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Http2 OPTIONS =
      Http2.DEFAULT
          .streamWindow(65_535)
          .maxStreamWindow(131_070)
          .push(true)
          .maxPushes(3)
          .keepalive(new Keepalive(Duration.ofSeconds(10), SECOND));
  private static final Limits LIMITS =
      Limits.DEFAULT.headerBlock(1024).heldCommands(4).unread(64 << 10);

  private final List<Stream> streams = new ArrayList<>();

  /** The number of the stream that the server has promised last. */
  private int promised;

  /** The octets as they are, after SETTINGS, for three requests. */
  @FuzzTest(maxDuration = "3m")
  void octets(byte[] input) {
    Stand stand = new Stand(OPTIONS, LIMITS).open();
    stand.get("/1");
    stand.ask(Request.of("HEAD", "/2").credit(1));
    stand.ask(Request.of("PUT", "/3"), false);
    stand.cut = 1 + (Arrays.hashCode(input) >>> 26);
    stand.receives(input);
    end(stand);
  }

  /** What is said and what is done, both by the input. */
  @FuzzTest(maxDuration = "3m")
  void script(byte[] input) {
    play(input);
  }

  @Property(tries = 2000)
  void randomScripts(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = new byte[random.nextInt(400)];
    random.nextBytes(input);
    play(input);
  }

  private void play(byte[] input) {
    streams.clear();
    promised = 0;
    Stand stand = new Stand(OPTIONS, LIMITS, input.length % 2 == 0).open(MAX_CONCURRENT_STREAMS, 4);
    ByteBuffer script = ByteBuffer.wrap(input);
    while (script.remaining() >= 3 && stand.out.change() == null) {
      int step = script.get() & 0xff;
      int id = 1 + 2 * (script.get() & 7);
      int value = script.get() & 0xff;
      if (step < 90) {
        acts(stand, step % 12, value);
      } else {
        says(stand, step % 16, id, value);
      }
      stand.pushed.stream().filter(stream -> !streams.contains(stream)).forEach(streams::add);
      stand.frames();
    }
    end(stand);
  }

  private void acts(Stand stand, int what, int value) {
    Stream any = streams.isEmpty() ? null : streams.get(value % streams.size());
    Request put = Request.of("PUT", "/").credit(value % 3);
    switch (what) {
      case 0 -> streams.add(stand.ask(Request.of("GET", "/").credit(value % 3)));
      case 1 -> {
        Content content = new Content(value % 2 == 0, value % 3 == 0, List.of());
        streams.add(stand.ask(Request.of("GET", "/").content(content).credit(value % 4)));
      }
      case 2 -> streams.add(stand.ask(put, false));
      case 3 -> streams.add(stand.ask(put.expectContinue(SECOND), false));
      case 4 -> streams.add(stand.ask(put.body(Bytes.ofUtf8("x".repeat(value * 300)))));
      case 5 -> stand.later(value * Stand.SECOND / 4);
      case 6 -> {
        stand.out.writable = value % 2 == 0;
        if (stand.out.writable) {
          stand.engine.writable(stand.out.at(stand.now));
        }
      }
      case 7, 8 -> {
        if (any != null) {
          stand.data(any, "x".repeat(value * 100), value % 4 == 0);
        }
      }
      case 9 -> {
        if (any != null) {
          stand.cancel(any);
        }
      }
      case 10 -> {
        if (any != null) {
          stand.prioritize(any, value % 8, value % 3 == 0);
        }
      }
      default -> {
        if (any != null) {
          stand.credit(any, 1 + value % 5);
        } else {
          stand.engine.shutdown(stand.out.at(stand.now));
        }
      }
    }
  }

  private void says(Stand stand, int what, int ofRequest, int value) {
    boolean last = value % 3 == 0;
    int id = value % 4 == 0 && promised > 0 ? promised - 2 * (value / 4 % 2) : ofRequest;
    switch (what) {
      case 0, 1 -> stand.answers(id, last, value % 5 == 0 ? "103" : "200");
      case 2 -> stand.answers(id, last, "200", "content-length", "" + value);
      case 3 -> stand.answers(id, last, "200", "content-encoding", "gzip");
      case 4 -> stand.answers(id, last, "200", "content-type", "text/event-stream");
      case 5, 6 -> stand.sends(id, "data: x\n\n".repeat(value * value / 40), last);
      case 7 -> stand.headers(id, true, "sum", "" + value);
      case 8 -> stand.resets(id, value % 14);
      case 9 -> stand.goesAway(id, value % 2, "");
      case 10 -> stand.opens(value % 2 == 0 ? 0 : id, 1 + value * value);
      case 11 -> stand.settings(INITIAL_WINDOW_SIZE, value * value);
      case 12 -> stand.settings(MAX_CONCURRENT_STREAMS, value % 5);
      case 13, 14 -> {
        promised += 2;
        stand.promises(ofRequest, promised, value % 16 == 0 ? "pushed" : "/pushed");
      }
      default -> stand.pings(value, value % 2 == 0);
    }
  }

  private void end(Stand stand) {
    if (stand.out.change() == null) {
      stand.engine.inputClosed(stand.out.at(stand.now));
    }
    Reason reason = stand.out.change() instanceof Change.Close(var why) ? why : new Reason.Closed();
    stand.end(reason);
    stand.out.changed();
    for (int i = 0; i < streams.size() && stand.engine.lingers(); i += 2) { // some are told
      stand.credit(streams.get(i), 1 + i);
    }
    if (stand.engine.lingers()) {
      stand.end(new Reason.OwnerClosed());
    }
    stand
        .held
        .removeAll()
        .forEach(
            command ->
                dev.lariat.internal.protocol.Refusals.refuse(
                    command, new Reason.Unprocessed("the test ends"), stand.out));
    stand.out.discard();
    stand.out.expectEnd();
    for (Stream stream : streams) {
      assertThat(Recorder.gate(stream).waiting).isZero();
    }
  }
}
