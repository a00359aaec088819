package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
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
 * What may be done at each message: the programs of the messages' pages, as one switch without a
 * default, which has therefore forgotten none. Run it against any server that echoes: {@code
 * EveryMessage http://localhost:8080}.
 */
public final class EveryMessage {
  /** What a content handler of the user's makes of a body. */
  record Row(String cells) {}

  /** What a subprotocol's handler of the user's makes of frames. */
  record Quote(String symbol, long price) {}

  /** What a program keeps of what it is told. */
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
      case Retrying(_, var attempt, var delay, var reason) ->
          System.out.println("attempt " + attempt + " in " + delay + ": " + reason.sentence());
      case Down down -> {
        socket = null; // it comes back by itself; the WebSocket does not
        log(down.reason().sentence());
      }
      case Notice(_, PingAcknowledged(_, var roundTrip)) -> gauge.set(roundTrip.toMillis());
      case Notice notice -> log("a notice: " + notice.detail());
      case Rejected(var stream, var operation, var reason) ->
          log(operation + " on " + stream + ": " + reason.sentence());
      case Terminated(_, var reason) -> {
        System.out.println(reason.sentence());
        return;
      }

      case Inform(_, var status, var headers) when status == 103 -> preload(headers.all("link"));
      case Inform inform -> {}
      case Response(var stream, var fin, var status, var headers) ->
          System.out.println(stream + ": " + status);
      case Data(_, var fin, var bytes) -> {
        body.write(bytes.toArray());
        if (fin) done(body);
      }
      case ServerSentEvent(_, var id, _, var data, _) -> {
        lastId = id; // sent as Last-Event-ID when asking again
        book.apply(data);
      }
      case ContentMessage(_, Row row) -> table.add(row);
      case ContentMessage other -> {}
      case Trailers(_, var headers) -> headers.first("digest").ifPresent(this::verify);
      case StreamFailed(var stream, Reason.Unprocessed why) -> again(stream);
      case StreamFailed(var stream, var reason) -> log(stream + ": " + reason.sentence());

      case Upgraded(WebSocket opened, _, _, _) -> opened.send(new Text("hello"));
      case Upgraded upgraded -> {}
      case WebSocketFrame(_, Text(var text)) -> System.out.println(text);
      case WebSocketFrame(_, Close(var code, var why)) ->
          System.out.println("closing " + code + " " + why);
      case WebSocketFrame frame -> {}
      case WebSocketPart(_, Binary(var bytes), var fin) -> file.write(bytes.toArray());
      case WebSocketPart part -> {}
      case SubprotocolMessage(_, Quote quote) -> book.apply(quote);
      case SubprotocolMessage other -> {}
      case WebSocketClosed(_, var handshake) -> System.out.println(handshake.sentence());

      case Connecting(_, var attempt, var open) ->
          System.out.println((open ? "replacing, attempt " : "connecting, attempt ") + attempt);
      case Waiting(_, var attempt, var delay, var reason, var open) ->
          System.out.println("attempt " + attempt + " in " + delay + ": " + reason.sentence());
      case Open(_, var session, _, _) -> System.out.println("session " + session);
      case Gone(_, var reason) -> throw new IllegalStateException(reason.sentence());
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
