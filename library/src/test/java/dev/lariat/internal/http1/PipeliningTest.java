package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.StreamInfo;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests are outstanding at the same time, and what the others do meanwhile. */
class PipeliningTest {
  private static final Http1 THREE = Http1.DEFAULT.pipelining(3);

  private static void answer(Server server, Stream stream) {
    server.answers("HTTP/1.1 204 No");
    server.out.expect(new Response(stream.ref(), true, 204, Headers.EMPTY));
  }

  private static Stream post(Server server, String target) {
    return server.request(Request.of("POST", target).body(Bytes.ofUtf8("q")));
  }

  @Test
  void oneRequestIsOutstandingByDefault() {
    Server server = new Server(Http1.DEFAULT);
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream three = server.request("GET", "/3");
    assertThat(server.reads()).contains("GET /1 ").doesNotContain("GET /2 ");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n");
    server.out.next(Response.class);
    assertThat(server.reads()).isEmpty(); // the response has not ended
    server.says("a");
    server.out.next();
    assertThat(server.reads()).startsWith("GET /2 ").doesNotContain("GET /3 ");
    answer(server, two);
    assertThat(server.reads()).startsWith("GET /3 ");
    answer(server, three);
    assertThat(one).isNotSameAs(two);
    server.endQuietly();
  }

  @Test
  void asManyAreOutstandingAsTheOptionSays() {
    Server server = new Server(THREE);
    Stream one = server.request("GET", "/1");
    server.request("PUT", "/2");
    server.request("DELETE", "/3");
    Stream four = server.request("HEAD", "/4");
    assertThat(server.reads())
        .containsSubsequence("GET /1 ", "PUT /2 ", "DELETE /3 ")
        .doesNotContain("HEAD /4 ");
    assertThat(server.engine.standing(four.ref()))
        .isEqualTo(new Standing(StreamInfo.State.WAITING, 3));
    answer(server, one);
    assertThat(server.reads()).startsWith("HEAD /4 ");
    server.end(new Reason.OwnerClosed());
    server.out.discard();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH", "LOCK"})
  void rfc9112_932_nothingIsOutstandingWithARequestThatIsNotIdempotent(String method) {
    Server server = new Server(THREE);
    Stream before = server.request("GET", "/before");
    Stream alone = server.request(method, "/alone");
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    assertThat(server.reads()).contains("/before").doesNotContain("/alone");
    answer(server, before);
    assertThat(server.reads()).startsWith(method + " /alone ").doesNotContain("GET");
    answer(server, alone);
    assertThat(server.reads()).containsSubsequence("GET /1 ", "GET /2 ");
    answer(server, one);
    answer(server, two);
    server.endQuietly();
  }

  @Test
  void whoAsksForItPipelinesEveryMethod() {
    Server server = new Server(THREE.pipelinedMethods(Http1.Methods.ALL));
    Stream one = post(server, "/1");
    Stream two = post(server, "/2");
    Stream three = server.request("GET", "/3");
    assertThat(server.reads()).containsSubsequence("POST /1 ", "POST /2 ", "GET /3 ");
    answer(server, one);
    answer(server, two);
    answer(server, three);
    server.endQuietly();
  }

  @Test
  void nothingIsWrittenBehindARequestThatWasCancelled() {
    Server server = new Server(THREE);
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    server.cancel(two);
    server.out.expect(new StreamFailed(two.ref(), new Reason.Cancelled()));
    Stream three = server.request("GET", "/3");
    assertThat(server.reads()).doesNotContain("/3");
    answer(server, one);
    server.expectClose(new Reason.Cancelled());
    server.endLeaving(three);
  }

  @Test
  void aRequestThatWaitsForItsTurnObeysItsDeadline() {
    Server server = new Server(Http1.DEFAULT);
    Stream one = server.request("GET", "/1");
    Stream late = server.out.stream("request late");
    Duration second = Duration.ofSeconds(1);
    server.engine.command(
        new Command.Request(
            late,
            Request.of("GET", "/late").timeout(second),
            true,
            server.now + second.toNanos(),
            List.of(),
            FieldNames.PLAIN),
        server.out.at(server.now));
    server.passes(second);
    server.out.expect(
        new StreamFailed(late.ref(), new Reason.Timeout(Reason.Step.RESPONSE, second)));
    answer(server, one);
    assertThat(server.reads()).doesNotContain("/late");
    server.endQuietly();
  }

  @Test
  void aRequestThatWaitsForItsTurnIsCancelledWithoutHarm() {
    Server server = new Server(Http1.DEFAULT);
    Stream one = server.request("GET", "/1");
    Stream two = server.headers(Request.of("PUT", "/2"));
    server.data(two, "part", false);
    Stream three = server.request("GET", "/3");
    server.cancel(two);
    server.out.next(StreamFailed.class);
    server.out.next(); // its part is rejected
    answer(server, one);
    assertThat(server.reads()).contains("GET /3 ").doesNotContain("/2");
    answer(server, three);
    server.endQuietly();
  }

  @Test
  void aBodyThatWaitsGoesOutBehindItsOwnHead() {
    Server server = new Server(Http1.DEFAULT);
    Stream one = server.request("GET", "/1");
    Stream two = server.headers(Request.of("PUT", "/2"));
    Stream three = server.headers(Request.of("PUT", "/3"));
    server.data(two, "two", true); // asked for after the head of the third
    server.data(three, "three", true);
    server.reads();
    answer(server, one);
    assertThat(server.reads()).startsWith("PUT /2 ").contains("two").doesNotContain("PUT /3 ");
    answer(server, two);
    assertThat(server.reads()).startsWith("PUT /3 ").contains("three");
    answer(server, three);
    server.endQuietly();
  }

  @Test
  void noMoreWaitForTheirTurnThanTheLimitAllows() {
    Server server = new Server(Http1.DEFAULT, Limits.DEFAULT.heldCommands(1), Server.NO_COOKIES);
    Recorder out = server.out;
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream past = server.request("GET", "/3");
    out.expect(new StreamFailed(past.ref(), new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1)));
    answer(server, one);
    answer(server, two);
    server.endQuietly();
  }

  // ---- what came with a response

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestThatWaitedIsNotWrittenIfWhatCameWithTheResponseEndsTheConnection(boolean upgrade) {
    Server server = new Server(Http1.DEFAULT);
    Stream first = upgrade ? server.upgrade() : server.request("GET", "/");
    Stream waits = post(server, "/waits");
    server.reads();
    String response = "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno";
    server.says(response + "HTTP/1.1 408 Late\r\nconnection: close\r\n\r\n");
    server.out.expect(
        new Response(first.ref(), false, 403, Headers.of("content-length", "2")),
        new Data(first.ref(), true, Bytes.ofUtf8("no")),
        new Notice.Unsolicited(408, Headers.of("connection", "close")));
    server.expectClose(new Reason.Closed());
    assertThat(server.reads()).isEmpty();
    server.endLeaving(waits);
  }

  @Test
  void aRequestThatWaitedIsNotWrittenIfWhatWaitedForCreditEndsTheConnection() {
    Server server = new Server(Http1.DEFAULT);
    Stream first = server.request(Request.of("GET", "/").credit(0));
    Stream waits = post(server, "/waits");
    server.reads();
    String response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    server.says(response + "HTTP/1.1 408 Late\r\nconnection: close\r\n\r\n");
    server.out.next(Response.class);
    server.engine.command(new Command.Credit(first, 1), server.out.at(server.now));
    server.out.expect(
        new Data(first.ref(), true, Bytes.ofUtf8("ok")),
        new Notice.Unsolicited(408, Headers.of("connection", "close")));
    server.expectClose(new Reason.Closed());
    assertThat(server.reads()).isEmpty();
    server.endLeaving(waits);
  }

  @Test
  void aRequestThatWaitedIsWrittenWhenAllThatCameHasBeenRead() {
    Server server = new Server(Http1.DEFAULT);
    server.request("GET", "/");
    Stream waits = post(server, "/waits");
    server.reads();
    server.says("HTTP/1.1 204 No\r\n\r\n\r\n");
    server.out.next(Response.class);
    assertThat(server.reads()).startsWith("POST /waits ");
    answer(server, waits);
    server.endQuietly();
  }

  /**
   * The end of the first response lets a request out, and the credit that was asked for behind it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"0\r\n\r\n", "0\r\nx: y\r\n\r\n"})
  void creditThatWaitedWithItsRequestReadsNothingTwice(String lastChunk) {
    Server server = new Server(Http1.DEFAULT.pipelining(2));
    Stream first = server.request(Request.of("GET", "/1").credit(0));
    Stream second = server.request("GET", "/2");
    Stream waits = server.request(Request.of("GET", "/3").credit(0));
    server.engine.command(new Command.Credit(waits, 1), server.out.at(server.now));
    server.says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n" + lastChunk);
    server.answers("HTTP/1.1 204 No");
    server.out.next(Response.class);
    server.reads();
    server.engine.command(new Command.Credit(first, 1), server.out.at(server.now));
    server.out.expect(new Data(first.ref(), false, Bytes.ofUtf8("a")));
    assertThat(server.out.next(Message.OfStream.class).ends()).isTrue();
    server.out.expect(new Response(second.ref(), true, 204, Headers.EMPTY));
    assertThat(server.reads()).startsWith("GET /3 ");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
    server.out.next(Response.class);
    server.out.expect(new Data(waits.ref(), true, Bytes.ofUtf8("b")));
    server.endQuietly();
  }
}
