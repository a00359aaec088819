package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.*;
import dev.lariat.option.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams request bodies part by part and from a file, waits for 100 Continue, reads a response
 * slowly, and cancels a request. Run it against any server that echoes requests: {@code Requests
 * localhost 8080 /echo file}.
 */
public final class Requests {
  public static void main(String[] args) throws InterruptedException, IOException {
    run(args[0], Integer.parseInt(args[1]), args[2], Path.of(args[3]));
  }

  static void run(String host, int port, String path, Path file)
      throws InterruptedException, IOException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      for (Exchange exchange : whole(connection, Bytes.ofUtf8("{}"))) {
        System.out.println(exchange + ": " + answer(mailbox, exchange).strip());
      }
      System.out.println("parts: " + answer(mailbox, parts(connection, path)));
      System.out.println("file: " + answer(mailbox, file(connection, path, file)));
      System.out.println("slowly: " + answer(mailbox, slowly(connection, path)));
      System.out.println("cancelled: " + answer(mailbox, cancelled(connection, path)));
    }
  }

  private static List<Exchange> whole(Connection connection, Bytes json) {
    Exchange page = connection.get("/page");
    Exchange order =
        connection.post("/orders", Headers.of("content-type", "application/json"), json);
    Exchange other =
        connection.request(Request.of("PUT", "/calendar").header("depth", "1").body(json));
    return List.of(page, order, other);
  }

  /** Chunked, because the length is not known in advance. Blocks if the server is slow. */
  private static Exchange parts(Connection connection, String path) {
    Exchange exchange = connection.begin(Request.of("POST", path));
    for (String word : new String[] {"one ", "two ", "three"}) {
      exchange.data(Bytes.ofUtf8(word), false);
    }
    exchange.data(Bytes.EMPTY, true);
    return exchange;
  }

  /** With a declared length, after the server's 100 Continue, within 10 s. */
  private static Exchange file(Connection connection, String path, Path file) throws IOException {
    Request request =
        Request.of("PUT", path)
            .header("Content-Length", String.valueOf(file.toFile().length()))
            .expectContinue(Duration.ofSeconds(1))
            .timeout(Duration.ofSeconds(10));
    Exchange exchange = connection.begin(request);
    exchange.send(file);
    return exchange;
  }

  /** Delivers the body part by part, each after the previous one was processed. */
  private static Exchange slowly(Connection connection, String path) {
    return connection.request(Request.of("POST", path).body(Bytes.ofUtf8("bit by bit")).credit(1));
  }

  /** Cancelled before its body is delivered: it has no credit for that. */
  private static Exchange cancelled(Connection connection, String path) {
    Exchange exchange = connection.request(Request.of("GET", path).credit(0));
    exchange.cancel();
    return exchange;
  }

  private static String answer(Mailbox mailbox, Exchange exchange) throws InterruptedException {
    StringBuilder body = new StringBuilder();
    while (true) {
      Message.@Nullable OfStream message = mailbox.await(exchange, Duration.ofSeconds(10));
      if (message == null) {
        return "no answer";
      }
      switch (message) {
        case Data data -> {
          body.append(data.bytes().utf8());
          exchange.credit(1);
        }
        case StreamFailed failed -> {
          return failed.reason().sentence();
        }
        default -> {}
      }
      if (message.ends()) {
        return body.toString();
      }
    }
  }
}
