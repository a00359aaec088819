package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.RawOptions;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw connections on real sockets. */
@Timeout(60)
final class RawTest {
  private static final int LARGE = 3_000_000;
  private static final String BY_HAND =
      "GET /page.txt HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

  private static ConnectionOptions options(boolean tls) {
    return (tls ? Way.TLS : Way.PLAIN).options().protocols(Protocol.RAW);
  }

  private static Witness open(boolean tls, int port) {
    return Witness.open("127.0.0.1", port, options(tls));
  }

  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  /** All that is told of it, to the end of the server's side. */
  private static String rest(Witness witness) {
    StringBuilder text = new StringBuilder();
    Data part = witness.until(Data.class);
    while (!part.fin()) {
      text.append(part.bytes().utf8());
      part = witness.next(Data.class);
    }
    return text.append(part.bytes().utf8()).toString();
  }

  // ---- against servers of others

  @Needs(Peer.NGINX)
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nginxAnswersARequestWrittenByHand(boolean tls) {
    try (Witness witness = open(tls, Servers.nginx().port(tls ? 1 : 0))) {
      Exchange raw = witness.raw(RawOptions.DEFAULT);
      raw.data(Bytes.ofUtf8(BY_HAND), false);
      assertThat(witness.next(Up.class).protocol()).isEqualTo(Protocol.RAW);
      assertThat(rest(witness)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("a page\n");
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void pythonAnswersOnAUnixSocket() {
    try (Witness witness = new Witness(Lariat.openUnix(Servers.pythonUnix(), options(false)))) {
      Exchange raw = witness.raw(RawOptions.DEFAULT);
      raw.data(Bytes.ofUtf8("GET /status/404 HTTP/1.1\r\nhost: a\r\n\r\n"), false);
      assertThat(rest(witness)).startsWith("HTTP/1.1 404 Not Found\r\n").endsWith("not here\n");
    }
  }

  @Needs(Peer.NGINX)
  @Test
  void httpIsNotOfferedToAServerOfTls() throws Exception {
    int port = Servers.nginx().port(1);
    try (Witness http = Way.TLS.open(port);
        Witness raw = open(true, port)) {
      http.next(Up.class);
      raw.next(Up.class);
      assertThat(http.connection().info().get().tls().orElseThrow().alpn()).hasValue("http/1.1");
      assertThat(raw.connection().info().get().tls().orElseThrow().alpn()).isEmpty();
    }
  }

  // ---- both ways

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void muchComesBackAsItWasSent(boolean tls) throws Exception {
    byte[] content = octets(LARGE);
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  for (int i = 0; i < LARGE; i += LARGE / 100) {
                    peer.bytes(peer.body(LARGE / 100));
                  }
                  peer.awaitEnd();
                });
        Witness witness = open(tls, server.port())) {
      Exchange raw = witness.raw(RawOptions.DEFAULT.credit(1).sendQueue(10_000));
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 0; i < LARGE; i += LARGE / 100) {
                  raw.data(Bytes.wrap(Arrays.copyOfRange(content, i, i + LARGE / 100)), false);
                }
              });
      InputStream in = raw.inputStream(Witness.PATIENCE);
      assertThat(in.readNBytes(LARGE)).isEqualTo(content);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theServerMaySpeakFirstAndBeLeftWaiting(boolean tls) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.text("220 ready\r\n");
                  peer.awaitEnd();
                });
        Witness witness = open(tls, server.port())) {
      witness.next(Up.class);
      witness.raw(RawOptions.DEFAULT);
      assertThat(witness.next(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("220 ready\r\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerIsHeldBackWithoutCredit(boolean tls) throws Exception {
    CompletableFuture<Boolean> sent = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.bytes(octets(30_000_000)); // more than any buffer on the way takes
                  sent.complete(true);
                  peer.awaitEnd();
                });
        Witness witness = open(tls, server.port())) {
      Exchange raw = witness.raw(RawOptions.DEFAULT.credit(0));
      witness.next(Up.class);
      raw.credit(1);
      int size = witness.next(Data.class).bytes().size();
      assertThat(sent).isNotDone();
      raw.credit(Long.MAX_VALUE);
      while (size < 30_000_000) {
        size += witness.next(Data.class).bytes().size();
      }
      assertThat(sent.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  // ---- ends

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thisSideMayEndFirst(boolean tls) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  heard.complete(text(peer.rest()));
                  peer.text("bye");
                  peer.finish();
                });
        Witness witness = open(tls, server.port())) {
      Exchange raw = witness.raw(RawOptions.DEFAULT);
      raw.send(new ByteArrayInputStream("all of it".getBytes(StandardCharsets.UTF_8)));
      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("all of it");
      assertThat(rest(witness)).isEqualTo("bye");
      Down down = witness.next(Down.class);
      assertThat(down.reason()).isEqualTo(new Reason.Closed());
      assertThat(down.killed()).isEmpty();
      assertThat(down.protocol()).isEqualTo(Protocol.RAW);
      witness.next(Retrying.class);
      witness.next(Up.class);
    }
  }

  @Test
  void theServerMayEndFirst() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {
                  peer.text("bye");
                  peer.finish();
                  heard.complete(text(peer.rest()));
                });
        Witness witness = open(false, server.port())) {
      Exchange raw = witness.raw(RawOptions.DEFAULT);
      assertThat(rest(witness)).isEqualTo("bye");
      raw.data(Bytes.ofUtf8("good"), false);
      raw.data(Bytes.ofUtf8("bye"), true);
      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("goodbye");
      assertThat(witness.next(Down.class).killed()).isEmpty();
    }
  }

  /** BoringSSL answers a {@code close_notify} with its own, and takes nothing after it. */
  @Test
  void aServersEndOfTlsIsTheEndOfBothSidesOrOfItsOwn() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                true,
                peer -> {
                  peer.text("bye");
                  peer.finish();
                  peer.awaitEnd();
                });
        Witness witness = open(true, server.port())) {
      Exchange raw = witness.raw(RawOptions.DEFAULT);
      assertThat(rest(witness)).isEqualTo("bye");
      raw.cancel();
      assertThat(witness.until(Down.class).killed()).isEmpty();
    }
  }

  @Test
  void rfc8446_61_anEndWithoutACloseNotifyIsNone() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                true,
                peer -> {
                  peer.text("half of");
                  peer.cut();
                  peer.awaitEnd();
                });
        Witness witness = open(true, server.port())) {
      witness.raw(RawOptions.DEFAULT);
      assertThat(witness.until(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("half of"));
      Reason reason = witness.next(StreamFailed.class).reason();
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.Protocol.class,
              broken -> assertThat(broken.section()).isEqualTo("RFC 8446 section 6.1"));
      assertThat(witness.next(Down.class).reason()).isEqualTo(reason);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aConnectionThatBreaksComesBackForAnotherStream(boolean tls) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                tls,
                peer -> {
                  peer.read();
                  peer.reset();
                },
                peer -> {
                  peer.bytes(peer.body(5));
                  peer.awaitEnd();
                });
        Witness witness = open(tls, server.port())) {
      Exchange lost = witness.raw(RawOptions.DEFAULT);
      lost.data(Bytes.ofUtf8("hello"), false);
      assertThat(witness.until(StreamFailed.class).reason()).isInstanceOf(Reason.Reset.class);
      assertThat(witness.next(Down.class).killed()).isEqualTo(List.of(lost));
      assertThatThrownBy(() -> lost.body(Duration.ZERO)).isInstanceOf(FailedException.class);
      Exchange again = witness.raw(RawOptions.DEFAULT);
      again.data(Bytes.ofUtf8("hello"), false);
      assertThat(witness.until(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("hello"));
    }
  }

  @Test
  void aServerThatClosesBeforeAnybodyAsksIsTold() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                peer -> {},
                peer -> {
                  peer.text("now");
                  peer.awaitEnd();
                });
        Witness witness = open(false, server.port())) {
      assertThat(witness.until(Down.class).reason()).isEqualTo(new Reason.Closed());
      witness.raw(RawOptions.DEFAULT);
      assertThat(witness.until(Data.class).bytes()).isEqualTo(Bytes.ofUtf8("now"));
    }
  }
}
