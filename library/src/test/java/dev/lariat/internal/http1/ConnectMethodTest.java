package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.TunnelUp;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The request for a tunnel, and what a proxy makes of it (RFC 9110 section 9.3.6). */
class ConnectMethodTest {
  private static final String DESTINATION = "origin.example:443";

  private final Server server = new Server();
  private final Recorder out = server.out;

  private Stream connect(Headers headers) {
    Stream stream = out.stream("tunnel");
    server.engine.command(
        new Command.Connect(stream, DESTINATION, headers, FieldNames.PLAIN), out.at(server.now));
    return stream;
  }

  private Stream connect() {
    Stream stream = connect(Headers.EMPTY);
    server.reads();
    return stream;
  }

  private static Change speaks(Stream stream) {
    return new Change.SpeakRaw(stream, Long.MAX_VALUE, List.of(), true);
  }

  @Test
  void theHostOfTheRequestIsTheDestination() {
    connect(Headers.of("proxy-authorization", "Basic x"));
    assertThat(server.reads())
        .isEqualTo(
            "CONNECT origin.example:443 HTTP/1.1\r\nhost: origin.example:443\r\n"
                + "proxy-authorization: Basic x\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length: 4",
        "content-length: 4\r\ncontent-length: 5",
        "transfer-encoding: chunked",
        "connection: close",
        "x: y"
      })
  void bytesAfterTheHeadAreTheTunnelsWhateverTheHeadSays(String field) {
    Stream stream = connect();
    server.says("HTTP/1.1 200 Fine\r\n" + field + "\r\n\r\n\u0016\u0003HTTP/1.1 200 OK\r\n\r\n");
    TunnelUp opened = out.next(TunnelUp.class);
    assertThat(opened.stream()).isSameAs(stream.ref());
    assertThat(opened.status()).isEqualTo(200);
    assertThat(opened.headers().first(field.split(":")[0])).isPresent();
    out.expect(speaks(stream));
    assertThat(server.unread()).isEqualTo("\u0016\u0003HTTP/1.1 200 OK\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK", "HTTP/1.0 200 Connection established", "HTTP/1.1 299"})
  void anyStatusOf2xxOpensIt(String line) {
    Stream stream = connect();
    server.answers(line);
    out.next(TunnelUp.class);
    out.expect(speaks(stream));
  }

  @Test
  void informationalResponsesComeBeforeTheAnswer() {
    Stream stream = connect();
    server.answers("HTTP/1.1 103 Early");
    out.expect(new Inform(stream.ref(), 103, Headers.EMPTY));
    server.answers("HTTP/1.1 200 OK");
    out.next(TunnelUp.class);
    out.expect(speaks(stream));
  }

  @Test
  void aRefusalIsAResponseAndTheConnectionGoesOn() {
    Stream stream = connect();
    server.answers("HTTP/1.1 403 No", "content-length: 3");
    server.says("why");
    Headers length = Headers.of("content-length", "3");
    out.expect(
        new Response(stream.ref(), false, 403, length),
        new Data(stream.ref(), true, Bytes.ofUtf8("why")));
    Stream next = connect();
    server.answers("HTTP/1.1 200 OK");
    out.next(TunnelUp.class);
    out.expect(speaks(next));
  }

  @Test
  void whatWaitsBehindATunnelIsUnprocessed() {
    Stream stream = connect();
    Stream behind = server.request("GET", "/");
    assertThat(server.reads()).as("nothing follows before the answer").isEmpty();
    server.answers("HTTP/1.1 200 OK");
    out.next(TunnelUp.class);
    out.expect(
        new StreamFailed(behind.ref(), new Reason.Unprocessed("the connection became a tunnel")),
        speaks(stream));
  }

  @Test
  void aTunnelWaitsForTheRequestsBeforeIt() {
    Stream before = server.request("POST", "/");
    Stream stream = connect(Headers.EMPTY);
    server.answers("HTTP/1.1 204 Done");
    out.expect(new Response(before.ref(), true, 204, Headers.EMPTY));
    assertThat(server.reads()).endsWith("host: origin.example:443\r\n\r\n");
    server.answers("HTTP/1.1 200 OK");
    out.next(TunnelUp.class);
    out.expect(speaks(stream));
  }

  @Test
  void rfc9110_936_aSwitchOfProtocolsIsNoAnswer() {
    connect();
    server.answers("HTTP/1.1 101 Switching", "upgrade: foo", "connection: upgrade");
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(((Reason.Protocol) reason).section()).isEqualTo("RFC 9110 section 9.3.6");
  }

  @Test
  void aProxyThatDoesNotAnswerIsLeft() {
    Stream stream = connect();
    server.passes(Duration.ofSeconds(60));
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(((Reason.Timeout) reason).step()).isEqualTo(Reason.Step.UPGRADE);
    server.end(reason);
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  @Test
  void aTunnelThatNobodyWantsAnyMoreEndsTheConnectionWhenItOpens() {
    Stream stream = connect();
    server.cancel(stream);
    out.discard();
    server.answers("HTTP/1.1 200 OK");
    assertThat(out.change()).isInstanceOf(Change.Close.class);
  }
}
