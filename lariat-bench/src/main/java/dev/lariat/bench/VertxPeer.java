package dev.lariat.bench;

import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PfxOptions;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

final class VertxPeer implements Peer {
  private final WebSocketClient client;

  VertxPeer(Setup setup) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxConnections(100_000)
                .setMaxFrameSize(Setup.MAX_MESSAGE)
                .setMaxMessageSize(Setup.MAX_MESSAGE)
                .setTryUsePerMessageCompression(setup.compress())
                .setSslEngineOptions(
                    OpenSsl.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions())
                .setTrustOptions(
                    new PfxOptions()
                        .setPath(setup.trustStore().toString())
                        .setPassword(Setup.PASSWORD)));
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    CompletableFuture<Link> opened = new CompletableFuture<>();
    String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost(uri.getHost())
            .setPort(uri.getPort())
            .setSsl(uri.getScheme().equals("wss"))
            .setURI(path);
    client
        .connect(options)
        .onFailure(opened::completeExceptionally)
        .onSuccess(
            socket -> {
              Link link = new VertxLink(socket);
              socket.textMessageHandler(text -> sink.text(link, text));
              socket.binaryMessageHandler(buffer -> sink.binary(link, buffer.length()));
              socket.exceptionHandler(Throwable::printStackTrace);
              opened.complete(link);
            });
    return opened.get(10, TimeUnit.SECONDS);
  }

  private record VertxLink(WebSocket socket) implements Link {
    @Override
    public void text(String text) {
      socket.writeTextMessage(text);
    }

    @Override
    public void binary(byte[] bytes) {
      socket.writeBinaryMessage(Buffer.buffer(bytes));
    }
  }
}
