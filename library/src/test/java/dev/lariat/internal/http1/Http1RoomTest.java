package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many further requests a connection of HTTP/1.1 takes, and when a place is free again. */
class Http1RoomTest {
  private final Server server = new Server(Http1.DEFAULT);
  private final Http1Engine engine = server.engine;

  private void is(int room, int occupied) {
    assertThat(engine.room()).as("room").isEqualTo(room);
    assertThat(engine.occupied()).as("occupied").isEqualTo(occupied);
  }

  @Test
  void aQuietConnectionTakesOneRequest() {
    is(1, 0);
    server.request("GET", "/");
    is(0, 1);
    server.says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
    is(0, 1);
    server.says("k");
    is(1, 0);
    server.out.next(Response.class);
    server.out.next(Data.class);
    server.out.next(Data.class);
  }

  @Test
  void theRestOfACancelledResponseMustBeThrownAwayFirst() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na");
    server.cancel(get);
    assertThat(engine.streams()).isZero();
    is(0, 1);
    server.says("bc");
    is(1, 0);
    server.out.next(Response.class);
    server.out.next(Data.class);
    server.out.next(StreamFailed.class);
  }

  @Test
  void theRequestMustHaveBeenSentToItsEnd() {
    Stream put = server.headers(Request.of("PUT", "/"));
    server.data(put, "a", false);
    server.answers("HTTP/1.1 200 OK", "Content-Length: 0");
    server.out.next(Response.class);
    assertThat(engine.streams()).isZero();
    is(0, 1);
    server.data(put, "b", true);
    is(1, 0);
  }

  @Test
  void aResponseThatIsTheLastLeavesNoRoom() {
    server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n");
    is(0, 1);
    assertThat(engine.draining()).isTrue();
    server.out.next(Response.class);
  }

  @Test
  void aServerThatAnswersNoMoreLeavesNoRoom() {
    server.request("GET", "/");
    server.answers("HTTP/1.1 204 No", "Keep-Alive: max=1");
    server.out.next(Response.class);
    is(1, 0);
    server.request("GET", "/");
    server.answers("HTTP/1.1 204 No");
    server.out.next(Response.class);
    is(0, 0);
  }

  @Test
  void theServerSaysHowLongAConnectionMayBeIdle() {
    assertThat(engine.idleLimit()).isEqualTo(Engine.NEVER);
    server.request("GET", "/");
    server.answers("HTTP/1.1 204 No", "Keep-Alive: timeout=5");
    server.out.next(Response.class);
    assertThat(engine.idleLimit()).isEqualTo(Duration.ofSeconds(4).toNanos());
  }
}
