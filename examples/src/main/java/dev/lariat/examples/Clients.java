package dev.lariat.examples;

import dev.lariat.Exchange;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.client.Downloaded;
import dev.lariat.message.Bytes;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.Timeouts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Sends requests to whole URLs: the programs of docs/guide/client.md. */
public final class Clients {
  public static void main(String[] args) throws Exception {
    String origin = args[0];
    page(origin);
    try (Client client = Client.open()) {
      settings(client, origin);
      post(client, origin);
      together(client, origin);
      file(client, origin);
      parts(client, origin);
      System.out.println(client.info().origins().getFirst().waiting() + " waiting");
    }
  }

  private static void page(String origin) {
    try (Client client = Client.open()) {
      Answer answer = client.get(origin + "/page");
      System.out.println(answer.status() + " " + answer.text().strip());
    }
  }

  private static void settings(Client client, String origin) {
    Client api =
        client
            .timeout(Duration.ofSeconds(5))
            .redirects(Redirects.DEFAULT)
            .retry(RequestRetry.DEFAULT)
            .credentials(origin, Credentials.of("user", "password"));
    System.out.println(api.get(origin + "/settings").text().strip());
  }

  private static void post(Client client, String origin) {
    Bytes body = Bytes.ofUtf8("{\"name\": \"Lariat\"}");
    Answer created = client.post(origin + "/posted", "application/json", body);
    System.out.println(created.status());
  }

  private static void together(Client client, String origin) {
    CompletableFuture<Answer> first = client.sendAsync(origin + "/1", Request.of("GET", "/"));
    CompletableFuture<Answer> second = client.sendAsync(origin + "/2", Request.of("GET", "/"));
    System.out.println(first.join().status() + " and " + second.join().status());
  }

  private static void file(Client client, String origin) throws IOException {
    Path file = Files.createTempFile("lariat", ".txt");
    Downloaded downloaded = client.download(origin + "/file", file);
    System.out.println(downloaded.size() + " bytes");
    Files.delete(file);
  }

  private static void parts(Client client, String origin) {
    Exchange exchange = client.request(origin + "/parts", Request.of("GET", "/"));
    try (Stream<String> lines = exchange.lines(Duration.ofSeconds(5))) {
      lines.forEach(System.out::println);
    }
  }

  /** Streams that stay open. */
  static WebSocket stream(Client client, Mailbox mailbox) {
    WebSocket socket = client.webSocket("wss://example.com/chat", mailbox);
    try (Stream<ServerSentEvent> events =
        client.events("https://example.com/feed", Duration.ofSeconds(60))) {
      events.map(ServerSentEvent::data).forEach(System.out::println);
    }
    return socket;
  }

  /** Options of the pool. */
  static Client options() {
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT.timeouts(Timeouts.DEFAULT.connect(Duration.ofSeconds(3)));
    PoolOptions options =
        PoolOptions.DEFAULT
            .connections(16)
            .waiting(100)
            .connection(connection)
            .origin(URI.create("https://slow.example"), PoolOptions.DEFAULT.connections(2));
    Client client = Client.open(options);
    client.warm("https://example.com", 4);
    return client;
  }
}
