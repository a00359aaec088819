package dev.lariat.examples.readme;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.option.*;
import java.net.URI;
import java.time.Duration;

public class AskModel {
  public static void main(String[] args) {
    String question =
        """
        {"model": "llama3.2", "stream": true,
         "messages": [{"role": "user", "content": "Why is the sky blue?"}]}
        """;
    Request request =
        Request.of("POST", "/v1/chat/completions")
            .header("Content-Type", "application/json")
            .credentials(Credentials.bearer(System.getenv().getOrDefault("API_KEY", "none")))
            .body(Bytes.ofUtf8(question))
            .content(Content.EVENTS);
    var once = ConnectionOptions.DEFAULT.retry(Backoff.NEVER); // fail if the server is not there
    try (var connection = Lariat.open(URI.create(args[0]), once);
        var events =
            connection.request(request).events(Duration.ofSeconds(60))) { // the longest wait
      events
          .map(ServerSentEvent::data)
          .takeWhile(data -> !data.equals("[DONE]"))
          .forEach(System.out::println);
    } catch (FailedException e) {
      System.out.println(e.reason().sentence());
    }
  }
}
