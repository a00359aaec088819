package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of HTTP/1.0, for servers that cannot do more. */
class Http10Test {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Request GET = Request.of("GET", "/");
  private static final Request KEPT = GET.header("connection", "keep-alive");

  private final Server server = new Server(Http1.DEFAULT.version(Http1.Version.HTTP_1_0));
  private final Recorder out = server.out;

  private static Response response(Stream stream, int status, String... headers) {
    return new Response(stream.ref(), true, status, Headers.of(headers));
  }

  private static StreamFailed failed(Stream stream, Reason reason) {
    return new StreamFailed(stream.ref(), reason);
  }

  @Test
  void aRequestSaysItsVersionAndAddsNothingElse() {
    Stream post = server.request(Request.of("POST", "/a").body(Bytes.ofUtf8("abc")));
    assertThat(server.reads())
        .isEqualTo("POST /a HTTP/1.0\r\nhost: example.com\r\ncontent-length: 3\r\n\r\nabc");
    server.answers("HTTP/1.0 204 No");
    out.expect(response(post, 204));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.0 204 No",
        "HTTP/1.0 204 No\r\nconnection: keep-alive",
        "HTTP/1.1 204 No",
        "HTTP/1.1 204 No\r\nconnection: close"
      })
  void theConnectionEndsBehindTheResponse(String head) {
    Stream get = server.request(GET);
    Stream behind = server.request(GET);
    server.answers(head);
    assertThat(out.next(Response.class).stream()).isSameAs(get.ref());
    server.expectClose(CLOSED);
    assertThat(server.reads()).containsOnlyOnce("GET /");
    server.endLeaving(behind);
  }

  @Test
  void aBodyEndsWithTheConnection() {
    Stream get = server.request(GET);
    server.says("HTTP/1.0 200 OK\r\n\r\nabc");
    out.expect(
        new Response(get.ref(), false, 200, Headers.EMPTY),
        new Data(get.ref(), false, Bytes.ofUtf8("abc")));
    server.hangsUp();
    out.expect(new Data(get.ref(), true, Bytes.EMPTY));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void rfc9112_61_theResponseHasNoTransferCoding() {
    Stream get = server.request(GET);
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: chunked");
    Reason reason =
        new Reason.Protocol(
            "the response to a request of HTTP/1.0 has a transfer coding", "RFC 9112 section 6.1");
    server.expectClose(reason);
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.0", "HTTP/1.1"})
  void rfc9112_93_theConnectionGoesOnWhereBothSidesSaySo(String version) {
    for (int i = 0; i < 2; i++) {
      Stream get = server.request(KEPT);
      server.answers(version + " 204 No", "Connection: Keep-Alive");
      out.expect(response(get, 204, "connection", "Keep-Alive"));
    }
    assertThat(out.change()).isNull();
    server.endQuietly();
  }

  @Test
  void nothingIsWrittenBehindARequestWhoseConnectionMayEnd() {
    Stream one = server.request(KEPT);
    Stream two = server.request(KEPT);
    Stream three = server.request(KEPT);
    assertThat(server.reads()).containsOnlyOnce("GET /");
    server.says("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\n");
    out.next(Response.class);
    assertThat(server.reads()).isEmpty();
    server.says("a");
    out.expect(new Data(one.ref(), true, Bytes.ofUtf8("a")));
    assertThat(server.reads()).containsOnlyOnce("GET /");
    server.answers("HTTP/1.0 204 No");
    out.expect(response(two, 204));
    server.expectClose(CLOSED);
    assertThat(server.reads()).isEmpty();
    server.endLeaving(three);
  }

  @Test
  void aRequestThatIsTheLastLeavesWhatWaitsToTheNextConnection() {
    Stream one = server.request(KEPT);
    Stream last = server.request(GET);
    Stream behind = server.request(KEPT);
    server.answers("HTTP/1.0 204 No", "connection: keep-alive");
    out.next(Response.class);
    server.answers("HTTP/1.0 204 No");
    out.expect(response(last, 204));
    server.expectClose(CLOSED);
    assertThat(one).isNotSameAs(last);
    server.endLeaving(behind);
  }

  @Test
  void aBodyThatFollowsHasALengthAndWaitsForNoConsent() {
    Stream put =
        server.headers(
            Request.of("PUT", "/")
                .header("content-length", "2")
                .expectContinue(Duration.ofSeconds(1)));
    server.data(put, "a", false);
    server.data(put, "b", true);
    assertThat(server.reads())
        .isEqualTo("PUT / HTTP/1.0\r\nhost: example.com\r\ncontent-length: 2\r\n\r\nab");
    server.answers("HTTP/1.0 204 No");
    out.expect(response(put, 204));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void aBodyWithoutALengthIsRefused() {
    Stream put = server.headers(Request.of("PUT", "/"));
    assertThat(out.next(StreamFailed.class).reason()).isInstanceOf(Reason.BadState.class);
    server.data(put, "a", true);
    out.next(Rejected.class);
    assertThat(server.reads()).isEmpty();
    server.endQuietly();
  }

  @Test
  void aResponseToHeadMayKeepTheConnection() {
    Stream head = server.request(Request.of("HEAD", "/").header("connection", "keep-alive"));
    server.answers("HTTP/1.0 200 OK", "connection: keep-alive", "content-length: 9");
    out.expect(response(head, 200, "connection", "keep-alive", "content-length", "9"));
    assertThat(out.change()).isNull();
    server.endQuietly();
  }

  @Test
  void aCancelledRequestEndsTheConnectionAndWhatWaitsIsTheNextOnes() {
    Stream one = server.request(KEPT);
    Stream two = server.request(KEPT);
    server.cancel(one);
    out.expect(failed(one, new Reason.Cancelled()));
    server.expectClose(new Reason.Cancelled());
    assertThat(server.reads()).containsOnlyOnce("GET /");
    server.endLeaving(two);
  }
}
