package dev.lariat.internal.http1;

import static dev.lariat.internal.http1.Server.SECOND;
import static dev.lariat.internal.http1.Server.UNSENT;
import static dev.lariat.internal.http1.Server.refs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Trailers;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Http1;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http1EngineTest {
  private static final Reason CLOSED = new Reason.Closed();
  private static final Reason OWNER = new Reason.OwnerClosed();
  private static final Reason LOST = new Reason.Reset("test");
  private static final Reason BEHIND =
      new Reason.Unprocessed("the server closes the connection after an earlier response");
  private static final Reason NOT_OPEN = new Reason.BadState("send", "the WebSocket is not open");

  private final Server server = new Server();
  private final Recorder out = server.out;
  private final Http1Engine engine = server.engine;

  private static Response response(Stream stream, boolean fin, int status, String... headers) {
    return new Response(stream.ref(), fin, status, Headers.of(headers));
  }

  private static Data data(Stream stream, boolean fin, String text) {
    return new Data(stream.ref(), fin, Bytes.ofUtf8(text));
  }

  private static StreamFailed failed(Stream stream, Reason reason) {
    return new StreamFailed(stream.ref(), reason);
  }

  private static Rejected rejected(Stream stream) {
    return new Rejected(stream.ref(), "send", NOT_OPEN);
  }

  /** The right answer to the upgrade that was just read. */
  private static String accept(String request) throws Exception {
    Matcher key = Pattern.compile("sec-websocket-key: (.*)\r\n").matcher(request);
    assertThat(key.find()).isTrue();
    byte[] digest =
        MessageDigest.getInstance("SHA-1")
            .digest(
                (key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                    .getBytes(StandardCharsets.US_ASCII));
    return Base64.getEncoder().encodeToString(digest);
  }

  private void switches(String... more) throws Exception {
    String request = server.reads();
    server.answers(
        "HTTP/1.1 101 Switching Protocols",
        "upgrade: websocket",
        "connection: upgrade",
        String.join("\r\n", more)
            + (more.length == 0 ? "" : "\r\n")
            + "sec-websocket-accept: "
            + accept(request));
  }

  // ---- responses

  @Test
  void aResponseIsToldAsItComes() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\nContent-Le");
    out.expectNothing();
    server.says("ngth: 5\r\n\r\nab");
    out.expect(response(get, false, 200, "content-length", "5"), data(get, false, "ab"));
    server.says("cde");
    out.expect(data(get, true, "cde"));
    server.reads();
    server.endQuietly();
    assertThat(engine.protocol()).isEqualTo(Protocol.HTTP_1_1);
  }

  @Test
  void aResponseCutAtEveryPlaceIsTheSame() {
    String whole =
        "HTTP/1.1 103 Early\r\nlink: x\r\n\r\n"
            + "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nt: u\r\n\r\n"
            + "HTTP/1.1 204 No Content\r\n\r\n";
    for (int cut = 0; cut <= whole.length(); cut++) {
      Server each = new Server();
      Stream one = each.request("GET", "/1");
      Stream two = each.request("GET", "/2");
      each.says(whole.substring(0, cut));
      each.says(whole.substring(cut));
      each.out.expect(
          new Inform(one.ref(), 103, Headers.of("link", "x")),
          response(one, false, 200, "transfer-encoding", "chunked"));
      StringBuilder body = new StringBuilder();
      Object next = each.out.next();
      while (next instanceof Data part) {
        assertThat(part.fin()).isFalse();
        body.append(part.bytes().utf8());
        next = each.out.next();
      }
      assertThat(body.toString()).isEqualTo("abc");
      assertThat(next).isEqualTo(new Trailers(one.ref(), Headers.of("t", "u")));
      each.out.expect(response(two, true, 204));
      each.endQuietly();
    }
  }

  @Test
  void pipelinedResponsesBelongToTheirRequestsInOrder() {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("HEAD", "/2");
    Stream three = server.request("POST", "/3");
    server.says(
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"
            + "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n"
            + "HTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nc");
    out.expect(
        response(one, false, 200, "content-length", "1"),
        data(one, true, "a"),
        response(two, true, 200, "content-length", "7"),
        response(three, false, 201, "content-length", "1"),
        data(three, true, "c"));
    server.endQuietly();
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, 200, content-length: 10",
    "HEAD, 200, transfer-encoding: chunked",
    "HEAD, 200, transfer-encoding: gzip",
    "HEAD, 200, content-length: 9223372036854775807",
    "HEAD, 200, x: y",
    "GET, 204, x: y",
    "GET, 204, content-length: 10",
    "GET, 204, transfer-encoding: chunked",
    "GET, 304, transfer-encoding: chunked",
    "GET, 304, content-length: 10",
    "GET, 304, x: y",
    "GET, 200, content-length: 0",
    "GET, 404, content-length: 0",
    "GET, 205, content-length: 0",
  })
  void rfc9112_63_aResponseWithoutABodyIsItsOwnEnd(String method, int status, String header) {
    Stream first = server.request(method, "/");
    server.answers("HTTP/1.1 " + status + " Any", header);
    Response response = out.next(Response.class);
    assertThat(response.fin()).isTrue();
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.stream()).isSameAs(first.ref());
    out.expectNothing();
    Stream second = server.request("GET", "/next");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx");
    out.expect(response(second, false, 200, "content-length", "1"), data(second, true, "x"));
    server.endQuietly();
  }

  @Test
  void rfc9112_63_anInterimResponseDoesNotCountForHead() {
    Stream head = server.request("HEAD", "/");
    server.answers("HTTP/1.1 103 Early Hints");
    server.answers("HTTP/1.1 200 OK", "content-length: 10");
    out.expect(
        new Inform(head.ref(), 103, Headers.EMPTY),
        response(head, true, 200, "content-length", "10"));
    server.endQuietly();
  }

  @Test
  void rfc9112_71_chunksAreJoinedToABody() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    server.says("3;ext=1\r\nabc\r\n");
    server.says("2\r\nde\r\n0\r\n\r\n");
    out.expect(
        response(get, false, 200, "transfer-encoding", "chunked"),
        data(get, false, "abc"),
        data(get, false, "de"),
        data(get, true, ""));
    server.endQuietly();
  }

  @Test
  void rfc9112_712_trailersAreTheEnd() {
    Stream get = server.request("GET", "/");
    server.says(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + "1\r\na\r\n0\r\nDigest: x\r\nother: y\r\n\r\n");
    out.expect(
        response(get, false, 200, "transfer-encoding", "chunked"),
        data(get, false, "a"),
        new Trailers(get.ref(), Headers.of("digest", "x", "other", "y")));
    server.endQuietly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"digest, other", "digest", "another", ""})
  void rfc9110_662_trailersAreToldWhateverWasAnnounced(String announced) {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: chunked", "trailer: " + announced);
    server.says("0\r\nDigest: x\r\nother: y\r\n\r\n");
    out.expect(
        response(get, false, 200, "transfer-encoding", "chunked", "trailer", announced),
        new Trailers(get.ref(), Headers.of("digest", "x", "other", "y")));
    server.endQuietly();
  }

  @Test
  void rfc9110_662_trailersThatWereAnnouncedMayBeMissing() {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 200 OK", "transfer-encoding: chunked", "trailer: digest");
    server.says("0\r\n\r\n");
    out.expect(
        response(get, false, 200, "transfer-encoding", "chunked", "trailer", "digest"),
        data(get, true, ""));
    server.endQuietly();
  }

  @Test
  void rfc9112_63_aBodyWithoutALengthEndsWithTheConnection() {
    Stream get = server.request("GET", "/");
    Stream behind = server.request("GET", "/behind");
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.expect(response(get, false, 200), failed(behind, BEHIND), data(get, false, "abc"));
    server.says("d");
    out.expect(data(get, false, "d"));
    server.hangsUp();
    out.expect(data(get, true, ""), new Change.Close(CLOSED));
    assertThat(server.end(CLOSED)).isEqualTo(new Engine.Casualties(List.of(), refs(behind)));
    out.expectEnd();
  }

  @Test
  void aBodyWithoutALengthEndsWithTlsToo() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.expect(response(get, false, 200), data(get, false, "abc"));
    server.notifiesOfItsClose();
    out.expect(data(get, true, ""), new Change.Close(CLOSED));
    server.endQuietly();
  }

  @Test
  void rfc9112_98_aBodyWithoutALengthIsIncompleteWhereTlsIsCutOff() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.expect(response(get, false, 200), data(get, false, "abc"));
    server.isCutOff();
    Reason cut =
        new Reason.Protocol(
            "the server ended TLS without a close_notify, so the response is incomplete",
            "RFC 9112 section 9.8");
    server.expectClose(cut);
    assertThat(server.end(cut).killed()).containsExactly(get.ref());
    out.expect(failed(get, cut));
    out.expectEnd();
  }

  @Test
  void rfc9112_98_whatHasItsOwnEndIsCompleteHoweverTlsEnds() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    out.expect(response(get, false, 200, "content-length", "1"), data(get, true, "a"));
    server.isCutOff();
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void aBodyThatIsCutShortFailsItsStream() {
    for (String head :
        List.of("content-length: 5\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n5\r\nabc")) {
      Server each = new Server();
      Stream get = each.request("GET", "/");
      each.says("HTTP/1.1 200 OK\r\n" + head);
      each.out.next(Response.class);
      each.out.expect(data(get, false, "abc"));
      each.hangsUp();
      each.expectClose(CLOSED);
      assertThat(each.end(CLOSED).killed()).containsExactly(get.ref());
      each.out.expect(failed(get, new Reason.Incomplete(CLOSED)));
      each.out.expectEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"H", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nfoo: b"})
  void rfc9112_8_aHeadThatIsCutShortIsAnIncompleteResponse(String head) {
    Stream get = server.request("GET", "/");
    server.says(head);
    server.hangsUp();
    server.expectClose(CLOSED);
    assertThat(server.end(CLOSED).killed()).containsExactly(get.ref());
    out.expect(failed(get, new Reason.Incomplete(CLOSED)));
    out.expectEnd();
  }

  @Test
  void anEmptyLineIsNoPartOfAResponse() {
    Stream get = server.request("GET", "/");
    server.says("\r\n");
    server.hangsUp();
    server.expectClose(CLOSED);
    server.end(CLOSED);
    out.expect(failed(get, new Reason.Unanswered(CLOSED)));
    out.expectEnd();
  }

  @Test
  void interimResponsesComeBeforeTheFinalOne() {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 100 Continue");
    server.answers("HTTP/1.1 103 Early Hints", "link: </a>");
    server.answers("HTTP/1.1 199 Any");
    server.answers("HTTP/1.1 200 OK", "content-length: 0");
    out.expect(
        new Inform(get.ref(), 100, Headers.EMPTY),
        new Inform(get.ref(), 103, Headers.of("link", "</a>")),
        new Inform(get.ref(), 199, Headers.EMPTY),
        response(get, true, 200, "content-length", "0"));
    server.endQuietly();
  }

  @Test
  void rfc9110_15_2_2_aSwitchNobodyAskedForBreaksARule() {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 101 Switching", "upgrade: websocket", "connection: upgrade");
    Reason reason =
        new Reason.Protocol(
            "the server switched protocols without a request to do so", "RFC 9110 section 15.2.2");
    server.expectClose(reason);
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"200 OK", "103 Early Hints", "101 Switching"})
  void rfc9112_92_aResponseNeedsARequest(String status) {
    server.answers("HTTP/1.1 " + status, "content-length: 0");
    out.next(Notice.Unsolicited.class);
    server.expectClose(
        new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2"));
    server.endQuietly();
  }

  @Test
  void aSecondResponseToOneRequestNeedsARequestToo() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    out.expect(response(get, true, 204), new Notice.Unsolicited(204, Headers.EMPTY));
    server.expectClose(
        new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2"));
    server.endQuietly();
  }

  // ---- the server closes

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nconnection: close",
        "HTTP/1.1 200 OK\r\nconnection: foo, Close",
        "HTTP/1.0 200 OK"
      })
  void rfc9112_96_whatIsBehindTheLastResponseIsUnprocessed(String head) {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream three = server.request("POST", "/3");
    server.answers(head, "content-length: 1");
    out.next(Response.class);
    out.expect(failed(two, BEHIND), failed(three, BEHIND));
    Stream late = server.request("GET", "/late");
    server.says("x");
    out.expect(data(one, true, "x"));
    server.expectClose(CLOSED);
    assertThat(server.end(CLOSED)).isEqualTo(new Engine.Casualties(List.of(), refs(two, three)));
    out.expect(failed(late, UNSENT)); // which waited for the next connection
    out.expectEnd();
  }

  @Test
  void http10WithKeepAliveGoesOn() {
    Stream one = server.request("GET", "/1");
    server.answers("HTTP/1.0 200 OK", "connection: keep-alive", "content-length: 0");
    assertThat(out.next(Response.class).stream()).isSameAs(one.ref());
    Stream two = server.request("GET", "/2");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(two, true, 204));
    server.endQuietly();
  }

  @Test
  void theLastResponseWithoutABodyEndsTheConnection() {
    Stream get = server.request("GET", "/");
    server.answers("HTTP/1.1 204 No", "connection: close");
    out.expect(response(get, true, 204, "connection", "close"));
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  @Test
  void anUpgradeBehindTheLastResponseIsUnprocessedAndItsEarlyFramesAreRejected() {
    server.request("GET", "/");
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream held = server.request("GET", "/held");
    server.answers("HTTP/1.1 200 OK", "connection: close", "content-length: 0");
    out.next(Response.class);
    out.expect(rejected(socket), failed(socket, BEHIND));
    server.expectClose(CLOSED);
    assertThat(server.end(CLOSED)).isEqualTo(new Engine.Casualties(List.of(), refs(socket)));
    out.expect(failed(held, UNSENT));
    out.expectEnd();
  }

  @Test
  void whenTheConnectionIsLostEveryStreamFails() {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream held = server.request("GET", "/held");
    Stream heldSocket = server.upgrade();
    server.send(heldSocket, new Text("a"), "a");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab");
    out.next(Response.class);
    out.expect(data(one, false, "ab"));
    Engine.Casualties casualties = server.end(LOST);
    assertThat(casualties).isEqualTo(new Engine.Casualties(refs(one, two, socket), List.of()));
    out.expect(
        failed(one, new Reason.Incomplete(LOST)),
        failed(two, new Reason.Unanswered(LOST)),
        rejected(socket),
        failed(socket, LOST),
        failed(held, UNSENT),
        failed(heldSocket, UNSENT),
        new Rejected(heldSocket.ref(), "send", UNSENT));
    out.expectEnd();
  }

  @Test
  void anIdleConnectionMayBeClosed() {
    server.hangsUp();
    server.expectClose(CLOSED);
    server.endQuietly();
  }

  // ---- upgrades

  @Test
  void anAcceptedUpgradeHandsTheStreamOver() throws Exception {
    Stream socket = server.upgrade(WebSocketOptions.compressed().subprotocols("chat"));
    Command.Send one = server.send(socket, new Text("one"), "one");
    Command.Send two = server.send(socket, new Text("two"), "two");
    engine.command(
        new Command.SetKeepalive(socket, Keepalive.every(Duration.ofSeconds(7))),
        out.at(server.now));
    Stream held = server.request("GET", "/held");
    switches(
        "sec-websocket-protocol: chat",
        "sec-websocket-extensions: permessage-deflate; server_no_context_takeover");
    Upgraded upgraded = out.next(Upgraded.class);
    assertThat(upgraded.stream()).isSameAs(socket.ref());
    assertThat(upgraded.subprotocol()).contains("chat");
    assertThat(upgraded.headers().contains("upgrade")).isTrue();
    out.expect(failed(held, new Reason.Unprocessed("the connection became a WebSocket")));
    Change.SpeakWebSocket start = out.next(Change.SpeakWebSocket.class);
    assertThat(start.stream()).isSameAs(socket);
    assertThat(start.early()).containsExactly(one, two);
    assertThat(start.options().keepalive().interval()).isEqualTo(Duration.ofSeconds(7));
    assertThat(start.agreement().deflate().orElseThrow().serverNoContextTakeover()).isTrue();
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    out.expectNothing();
  }

  @Test
  void bytesBehindTheSwitchAreTheWebSocketsOwn() throws Exception {
    server.upgrade();
    String request = server.reads();
    server.says(
        "HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            + "sec-websocket-accept: "
            + accept(request)
            + "\r\n\r\n\u0081\u0002hi");
    out.next(Upgraded.class);
    out.next(Change.SpeakWebSocket.class);
    out.expectNothing();
  }

  @Test
  void anUpgradeBehindARequestIsAnsweredInItsTurn() throws Exception {
    Stream get = server.request("GET", "/");
    Stream socket = server.upgrade();
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, true, 204));
    switches();
    assertThat(out.next(Upgraded.class).stream()).isSameAs(socket.ref());
    out.next(Change.SpeakWebSocket.class);
    out.expectNothing();
  }

  @Test
  void aRefusedUpgradeIsAResponseAndTheConnectionGoesOn() {
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream held = server.request("GET", "/held");
    server.reads();
    server.says("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbu");
    out.expect(
        rejected(socket),
        response(socket, false, 503, "content-length", "4"),
        data(socket, false, "bu"));
    assertThat(Recorder.gate(socket).hasEnded()).isTrue();
    assertThat(server.reads()).startsWith("GET /held ");
    server.send(socket, new Text("late"), "late");
    engine.command(new Command.SetKeepalive(socket, Keepalive.DEFAULT), out.at(server.now));
    out.expect(
        rejected(socket),
        new Rejected(
            socket.ref(),
            "keepalive",
            new Reason.BadState("keepalive", "the WebSocket is not open")));
    server.says("sy");
    out.expect(data(socket, true, "sy"));
    server.answers("HTTP/1.1 204 No");
    out.expect(response(held, true, 204));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    server.endQuietly();
  }

  @Test
  void aRefusalThatClosesLeavesWhatWasHeldToTheNextConnection() {
    Stream socket = server.upgrade();
    Stream held = server.request("GET", "/held");
    server.answers("HTTP/1.1 403 No", "connection: close", "content-length: 0");
    out.next(Response.class);
    server.expectClose(CLOSED);
    assertThat(Recorder.gate(socket).hasEnded()).isTrue();
    server.endLeaving(held);
  }

  @Test
  void aHeldUpgradeIsAskedForWithItsFramesWhenTheFirstIsRefused() throws Exception {
    Stream first = server.upgrade();
    Stream second = server.upgrade();
    Stream request = server.request("GET", "/behind");
    Command.Send early = server.send(second, new Text("early"), "early");
    engine.command(
        new Command.SetKeepalive(second, Keepalive.every(Duration.ofSeconds(7))),
        out.at(server.now));
    server.reads();
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.expect(response(first, true, 404, "content-length", "0"));
    Command.Send late = server.send(second, new Text("late"), "late");
    switches();
    assertThat(out.next(Upgraded.class).stream()).isSameAs(second.ref());
    out.expect(failed(request, new Reason.Unprocessed("the connection became a WebSocket")));
    Change.SpeakWebSocket start = out.next(Change.SpeakWebSocket.class);
    assertThat(start.early()).containsExactly(early, late);
    assertThat(start.options().keepalive().interval()).isEqualTo(Duration.ofSeconds(7));
    out.expectNothing();
  }

  @Test
  void whatIsHeldIsLetOutInItsOrder() {
    server.upgrade();
    Stream one = server.request("GET", "/1");
    Stream second = server.upgrade();
    server.send(second, new Text("a"), "a");
    Stream two = server.request("GET", "/2");
    server.reads();
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.next(Response.class);
    assertThat(server.reads()).containsSubsequence("GET /1 ", "GET /ws ").doesNotContain("GET /2 ");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(one, true, 204));
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.expect(rejected(second), response(second, true, 404, "content-length", "0"));
    assertThat(server.reads()).startsWith("GET /2 ");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(two, true, 204));
    server.endQuietly();
  }

  @Test
  void requestsAreHeldInTheirOrderWhileTheTransportTakesNone() {
    Stream first = server.request("GET", "/1");
    out.writable = false;
    Stream second = server.request("GET", "/2");
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream third = server.request("GET", "/3");
    assertThat(server.reads()).startsWith("GET /1 ").doesNotContain("GET /2 ");
    server.answers("HTTP/1.1 204 No");
    out.expect(response(first, true, 204));
    assertThat(engine.deadline())
        .as("of an upgrade that was not asked for")
        .isEqualTo(Engine.NEVER);
    out.writable = true;
    engine.writable(out.at(server.now));
    assertThat(server.reads())
        .startsWith("GET /2 ")
        .contains("GET /ws ")
        .doesNotContain("GET /3 "); // behind the upgrade
    out.writable = false;
    engine.writable(out.at(server.now));
    assertThat(server.end(LOST).killed()).containsExactly(second.ref(), socket.ref());
    out.expect(
        failed(second, new Reason.Unanswered(LOST)),
        rejected(socket),
        failed(socket, LOST),
        failed(third, UNSENT));
    out.expectEnd();
  }

  @Test
  void noMoreIsHeldForTheTransportThanTheLimitAllows() {
    Server each = new Server(Limits.DEFAULT.heldCommands(1));
    each.out.writable = false;
    Stream held = each.request("GET", "/held");
    Stream past = each.request("GET", "/past");
    each.out.expect(failed(past, new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1)));
    each.endLeaving(held);
  }

  @Test
  void aCreditThatCannotBeHeldIsRejected() {
    Server each = new Server(Limits.DEFAULT.heldCommands(1));
    Stream first = each.upgrade();
    Stream second = each.upgrade();
    each.engine.command(new Command.Credit(second, 1), each.out.at(each.now));
    Reason limit = new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1);
    each.out.expect(new Rejected(second.ref(), "credit", limit));
    each.end(LOST);
    each.out.expect(failed(first, LOST), failed(second, UNSENT));
    each.out.expectEnd();
  }

  @Test
  void noMoreIsHeldThanTheLimitAllows() {
    Server each = new Server(Limits.DEFAULT.heldCommands(1));
    Stream socket = each.upgrade();
    Stream held = each.request("GET", "/held");
    Stream past = each.upgrade();
    Reason limit = new Reason.Limit(Reason.Bound.HELD_COMMANDS, 1);
    each.out.expect(failed(past, limit));
    each.send(past, new Text("a"), "a");
    each.out.expect(rejected(past));
    each.end(LOST);
    each.out.expect(failed(socket, LOST), failed(held, UNSENT));
    each.out.expectEnd();
  }

  @Test
  void anUpgradeHasADeadline() {
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    assertThat(engine.deadline()).isEqualTo(server.now + 10 * SECOND);
    engine.elapsed(out.at(server.now + 10 * SECOND - 1));
    out.expectNothing();
    engine.elapsed(out.at(server.now + 10 * SECOND));
    Reason late = new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofSeconds(10));
    server.expectClose(late);
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    engine.elapsed(out.at(server.now + 20 * SECOND));
    assertThat(server.end(late).killed()).containsExactly(socket.ref());
    out.expect(rejected(socket), failed(socket, late));
    out.expectEnd();
  }

  @Test
  void theTimeOfAnUpgradeBeginsWhenTheResponseBeforeItHasEnded() {
    Stream get = server.request("GET", "/");
    Stream socket = server.upgrade();
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
    out.next(Response.class);
    out.expect(data(get, false, "a"));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    server.now += 60 * SECOND;
    engine.elapsed(out.at(server.now));
    assertThat(out.change()).isNull();
    server.says("b");
    out.expect(data(get, true, "b"));
    assertThat(engine.deadline()).isEqualTo(server.now + 10 * SECOND);
    engine.elapsed(out.at(server.now + 10 * SECOND));
    Reason late = new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofSeconds(10));
    server.expectClose(late);
    assertThat(server.end(late).killed()).containsExactly(socket.ref());
    out.expect(failed(socket, late));
    out.expectEnd();
  }

  @Test
  void theTimeOfAnUpgradeThatWasHeldBeginsWhenItIsNext() {
    Stream first = server.upgrade();
    Stream second = server.upgrade();
    server.says("HTTP/1.1 404 No\r\ncontent-length: 1\r\n\r\n");
    out.next(Response.class);
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    server.now += 60 * SECOND;
    server.says("a");
    out.expect(data(first, true, "a"));
    assertThat(engine.deadline()).isEqualTo(server.now + 10 * SECOND);
    server.end(LOST);
    out.expect(failed(second, LOST));
    out.expectEnd();
  }

  @Test
  void theTimeOfAnUpgradeCountsThoughTheMailboxIsFull() {
    assertThat(engine.needsNoRoom()).isFalse();
    Stream socket = server.upgrade();
    assertThat(engine.needsNoRoom()).isTrue();
    server.says("HTTP/1.1 103 Early Hints\r\n\r\n");
    out.next(Inform.class);
    assertThat(engine.needsNoRoom()).as("there may be any number of those").isFalse();
    out.reading = false;
    server.now = engine.deadline();
    engine.elapsed(out.at(server.now));
    Reason late = new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofSeconds(10));
    server.expectClose(late);
    server.end(late);
    out.expect(failed(socket, late));
    out.expectEnd();
  }

  @Test
  void requestsHaveNoDeadline() {
    Stream get = server.request("GET", "/");
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    engine.elapsed(out.at(server.now + 1000 * SECOND));
    out.expectNothing();
    server.end(LOST);
    out.expect(failed(get, new Reason.Unanswered(LOST)));
    out.expectEnd();
  }

  @Test
  void aWrongAnswerToTheKeyEndsTheConnection() {
    Stream socket = server.upgrade();
    server.answers(
        "HTTP/1.1 101 Switching",
        "upgrade: websocket",
        "connection: upgrade",
        "sec-websocket-accept: AAAA");
    Reason wrong =
        new Reason.Protocol(
            "the 101 response's Sec-WebSocket-Accept is not the answer to the key",
            "RFC 6455 section 4.1");
    server.expectClose(wrong);
    assertThat(server.end(wrong).killed()).containsExactly(socket.ref());
    out.expect(failed(socket, wrong));
    out.expectEnd();
  }

  @Test
  void interimResponsesMayComeBeforeTheSwitch() throws Exception {
    Stream socket = server.upgrade();
    server.answers("HTTP/1.1 103 Early");
    out.expect(new Inform(socket.ref(), 103, Headers.EMPTY));
    switches();
    out.next(Upgraded.class);
    out.next(Change.SpeakWebSocket.class);
    out.expectNothing();
  }

  @Test
  void aFrameOnARequestIsRejected() {
    Stream get = server.request("GET", "/");
    server.send(get, new Text("a"), "a");
    out.expect(rejected(get));
    server.end(LOST);
    out.expect(failed(get, new Reason.Unanswered(LOST)));
    out.expectEnd();
  }

  // ---- shutdown

  @Test
  void shutdownOfAnIdleConnectionEndsIt() {
    engine.shutdown(out.at(server.now));
    server.expectClose(OWNER);
    engine.shutdown(out.at(server.now));
    Stream late = server.request("GET", "/late");
    out.expect(failed(late, new Reason.Unprocessed("the connection is closing")));
    server.endQuietly();
  }

  @Test
  void shutdownLetsTheResponseThatIsArrivingEnd() {
    Stream one = server.request("GET", "/1");
    Stream two = server.request("GET", "/2");
    server.says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
    out.next(Response.class);
    out.expect(data(one, false, "a"));
    engine.shutdown(out.at(server.now));
    out.expect(failed(two, OWNER));
    Stream late = server.request("GET", "/late");
    out.expect(failed(late, new Reason.Unprocessed("the connection is closing")));
    server.says("b");
    out.expect(data(one, true, "b"));
    server.expectClose(OWNER);
    server.endQuietly();
  }

  @Test
  void shutdownWaitsForAResponseThatIsYetToCome() {
    Stream get = server.request("GET", "/");
    engine.shutdown(out.at(server.now));
    engine.shutdown(out.at(server.now));
    out.expectNothing();
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, true, 204));
    server.expectClose(OWNER);
    server.endQuietly();
  }

  @Test
  void shutdownDoesNotWaitForAnUpgrade() {
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream held = server.request("GET", "/held");
    engine.shutdown(out.at(server.now));
    server.expectClose(OWNER);
    server.end(OWNER);
    out.expect(rejected(socket), failed(socket, OWNER), failed(held, UNSENT));
    out.expectEnd();
  }

  @Test
  void shutdownEndsAnUpgradeBehindARequestWithItsEarlyFrames() {
    Stream get = server.request("GET", "/");
    Stream socket = server.upgrade();
    server.send(socket, new Text("early"), "early");
    Stream held = server.request("GET", "/held");
    engine.shutdown(out.at(server.now));
    out.expect(
        rejected(socket),
        failed(socket, OWNER),
        failed(held, new Reason.Unprocessed("the owner shut the connection down")));
    assertThat(engine.deadline()).isEqualTo(Engine.NEVER);
    server.answers("HTTP/1.1 204 No");
    out.expect(response(get, true, 204));
    server.expectClose(OWNER);
    server.endQuietly();
  }

  @Test
  void shutdownInTheLastResponseKeepsItsEnd() {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\n\r\nabc");
    out.expect(response(get, false, 200), data(get, false, "abc"));
    engine.shutdown(out.at(server.now));
    server.hangsUp();
    out.expect(data(get, true, ""), new Change.Close(OWNER));
    server.endQuietly();
  }

  // ---- what is malformed

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no status line at all | RFC 9112 section 4 | the response does not begin with HTTP/
          http/1.1 200 OK | RFC 9112 section 4 | the response does not begin with HTTP/
          HTTP/1.1 | RFC 9112 section 4 | the status code does not follow a single space
          ICY 200 OK | RFC 9112 section 4 | the response does not begin with HTTP/
          HTTP/1.1  200 OK | RFC 9112 section 4 | the status code does not follow a single space
          HTTP/1.1 abc OK | RFC 9112 section 4 | the status code is not of three digits
          HTTP/1.1 -20 OK | RFC 9112 section 4 | the status code is not of three digits
          HTTP/1.1 +200 OK | RFC 9112 section 4 | the status code is not of three digits
          HTTP/2.0 200 OK | RFC 9112 section 2.3 | the response has the version HTTP/2.0
          HTTP/0.9 200 OK | RFC 9112 section 2.3 | the response has the version HTTP/0.9
          HTTP/1.1 0 Any | RFC 9112 section 4 | the status code is not of three digits
          HTTP/1.1 0200 Any | RFC 9112 section 4 | the status code is not of three digits
          HTTP/1.1 99999999999 Any | RFC 9112 section 4 | the status code is not of three digits
          HTTP/1.1 200 OK~n: 1~: value | RFC 9110 section 5.1 | a header has no name
          HTTP/1.1 200 OK~n : v | RFC 9112 section 5.1 | a header has white space in its name or before its colon
          HTTP/1.1 200 OK~n m: v | RFC 9112 section 5.1 | a header has white space in its name or before its colon
          HTTP/1.1 200 OK~n v | RFC 9112 section 5.1 | a header has white space in its name or before its colon
          HTTP/1.1 200 OK~n | RFC 9112 section 2.2 | a header has no colon
          HTTP/1.1 200 OK~ n: v | RFC 9112 section 2.2 | white space precedes the first header
          HTTP/1.1 200 OK~(n): v | RFC 9110 section 5.1 | the name of a header is not a token
          HTTP/1.1 200 OK~n\u00e9: v | RFC 9110 section 5.1 | the name of a header is not a token
          HTTP/1.1 200 OK~content-length: x | RFC 9112 section 6.3 | the Content-Length of the response is not a number
          HTTP/1.1 200 OK~content-length: -1 | RFC 9112 section 6.3 | the Content-Length of the response is not a number
          HTTP/1.1 200 OK~content-length: +1 | RFC 9112 section 6.3 | the Content-Length of the response is not a number
          HTTP/1.1 200 OK~content-length: 9223372036854775808 | RFC 9112 section 6.3 | the Content-Length of the response is larger than 9223372036854775807
          HTTP/1.1 200 OK~content-length: 1~content-length: 2 | RFC 9112 section 6.3 | the response has two lengths, 1 and 2
          HTTP/1.1 200 OK~content-length: 1~transfer-encoding: gzip | RFC 9110 section 10.1.4 | the response has a transfer coding that was not asked for: gzip
          HTTP/1.0 200 OK~transfer-encoding: chunked | RFC 9112 section 6.1 | a response of HTTP/1.0 has a transfer coding
          HTTP/1.1 200 OK~transfer-encoding: chunked, gzip | RFC 9112 section 6.1 | the response has another transfer coding after chunked: gzip
          """)
  void aMalformedHeadNamesItsRule(String head, String section, String rule) {
    Stream get = server.request("GET", "/");
    server.answers(head.split("~"));
    Reason.Protocol reason = (Reason.Protocol) out.next(Change.Close.class).reason();
    assertThat(reason.section()).isEqualTo(section);
    assertThat(reason.rule()).startsWith(rule);
    server.says("HTTP/1.1 200 OK\r\n\r\nnever");
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1\r200 OK\r\nn: v",
        "HTTP/1.1 200\rOK\r\nn: v",
        "HTTP/1.1 200 O\rK\r\nn: v",
        "HTTP/1.1 200 OK\r\r\nn: v",
        "HTTP/1.1 200 OK\r\n\rn: v",
        "HTTP/1.1 200 OK\r\nn\r: v",
        "HTTP/1.1 200 OK\r\nn:\rv",
        "HTTP/1.1 200 OK\r\nn: v\r",
        "HTTP/1.1 200 OK\nn: v",
        "HTTP/1.1 200 OK\r\nn: v\nm: w",
        "HTTP/1.1\t200 OK\r\nn: v",
        "\nHTTP/1.1 200 OK",
        "\rHTTP/1.1 200 OK",
        "\r\rHTTP/1.1 200 OK",
        "\r\n\nHTTP/1.1 200 OK",
        "HTTP/1.1 200\tOK\r\nn: v",
        "HTTP/1.1 200 O\0K\r\nn: v",
        "HTTP/1.1 200 O\u007fK\r\nn: v",
      })
  void rfc9112_22_aLineEndsWithBothOctetsAndHoldsNeither(String head) {
    Stream get = server.request("GET", "/");
    server.answers(head);
    Reason.Protocol reason = (Reason.Protocol) out.next(Change.Close.class).reason();
    assertThat(reason.section()).matches("RFC 9112 section .*|RFC 9110 section 5\\.[15]");
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @Test
  void rfc9112_52_aFoldedValueIsOneLine() {
    Stream get = server.request("GET", "/");
    server.says(
        "HTTP/1.1 200 OK\r\nn: one\r\n  two\r\n\tthree\r\ntransfer-encoding: chunked\r\n\r\n");
    assertThat(out.next(Response.class).headers().first("n")).contains("one two three");
    server.says("0\r\nt: one\r\n two\r\n\r\n");
    out.expect(new Trailers(get.ref(), Headers.of("t", "one two")));
    server.endQuietly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"t : v", "t", ": v", " t: v", "t\r: v", "t: v\rw"})
  void rfc9112_712_trailersAreReadAsStrictlyAsHeaders(String trailer) {
    Stream get = server.request("GET", "/");
    server.says(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + trailer + "\r\n\r\n");
    out.next(Response.class);
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(reason).isInstanceOf(Reason.Protocol.class);
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @Test
  void aReasonPhraseMayBeMissingOrHoldAnyText() {
    for (String line : List.of("HTTP/1.1 204", "HTTP/1.1 204 ", "HTTP/1.1 204 \tNix  da \u00e9")) {
      Stream get = server.request("GET", "/");
      server.answers(line, "n: v");
      out.expect(new Response(get.ref(), true, 204, Headers.of("n", "v")));
    }
    server.endQuietly();
  }

  @Test
  void emptyLinesBetweenResponsesArePassedOver() {
    for (int i = 0; i < 2; i++) {
      Stream get = server.request("GET", "/");
      server.says("\r\n\r\n");
      server.answers("HTTP/1.1 204 No Content");
      out.expect(new Response(get.ref(), true, 204, Headers.EMPTY));
    }
    server.endQuietly();
  }

  @Test
  void aHeadersValueHoldsNoControlOctets() {
    for (String value : List.of("a\0b", "a\rb")) {
      Server each = new Server();
      Stream get = each.request("GET", "/");
      each.answers("HTTP/1.1 200 OK", "n: " + value);
      Reason.Protocol reason = (Reason.Protocol) each.out.next(Change.Close.class).reason();
      assertThat(reason.section()).isIn("RFC 9110 section 5.5", "RFC 9112 section 2.2");
      each.end(reason);
      each.out.expect(failed(get, reason));
      each.out.expectEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nabc",
        "3\r\nabcXY0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
      })
  void rfc9112_71_aMalformedChunkNamesItsRule(String chunks) {
    Stream get = server.request("GET", "/");
    server.says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    out.next(Response.class);
    server.says(chunks);
    Object effect = out.next();
    while (effect instanceof Data part) {
      assertThat(part.fin()).isFalse();
      effect = out.next();
    }
    Reason.Protocol reason = (Reason.Protocol) ((Change.Close) effect).reason();
    assertThat(reason.section()).isEqualTo("RFC 9112 section 7.1");
    assertThat(reason.rule()).contains("chunk");
    server.end(reason);
    out.expect(failed(get, reason));
    out.expectEnd();
  }

  @Test
  void aHeaderBlockHasALimit() {
    String fits = "x".repeat(200);
    for (String head :
        List.of(
            "HTTP/1.1 200 " + "x".repeat(300),
            "HTTP/1.1 200 OK\r\nn: " + "x".repeat(300),
            "HTTP/1.1 200 OK\r\nn: " + fits + "\r\nm: " + fits)) {
      Server each = new Server(Limits.DEFAULT.headerBlock(256));
      Stream get = each.request("GET", "/");
      each.answers(head);
      Reason limit = new Reason.Limit(Reason.Bound.HEADER_BLOCK, 256);
      each.expectClose(limit);
      each.end(limit);
      each.out.expect(failed(get, limit));
      each.out.expectEnd();
    }
  }

  @Test
  void aHeaderBlockWithoutAnEndHasTheLimitToo() {
    Server each = new Server(Limits.DEFAULT.headerBlock(256));
    Stream get = each.request("GET", "/");
    each.says("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 300 && each.out.change() == null; i++) {
      each.says("x");
    }
    Reason limit = new Reason.Limit(Reason.Bound.HEADER_BLOCK, 256);
    each.expectClose(limit);
    each.end(limit);
    each.out.expect(failed(get, limit));
    each.out.expectEnd();
  }

  @Test
  void trailersHaveTheLimitOfAHeaderBlock() {
    Server each = new Server(Limits.DEFAULT.headerBlock(256));
    Stream get = each.request("GET", "/");
    each.says(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nn: "
            + "x".repeat(300)
            + "\r\n\r\n");
    each.out.next(Response.class);
    Reason limit = new Reason.Limit(Reason.Bound.HEADER_BLOCK, 256);
    each.expectClose(limit);
    each.end(limit);
    each.out.expect(failed(get, limit));
    each.out.expectEnd();
  }

  // ---- requests

  @Test
  void theHostComesFirstAndTheUsersHeadersInTheirOrder() {
    server.request(
        Request.of("GET", "/a?b=c").header("Accept", "*/*").header("x", "1").header("X", "2"));
    assertThat(server.reads())
        .isEqualTo(
            "GET /a?b=c HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\nx: 1\r\nx: 2\r\n\r\n");
    server.end(LOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "DELETE", "PURGE", "TRACE"})
  void rfc9110_86_aRequestWithoutABodyHasNoLength(String method) {
    server.request(method, "/");
    assertThat(server.reads()).isEqualTo(method + " / HTTP/1.1\r\nhost: example.com\r\n\r\n");
    server.end(LOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH"})
  void rfc9110_86_aMethodThatExpectsABodySaysThatItIsEmpty(String method) {
    server.request(method, "/");
    assertThat(server.reads())
        .isEqualTo(method + " / HTTP/1.1\r\nhost: example.com\r\ncontent-length: 0\r\n\r\n");
    server.end(LOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "GET"})
  void aBodyHasItsLength(String method) {
    server.request(Request.of(method, "/").body(Bytes.ofUtf8("abc")));
    assertThat(server.reads())
        .isEqualTo(method + " / HTTP/1.1\r\nhost: example.com\r\ncontent-length: 3\r\n\r\nabc");
    server.end(LOST);
  }

  @Test
  void optionsMayAskForTheServerItself() {
    server.request("OPTIONS", "*");
    assertThat(server.reads()).startsWith("OPTIONS * HTTP/1.1\r\n");
    server.end(LOST);
  }

  @Test
  void aTargetIsWrittenAsItStands() {
    server.request("GET", "//a/../b?u=http://x/&q=%20");
    assertThat(server.reads()).startsWith("GET //a/../b?u=http://x/&q=%20 HTTP/1.1\r\n");
    server.end(LOST);
  }

  @Test
  void theUsersHostWins() {
    server.request(Request.of("GET", "/").header("Host", "other"));
    assertThat(server.reads()).isEqualTo("GET / HTTP/1.1\r\nhost: other\r\n\r\n");
    server.end(LOST);
  }

  @Test
  void anUpgradeAsksForAWebSocket() {
    server.upgrade(
        WebSocketOptions.compressed().subprotocols("a", "b").header("Origin", "http://o"));
    assertThat(server.reads())
        .matches(
            "GET /ws HTTP/1.1\r\nhost: example.com\r\norigin: http://o\r\n"
                + "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
                + "sec-websocket-key: [A-Za-z0-9+/]{22}==\r\nsec-websocket-protocol: a, b\r\n"
                + "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
    server.end(LOST);
  }

  @Test
  void anAddressOfIpv6StandsInBrackets() {
    Server each = new Server();
    Recorder ipv6 = new Recorder();
    Http1Engine engine =
        new Http1Engine(
            "[::1]:8080",
            false,
            Http1.DEFAULT,
            Limits.DEFAULT,
            dev.lariat.option.Timeouts.DEFAULT,
            Server.NO_COOKIES,
            each.held,
            new Shared(new SecureRandom()));
    engine.command(
        new Command.Request(ipv6.stream("request"), Request.of("GET", "/")), ipv6.at(each.now));
    assertThat(ipv6.written())
        .asString(StandardCharsets.ISO_8859_1)
        .isEqualTo("GET / HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n");
  }
}
