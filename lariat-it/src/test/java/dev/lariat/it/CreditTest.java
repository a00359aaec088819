package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages by credit and in parts, over sockets. */
final class CreditTest {
  private static final WebSocketOptions NONE = WebSocketOptions.DEFAULT.credit(0);

  /** More than all buffers on the way hold together, the kernel's at their largest. */
  private static final int FLOOD = 128 << 20;

  private static Witness open(Way way, ScriptedServer server, Mailbox mailbox) {
    URI uri = URI.create((way.tls ? "wss" : "ws") + "://127.0.0.1:" + server.port());
    return new Witness(Lariat.open(uri, way.options(), mailbox));
  }

  private static Witness open(Way way, ScriptedServer server) {
    return open(way, server, Mailbox.create());
  }

  /** A whole binary message that begins with its number, of 126 bytes at the least. */
  private static byte[] numbered(int number, int size) {
    boolean large = size > 0xffff;
    ByteBuffer frame = ByteBuffer.allocate((large ? 10 : 4) + size);
    if (large) {
      frame.putShort((short) 0x827f).putLong(size);
    } else {
      frame.putShort((short) 0x827e).putShort((short) size);
    }
    return frame.putInt(number).array();
  }

  private static int number(Witness witness) {
    return ((Binary) witness.frame()).bytes().asByteBuffer().getInt();
  }

  // ---- what the server may send

  @ParameterizedTest
  @EnumSource
  @Needs(Peer.PYTHON_WEBSOCKETS)
  void aServerThatFloodsIsHeldBackByTheKernelAndNothingIsLost(Way way) throws Exception {
    int size = 32 << 10;
    int count = FLOOD / size / (way.compress() ? 32 : 1); // which holds as much for this one
    try (Witness witness = way.open(Servers.python());
        Witness other = Way.PLAIN.open(Servers.python())) {
      WebSocket progress = other.upgraded("/progress", WebSocketOptions.DEFAULT);
      String name = "credit-" + way;
      WebSocket socket =
          witness.upgraded(
              "/flood?name=%s&count=%d&size=%d".formatted(name, count, size),
              way.webSocket().credit(0));
      if (!way.compress()) {
        assertThat(sentWhenStuck(progress, other, name)).isPositive().isLessThan(count / 2);
      }
      assertThat(witness.mailbox().take(Duration.ZERO)).isNull();

      int number = 0;
      for (int credit : new int[] {1, 2, 3, 100, 1}) {
        socket.credit(credit);
        for (int i = 0; i < credit; i++) {
          assertThat(number(witness)).isEqualTo(number++);
        }
        sent(progress, other, name); // time enough for one more
        assertThat(witness.mailbox().take(Duration.ZERO)).isNull();
      }
      while (number < count) {
        socket.credit(1);
        assertThat(number(witness)).isEqualTo(number++);
      }
      assertThat(sent(progress, other, name)).isEqualTo(count);
    }
  }

  /** How much was sent when no more is, between one look and the next. */
  private static int sentWhenStuck(WebSocket progress, Witness other, String name) {
    int before = -1;
    int now = sent(progress, other, name);
    for (int same = 0; same < 50; same = now == before ? same + 1 : 0) {
      before = now;
      now = sent(progress, other, name);
    }
    return now;
  }

  private static int sent(WebSocket progress, Witness other, String name) {
    progress.send(new Text(name));
    return Integer.parseInt(((Text) other.frame()).text());
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void creditAndRoomInTheMailboxAreBothNeeded(Way way) throws Exception {
    int count = 2000;
    int capacity = 4;
    int credit = 50;
    Script flood =
        peer -> {
          peer.upgrade();
          for (int i = 0; i < count; i++) {
            peer.bytes(numbered(i, 1000));
          }
          peer.awaitEnd();
        };
    Mailbox mailbox = Mailbox.bounded(capacity);
    try (ScriptedServer server = new ScriptedServer(way.tls, flood);
        Witness witness = open(way, server, mailbox)) {
      WebSocket socket = witness.upgraded("/", NONE);
      for (int i = 0; i < count; i++) {
        if (i % credit == 0) {
          assertThat(mailbox.size()).as("without credit").isZero();
          socket.credit(credit);
        }
        assertThat(number(witness)).isEqualTo(i);
      }
    }
  }

  // ---- the end

  @ParameterizedTest
  @CsvSource({
    "PLAIN, 1000",
    "TLS, 1000",
    "PLAIN, 50000",
    "TLS, 50000",
    "PLAIN, 2000000",
    "TLS, 2000000"
  })
  void whatAServerSentBeforeItLeftIsToldFirst(Way way, int size) throws Exception {
    int count = 5;
    CountDownLatch left = new CountDownLatch(1);
    Script leaving =
        peer -> {
          peer.upgrade();
          for (int i = 0; i < count; i++) {
            peer.bytes(numbered(i, size));
          }
          peer.finish();
          left.countDown();
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, leaving);
        Witness witness = open(way, server)) {
      WebSocket socket = witness.upgraded("/", NONE);
      if (size * count < 300_000) {
        left.await(); // the kernels hold as much
      }
      for (int i = 0; i < count; i++) {
        socket.credit(1);
        assertThat(number(witness)).isEqualTo(i);
      }
      assertThat(witness.next(StreamFailed.class).reason()).isEqualTo(new Reason.Closed());
      assertThat(witness.next(Down.class).reason()).isEqualTo(new Reason.Closed());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aServerThatClosesBehindUnreadMessagesClosesInGoodOrder(Way way) throws Exception {
    Script closing =
        peer -> {
          peer.upgrade();
          peer.bytes(numbered(0, 100_000));
          peer.bytes(numbered(1, 100_000));
          peer.bytes((byte) 0x88, (byte) 2, (byte) 3, (byte) 0xe8);
          peer.read(); // the answer
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, closing);
        Witness witness = open(way, server)) {
      WebSocket socket = witness.upgraded("/", NONE);
      socket.credit(1);
      assertThat(number(witness)).isZero();
      socket.credit(1);
      assertThat(number(witness)).isOne();
      assertThat(witness.frame()).isEqualTo(Close.NORMAL);
      assertThat(witness.next(WebSocketClosed.class).handshake())
          .isEqualTo(new Reason.CloseHandshake(Close.NORMAL, Close.NORMAL, Side.SERVER));
      socket.credit(1); // there is nobody to give it to
    }
  }

  // ---- parts

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void aMessageLargerThanTheMaximumComesInPartsThatAddUpToIt(Way way) throws Exception {
    byte[] block = new byte[1 << 20];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 31 + (i >> 8));
    }
    int blocks = 100;
    CRC32 sent = new CRC32();
    for (int i = 0; i < blocks; i++) {
      sent.update(block);
    }
    Script large =
        peer -> {
          peer.upgrade();
          peer.bytes(
              ByteBuffer.allocate(10)
                  .putShort((short) 0x827f)
                  .putLong((long) blocks * block.length)
                  .array());
          for (int i = 0; i < blocks; i++) {
            peer.bytes(block);
          }
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, large);
        Witness witness = open(way, server)) {
      WebSocket socket = witness.upgraded("/", NONE.parts(true));
      CRC32 told = new CRC32();
      long size = 0;
      boolean fin = false;
      while (!fin) {
        socket.credit(1);
        WebSocketPart part = witness.next(WebSocketPart.class);
        byte[] octets = ((Binary) part.data()).bytes().toArray();
        assertThat(octets.length).isLessThanOrEqualTo(64 << 10);
        told.update(octets);
        size += octets.length;
        fin = part.fin();
      }
      assertThat(size).isEqualTo((long) blocks * block.length);
      assertThat(told.getValue()).isEqualTo(sent.getValue());
    }
  }

  @ParameterizedTest
  @EnumSource
  @Needs(Peer.PYTHON_WEBSOCKETS)
  void textThatComesBackInPartsIsWhatWasSent(Way way) {
    String text = "a\u00e9\u20ac\ud83e\udd20".repeat(50_000);
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/fragments?size=70001", way.webSocket().parts(true));
      socket.send(new Text(text));
      StringBuilder told = new StringBuilder();
      List<Integer> sizes = new ArrayList<>();
      WebSocketPart part;
      do {
        part = witness.next(WebSocketPart.class);
        String piece = ((Text) part.data()).text();
        told.append(piece);
        sizes.add(Bytes.ofUtf8(piece).size());
      } while (!part.fin());
      assertThat(told.toString()).isEqualTo(text);
      assertThat(sizes).hasSizeGreaterThan(7).allMatch(size -> size <= 64 << 10);
    }
  }
}
