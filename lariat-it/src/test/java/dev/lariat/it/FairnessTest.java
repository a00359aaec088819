package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Deflate;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** A server that makes its client inflate without end takes no other connection's turn. */
final class FairnessTest {
  private static final int ONE = 1 << 20; // inflated bytes of what is sent again and again
  private static final ConnectionOptions ANY_RATIO =
      ConnectionOptions.DEFAULT.limits(Limits.DEFAULT.inflateRatio(10_000).decompressed(1L << 50));

  /** A message of a mebibyte in a kilobyte, with an empty window. */
  private static byte[] frame() {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(new byte[ONE]);
    byte[] room = new byte[4096];
    int size = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    byte[] frame = new byte[4 + size];
    frame[0] = (byte) 0xc2;
    frame[1] = 126;
    frame[2] = (byte) (size >> 8);
    frame[3] = (byte) size;
    System.arraycopy(room, 0, frame, 4, size);
    return frame;
  }

  private static byte[] member() throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(member)) {
      gzip.write(new byte[ONE]);
    }
    return member.toByteArray();
  }

  /** Sends this until the client leaves. */
  private static void floods(ScriptedServer.Peer peer, byte[] one) throws IOException {
    byte[] several = new byte[64 * one.length];
    for (int i = 0; i < 64; i++) {
      System.arraycopy(one, 0, several, i * one.length, one.length);
    }
    while (true) {
      peer.bytes(several);
    }
  }

  private static void floodsWebSocket(ScriptedServer.Peer peer) throws IOException {
    peer.text(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
            + "Sec-WebSocket-Accept: "
            + ScriptedServer.acceptKey(peer.head())
            + "\r\n\r\n");
    floods(peer, frame());
  }

  private static void floodsBody(ScriptedServer.Peer peer) throws IOException {
    peer.head();
    peer.text("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    floods(peer, member());
  }

  private static void answers(ScriptedServer.Peer peer) throws IOException {
    while (true) {
      peer.head();
      peer.text("HTTP/1.1 204 No Content\r\n\r\n");
    }
  }

  /** Counts the bytes that come, on the loop. */
  private static final class Counter implements Receiver {
    final AtomicLong bytes = new AtomicLong();

    @Override
    public void receive(Message message) {
      if (message instanceof WebSocketFrame(var stream, Binary(var payload))) {
        bytes.addAndGet(payload.size());
      } else if (message instanceof Data data) {
        bytes.addAndGet(data.bytes().size());
      }
    }
  }

  /** One connection on each loop asks and is answered, again and again, beside the flood. */
  private static void othersAreAnswered(Counter flood) throws Exception {
    int loops = Runtime.getRuntime().availableProcessors(); // at the most
    List<Connection> others = new ArrayList<>();
    try (ScriptedServer calm = new ScriptedServer(FairnessTest::answers)) {
      for (int i = 0; i < loops; i++) {
        others.add(Lariat.open("127.0.0.1", calm.port()));
      }
      long begin = flood.bytes.get();
      long[] waits = new long[50];
      for (int i = 0; i < waits.length; i++) {
        for (Connection other : others) {
          long before = flood.bytes.get();
          assertThat(other.get("/").response(Witness.PATIENCE).status()).isEqualTo(204);
          waits[i] = Math.max(waits[i], flood.bytes.get() - before);
        }
      }
      Arrays.sort(waits);
      // a request and its answer are a few turns, of a mebibyte or so each
      assertThat(waits[waits.length / 2]).isLessThan(32L * ONE);
      assertThat(flood.bytes.get()).isGreaterThan(begin + ONE); // it went on meanwhile
    } finally {
      others.forEach(Connection::close);
    }
  }

  private static void begins(Counter flood) {
    while (flood.bytes.get() < 4 * ONE) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aWebSocketOfLargeMessagesInFewBytesLeavesOthersTheirTurn() throws Exception {
    Counter flood = new Counter();
    try (ScriptedServer server = new ScriptedServer(FairnessTest::floodsWebSocket)) {
      Connection connection = Lariat.open("127.0.0.1", server.port(), ANY_RATIO, flood);
      connection.webSocket("/", WebSocketOptions.DEFAULT.deflate(Deflate.DEFAULT));
      begins(flood);
      othersAreAnswered(flood);
      connection.close();
    }
  }

  @Test
  void aLargeBodyInFewBytesLeavesOthersTheirTurn() throws Exception {
    Counter flood = new Counter();
    try (ScriptedServer server = new ScriptedServer(FairnessTest::floodsBody)) {
      Connection connection = Lariat.open("127.0.0.1", server.port(), ANY_RATIO, flood);
      connection.request(Request.of("GET", "/").content(Content.DECOMPRESSED));
      begins(flood);
      othersAreAnswered(flood);
      connection.close();
    }
  }

  @Test
  void readingStopsWhenTheMailboxHoldsItsBytes() throws Exception {
    long most = 8L * ONE;
    Mailbox mailbox = Mailbox.bounded(1000, most);
    try (ScriptedServer server = new ScriptedServer(FairnessTest::floodsWebSocket)) {
      Connection connection = Lariat.open("127.0.0.1", server.port(), ANY_RATIO, mailbox);
      WebSocket socket =
          connection.webSocket("/", WebSocketOptions.DEFAULT.deflate(Deflate.DEFAULT));
      while (mailbox.size() < 8) {
        Thread.onSpinWait();
      }
      // questions pass the loop behind what it has in hand: it is given every chance to read on
      for (int i = 0; i < 200; i++) {
        socket.info().join();
      }
      assertThat(mailbox.size()).isLessThanOrEqualTo(8 + 4); // with what told of the beginning
      connection.close();
    }
  }
}
