package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Request;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Those who send to a server that reads slowly, while they are interrupted. */
final class InterruptedSenders {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ConnectionOptions NARROW =
      ConnectionOptions.DEFAULT.sockets(SocketOptions.DEFAULT.sendBuffer(8 << 10));
  private static final WebSocketOptions SMALL = WebSocketOptions.DEFAULT.sendQueue(1 << 10);
  private static final String PADDING = " " + "x".repeat(8000);

  private InterruptedSenders() {}

  /** A server that reads numbers slowly; it holds that none is missing and none comes twice. */
  private static final class Counting {
    private final Ledger ledger;
    private final AtomicInteger last = new AtomicInteger();
    final Origin origin = Origin.start(this::serve);

    Counting(Ledger ledger) {
      this.ledger = ledger;
    }

    private void serve(Visit visit) throws IOException, InterruptedException {
      SplittableRandom random = new SplittableRandom(visit.number());
      WebSocketVisit socket = visit.acceptWebSocket();
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        if (frame instanceof Text(var text)) {
          int number = Integer.parseInt(text.substring(0, text.indexOf(' ')));
          int before = last.getAndSet(number);
          if (number != before + 1) {
            ledger.complain("the server got " + number + " after " + before);
          }
          visit.pause(Part.moment(random, 0, 3));
        }
      }
    }

    /** Waits until this has come, and complains if it does not. */
    void ends(int sent) throws InterruptedException {
      long end = Part.in(PATIENCE);
      while (last.get() != sent && System.nanoTime() < end) {
        Part.pause(Duration.ofMillis(5));
      }
      if (last.get() != sent) {
        ledger.complain(sent + " messages were sent, and the server got " + last);
      }
      origin.close();
    }
  }

  /** Sends the next number when the one before was sent, and the same again when it was not. */
  private abstract static class Numbers implements Victim.Task {
    final Counting server;
    private int sent;

    Numbers(Ledger ledger) {
      this.server = new Counting(ledger);
    }

    abstract void send(Text number);

    abstract void release();

    @Override
    public void play(Victim victim) throws Exception {
      Text text = new Text((sent + 1) + PADDING);
      if (victim.calls(
          () -> {
            send(text);
            return null;
          })) {
        sent++;
      }
    }

    @Override
    public void end() throws Exception {
      server.ends(sent);
      release();
    }
  }

  /** {@code WebSocket.send}. */
  static Victim.Task frames(Ledger ledger) {
    return new Numbers(ledger) {
      private final Connection connection =
          Lariat.open("127.0.0.1", server.origin.port(), NARROW, message -> {});
      private final WebSocket socket = connection.webSocket("/", SMALL);

      @Override
      void send(Text number) {
        socket.send(number);
      }

      @Override
      void release() {
        connection.close();
      }
    };
  }

  /** {@code LiveWebSocket.send}. */
  static Victim.Task live(Ledger ledger) {
    return new Numbers(ledger) {
      private final LiveWebSocket live =
          LiveWebSocket.to(server.origin.uri("ws", "/"))
              .options(
                  LiveOptions.DEFAULT
                      .connection(NARROW)
                      .webSocket(SMALL)
                      .outbox(Outbox.DEFAULT.messages(4)))
              .owner(message -> {})
              .open();

      @Override
      void send(Text number) {
        live.send(number);
      }

      @Override
      void release() {
        live.close();
      }
    };
  }

  /**
   * {@code WebSocket.sendText} of a reader and {@code sendBinary} of a stream. A message that was
   * begun and is given up ends its WebSocket, so the next one goes out on a new connection.
   */
  static Victim.Task messages(Ledger ledger) {
    String text = "0123456789".repeat(10_000);
    AtomicInteger whole = new AtomicInteger();
    Origin origin =
        Origin.start(
            visit -> {
              if (visit.request() == null) {
                return; // it was interrupted before
              }
              WebSocketVisit socket = visit.acceptWebSocket();
              for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
                if (frame instanceof Close) {
                  continue;
                }
                whole.incrementAndGet();
                if (!frame.equals(new Text(text))
                    && !frame.equals(new Binary(Bytes.ofUtf8(text)))) {
                  ledger.complain("a message came that was not sent");
                }
              }
            });
    return new Victim.Task() {
      private Connection connection;
      private WebSocket socket = open();
      private int turn;
      private int returned;
      private int thrown;

      @Override
      public void play(Victim victim) throws Exception {
        if (victim.calls(
            () -> {
              if (turn++ % 2 == 0) {
                socket.sendText(new StringReader(text));
              } else {
                socket.sendBinary(new ByteArrayInputStream(Bytes.ofUtf8(text).toArray()));
              }
              return null;
            })) {
          returned++;
        } else {
          thrown++;
          connection.close();
          socket = open();
        }
      }

      private WebSocket open() {
        connection = Lariat.open("127.0.0.1", origin.port(), NARROW, message -> {});
        return connection.webSocket("/", SMALL);
      }

      @Override
      public void end() throws Exception {
        long end = Part.in(PATIENCE);
        while (whole.get() < returned && System.nanoTime() < end) {
          Part.pause(Duration.ofMillis(5));
        }
        connection.close();
        origin.close();
        if (whole.get() < returned || whole.get() > returned + thrown) {
          ledger.complain(
              whole + " messages came; " + returned + " calls returned, " + thrown + " threw");
        }
      }
    };
  }

  /** Says which numbers the parts of a body have. */
  private static void adds(Visit visit) throws IOException, InterruptedException {
    while (visit.head() != null) {
      visit.pause(Duration.ofMillis(3));
      StringBuilder numbers = new StringBuilder();
      for (String part : visit.body().utf8().split("\n")) {
        numbers.append(part, 0, part.indexOf(' ')).append(' ');
      }
      visit.respond(200, numbers.toString());
    }
  }

  /**
   * {@code Exchange.data}, where a part is sent again when its call threw, and {@code send} of a
   * file or a stream, which gives the request up.
   */
  static Victim.Task bodies(Ledger ledger) throws IOException {
    int parts = 40;
    StringBuilder all = new StringBuilder();
    StringBuilder body = new StringBuilder();
    for (int part = 1; part <= parts; part++) {
      all.append(part).append(' ');
      body.append(part).append(PADDING).append('\n');
    }
    Path file = Files.writeString(Files.createTempFile("soak", ".txt"), body);
    Origin origin = Origin.start(InterruptedSenders::adds);
    Connection connection = Lariat.open("127.0.0.1", origin.port(), NARROW);
    return new Victim.Task() {
      private int turn;
      private String numbers;

      @Override
      public void play(Victim victim) throws Exception {
        Exchange exchange = connection.begin(Request.of("POST", "/").sendQueue(1 << 10));
        if (turn++ % 2 == 0) {
          inParts(victim, exchange);
        } else if (!victim.calls(() -> streamed(exchange))) {
          exchange.cancel(); // the rest of its body will not come
          return;
        }
        if (victim.calls(() -> numbers = exchange.text(PATIENCE)) && !numbers.contentEquals(all)) {
          victim.complain("the server got the parts " + numbers);
        }
      }

      private void inParts(Victim victim, Exchange exchange) throws Exception {
        for (int part = 1; part <= parts; ) {
          Bytes bytes = Bytes.ofUtf8(part + PADDING + "\n");
          boolean last = part == parts;
          if (victim.calls(
              () -> {
                exchange.data(bytes, last);
                return null;
              })) {
            part++;
          }
        }
      }

      private Object streamed(Exchange exchange) throws IOException {
        if (turn % 4 == 0) {
          exchange.send(file);
        } else {
          try (InputStream in = Files.newInputStream(file)) {
            exchange.send(in);
          }
        }
        return null;
      }

      @Override
      public void end() throws IOException {
        connection.close();
        origin.close();
        Files.delete(file);
      }
    };
  }
}
