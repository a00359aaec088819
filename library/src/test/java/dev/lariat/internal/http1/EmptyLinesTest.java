package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.option.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Empty lines on a connection that is quiet, so that nobody on the way forgets it. */
class EmptyLinesTest {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofNanos(1);

  private final Server server = new Server(Server.PIPELINED.keepalive(INTERVAL));
  private final Recorder out = server.out;

  /** Nothing is written for the interval, then an empty line. */
  private void expectLine() {
    server.passes(INTERVAL.minus(MOMENT));
    assertThat(server.reads()).isEmpty();
    server.passes(MOMENT);
    assertThat(server.reads()).isEqualTo("\r\n");
  }

  private void expectNoLine() {
    server.passes(INTERVAL.multipliedBy(3));
    assertThat(server.reads()).isEmpty();
  }

  private void expectResponse(Stream stream) {
    server.answers("HTTP/1.1 204 No");
    assertThat(out.next(Response.class).stream()).isSameAs(stream.ref());
  }

  @Test
  void noneIsWrittenWhereNoneIsAskedFor() {
    Server plain = new Server();
    assertThat(plain.engine.deadline()).isEqualTo(Engine.NEVER);
    plain.endQuietly();
  }

  @Test
  void oneIsWrittenWheneverTheConnectionWasQuietForSoLong() {
    expectLine();
    expectLine();
    Stream get = server.request("GET", "/");
    assertThat(server.reads()).startsWith("GET / HTTP/1.1\r\n");
    expectLine();
    expectResponse(get);
    server.passes(INTERVAL.minus(MOMENT));
    Stream again = server.request("GET", "/");
    assertThat(server.reads()).startsWith("GET ");
    expectLine();
    expectResponse(again);
    server.endQuietly();
  }

  @Test
  void noneIsWrittenWithinABody() {
    Stream put = server.headers(Request.of("PUT", "/"));
    server.data(put, "a", false);
    server.reads();
    expectNoLine();
    server.data(put, "b", true);
    assertThat(server.reads()).isEqualTo("1\r\nb\r\n0\r\n\r\n");
    expectLine();
    expectResponse(put);
    server.endQuietly();
  }

  @Test
  void noneIsWrittenBehindAnUpgradeBeforeItsAnswer() {
    server.passes(MOMENT);
    Stream socket = server.upgrade();
    server.reads();
    assertThat(server.engine.deadline()).isEqualTo(server.now + 10 * Server.SECOND);
    server.now += INTERVAL.toNanos() * 2;
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    assertThat(out.next(Response.class).stream()).isSameAs(socket.ref());
    server.passes(MOMENT);
    assertThat(server.reads()).isEqualTo("\r\n");
    expectLine();
    server.endQuietly();
  }

  @Test
  void noneIsWrittenWhereTheConnectionEnds() {
    Stream last = server.request(Request.of("GET", "/").header("connection", "close"));
    server.reads();
    expectNoLine();
    expectResponse(last);
    server.expectClose(CLOSED);
    expectNoLine();
    server.endQuietly();
  }

  @Test
  void noneIsWrittenBehindWhatTheTransportHasNotTakenYet() {
    out.writable = false;
    server.passes(INTERVAL);
    assertThat(server.reads()).isEmpty();
    server.writable(true);
    expectLine();
    server.endQuietly();
  }
}
