package dev.lariat.testkit.simulator;

import dev.lariat.message.Protocol;
import dev.lariat.testkit.Http2Visit;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;

/** What a server does to its visitors by chance. */
final class Mischief {
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW_SIZE = 4;

  private final Chance chance;
  private boolean garbled;

  Mischief(Chance chance) {
    this.chance = chance;
  }

  /**
   * Receives a visitor badly, or makes what is to come bad, or does nothing.
   *
   * @return whether that was all
   */
  boolean atTheDoor(Visit visit) throws IOException {
    switch (chance.number(0, 19)) {
      case 0 -> visit.awaitEnd();
      case 1 -> {
        if (visit.request() == null) {
          return true;
        }
        visit.unavailable(503, Duration.ofSeconds(chance.number(0, 30)));
      }
      case 2 -> {
        if (visit.request() == null) {
          return true;
        }
        int status = chance.oneOf(204, 401, 404, 429, 500);
        garbled |= // any 2xx accepts a WebSocket there (RFC 8441 section 5)
            status == 204 && visit.protocol() == Protocol.HTTP_2 && visit.asksForWebSocket();
        visit.respond(status);
      }
      case 3 -> {
        visit.request();
        garbled = true;
        visit.garbage();
      }
      case 4 -> visit.reset();
      case 5 -> {
        visit.cutAfter(chance.number(0, 300));
        return false;
      }
      case 6 -> {
        visit.slow(chance.millis(1, 100));
        return false;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Does to the newest request of HTTP/2 what only HTTP/2 knows, or does nothing.
   *
   * @return whether it has been dealt with: the server acts upon it no more
   */
  Fate onHttp2(Visit visit) throws IOException {
    Http2Visit http2 = visit.http2();
    switch (chance.number(0, 29)) {
      case 0 -> {
        http2.refuse();
        return Fate.REFUSED;
      }
      case 1 -> {
        http2.reset(chance.oneOf(0, 1, 2, 8, 11, 0xffff_ffff) & 0xffff_ffffL);
        return Fate.RESET;
      }
      case 2 -> http2.goAway(http2.stream(), chance.oneOf(0, 0, 2, 11), "by chance");
      case 3 -> http2.goAway(Integer.MAX_VALUE, 0, "");
      case 4 -> http2.settings(INITIAL_WINDOW_SIZE, chance.oneOf(0, 20_000, 65_535, 1_000_000));
      case 5 -> http2.settings(MAX_CONCURRENT_STREAMS, chance.oneOf(0, 1, 2, 100));
      case 6 -> http2.ping(chance.number(0, 1000));
      case 7 -> http2.automatic(false);
      default -> {}
    }
    return Fate.GOES_ON;
  }

  /** What became of a request. */
  enum Fate {
    GOES_ON,
    REFUSED,
    RESET
  }

  /** Whether anybody was ever told what is no HTTP. */
  boolean hasGarbled() {
    return garbled;
  }
}
