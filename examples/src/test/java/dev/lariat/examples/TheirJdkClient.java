package dev.lariat.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The side of java.net.http in docs/guide/coming-from-the-jdk-client.md. */
final class TheirJdkClient {
  private TheirJdkClient() {}

  static String page(HttpClient client, String uri) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10)).build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    return response.body();
  }

  static final class Feed implements WebSocket.Listener {
    private final HttpClient client;
    private final URI uri;
    private final StringBuilder message = new StringBuilder();

    Feed(HttpClient client, URI uri) {
      this.client = client;
      this.uri = uri;
      connect();
    }

    private void connect() {
      client
          .newWebSocketBuilder()
          .connectTimeout(Duration.ofSeconds(10))
          .buildAsync(uri, this)
          .whenComplete(
              (socket, thrown) -> {
                if (thrown != null) {
                  connectLater();
                }
              });
    }

    private void connectLater() {
      Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
      later.execute(this::connect);
    }

    @Override
    public void onOpen(WebSocket socket) {
      message.setLength(0);
      socket.sendText("subscribe all", true);
      socket.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        System.out.println(message);
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      connectLater();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable thrown) {
      connectLater();
    }
  }
}
