package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.ResponsePublisher;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.message.Bytes;
import dev.lariat.option.Credentials;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/** Sends requests and waits for their answers: the programs of docs/guide/calls.md. */
public final class Calls {
  public static void main(String[] args) {
    URI origin = URI.create(args[0]);
    page(origin);
    try (Connection connection = Lariat.open(origin)) {
      lines(connection);
      call(connection);
      publish(connection);
    }
  }

  private static void page(URI origin) {
    try (Connection connection = Lariat.open(origin)) {
      String page = connection.get("/").text(Duration.ofSeconds(5));
      System.out.println(page.strip());
    }
  }

  private static void lines(Connection connection) {
    Exchange exchange = connection.get("/lines");
    if (exchange.response(Duration.ofSeconds(5)).status() == 200) {
      try (Stream<String> lines = exchange.lines(Duration.ofSeconds(5))) {
        lines.forEach(System.out::println);
      }
    }
  }

  private static void call(Connection connection) {
    Caller caller =
        Caller.on(connection)
            .redirects(Redirects.DEFAULT)
            .credentials(Credentials.of("user", "password"))
            .retry(RequestRetry.DEFAULT);
    Answer answer = caller.get("/called", Duration.ofSeconds(5));
    System.out.println(answer.status() + " " + answer.text().strip());
  }

  /** Sends credentials without a caller. */
  static WebSocket show(Connection connection, String token, String user, String password) {
    connection.request(Request.of("GET", "/feed").credentials(Credentials.bearer(token)));
    WebSocketOptions options = WebSocketOptions.DEFAULT.credentials(Credentials.of(user, password));
    WebSocket socket = connection.webSocket("/ws", options);
    return socket;
  }

  private static void publish(Connection connection) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Flow.Subscriber<Bytes> subscriber = new Printer(end);
    ResponsePublisher publisher = connection.publish(Request.of("GET", "/published"));
    publisher.subscribe(subscriber);
    int status = publisher.response().join().status();
    end.join();
    System.out.println("published with status " + status);
  }

  /** Requests one part at a time. */
  private static final class Printer implements Flow.Subscriber<Bytes> {
    private final CompletableFuture<Void> end;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Printer(CompletableFuture<Void> end) {
      this.end = end;
    }

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription.complete(made);
      made.request(1);
    }

    @Override
    public void onNext(Bytes part) {
      System.out.println(part.utf8().strip());
      subscription.join().request(1);
    }

    @Override
    public void onError(Throwable thrown) {
      end.completeExceptionally(thrown);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }
}
