package dev.lariat.examples;

import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;

/** The side of Java-WebSocket in docs/guide/coming-from-java-websocket.md. */
final class TheirJavaWebSocket {
  private TheirJavaWebSocket() {}

  static final class Feed extends WebSocketClient {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    Feed(URI uri) {
      super(uri);
      setConnectionLostTimeout(30);
    }

    @Override
    public void onOpen(ServerHandshake handshake) {
      send("subscribe all");
    }

    @Override
    public void onMessage(String text) {
      System.out.println(text);
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {
      try {
        timer.schedule(this::reconnect, 1, TimeUnit.SECONDS); // not on this thread
      } catch (RejectedExecutionException e) {
        // stopped
      }
    }

    @Override
    public void onError(Exception thrown) {
      System.out.println(thrown);
    }

    void end() {
      timer.shutdownNow();
      close();
    }
  }
}
