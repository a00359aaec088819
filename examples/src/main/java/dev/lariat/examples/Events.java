package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.*;
import dev.lariat.option.Content;
import dev.lariat.option.Request;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Prints server-sent events. When the response ends, it requests them again from the last event,
 * until the server answers with status 204. Run it against any server of events: {@code Events
 * localhost 8080 /events}.
 */
public final class Events {
  public static void main(String[] args) throws InterruptedException {
    run(args[0], Integer.parseInt(args[1]), args[2]);
  }

  static void run(String host, int port, String path) throws InterruptedException {
    Request request = Request.of("GET", path).content(Content.EVENTS);
    String lastId = "";
    Duration retry = Duration.ofSeconds(1);
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      while (true) {
        Exchange exchange =
            connection.request(
                lastId.isEmpty() ? request : request.header("Last-Event-ID", lastId));
        Message.@Nullable OfStream message;
        do {
          message = mailbox.await(exchange, Duration.ofMinutes(5));
          switch (message) {
            case Response response when response.status() != 200 -> {
              System.out.println("no more: status " + response.status());
              return;
            }
            case ServerSentEvent event -> {
              System.out.println(event.type() + ": " + event.data());
              lastId = event.id();
              retry = event.retry().orElse(retry);
            }
            case StreamFailed failed -> System.out.println(failed.reason().sentence());
            case null -> exchange.cancel(); // silent for too long
            default -> {}
          }
        } while (message != null && !message.ends());
        Thread.sleep(retry);
      }
    }
  }
}
