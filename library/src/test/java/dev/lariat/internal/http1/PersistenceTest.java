package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.KeepAlive.Parameter;
import dev.lariat.message.Response;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's {@code Keep-Alive}: which requests are not sent on a connection that is to end. */
class PersistenceTest {
  private static final Request GET = Request.of("GET", "/");

  private final Server server = new Server(Http1.DEFAULT);
  private final Recorder out = server.out;

  private static Reason timeout(long seconds) {
    return new Reason.KeepAlive(Parameter.TIMEOUT, seconds);
  }

  private static Reason max(long requests) {
    return new Reason.KeepAlive(Parameter.MAX, requests);
  }

  private void answer(String keepAlive) {
    server.answers("HTTP/1.1 204 No", "Keep-Alive: " + keepAlive);
    out.next(Response.class);
  }

  private void isAnswered(String keepAlive) {
    server.request(GET);
    assertThat(server.reads()).startsWith("GET / ");
    answer(keepAlive);
  }

  private void isNotSent(Reason why) {
    Stream next = server.request(GET);
    assertThat(server.reads()).isEmpty();
    server.expectClose(why);
    assertThat(server.engine.inGoodOrder()).isTrue();
    server.endLeaving(next);
  }

  // ---- timeout

  @ParameterizedTest
  @CsvSource({"1, 499", "2, 999", "3, 1999", "5, 3999", "999999999, 999999997999"})
  void beforeTheLastSecondAConnectionIsUsed(long seconds, long millis) {
    isAnswered("timeout=" + seconds);
    server.passes(Duration.ofMillis(millis));
    isAnswered("timeout=" + seconds);
    server.endQuietly();
  }

  @ParameterizedTest
  @CsvSource({"1, 500", "2, 1000", "3, 2000", "5, 4000", "5, 5000", "5, 1000000"})
  void inTheLastSecondOfAConnectionNoRequestIsSent(long seconds, long millis) {
    isAnswered("timeout=" + seconds);
    server.passes(Duration.ofMillis(millis));
    isNotSent(timeout(seconds));
  }

  @Test
  void nothingHappensInTheLastSecondIfNobodyAsksForAnything() {
    isAnswered("timeout=5");
    server.passes(Duration.ofMinutes(1));
    out.expectNothing();
    server.endQuietly();
  }

  @Test
  void theTimeCountsFromTheEndOfTheResponse() {
    server.request(GET);
    server.says("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 2\r\n\r\na");
    server.passes(Duration.ofSeconds(60));
    server.says("b");
    server.passes(Duration.ofMillis(3999));
    server.request(GET);
    server.answers("HTTP/1.1 204 No");
    out.next(Response.class);
    out.next(Data.class);
    out.next(Data.class);
    out.next(Response.class);
    server.passes(Duration.ofSeconds(4)); // what it has said still holds
    server.reads();
    isNotSent(timeout(5));
  }

  @Test
  void theTimeCountsFromWhenTheServerWasHeardAndNotFromWhenCreditCame() {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 1\r\n\r\na");
    Stream next = server.request(GET);
    server.passes(Duration.ofSeconds(60));
    server.engine.command(new Command.Credit(get, 1), out.at(server.now));
    out.next(Response.class);
    out.expect(new Data(get.ref(), true, Bytes.ofUtf8("a")));
    assertThat(server.reads()).containsOnlyOnce("GET");
    server.expectClose(timeout(5));
    server.endLeaving(next);
  }

  /** A response begins, and its receiver does not want the rest of it for this time. */
  private void isNotReadFor(Duration time) {
    Stream get = server.request(GET.credit(0));
    server.says("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 3\r\n\r\na");
    assertThat(out.unreadUntil()).as("it is not read").isEqualTo(Engine.NEVER);
    server.passes(time);
    out.unreadUntil = server.now;
    server.engine.command(
        new Command.Credit(get, Request.UNLIMITED), out.at(server.now)); // it is read again
  }

  private void isAnsweredToItsEnd() {
    out.next(Response.class);
    out.next(Data.class);
    out.next(Data.class);
    server.reads();
  }

  @Test
  void whatMayHaveWaitedInTheSocketCountsFromWhenReadingStopped() {
    isNotReadFor(Duration.ofSeconds(3));
    server.passes(Duration.ofMillis(999));
    server.says("bc");
    isAnsweredToItsEnd();
    server.passes(Duration.ofMillis(1));
    isNotSent(timeout(5));
  }

  @Test
  void whatComesASecondAfterReadingWasResumedHasNotWaited() {
    isNotReadFor(Duration.ofSeconds(60));
    server.passes(Duration.ofSeconds(1));
    server.says("bc");
    isAnsweredToItsEnd();
    server.passes(Duration.ofMillis(3999));
    isAnswered("timeout=5");
    server.endQuietly();
  }

  @Test
  void readingThatStoppedForAMomentMakesNothingWait() {
    isNotReadFor(Duration.ofMillis(99));
    server.says("bc");
    isAnsweredToItsEnd();
    server.passes(Duration.ofMillis(3950));
    isAnswered("timeout=5");
    server.endQuietly();
  }

  @Test
  void theAnswerToARequestThatIsSentNextHasNotWaited() {
    isNotReadFor(Duration.ofSeconds(3));
    server.says("bc");
    isAnsweredToItsEnd();
    isAnswered("timeout=5"); // at once, with reading just resumed
    server.passes(Duration.ofMillis(3999));
    isAnswered("timeout=5");
    server.endQuietly();
  }

  @Test
  void aBodyThatIsOnItsWayIsSentToItsEndFirst() {
    Stream put = server.headers(Request.of("PUT", "/"));
    answer("timeout=1");
    server.passes(Duration.ofSeconds(9));
    server.reads();
    Stream next = server.request(GET);
    server.data(put, "a", true);
    assertThat(server.reads()).isEqualTo("1\r\na\r\n0\r\n\r\n");
    server.expectClose(timeout(1));
    server.endLeaving(next);
  }

  @Test
  void aConnectionOnWhichARequestIsOutIsNotIdle() {
    Server pipelined = new Server();
    pipelined.request(GET);
    pipelined.answers("HTTP/1.1 204 No", "Keep-Alive: timeout=5");
    pipelined.request(GET);
    pipelined.passes(Duration.ofSeconds(60));
    pipelined.reads();
    pipelined.request(GET);
    assertThat(pipelined.reads()).startsWith("GET / ");
    pipelined.answers("HTTP/1.1 204 No");
    pipelined.answers("HTTP/1.1 204 No");
    for (int i = 0; i < 3; i++) {
      pipelined.out.next(Response.class);
    }
    pipelined.endQuietly();
  }

  @Test
  void anUpgradeIsNotSentEither() {
    isAnswered("timeout=5");
    server.passes(Duration.ofSeconds(4));
    Stream socket = server.upgrade();
    assertThat(server.reads()).isEmpty();
    server.expectClose(timeout(5));
    server.endLeaving(socket);
  }

  @Test
  void aLaterResponseSaysAnotherTime() {
    isAnswered("timeout=5");
    isAnswered("timeout=60");
    server.passes(Duration.ofSeconds(58));
    isAnswered("timeout=2");
    server.passes(Duration.ofSeconds(1));
    isNotSent(timeout(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"timeout=0", "timeout=-1", "timeout=soon", "max=0", "300"})
  void absurdValuesAreIgnored(String keepAlive) {
    isAnswered(keepAlive);
    server.passes(Duration.ofDays(1));
    isAnswered(keepAlive);
    server.endQuietly();
  }

  // ---- max

  @Test
  void afterMaxRequestsNoneIsSent() {
    isAnswered("max=2");
    server.request(GET);
    server.answers("HTTP/1.1 204 No");
    server.request(GET);
    server.answers("HTTP/1.1 204 No");
    out.next(Response.class);
    out.next(Response.class);
    server.reads();
    isNotSent(max(2));
  }

  @Test
  void aServerCountsDownAsApacheDoes() {
    isAnswered("timeout=5, max=2");
    isAnswered("timeout=5, max=1");
    server.request(GET);
    server.answers("HTTP/1.1 204 No", "Connection: close");
    out.next(Response.class);
    server.expectClose(new Reason.Closed());
    server.endQuietly();
  }

  @Test
  void requestsThatAreOutAreCountedAndTheNextWaitsForTheirResponses() {
    Server pipelined = new Server();
    for (int i = 0; i < 2; i++) {
      pipelined.request(GET);
    }
    pipelined.answers("HTTP/1.1 204 No", "Keep-Alive: max=2"); // one of the two is out
    pipelined.reads();
    pipelined.request(GET);
    assertThat(pipelined.reads()).startsWith("GET / ");
    Stream next = pipelined.request(GET);
    assertThat(pipelined.reads()).isEmpty();
    assertThat(pipelined.engine.whyWaiting(next.ref())).hasValue(max(2));
    pipelined.answers("HTTP/1.1 204 No");
    pipelined.answers("HTTP/1.1 204 No");
    for (int i = 0; i < 3; i++) {
      pipelined.out.next(Response.class);
    }
    assertThat(pipelined.reads()).isEmpty();
    pipelined.expectClose(max(2));
    pipelined.endLeaving(next);
  }

  @Test
  void aServerThatTakesOneMoreRequestGetsOneMore() {
    isAnswered("max=1");
    server.request(GET);
    assertThat(server.reads()).startsWith("GET / ");
    server.answers("HTTP/1.1 204 No");
    out.next(Response.class);
    isNotSent(max(1));
  }

  @Test
  void anInformationalResponseSaysNothingOfIt() {
    server.request(GET);
    server.answers("HTTP/1.1 103 Early", "Keep-Alive: timeout=1");
    server.answers("HTTP/1.1 204 No");
    server.passes(Duration.ofSeconds(9));
    server.reads();
    server.request(GET);
    assertThat(server.reads()).startsWith("GET / ");
    server.answers("HTTP/1.1 204 No");
    out.discard();
    server.endQuietly();
  }
}
