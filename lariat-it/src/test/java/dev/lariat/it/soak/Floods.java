package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Deflate;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Servers that send the same thing without end, each until a bound stops it. */
final class Floods {
  private static final int MEBIBYTE = 1 << 20;
  private static final int AT_ONCE = 64 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String GZIP = OK + "Content-Encoding: gzip\r\n\r\n";
  private static final String EVENTS = OK + "Content-Type: text/event-stream\r\n\r\n";
  private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String WITH_NAME = latin("1f8b08080000000000ff"); // the header of a member

  private Floods() {}

  static List<Hostile.Attack> all() throws IOException {
    String member = gzip(1000);
    return List.of(
        frames("messages of zeros", Bound.INFLATE_RATIO, "", zeros()),
        frames("empty fragments", Bound.USELESS_FRAMES, latin("0100"), latin("0000")),
        frames("empty messages", Bound.USELESS_FRAMES, "", latin("8100")),
        frames("pings", Bound.USELESS_FRAMES, "", latin("8900")),
        frames("pongs", Bound.USELESS_FRAMES, "", latin("8a00")),
        packed("a body of zeros", Bound.INFLATE_RATIO, "", gzip(MEBIBYTE)),
        packed("empty gzip members", Bound.WITHOUT_OUTPUT, "", gzip(0)),
        packed("a gzip name without end", Bound.WITHOUT_OUTPUT, member + WITH_NAME, "x"),
        packed("garbage after gzip", Bound.WITHOUT_OUTPUT, member, "garbage"),
        events("comments", Bound.EMPTY_EVENTS, "", ":\n"),
        events("an event id without end", Bound.EVENT, "id: ", "1"),
        events("event ids of 5,000 bytes", Bound.EVENT_ID, "", "id: " + "1".repeat(5000) + "\n\n"),
        events("an event without end", Bound.EVENT, "", "data: x\n"),
        plain(
            "chunk extensions",
            Bound.CHUNK_EXTENSIONS,
            CHUNKED,
            "1;" + "x".repeat(100) + "\r\na\r\n"),
        plain("informational responses", Bound.INFORMS, "", "HTTP/1.1 103 Early Hints\r\n\r\n"),
        plain("empty lines", Bound.EMPTY_LINES, "", "\r\n"),
        plain("a header without end", Bound.HEADER_BLOCK, OK + "a: ", "x"));
  }

  // ---- bytes, as text in ISO 8859-1

  private static String latin(String hex) {
    return latin(HexFormat.of().parseHex(hex));
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A compressed message of a mebibyte in a kilobyte, with an empty window. */
  static String zeros() {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(new byte[MEBIBYTE - 1]);
    byte[] room = new byte[4096];
    int size = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    return latin(new byte[] {(byte) 0xc2, 126, (byte) (size >> 8), (byte) size})
        + latin(Arrays.copyOf(room, size));
  }

  private static String gzip(int zeros) throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(member)) {
      gzip.write(new byte[zeros]);
    }
    return latin(member.toByteArray());
  }

  // ---- floods

  private static Hostile.Attack frames(String name, Bound bound, String first, String again) {
    return flood(
        name, bound, sendsFrames(first, again), connection -> connection.webSocket("/", deflate()));
  }

  static WebSocketOptions deflate() {
    return WebSocketOptions.DEFAULT.deflate(Deflate.DEFAULT);
  }

  static Script sendsFrames(String first, String again) {
    return visit -> {
      visit.acceptWebSocket(
          Headers.of("sec-websocket-extensions", "permessage-deflate; server_no_context_takeover"));
      sends(visit, first, again);
    };
  }

  private static Hostile.Attack packed(String name, Bound bound, String first, String again) {
    return flood(name, bound, GZIP + first, again, Content.DECOMPRESSED);
  }

  private static Hostile.Attack events(String name, Bound bound, String first, String again) {
    return flood(name, bound, EVENTS + first, again, Content.EVENTS);
  }

  private static Hostile.Attack plain(String name, Bound bound, String first, String again) {
    return flood(name, bound, first, again, Content.PLAIN);
  }

  private static Hostile.Attack flood(
      String name, Bound bound, String first, String again, Content content) {
    Script script =
        visit -> {
          visit.request();
          sends(visit, first, again);
        };
    return flood(
        name,
        bound,
        script,
        connection -> connection.request(Request.of("GET", "/").content(content)));
  }

  /** What a client begins on a connection. */
  private interface Beginning {
    StreamRef on(Connection connection);
  }

  private static Hostile.Attack flood(
      String name, Bound bound, Script script, Beginning beginning) {
    return new Hostile.Attack(
        name,
        reason -> reason instanceof Reason.Limit limit && limit.bound() == bound,
        () -> {
          try (Origin origin = Origin.start(script);
              Mailbox mailbox = Mailbox.create();
              Connection connection =
                  Lariat.open(
                      "127.0.0.1",
                      origin.port(),
                      ConnectionOptions.DEFAULT.retry(Backoff.NEVER),
                      mailbox)) {
            return end(mailbox, beginning.on(connection));
          }
        });
  }

  /** Sends the first once and the second until the client has gone. */
  private static void sends(Visit visit, String first, String again) throws IOException {
    visit.write(first);
    Bytes many =
        Bytes.wrap(
            again
                .repeat(Math.max(1, AT_ONCE / again.length()))
                .getBytes(StandardCharsets.ISO_8859_1));
    while (true) {
      visit.write(many);
    }
  }

  /** Reads until this stream has ended, and says why; null if it came to a good end. */
  static Reason end(Mailbox mailbox, StreamRef stream) throws InterruptedException {
    long end = Part.in(PATIENCE);
    while (true) {
      Message.OfStream message = mailbox.await(stream, Duration.ofNanos(end - System.nanoTime()));
      if (message == null || System.nanoTime() > end) {
        throw new IllegalStateException("no end in " + PATIENCE + "; the last is " + message);
      }
      if (message instanceof StreamFailed(var failed, var reason)) {
        return reason;
      }
      if (message instanceof WebSocketClosed closed) {
        throw new IllegalStateException("it was closed: " + closed);
      }
      if (message.ends()) {
        return null;
      }
    }
  }
}
