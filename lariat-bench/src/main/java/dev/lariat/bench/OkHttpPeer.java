package dev.lariat.bench;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** OkHttp; it always offers compression, which the server takes only where it is measured. */
final class OkHttpPeer implements Peer {
  private final OkHttpClient client;

  OkHttpPeer(Setup setup) throws Exception {
    client =
        new OkHttpClient.Builder()
            .socketFactory(new NoDelay())
            .sslSocketFactory(
                setup.sslContext().getSocketFactory(),
                (X509TrustManager) setup.trust().getTrustManagers()[0])
            .minWebSocketMessageToCompress(0)
            .build();
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    CompletableFuture<Link> opened = new CompletableFuture<>();
    client.newWebSocket(
        new Request.Builder().url(uri.toString()).build(),
        new WebSocketListener() {
          private Link link;

          @Override
          public void onOpen(WebSocket socket, Response response) {
            link = new OkHttpLink(socket);
            opened.complete(link);
          }

          @Override
          public void onMessage(WebSocket socket, String text) {
            sink.text(link, text);
          }

          @Override
          public void onMessage(WebSocket socket, ByteString bytes) {
            sink.binary(link, bytes.size());
          }

          @Override
          public void onFailure(WebSocket socket, Throwable cause, Response response) {
            opened.completeExceptionally(cause);
            cause.printStackTrace();
          }
        });
    return opened.get(10, TimeUnit.SECONDS);
  }

  private record OkHttpLink(WebSocket socket) implements Link {
    @Override
    public void text(String text) {
      socket.send(text);
    }

    @Override
    public void binary(byte[] bytes) {
      socket.send(ByteString.of(bytes));
    }
  }
}
