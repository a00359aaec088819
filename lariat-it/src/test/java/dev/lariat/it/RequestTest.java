package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests on real sockets: how their bodies go, and how they and their responses end. */
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
final class RequestTest {
  private static final Request PUT = Request.of("PUT", "/up");
  private static final int LARGE = 3_000_000;

  private static Witness nginx(boolean tls) {
    return (tls ? Way.TLS : Way.PLAIN).open(Servers.nginx());
  }

  private static Witness open(boolean tls, ScriptedServer server) {
    ConnectionOptions options = (tls ? Way.TLS : Way.PLAIN).options();
    return Witness.open("127.0.0.1", server.port(), options);
  }

  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  private static Witness.Answer answer(Witness witness) {
    return witness.answer(witness.until(Response.class));
  }

  // ---- bodies

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBodyInPartsReachesNginx(boolean tls) {
    try (Witness witness = nginx(tls)) {
      Exchange chunked = witness.begin(Request.of("POST", "/reflect"));
      chunked.data(Bytes.ofUtf8("a bo"), false);
      chunked.data(Bytes.ofUtf8("dy"), true);
      assertThat(answer(witness).body()).startsWith("POST").contains(" a body ");
      Exchange counted =
          witness.begin(Request.of("POST", "/reflect").header("Content-Length", "6"));
      counted.data(Bytes.ofUtf8("a body"), true);
      assertThat(answer(witness).body()).contains(" 6 a body ");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamReachesNginxWithTrailersIgnored(boolean tls) throws Exception {
    try (Witness witness = nginx(tls)) {
      Exchange put = witness.begin(Request.of("POST", "/length"));
      put.send(new ByteArrayInputStream(octets(LARGE)));
      assertThat(answer(witness).body()).contains(" " + LARGE + " ");
      Exchange trailed = witness.begin(Request.of("POST", "/reflect"));
      trailed.data(Bytes.ofUtf8("a body"), false);
      trailed.trailers(Headers.of("digest", "x"));
      assertThat(answer(witness).body()).contains(" a body ");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileArrivesAsItIs(boolean tls, @TempDir Path folder) throws Exception {
    byte[] content = octets(LARGE);
    Path file = Files.write(folder.resolve("file"), content);
    CompletableFuture<byte[]> arrived = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.head();
                  arrived.complete(peer.body(LARGE));
                  peer.text("HTTP/1.1 204 No\r\n\r\n");
                  peer.awaitEnd();
                });
        Witness witness = open(tls, server)) {
      Exchange put = witness.begin(PUT.header("content-length", String.valueOf(LARGE)));
      put.send(file);
      assertThat(witness.until(Response.class).status()).isEqualTo(204);
      assertThat(Arrays.equals(arrived.get(20, TimeUnit.SECONDS), content)).isTrue();
    }
  }

  @Test
  void aChunkedFileReachesNginx(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("file"), octets(LARGE));
    try (Witness witness = nginx(false)) {
      witness.begin(Request.of("POST", "/length")).send(file);
      assertThat(answer(witness).body()).contains(" " + LARGE + " ");
    }
  }

  @Test
  void aPublisherReachesNginx() throws Exception {
    try (Witness witness = nginx(false)) {
      Exchange put = witness.begin(Request.of("POST", "/length"));
      CompletableFuture<Void> written;
      try (SubmissionPublisher<Bytes> parts = new SubmissionPublisher<>()) {
        written = put.send(parts);
        for (int i = 0; i < 100; i++) {
          parts.submit(Bytes.wrap(new byte[10_000]));
        }
      }
      written.get(20, TimeUnit.SECONDS);
      assertThat(answer(witness).body()).contains(" 1000000 ");
    }
  }

  @Test
  void requestsBehindABodyAreAnsweredBehindIt() {
    try (Witness witness = nginx(false)) {
      Exchange put = witness.begin(Request.of("POST", "/reflect"));
      witness.request(Request.of("GET", "/page.txt"));
      put.data(Bytes.ofUtf8("a body"), true);
      assertThat(answer(witness).body()).contains(" a body ");
      assertThat(answer(witness).body()).isEqualTo("a page\n");
    }
  }

  @Test
  void nginxConsentsToABody() {
    try (Witness witness = nginx(false)) {
      Exchange put =
          witness.begin(Request.of("POST", "/reflect").expectContinue(Duration.ofSeconds(20)));
      put.data(Bytes.ofUtf8("a body"), true);
      assertThat(witness.until(Inform.class).status()).isEqualTo(100);
      assertThat(answer(witness).body()).contains(" a body ");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBodyThatNginxRefusesStopsAndTheNextRequestMeetsACleanConnection(boolean expecting) {
    try (Witness witness = nginx(false)) {
      Request post = Request.of("POST", "/reflect").header("content-length", "9000000");
      Exchange put = witness.begin(expecting ? post.expectContinue(Duration.ofSeconds(20)) : post);
      InputStream endless =
          new InputStream() {
            @Override
            public int read() {
              return 0;
            }
          };
      if (!expecting) {
        assertThatThrownBy(() -> put.send(endless)).isInstanceOf(RuntimeException.class);
      }
      assertThat(answer(witness).status()).isEqualTo(413);
      witness.until(Up.class);
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }

  // ---- ends

  @Test
  void aShortCancelledPageIsThrownAwayAndTheNextIsNot() {
    try (Witness witness = nginx(false)) {
      Exchange page = witness.request(Request.of("GET", "/page.txt").credit(0)); // cannot end
      witness.until(Response.class); // which says how long it is
      page.cancel();
      assertThat(witness.until(StreamFailed.class).reason()).isEqualTo(new Reason.Cancelled());
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
      assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(1);
    }
  }

  @Test
  void aRequestThatIsNotAnsweredIsLate() throws Exception {
    Duration time = Duration.ofMillis(200);
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  peer.head();
                  peer.awaitEnd();
                });
        Witness witness = open(false, server)) {
      witness.request(Request.of("GET", "/").timeout(time));
      assertThat(witness.until(StreamFailed.class).reason())
          .isEqualTo(new Reason.Timeout(Reason.Step.RESPONSE, time));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargePageIsToldPartByPart(boolean tls) {
    try (Witness witness = nginx(tls)) {
      Exchange page = witness.request(Request.of("GET", "/large.txt").credit(0));
      witness.until(Response.class);
      int size = 0;
      boolean end = false;
      while (!end) {
        page.credit(1);
        Data part = witness.next(Data.class);
        size += part.bytes().size();
        end = part.fin();
      }
      assertThat(size).isEqualTo(1_000_000);
      assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
    }
  }

  @Test
  void anOwnerWhoReadsNothingHoldsAsManyBytesAsItsMailboxMay() throws Exception {
    int most = 256 << 10;
    int oneTurn = 16 * (64 << 10); // what the connection may read before it sees that it is full
    Mailbox mailbox = Mailbox.bounded(1 << 16, most);
    URI uri = URI.create("http://127.0.0.1:" + Servers.nginx().port(0));
    try (Connection connection = Lariat.open(uri, mailbox)) {
      for (int i = 0; i < 32; i++) {
        connection.get("/large.txt"); // of a million bytes
      }
      int seen = -1;
      for (int turns = 0; turns < 1000; turns++) { // of the loop, in which nothing came
        connection.info().get();
        turns = mailbox.size() < most / (64 << 10) || mailbox.size() > seen ? 0 : turns;
        seen = mailbox.size();
      }
    }
    int bytes = 0;
    Message message = mailbox.take();
    for (; !(message instanceof Terminated); message = mailbox.take()) {
      bytes += message instanceof Data part ? part.bytes().size() : 0;
    }
    assertThat(bytes).isLessThan(most + oneTurn);
  }

  @Test
  void aServerThatGoesBeforeItAnswersLeavesTheRequestUnanswered() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  peer.head();
                  peer.text("HTTP/1.1 204 No\r\n\r\n");
                  peer.head();
                },
                peer -> {
                  peer.head();
                  peer.text("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                  peer.awaitEnd();
                });
        Witness witness = open(false, server)) {
      assertThat(witness.get("/1").status()).isEqualTo(204);
      Exchange lost = witness.request(Request.of("GET", "/2"));
      StreamFailed failed = witness.until(StreamFailed.class);
      assertThat(failed.reason()).isInstanceOf(Reason.Unanswered.class);
      assertThat(witness.until(Down.class).killed()).isEqualTo(List.of(lost));
      witness.until(Up.class);
      assertThat(witness.get("/2").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileThatBecomesShorterIsNoWholeBody(boolean tls, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("large");
    int size = 64 << 20; // more than the sockets hold
    CompletableFuture<byte[]> begun = new CompletableFuture<>();
    CompletableFuture<Void> shortened = new CompletableFuture<>();
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw");
        ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.head();
                  begun.complete(peer.body(1 << 20));
                  shortened.join();
                  assertThat(peer.rest()).hasSizeLessThan(size);
                });
        Witness witness = open(tls, server)) {
      content.setLength(size);
      Exchange exchange = witness.begin(Request.of("PUT", "/"));
      begun.thenRun(
          () -> {
            try {
              content.setLength(1);
              shortened.complete(null);
            } catch (IOException e) {
              shortened.completeExceptionally(e);
            }
          });
      Reason reason = new Reason.BodyUnfinished("its file cannot be read: it has become shorter");
      assertThatThrownBy(() -> exchange.send(file))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
      assertThat(witness.until(StreamFailed.class)).isEqualTo(new StreamFailed(exchange, reason));
    }
  }

  @Test
  void aServerThatTiresOfAnIdleConnectionSaysSo() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> peer.text("HTTP/1.1 408 Late\r\nconnection: close\r\n\r\n"),
                peer -> peer.awaitEnd());
        Witness witness = open(false, server)) {
      Notice notice = witness.until(Notice.class);
      assertThat(notice.detail()).isInstanceOf(Notice.Unsolicited.class);
      assertThat(witness.until(Down.class).reason()).isEqualTo(new Reason.Closed());
    }
  }

  // ---- HTTP/1.0

  @ParameterizedTest
  @EnumSource
  void aServerOfHttp10ClosesBehindEachResponse(Http1.Version version) {
    Servers.nginx(); // writes the pages
    Path pages = Server.FOLDER.resolve("www");
    try (Server python =
            Server.start(
                "http10",
                1,
                ports ->
                    List.of(
                        "/usr/bin/python3",
                        "-m",
                        "http.server",
                        "--bind",
                        "127.0.0.1",
                        "--directory",
                        pages.toString(),
                        ports.get(0).toString()));
        Witness witness = Witness.open("127.0.0.1", python.port(0), of(version))) {
      for (int i = 0; i < 2; i++) {
        assertThat(witness.get("/page.txt").body()).isEqualTo("a page\n");
        assertThat(witness.until(Down.class).reason()).isEqualTo(new Reason.Closed());
        witness.until(Up.class);
      }
    }
  }

  private static ConnectionOptions of(Http1.Version version) {
    return Witness.QUICK.http1(Http1.DEFAULT.version(version));
  }

  @Test
  void nginxAnswersRequestsOfHttp10() {
    ConnectionOptions old = of(Http1.Version.HTTP_1_0);
    try (Witness witness = Witness.open("127.0.0.1", Servers.nginx().port(0), old)) {
      assertThat(witness.get("/chunked/large.txt").body()).hasSize(1_000_000); // until the close
      assertThat(witness.until(Down.class).killed()).isEmpty();
      Exchange post = witness.begin(Request.of("POST", "/reflect").header("content-length", "6"));
      post.data(Bytes.ofUtf8("a body"), true);
      assertThat(answer(witness).body()).contains(" 6 a body ");
      witness.until(Down.class);
      Request kept = Request.of("GET", "/page.txt").header("connection", "keep-alive");
      witness.request(kept);
      witness.request(kept);
      assertThat(answer(witness).body()).isEqualTo("a page\n");
      assertThat(answer(witness).body()).isEqualTo("a page\n");
      assertThat(witness.told().stream().filter(Up.class::isInstance)).hasSize(3);
    }
  }

  // ---- another protocol

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerMaySwitchToAnotherProtocol(boolean tls) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.head();
                  peer.text(
                      "HTTP/1.1 101 Switching\r\nupgrade: parrot\r\nconnection: upgrade\r\n\r\nhi");
                  heard.complete(text(peer.rest()));
                  peer.text("bye");
                  peer.finish();
                });
        Witness witness = open(tls, server)) {
      Exchange parrot = witness.upgrade(Request.of("GET", "/"), "parrot");
      parrot.data(Bytes.ofUtf8("one "), false);
      Upgraded upgraded = witness.until(Upgraded.class);
      assertThat(upgraded.protocol()).isEqualTo(Protocol.RAW);
      assertThat(upgraded.subprotocol()).contains("parrot");
      assertThat(witness.next(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("hi"));
      parrot.data(Bytes.ofUtf8("two"), true);
      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("one two");
      assertThat(witness.next(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("bye"));
      assertThat(witness.next(Data.class).fin()).isTrue();
      assertThat(witness.next(Down.class).killed()).isEmpty();
    }
  }

  @Test
  void whatIsSentWhenAllHasEndedThrows() {
    Exchange late;
    try (Witness witness = nginx(false)) {
      late = witness.begin(PUT);
    }
    assertThatThrownBy(() -> late.data(Bytes.ofUtf8("a"), true))
        .isInstanceOf(FailedException.class);
  }
}
