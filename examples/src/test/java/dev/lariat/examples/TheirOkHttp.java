package dev.lariat.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** The side of OkHttp in docs/guide/coming-from-okhttp.md. */
final class TheirOkHttp {
  private TheirOkHttp() {}

  static String page(OkHttpClient client, String url) throws IOException {
    Request request = new Request.Builder().url(url).build();
    try (Response response = client.newCall(request).execute()) {
      return response.body().string();
    }
  }

  static String order(OkHttpClient client, String url, String json) throws IOException {
    Request request =
        new Request.Builder()
            .url(url)
            .post(RequestBody.create(json, MediaType.get("application/json")))
            .build();
    try (Response response = client.newCall(request).execute()) {
      if (response.code() != 201) {
        throw new IllegalStateException("status " + response.code());
      }
      return response.body().string();
    }
  }

  static final class Feed extends WebSocketListener {
    private final OkHttpClient client =
        new OkHttpClient.Builder().pingInterval(Duration.ofSeconds(30)).build();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Request request;
    private int failures;

    Feed(String url) {
      this.request = new Request.Builder().url(url).build();
      connect();
    }

    private void connect() {
      client.newWebSocket(request, this);
    }

    private synchronized void connectLater() {
      long most = Math.min(60_000, 500L << Math.min(failures++, 10));
      long delay = ThreadLocalRandom.current().nextLong(most);
      if (!timer.isShutdown()) {
        timer.schedule(this::connect, delay, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void onOpen(WebSocket socket, Response response) {
      synchronized (this) {
        failures = 0;
      }
      socket.send("subscribe all");
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      System.out.println(text);
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      socket.close(code, null);
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      connectLater();
    }

    @Override
    public void onFailure(WebSocket socket, Throwable thrown, Response response) {
      connectLater();
    }

    synchronized void end() {
      timer.shutdownNow();
      client.dispatcher().cancelAll();
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
