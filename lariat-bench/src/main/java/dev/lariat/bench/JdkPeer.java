package dev.lariat.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** java.net.http, which allows one send at a time: the next is chained to the one before. */
final class JdkPeer implements Peer {
  private final HttpClient client;

  JdkPeer(Setup setup) throws Exception {
    client = HttpClient.newBuilder().sslContext(setup.sslContext()).build();
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    Listener listener = new Listener(sink);
    WebSocket socket =
        client.newWebSocketBuilder().buildAsync(uri, listener).get(10, TimeUnit.SECONDS);
    listener.last = CompletableFuture.completedFuture(socket);
    socket.request(Long.MAX_VALUE);
    return listener;
  }

  private static final class Listener implements WebSocket.Listener, Link {
    private final Sink sink;
    private final StringBuilder text = new StringBuilder();
    private int size;
    private CompletableFuture<WebSocket> last;

    Listener(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void onOpen(WebSocket socket) {}

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean end) {
      if (end && text.isEmpty()) {
        sink.text(this, part.toString());
      } else {
        text.append(part);
        if (end) {
          String whole = text.toString();
          text.setLength(0);
          sink.text(this, whole);
        }
      }
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean end) {
      size += part.remaining();
      if (end) {
        int whole = size;
        size = 0;
        sink.binary(this, whole);
      }
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable cause) {
      cause.printStackTrace();
    }

    @Override
    public void text(String text) {
      send(socket -> socket.sendText(text, true));
    }

    @Override
    public void binary(byte[] bytes) {
      send(socket -> socket.sendBinary(ByteBuffer.wrap(bytes), true));
    }

    private synchronized void send(Function<WebSocket, CompletableFuture<WebSocket>> what) {
      last = last.thenCompose(what);
    }
  }
}
