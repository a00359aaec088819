package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages that are sent as they come, of any size. */
final class StreamingTest {
  private static final int[] SIZES = {0, 125, 126, 65_535, 65_536, 1 << 20, 16 << 20};

  private static byte[] octets(int size) {
    byte[] octets = new byte[size];
    new Random(size).nextBytes(octets);
    for (int i = 0; i < size; i += 8) {
      octets[i] = 'x'; // so that there is something to compress
    }
    return octets;
  }

  private static Text digest(String kind, byte[] octets) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets);
      return new Text("%s %d %s".formatted(kind, octets.length, HexFormat.of().formatHex(digest)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- against python3-websockets

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aStreamOfAnySizeArrivesAsOneMessage(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/digest", way.webSocket());
      for (int size : SIZES) {
        byte[] octets = octets(size);
        socket.sendBinary(new ByteArrayInputStream(octets));
        socket.send(new Binary(octets)); // in the same window where there is one
        assertThat(witness.frame()).isEqualTo(digest("bytes", octets));
        assertThat(witness.frame()).isEqualTo(digest("bytes", octets));
      }
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aReaderOfAnySizeArrivesAsOneMessage(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/digest", way.webSocket());
      for (int times : new int[] {0, 1, 4096, 300_000}) {
        String text = "a\u00e4\u20ac\ud83e\udd20\ud83e\udd20".repeat(times); // pairs at any border
        socket.sendText(new StringReader(text));
        assertThat(witness.frame()).isEqualTo(digest("str", text.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void whatAPublisherGivesArrivesAsOneMessage(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/digest", way.webSocket());
      byte[] octets = octets(4 << 20);
      CompletableFuture<Void> sent;
      try (SubmissionPublisher<Bytes> publisher = new SubmissionPublisher<>()) {
        sent = socket.sendBinary(publisher);
        InputStream in = new ByteArrayInputStream(octets);
        for (int i = 0; in.available() > 0; i++) {
          publisher.submit(Bytes.wrap(in.readNBytes(i * 37 % 20_000)));
        }
      }
      sent.get(Witness.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(witness.frame()).isEqualTo(digest("bytes", octets));
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aPingIsAnsweredInTheMiddleOfAMessage(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/digest", way.webSocket());
      byte[] half = octets(1 << 20);
      InputStream whenPonged = // the second half comes when the ping in the middle is answered
          new InputStream() {
            private final InputStream then = new ByteArrayInputStream(half);
            private boolean ponged;

            @Override
            public int read() {
              throw new AssertionError("read one by one");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
              if (!ponged) {
                ponged = true;
                socket.send(new Ping(Bytes.ofUtf8("middle")), new Text("behind it"));
                assertThat(witness.next(Notice.class).detail())
                    .isInstanceOf(Notice.PingAcknowledged.class);
              }
              return then.read(into, offset, length);
            }
          };
      socket.sendBinary(new SequenceInputStream(new ByteArrayInputStream(half), whenPonged));
      byte[] both = Arrays.copyOf(half, 2 * half.length);
      System.arraycopy(half, 0, both, half.length, half.length);
      assertThat(witness.frame()).isEqualTo(digest("bytes", both));
      assertThat(witness.frame())
          .isEqualTo(digest("str", "behind it".getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aSourceThatFailsIsToldToTheServerAs1011(Way way) throws Exception {
    try (Witness witness = way.open(Servers.python());
        Witness other = Way.PLAIN.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/watched?name=source-" + way, way.webSocket());
      assertThat(witness.frame()).isEqualTo(new Text("watching"));
      IOException failure = new IOException("on purpose");
      InputStream failing =
          new InputStream() {
            private int reads;

            @Override
            public int read() throws IOException {
              if (reads++ == 10) {
                throw failure;
              }
              return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
              into[offset] = (byte) read();
              return 1;
            }
          };
      assertThatThrownBy(() -> socket.sendBinary(failing)).isSameAs(failure);
      WebSocketClosed closed = witness.until(WebSocketClosed.class);
      assertThat(closed.handshake().sent().code()).isEqualTo(1011);
      witness.next(Down.class);
      other.upgraded("/goodbye?name=source-" + way, WebSocketOptions.DEFAULT);
      assertThat(other.frame()).isEqualTo(new Text("1011"));
    }
  }

  // ---- against a server that is about to be gone

  private static InputStream endless() {
    return new InputStream() {
      @Override
      public int read() {
        return 'x';
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        return length;
      }
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aLinkThatBreaksInTheMiddleLetsTheSenderGoForItsReason(Way way) throws Exception {
    ScriptedServer.Script breaking =
        peer -> {
          peer.upgrade();
          peer.frame();
          peer.reset();
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, breaking, peer -> {});
        Witness witness = way.open(server.port())) {
      WebSocket socket = witness.upgraded("/", way.webSocket());
      FailedException failed =
          catchThrowableOfType(FailedException.class, () -> socket.sendBinary(endless()));
      Reason reason = witness.until(StreamFailed.class).reason();
      assertThat(failed.reason()).isEqualTo(reason);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aServerThatClosesInTheMiddleLetsTheSenderGo(Way way) throws Exception {
    ScriptedServer.Script closing =
        peer -> {
          peer.upgrade();
          peer.frame();
          peer.bytes((byte) 0x88, (byte) 2, (byte) 0x03, (byte) 0xe8);
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, closing);
        Witness witness = way.open(server.port())) {
      WebSocket socket = witness.upgraded("/", way.webSocket());
      FailedException failed =
          catchThrowableOfType(FailedException.class, () -> socket.sendBinary(endless()));
      WebSocketClosed closed = witness.until(WebSocketClosed.class);
      assertThat(failed.reason()).isEqualTo(closed.handshake());
    }
  }
}
