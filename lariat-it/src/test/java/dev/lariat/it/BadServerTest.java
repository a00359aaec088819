package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server does wrong ends in a typed reason, and the connection comes back by its policy. */
final class BadServerTest {
  private static final Script GOOD =
      peer -> {
        peer.head();
        peer.lines("HTTP/1.1 200 OK", "Content-Length: 4", "", "good");
        peer.awaitEnd();
      };
  private static final ConnectionOptions HASTY =
      Witness.QUICK.timeouts(
          Timeouts.DEFAULT
              .upgrade(Duration.ofMillis(100))
              .tls(Duration.ofMillis(100))
              .closing(Duration.ofMillis(100)));

  private static Arguments row(String name, Class<?> reason, String words, Script script) {
    return Arguments.of(name, reason, words, script);
  }

  /** An answer that is malformed; the server leaves the connection to the client. */
  private static Arguments answered(String name, String words, String said) {
    return row(
        name,
        Reason.Protocol.class,
        words,
        peer -> {
          peer.text(said);
          peer.awaitEnd();
        });
  }

  static Stream<Arguments> badAnswers() {
    return Stream.of(
        row(
            "garbage for a status line",
            Reason.Protocol.class,
            "RFC 9112",
            peer -> peer.lines("what is this?", "", "")),
        row(
            "another protocol",
            Reason.Protocol.class,
            "RFC 9112",
            peer -> peer.lines("SSH-2.0-OpenSSH_9.2", "")),
        row(
            "a version that is not HTTP/1",
            Reason.Protocol.class,
            "RFC 9112",
            peer -> peer.lines("HTTP/3.0 200 OK", "Content-Length: 0", "")),
        row(
            "a status line without end",
            Reason.Limit.class,
            "65536",
            peer -> peer.text("HTTP/1.1 200 " + "O".repeat(100_000))),
        row(
            "an oversized header",
            Reason.Limit.class,
            "65536",
            peer -> peer.lines("HTTP/1.1 200 OK", "X-Large: " + "x".repeat(100_000), "", "")),
        row(
            "a header without a name",
            Reason.Protocol.class,
            "RFC 9",
            peer -> peer.lines("HTTP/1.1 200 OK", ": nameless", "Content-Length: 0", "")),
        row(
            "a length that is not a number",
            Reason.Protocol.class,
            "RFC 9112",
            peer -> peer.lines("HTTP/1.1 200 OK", "Content-Length: many", "", "")),
        row(
            "a chunk without a length",
            Reason.Protocol.class,
            "RFC 9112",
            peer ->
                peer.lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "zz", "abc", "")),
        answered(
            "white space before the status line",
            "white space precedes the status line (RFC 9112 section 4)",
            " HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        answered(
            "a bare CR before the status line",
            "half of a line end precedes a status line (RFC 9112 section 2.2)",
            "\rHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        answered(
            "bare LFs for the lines' ends",
            "(RFC 9112 section 2.2)",
            "HTTP/1.1 200 OK\ncontent-length: 0\n\n"),
        answered(
            "white space before a colon",
            "a header has white space in its name or before its colon (RFC 9112 section" + " 5.1)",
            "HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n"),
        answered(
            "a name with NUL",
            "the name of a header is not a token (RFC 9110 section 5.1)",
            "HTTP/1.1 200 OK\r\nn\0m: v\r\n\r\n"),
        answered(
            "a value with a bare CR",
            "a header contains a bare CR (RFC 9112 section 2.2)",
            "HTTP/1.1 200 OK\r\nn: a\rb\r\n\r\n"),
        answered(
            "a folded length",
            "the header content-length continues on a second line (RFC 9112 section 5.2)",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n 0\r\n\r\n"),
        answered(
            "two lengths",
            "the response has two lengths, 2 and 3 (RFC 9112 section 6.3)",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc"),
        answered(
            "a length of 2^63",
            "is larger than 9223372036854775807 (RFC 9112 section 6.3)",
            "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775808\r\n\r\n"),
        answered(
            "a TLS alert",
            "the server seems to speak TLS on this port",
            "\u0015\u0003\u0003\0\u0002\u0002\u0028"),
        answered(
            "a coding before chunks",
            "a transfer coding that was not asked for: gzip, chunked (RFC 9110 section 10.1.4)",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        answered(
            "a chunk whose size overflows",
            "the size of a chunk is larger than 9223372036854775807 octets (RFC 9112 section 7.1)",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n"),
        answered(
            "a chunk longer than its size",
            "a chunk is longer than its size, or its line does not end (RFC 9112 section 7.1)",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n"),
        answered(
            "a trailer with NUL",
            "the value of the trailer t contains a control character (RFC 9112 section 7.1.2)",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nt: a\0b\r\n\r\n"),
        answered(
            "a trailer whose name has a space",
            "a trailer has white space in its name or before its colon",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nX y\r\n\r\n"),
        row(
            "the end inside the headers",
            Reason.Incomplete.class,
            "The connection ended before the response was complete: The server closed the"
                + " connection.",
            peer -> peer.text("HTTP/1.1 200 OK\r\nContent-")),
        row(
            "the end inside the body",
            Reason.Incomplete.class,
            "ended before the response was complete",
            peer -> peer.lines("HTTP/1.1 200 OK", "Content-Length: 100", "", "short")),
        row(
            "the end inside a chunk",
            Reason.Incomplete.class,
            "ended before the response was complete",
            peer ->
                peer.lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "5", "hello", "3")),
        row("the end at once", Reason.Unanswered.class, "", peer -> {}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badAnswers")
  void aBadAnswerEndsTheRequestWithItsReason(
      String name, Class<? extends Reason> kind, String words, Script script) throws IOException {
    Script bad =
        peer -> {
          peer.head();
          script.play(peer);
        };
    try (ScriptedServer server = new ScriptedServer(bad, GOOD);
        Witness witness = Witness.open(server.port())) {
      StreamRef request = witness.request(Request.of("GET", "/"));
      StreamFailed failed = witness.until(StreamFailed.class);
      assertThat(failed.stream()).isSameAs(request);
      assertThat(failed.reason()).isInstanceOf(kind);
      assertThat(failed.reason().sentence()).contains(words);
      assertThat(witness.next(Down.class).killed()).containsExactly(request);
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  static Stream<Arguments> oddAnswers() {
    String line = "HTTP/1.1 200 OK\r\n";
    String chunked = line + "transfer-encoding: chunked\r\n\r\n";
    return Stream.of(
        Arguments.of(
            "one length twice", line + "content-length: 3\r\ncontent-length: 3\r\n\r\nodd"),
        Arguments.of("a list of one length", line + "content-length: 3, 3\r\n\r\nodd"),
        Arguments.of(
            "a length and chunks",
            line + "content-length: 9\r\ntransfer-encoding: chunked\r\n\r\n3\r\nodd\r\n0\r\n\r\n"),
        Arguments.of("padded sizes", chunked + " 3  \r\nodd\r\n0 \r\n\r\n"),
        Arguments.of(
            "an empty coding", line + "transfer-encoding: , chunked,\r\n\r\n3\r\nodd\r\n0\r\n\r\n"),
        Arguments.of("a folded header", line + "X:\r\n folded\r\ncontent-length: 3\r\n\r\nodd"),
        Arguments.of(
            "a control character in a cookie",
            line + "set-cookie: a=\u0001\r\ncontent-length: 3\r\n\r\nodd"));
  }

  /** Each comes octet by octet. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("oddAnswers")
  void anOddAnswerIsReadLikeAnyOther(String name, String said) throws IOException {
    Script odd =
        peer -> {
          peer.head();
          for (byte octet : said.getBytes(StandardCharsets.ISO_8859_1)) {
            peer.bytes(octet);
          }
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(odd, GOOD);
        Witness witness = Witness.open(server.port())) {
      Witness.Answer answer = witness.get("/");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("odd");
    }
  }

  static Stream<Arguments> badHandshakes() {
    return Stream.of(
        row(
            "a wrong key",
            Reason.Protocol.class,
            "accept",
            switching("bm90IHRoZSBrZXkgYXQgYWxsIQ==")),
        row(
            "no key",
            Reason.Protocol.class,
            "accept",
            peer -> {
              peer.head();
              peer.lines(
                  "HTTP/1.1 101 Switching Protocols",
                  "Upgrade: websocket",
                  "Connection: Upgrade",
                  "",
                  "");
            }),
        row(
            "another protocol",
            Reason.Protocol.class,
            "upgrade",
            peer ->
                peer.lines(
                    "HTTP/1.1 101 Switching Protocols",
                    "Upgrade: h2c",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Accept: " + ScriptedServer.acceptKey(peer.head()),
                    "",
                    "")),
        row(
            "no Connection header",
            Reason.Protocol.class,
            "connection",
            peer ->
                peer.lines(
                    "HTTP/1.1 101 Switching Protocols",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Accept: " + ScriptedServer.acceptKey(peer.head()),
                    "",
                    "")),
        row(
            "a subprotocol that was not offered",
            Reason.Protocol.class,
            "subprotocol",
            switching(null, "Sec-WebSocket-Protocol: unasked")),
        row(
            "an extension that was not offered",
            Reason.Protocol.class,
            "extension",
            switching(null, "Sec-WebSocket-Extensions: permessage-deflate")));
  }

  /** Accepts the upgrade with this key, or with the right one, and with more headers. */
  private static Script switching(String key, String... headers) {
    return peer -> {
      String right = ScriptedServer.acceptKey(peer.head());
      peer.lines(
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: " + (key == null ? right : key));
      peer.lines(headers);
      peer.lines("");
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badHandshakes")
  void aBadHandshakeEndsTheWebSocketWithItsReason(
      String name, Class<? extends Reason> kind, String words, Script script) throws IOException {
    Script bad =
        peer -> {
          script.play(peer);
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(bad, GOOD);
        Witness witness = Witness.open(server.port())) {
      WebSocket socket = witness.webSocket("/", WebSocketOptions.DEFAULT);
      StreamFailed failed = witness.until(StreamFailed.class);
      assertThat(failed.stream()).isSameAs(socket);
      assertThat(failed.reason()).isInstanceOf(kind);
      assertThat(failed.reason().sentence()).containsIgnoringCase(words).contains("RFC 6455");
      assertThat(witness.next(Down.class).killed()).containsExactly(socket);
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  static Stream<Arguments> badFrames() {
    return Stream.of(
        row("a masked frame", Reason.Protocol.class, "5.1", frame(0x81, 0x81, 1, 2, 3, 4, 'x' ^ 1)),
        row("a reserved bit", Reason.Protocol.class, "5.2", frame(0xc1, 1, 'x')),
        row("an unknown opcode", Reason.Protocol.class, "5.2", frame(0x83, 0)),
        row("a fragmented ping", Reason.Protocol.class, "5.", frame(0x09, 0)),
        row("a continuation of nothing", Reason.Protocol.class, "5.4", frame(0x80, 0)),
        row("text that is not UTF-8", Reason.Protocol.class, "8.1", frame(0x81, 1, 0xff)),
        row("a close code of one byte", Reason.Protocol.class, "5.5.1", frame(0x88, 1, 3)),
        row("the close code 1006", Reason.Protocol.class, "7.4", frame(0x88, 2, 3, 0xee)),
        row(
            "a message of 2^40 bytes",
            Reason.Limit.class,
            "16777216",
            frame(0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0)),
        row("half a frame", Reason.Closed.class, "", frame(0x81, 5, 'h', 'a')),
        row("half a header", Reason.Closed.class, "", frame(0x81)),
        row("half a message", Reason.Closed.class, "", frame(0x01, 2, 'h', 'a')),
        row("nothing", Reason.Closed.class, "", frame()));
  }

  private static Script frame(int... bytes) {
    return peer -> {
      for (int b : bytes) {
        peer.bytes((byte) b); // one by one: cut at every place
      }
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badFrames")
  void aBadFrameEndsTheWebSocketWithItsReason(
      String name, Class<? extends Reason> kind, String words, Script script) throws IOException {
    Script bad =
        peer -> {
          peer.upgrade();
          script.play(peer);
        };
    try (ScriptedServer server = new ScriptedServer(bad, GOOD);
        Witness witness = Witness.open(server.port())) {
      WebSocket socket = witness.upgraded("/", WebSocketOptions.DEFAULT);
      StreamFailed failed = witness.next(StreamFailed.class);
      assertThat(failed.stream()).isSameAs(socket);
      assertThat(failed.reason()).isInstanceOf(kind);
      assertThat(failed.reason().sentence()).contains(words);
      witness.next(Down.class);
      witness.next(Retrying.class);
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  @Test
  void whatCameBeforeABadFrameIsTold() throws IOException {
    Script goodThenBad =
        peer -> peer.upgrade((byte) 0x81, (byte) 2, (byte) 'o', (byte) 'k', (byte) 0x83, (byte) 0);
    try (ScriptedServer server = new ScriptedServer(goodThenBad);
        Witness witness = Witness.open(server.port())) {
      witness.upgraded("/", WebSocketOptions.DEFAULT);
      assertThat(witness.frame()).isEqualTo(new Text("ok"));
      assertThat(witness.next(StreamFailed.class).reason()).isInstanceOf(Reason.Protocol.class);
    }
  }

  @Test
  void aServerThatResetsTheConnectionIsToldSo() throws IOException {
    Script reset =
        peer -> {
          peer.upgrade();
          peer.reset();
        };
    try (ScriptedServer server = new ScriptedServer(reset, GOOD);
        Witness witness = Witness.open(server.port())) {
      witness.upgraded("/", WebSocketOptions.DEFAULT);
      assertThat(witness.next(StreamFailed.class).reason()).isInstanceOf(Reason.Reset.class);
      assertThat(witness.next(Down.class).reason()).isInstanceOf(Reason.Reset.class);
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  @Test
  void aServerThatNeverAnswersAnUpgradeIsLeftAtItsDeadline() throws Exception {
    Script silent = ScriptedServer.Peer::awaitEnd;
    try (ScriptedServer server = new ScriptedServer(silent, GOOD);
        Witness witness = Witness.open("127.0.0.1", server.port(), HASTY)) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      Reason timeout = new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofMillis(100));
      assertThat(witness.until(StreamFailed.class).reason()).isEqualTo(timeout);
      assertThat(witness.next(Down.class).reason()).isEqualTo(timeout);
      assertThat(server.sawTheEnd()).isTrue();
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  @Test
  void aServerThatNeverAnswersTheTlsHandshakeIsLeftAtItsDeadline() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Peer::awaitEnd);
        Witness witness =
            Witness.open("127.0.0.1", server.port(), HASTY.tls(Certificates.trusted()))) {
      assertThat(witness.firstFailure())
          .isEqualTo(new Reason.Timeout(Reason.Step.TLS, Duration.ofMillis(100)));
      assertThat(server.sawTheEnd()).isTrue();
      assertThat(witness.told()).noneMatch(Up.class::isInstance);
    }
  }

  @Test
  void aServerThatDoesNotSpeakTlsIsToldSo() throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(peer -> peer.lines("HTTP/1.1 400 Bad Request", "", ""));
        Witness witness =
            Witness.open("127.0.0.1", server.port(), HASTY.tls(Certificates.trusted()))) {
      assertThat(witness.firstFailure()).isInstanceOf(Reason.Tls.class);
    }
  }

  @Test
  void aServerThatNeverAnswersTheCloseIsLeftAtItsDeadline() throws Exception {
    Script silent =
        peer -> {
          peer.upgrade();
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(silent);
        Witness witness = Witness.open("127.0.0.1", server.port(), HASTY)) {
      WebSocket socket = witness.upgraded("/", WebSocketOptions.DEFAULT);
      socket.close();
      Reason timeout = new Reason.Timeout(Reason.Step.CLOSE, Duration.ofMillis(100));
      assertThat(witness.next(StreamFailed.class).reason()).isEqualTo(timeout);
      assertThat(server.sawTheEnd()).isTrue();
    }
  }

  @Test
  void aRefusedUpgradeIsReadableThoughTheServerCloses() throws IOException {
    Script refusing =
        peer -> {
          peer.head();
          peer.lines("HTTP/1.1 503 Busy", "Connection: close", "", "come back later");
        };
    try (ScriptedServer server = new ScriptedServer(refusing, GOOD);
        Witness witness = Witness.open(server.port())) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      Witness.Answer answer = witness.answer(witness.until(Response.class));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("come back later\r\n");
      assertThat(witness.next(Down.class).killed()).isEmpty();
      assertThat(witness.get("/").body()).isEqualTo("good");
    }
  }

  @Test
  void framesBehindTheAnswerToTheUpgradeAreNotLost() throws IOException {
    Script eager =
        peer -> {
          peer.upgrade((byte) 0x81, (byte) 2, (byte) 'h', (byte) 'i');
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(eager);
        Witness witness = Witness.open(server.port())) {
      witness.webSocket("/", WebSocketOptions.DEFAULT);
      witness.until(Upgraded.class);
      assertThat(witness.frame()).isEqualTo(new Text("hi"));
    }
  }
}
