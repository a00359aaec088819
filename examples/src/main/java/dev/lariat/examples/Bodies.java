package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.*;
import dev.lariat.option.Content;
import dev.lariat.option.Form;
import dev.lariat.option.Multipart;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses responses and splits them into lines, and sends forms. Run it against any server
 * that echoes requests: {@code Bodies localhost 8080 /echo}.
 */
public final class Bodies {
  public static void main(String[] args) throws InterruptedException {
    run(args[0], Integer.parseInt(args[1]), args[2]);
  }

  static void run(String host, int port, String path) throws InterruptedException {
    Content lines = Content.DECOMPRESSED.handler(Bodies::lines);
    Request post = Request.of("POST", path).content(lines);
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      print(mailbox, connection.request(Request.of("GET", path).content(lines)));
      Exchange login = connection.request(post.body(Form.of("name", "ä b").and("word", "x&y")));
      print(mailbox, login);
      Multipart multipart =
          Multipart.create()
              .field("title", "A page")
              .file("file", "page.txt", "text/plain", Bytes.ofUtf8("one\ntwo\n"));
      Exchange upload = connection.request(post.body(multipart));
      print(mailbox, upload);
      Request page = Request.of("GET", path).content(Content.DECOMPRESSED);
      print(mailbox, connection.request(page));
    }
  }

  /** Handles text; other bodies are delivered unchanged. */
  static Optional<ContentHandler> lines(ContentHandler.Session session) {
    if (!session.headers().first("content-type").orElse("").startsWith("text/")) {
      return Optional.empty(); // the next handler's, or delivered unchanged
    }
    return Optional.of(new Lines(session));
  }

  /** Delivers each line. It reads ASCII only, to stay short. */
  private static final class Lines implements ContentHandler {
    private final Session session;
    private final StringBuilder line = new StringBuilder();

    Lines(Session session) {
      this.session = session;
    }

    @Override
    public void data(Bytes bytes) {
      for (int i = 0; i < bytes.size(); i++) {
        if (bytes.at(i) == '\n') {
          end();
        } else {
          line.append((char) bytes.at(i));
        }
      }
    }

    @Override
    public void end() {
      if (!line.isEmpty()) {
        session.tell(line.toString().strip());
        line.setLength(0);
      }
    }
  }

  private static void print(Mailbox mailbox, Exchange exchange) throws InterruptedException {
    Message.@Nullable OfStream message;
    do {
      message = mailbox.await(exchange, Duration.ofSeconds(10));
      switch (message) {
        case ContentMessage content -> System.out.println("line: " + content.value());
        case Data data when !data.bytes().isEmpty() ->
            System.out.println("data: " + data.bytes().utf8());
        case StreamFailed failed -> System.out.println(failed.reason().sentence());
        case null -> System.out.println("no answer");
        default -> {}
      }
    } while (message != null && !message.ends());
  }
}
