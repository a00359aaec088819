package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Http2Peer.Frame;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Response;
import dev.lariat.option.Request;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A download over a link of 100 Mbit/s whose round trip is long or short: how fast it gets is a
 * function of bytes and times. At 300 ms the link holds 3.75 MB, which is a little less than half
 * of the largest window, {@code http2.maxStreamWindow}; of more than that, no window opened by
 * halves makes full use.
 */
class DownloadOverDelaysTest {
  private static final long RATE = 100_000_000 / 8; // bytes in a second
  private static final String PAYLOAD = "x".repeat(MAX_PAYLOAD);
  private static final int HEADER = 9; // octets of each frame

  private final Stand stand = new Stand();

  /** What happens at the server or at the client. */
  private record Event(long at, long number, Runnable run) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long number;

  private long oneWay;
  private long now;
  private long free; // when the link takes the next frame of the server

  // the server
  private long size;
  private long streamWindow;
  private long connectionWindow = 65_535;
  private long unsent;
  private boolean asked;

  // the client
  private long arrived;
  private long halfAt;
  private long lastAt;
  private int largest; // how many octets the server could ever send without an answer

  private void at(long time, Runnable run) {
    events.add(new Event(time, number++, run));
  }

  /** The client has written these; the way up has room for everything. */
  private void written() {
    for (Frame frame : stand.frames()) {
      at(now + oneWay, () -> takes(frame));
    }
  }

  private void takes(Frame frame) {
    switch (frame.type()) {
      case SETTINGS -> {
        if (!frame.has(ACK)) {
          for (int i = 0; i < frame.payload().length; i += 6) {
            if (frame.number(i) >>> 16 == INITIAL_WINDOW_SIZE) {
              streamWindow += frame.number(i + 2);
            }
          }
          sends(0, () -> stand.settings());
          sends(0, stand::acknowledgesSettings);
        }
      }
      case WINDOW_UPDATE -> {
        if (frame.stream() == 0) {
          connectionWindow += frame.number(0);
        } else {
          streamWindow += frame.number(0);
        }
      }
      case HEADERS -> {
        asked = true;
        sends(0, () -> stand.answers(1, false, "200"));
      }
      default -> {}
    }
    largest = (int) Math.max(largest, streamWindow);
    while (asked && unsent > 0 && Math.min(streamWindow, connectionWindow) > 0) {
      int octets =
          (int) Math.min(Math.min(unsent, MAX_PAYLOAD), Math.min(streamWindow, connectionWindow));
      streamWindow -= octets;
      connectionWindow -= octets;
      unsent -= octets;
      boolean last = unsent == 0;
      sends(octets, () -> arrives(octets, last));
    }
  }

  /** A frame goes down the link, one after the other. */
  private void sends(int octets, Runnable arrival) {
    free = Math.max(free, now) + (octets + HEADER) * Stand.SECOND / RATE;
    at(
        free + oneWay,
        () -> {
          arrival.run();
          written();
        });
  }

  private void arrives(int octets, boolean last) {
    stand.sends(1, octets == MAX_PAYLOAD ? PAYLOAD : PAYLOAD.substring(0, octets), last);
    arrived += octets;
    if (halfAt == 0 && arrived >= size / 2) {
      halfAt = now;
    }
    lastAt = now;
    while (stand.out.hasNext()) {
      stand.out.next();
    }
  }

  private void download(int milliseconds, int mebibytes) {
    size = (long) mebibytes << 20;
    unsent = size;
    oneWay = milliseconds * Stand.SECOND / 1000 / 2;
    now = stand.now;
    stand.engine.begin(stand.out.at(now));
    stand.flush();
    stand.get("/");
    written();
    while (!events.isEmpty()) {
      Event next = events.remove();
      now = next.at;
      stand.now = now;
      next.run.run();
    }
    assertThat(arrived).isEqualTo(size);
  }

  private static double ofTheLink(long bytes, long nanos) {
    return (double) bytes / nanos * Stand.SECOND / RATE;
  }

  /** A window doubles once in each round trip, so the longer that is, the larger the download. */
  @ParameterizedTest
  @CsvSource({"1, 16", "20, 16", "100, 64", "300, 256"})
  void aDownloadReachesNineTenthsOfTheLink(int milliseconds, int mebibytes) {
    long start = stand.now;
    download(milliseconds, mebibytes);
    assertThat(ofTheLink(size, lastAt - start)).as("from the request on").isGreaterThan(0.9);
    assertThat(ofTheLink(size / 2, lastAt - halfAt)).as("its second half").isGreaterThan(0.99);
  }

  @Test
  void aWindowGrowsNoFurtherThanTheLinkNeeds() {
    download(1, 4); // 12,500 bytes are on their way at the most
    assertThat(largest).isEqualTo(256 << 10);
  }

  /** A round trip takes 100 ms, and a full window is taken each second. */
  @Test
  void theWindowOfASlowReaderDoesNotGrow() {
    int window = 256 << 10;
    int frames = window / MAX_PAYLOAD;
    stand.begin();
    stand.settings();
    stand.now += Stand.SECOND / 10;
    stand.acknowledgesSettings();
    Stream get = stand.ask(Request.of("GET", "/").credit(0));
    stand.answers(1, false, "200");
    stand.told(Response.class);
    stand.frames();
    for (int second = 0; second < 20; second++) {
      for (int i = 0; i < frames; i++) {
        stand.sends(1, PAYLOAD, false);
      }
      stand.now += Stand.SECOND;
      stand.credit(get, frames);
      for (int i = 0; i < frames; i++) {
        stand.told(Data.class);
      }
      int opened =
          stand.frames().stream()
              .filter(frame -> frame.type() == WINDOW_UPDATE && frame.stream() == 1)
              .mapToInt(frame -> frame.number(0))
              .sum();
      assertThat(opened).isEqualTo(window);
    }
  }
}
