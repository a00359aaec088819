package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.message.Notice.PingAcknowledged;
import dev.lariat.option.WebSocketOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Handles every message: the programs of the message pages, as one switch without a default, so the
 * compiler has checked that none is missing. Run it against any echo server: {@code EveryMessage
 * http://localhost:8080}.
 */
public final class EveryMessage {
  /** What your content handler makes of a body. */
  record Row(String cells) {}

  /** What your subprotocol handler makes of frames. */
  record Quote(String symbol, long price) {}

  /** What a program keeps. */
  static final class Book {
    final List<Object> applied = new ArrayList<>();

    void apply(Object what) {
      applied.add(what);
    }
  }

  final Book book = new Book();
  final List<Row> table = new ArrayList<>();
  final AtomicLong gauge = new AtomicLong();
  final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final OutputStream file = OutputStream.nullOutputStream();
  private final Connection connection;
  private @Nullable WebSocket socket;
  private String lastId = "";

  EveryMessage(Connection connection) {
    this.connection = connection;
  }

  public static void main(String[] args) throws InterruptedException, IOException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(URI.create(args[0]), mailbox)) {
      EveryMessage program = new EveryMessage(connection);
      connection.get("/page");
      Message message;
      do {
        message = mailbox.take();
        program.told(message);
        if (message instanceof WebSocketFrame) {
          connection.shutdown();
        }
      } while (!(message instanceof Terminated));
    }
  }

  void told(Message message) throws IOException {
    switch (message) {
      case Up up -> socket = connection.webSocket("/feed", WebSocketOptions.compressed());
      case Retrying retrying ->
          System.out.println(
              "attempt "
                  + retrying.attempt()
                  + " in "
                  + retrying.delay()
                  + ": "
                  + retrying.reason().sentence());
      case Down down -> {
        socket = null; // the connection reconnects by itself; the WebSocket does not
        log(down.reason().sentence());
      }
      case Notice(var on, PingAcknowledged pong) -> gauge.set(pong.roundTrip().toMillis());
      case Notice notice -> log("a notice: " + notice.detail());
      case Rejected(var stream, var operation, var reason) ->
          log(operation + " on " + stream + ": " + reason.sentence());
      case Terminated terminated -> {
        System.out.println(terminated.reason().sentence());
        return;
      }

      case Inform inform when inform.status() == 103 -> preload(inform.headers().all("link"));
      case Inform inform -> {}
      case Push push -> System.out.println("pushed: " + push.method() + " " + push.uri());
      case Response(var stream, var fin, var status, var headers) ->
          System.out.println(stream + ": " + status);
      case Data data -> {
        body.write(data.bytes().toArray());
        if (data.fin()) done(body);
      }
      case ServerSentEvent event -> {
        lastId = event.id(); // to send as Last-Event-ID in the next request
        book.apply(event.data());
      }
      case ContentMessage(var stream, Row row) -> table.add(row);
      case ContentMessage other -> {}
      case Trailers trailers -> trailers.headers().first("digest").ifPresent(this::verify);
      case StreamFailed(var stream, Reason.Unprocessed why) -> again(stream);
      case StreamFailed(var stream, var reason) -> log(stream + ": " + reason.sentence());

      case TunnelUp opened ->
          System.out.println("the proxy accepted " + Tunnel.of(opened.stream()));
      case Upgraded upgraded -> WebSocket.of(upgraded.stream()).send(new Text("hello"));
      case WebSocketFrame(var socket, Text(var text)) -> System.out.println(text);
      case WebSocketFrame(var socket, Close(var code, var why)) ->
          System.out.println("closing " + code + " " + why);
      case WebSocketFrame frame -> {}
      case WebSocketPart(var socket, Binary(var bytes), var fin) -> file.write(bytes.toArray());
      case WebSocketPart part -> {}
      case SubprotocolMessage(var socket, Quote quote) -> book.apply(quote);
      case SubprotocolMessage other -> {}
      case WebSocketClosed closed -> System.out.println(closed.handshake().sentence());

      case Connecting connecting ->
          System.out.println(
              (connecting.open() ? "replacing, attempt " : "connecting, attempt ")
                  + connecting.attempt());
      case Waiting waiting ->
          System.out.println(
              "attempt "
                  + waiting.attempt()
                  + " in "
                  + waiting.delay()
                  + ": "
                  + waiting.reason().sentence());
      case Open open -> System.out.println("session " + open.session());
      case Gone gone -> throw new IllegalStateException(gone.reason().sentence());
    }
  }

  private static void log(String line) {
    System.out.println("log: " + line);
  }

  private static void preload(List<String> links) {
    System.out.println("preload " + links);
  }

  private static void done(ByteArrayOutputStream body) {
    System.out.println(body.toString(java.nio.charset.StandardCharsets.UTF_8).strip());
  }

  private void again(StreamRef stream) {
    System.out.println("again from " + lastId + ": " + stream + (socket == null ? "" : ", now"));
  }

  private void verify(String digest) {
    System.out.println("verify " + body.size() + " bytes by " + digest);
  }
}
