package dev.lariat.internal.http1;

import static dev.lariat.internal.http1.Server.refs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.ContentHandler;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What becomes of bodies, behind the engine. */
class ContentTest {
  private final Server server = new Server();
  private final Recorder out = server.out;

  private Stream events(long credit) {
    return server.request(Request.of("GET", "/").content(Content.EVENTS).credit(credit));
  }

  private void hears(Stream stream, String... headers) {
    out.expect(new Response(stream.ref(), false, 200, Headers.of(headers)));
  }

  private void hears(Stream stream) {
    hears(stream, "content-type", "text/event-stream", "transfer-encoding", "chunked");
  }

  private static ServerSentEvent event(Stream stream, String data) {
    return new ServerSentEvent(stream.ref(), "", "message", data, Optional.empty());
  }

  private static Data data(Stream stream, boolean fin, String text) {
    return new Data(stream.ref(), fin, Bytes.ofUtf8(text));
  }

  private void answersWithEvents(String... chunks) {
    server.answers(
        "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
    for (String chunk : chunks) {
      server.says(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n");
    }
  }

  private void credit(Stream stream, long messages) {
    server.engine.command(new Command.Credit(stream, messages), out.at(server.now));
  }

  private static String gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private void answersGzipped(String coded) {
    server.answers(
        "HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: " + coded.length(), "A: b");
    server.says(coded);
  }

  private Stream decompressed() {
    return server.request(Request.of("GET", "/").content(Content.DECOMPRESSED));
  }

  @Test
  void eventsAreToldAndTheConnectionGoesOn() {
    Stream stream = events(Request.UNLIMITED);
    Stream next = server.request("GET", "/next");
    answersWithEvents("data: a\n\ndata: b\n\n", "data: c\n\n");
    server.says("0\r\n\r\n");
    hears(stream);
    out.expect(event(stream, "a"), event(stream, "b"), event(stream, "c"));
    out.expect(data(stream, true, ""));
    server.answers("HTTP/1.1 204 No Content");
    out.expect(new Response(next.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  @Test
  void eachEventCostsOneCreditAndTheEndNone() {
    Stream stream = events(2);
    Stream next = server.request("GET", "/next");
    answersWithEvents("data: a\n\ndata: b\n\ndata: c\n\n", "data: d\n\n");
    server.says("0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    hears(stream);
    out.expect(event(stream, "a"), event(stream, "b"));
    out.expectNothing();
    assertThat(out.reading).isFalse();
    credit(stream, 1);
    out.expect(event(stream, "c"));
    out.expectNothing();
    credit(stream, 1);
    out.expect(event(stream, "d"), data(stream, true, ""));
    out.expect(new Response(next.ref(), true, 204, Headers.EMPTY));
    assertThat(out.reading).isTrue();
    server.endQuietly();
  }

  @Test
  void theLastEventsOfABodyThatEndsWithItsConnectionWaitForCredit() {
    Stream stream = events(1);
    server.answers("HTTP/1.1 200 OK", "Content-Type: text/event-stream");
    server.says("data: a\n\ndata: b\n\n");
    hears(stream, "content-type", "text/event-stream");
    out.expect(event(stream, "a"));
    server.notifiesOfItsClose();
    server.hangsUp();
    out.expectNothing();
    credit(stream, 1);
    out.expect(event(stream, "b"), data(stream, true, ""));
    server.expectClose(new Reason.Closed());
    server.endQuietly();
  }

  @Test
  void aGoodbyeOfTlsEndsABodyOfEvents() {
    Stream stream = events(Request.UNLIMITED);
    server.answers("HTTP/1.1 200 OK", "Content-Type: text/event-stream");
    server.says("data: a\n\n");
    server.engine.inputClosed(out.at(server.now));
    hears(stream, "content-type", "text/event-stream");
    out.expect(event(stream, "a"), data(stream, true, ""));
    server.expectClose(new Reason.Closed());
    server.endQuietly();
  }

  @Test
  void trailersEndABodyOfEvents() {
    Stream stream = events(Request.UNLIMITED);
    answersWithEvents("data: a\n\n");
    server.says("0\r\nA: b\r\n\r\n");
    hears(stream);
    out.expect(event(stream, "a"), new Trailers(stream.ref(), Headers.of("a", "b")));
    server.endQuietly();
  }

  @Test
  void aBodyIsDecompressed() {
    Stream stream = decompressed();
    answersGzipped(gzip("hello"));
    hears(stream, "a", "b");
    out.expect(data(stream, false, "hello"), data(stream, true, ""));
    server.endQuietly();
  }

  @Test
  void aBodyThatDoesNotDecompressEndsItsStreamAlone() {
    Stream stream = decompressed();
    Stream next = server.request("GET", "/next");
    answersGzipped("this is not gzip");
    hears(stream, "a", "b");
    out.expect(
        new StreamFailed(
            stream.ref(),
            new Reason.Protocol(
                "the gzip content does not begin as gzip does", "RFC 1952 section 2.3")));
    server.answers("HTTP/1.1 204 No Content");
    out.expect(new Response(next.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  private Stream handled(ContentHandler.Factory handler, long credit) {
    Content content = Content.PLAIN.handler(handler);
    return server.request(Request.of("GET", "/").content(content).credit(credit));
  }

  @Test
  void aFactoryThatThrowsEndsItsStreamBeforeAByteOfTheBodyHasCome() {
    IllegalStateException thrown = new IllegalStateException("on purpose");
    Stream failing =
        handled(
            session -> {
              throw thrown;
            },
            1);
    server.answers("HTTP/1.1 200 OK", "Content-Length: 3");
    hears(failing, "content-length", "3");
    out.expect(new StreamFailed(failing.ref(), new Reason.HandlerThrew(thrown)));
    Stream next = server.request(Request.of("GET", "/"));
    server.says("abc");
    server.answers("HTTP/1.1 200 OK", "Content-Length: 0");
    out.expect(new Response(next.ref(), true, 200, Headers.of("content-length", "0")));
    out.expectNothing();
  }

  @Test
  void whatAFactoryTellsWaitsForCreditAndForNoBody() {
    ContentHandler.Factory telling =
        session -> {
          session.tell("begun");
          return Optional.empty();
        };
    Stream told = handled(telling, 1);
    server.answers("HTTP/1.1 200 OK", "Content-Length: 3");
    hears(told, "content-length", "3");
    out.expect(new ContentMessage(told.ref(), "begun"));
    out.expectNothing();
    credit(told, 1);
    server.says("abc");
    out.expect(data(told, false, "abc"));
    out.expect(data(told, true, ""));

    Stream waiting = handled(telling, 0);
    server.answers("HTTP/1.1 200 OK", "Content-Length: 3");
    hears(waiting, "content-length", "3");
    out.expectNothing();
    credit(waiting, 2);
    out.expect(new ContentMessage(waiting.ref(), "begun"));
    server.says("abc");
    out.expect(data(waiting, false, "abc"));
    out.expect(data(waiting, true, ""));
    out.expectNothing();
  }

  @Test
  void aTruncatedCodingIsNoEnd() {
    Stream stream = decompressed();
    String coded = gzip("hello");
    answersGzipped(coded.substring(0, coded.length() - 1));
    hears(stream, "a", "b");
    out.expect(data(stream, false, "hello"));
    assertThat(out.next(StreamFailed.class).reason().sentence()).contains("ends too early");
    server.endQuietly();
  }

  @Test
  void aBodyThatFailsBehindAnUnfinishedRequestEndsTheConnection() {
    Request put = Request.of("PUT", "/").content(Content.DECOMPRESSED);
    Stream stream = server.headers(put);
    answersGzipped("this is not gzip");
    hears(stream, "a", "b");
    assertThat(out.next(StreamFailed.class).stream()).isEqualTo(stream.ref());
    assertThat(out.change()).isNotNull();
    out.discard();
    assertThat(server.end(new Reason.Closed()).killed()).isEmpty();
  }

  @Test
  void aCancelledBodyIsReleasedAndPassedOver() {
    Stream stream = events(1);
    Stream next = server.request("GET", "/next");
    answersWithEvents("data: a\n\ndata: b\n\n");
    hears(stream);
    out.expect(event(stream, "a"));
    server.engine.command(new Command.Cancel(stream, new Reason.Cancelled()), out.at(server.now));
    out.expect(new StreamFailed(stream.ref(), new Reason.Cancelled()));
    assertThat(server.engine.bodies()).isZero();
    server.says("9\r\ndata: c\n\n\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    out.expect(new Response(next.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  @Test
  void aBodyInTheMiddleIsKilledWithItsConnection() {
    Stream stream = decompressed();
    server.answers("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: 100");
    server.says(gzip("hello").substring(0, 15));
    hears(stream, new String[0]);
    Reason lost = new Reason.Reset("test");
    assertThat(server.end(lost).killed()).isEqualTo(refs(stream));
    out.discard();
  }
}
