package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.GOAWAY;
import static dev.lariat.internal.codec.Http2Frames.MAX_CONCURRENT_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Stream;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import org.junit.jupiter.api.Test;

/** How many further streams a connection of HTTP/2 takes, and when a place is free again. */
class Http2RoomTest {

  private static void is(Stand stand, int room, int occupied) {
    assertThat(stand.engine.room()).as("room").isEqualTo(room);
    assertThat(stand.engine.occupied()).as("occupied").isEqualTo(occupied);
  }

  @Test
  void beforeTheServersSettingsItIsWhatTheRfcAdvises() {
    Stand stand = new Stand();
    stand.begin();
    is(stand, 100, 0);
  }

  @Test
  void itIsTheServersLimitLessTheOpenStreams() {
    Stand stand = new Stand().open(MAX_CONCURRENT_STREAMS, 2);
    is(stand, 2, 0);
    stand.get("/a");
    Stream second = stand.get("/b");
    is(stand, 0, 2);
    stand.get("/c"); // waits
    is(stand, 0, 3);
    stand.cancel(second);
    is(stand, 0, 2);
    stand.settings(MAX_CONCURRENT_STREAMS, 1);
    is(stand, 0, 2);
    stand.settings(MAX_CONCURRENT_STREAMS, 10);
    is(stand, 8, 2);
  }

  @Test
  void ownLimitHoldsToo() {
    Stand stand = new Stand(Http2.DEFAULT.maxStreams(3), Limits.DEFAULT).open();
    is(stand, 3, 0);
  }

  @Test
  void aRequestThatIsStillBeingSentKeepsItsPlace() {
    Stand stand = new Stand().open(MAX_CONCURRENT_STREAMS, 2);
    Stream put = stand.ask(Request.of("PUT", "/"), false);
    stand.answers(1, true, "200");
    assertThat(stand.engine.streams()).isZero();
    is(stand, 1, 1);
    stand.data(put, "x", true);
    is(stand, 2, 0);
  }

  @Test
  void afterGoAwayThereIsNone() {
    Stand stand = new Stand().open();
    stand.get("/a");
    stand.frame(GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
    is(stand, 0, 1);
    assertThat(stand.engine.draining()).isTrue();
  }
}
