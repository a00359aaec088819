package dev.lariat.bench;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;
import reactor.netty.resources.ConnectionProvider;

final class ReactorPeer implements Peer {
  private final HttpClient plain = HttpClient.create(ConnectionProvider.newConnection());
  private final HttpClient secure;
  private final WebsocketClientSpec spec;

  ReactorPeer(Setup setup) throws Exception {
    var ssl = setup.nettySslContext();
    secure = plain.secure(tls -> tls.sslContext(ssl));
    spec =
        WebsocketClientSpec.builder()
            .maxFramePayloadLength(Setup.MAX_MESSAGE)
            .compress(setup.compress())
            .build();
  }

  @Override
  public Link connect(URI uri, Sink sink) throws Exception {
    CompletableFuture<Link> opened = new CompletableFuture<>();
    (uri.getScheme().equals("wss") ? secure : plain)
        .websocket(spec)
        .uri(uri)
        .handle(
            (in, out) -> {
              ReactorLink link = new ReactorLink();
              opened.complete(link);
              Mono<Void> received =
                  in.receiveFrames()
                      .doOnNext(
                          frame -> {
                            if (frame instanceof TextWebSocketFrame text) {
                              sink.text(link, text.text());
                            } else {
                              sink.binary(link, frame.content().readableBytes());
                            }
                          })
                      .then();
              return Mono.when(received, out.sendObject(link.frames.asFlux()).then());
            })
        .subscribe(nothing -> {}, opened::completeExceptionally);
    return opened.get(10, TimeUnit.SECONDS);
  }

  private static final class ReactorLink implements Link {
    private static final Sinks.EmitFailureHandler RETRY =
        Sinks.EmitFailureHandler.busyLooping(Duration.ofSeconds(1));

    private final Sinks.Many<WebSocketFrame> frames = Sinks.many().unicast().onBackpressureBuffer();

    @Override
    public void text(String text) {
      frames.emitNext(new TextWebSocketFrame(text), RETRY);
    }

    @Override
    public void binary(byte[] bytes) {
      frames.emitNext(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)), RETRY);
    }
  }
}
