package dev.lariat.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

final class ReactorHttpPeer implements HttpPeer {
  private static final ByteBuf PIECE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(Zeros.PIECE).writeZero(Zeros.PIECE).asReadOnly());

  private final Setup setup;
  private final HttpClient client;

  ReactorHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    ConnectionProvider pool =
        ConnectionProvider.builder("bench")
            .maxConnections(setup.poolSize())
            .pendingAcquireMaxCount(-1)
            .build();
    HttpClient plain = HttpClient.create(pool);
    client = setup.workload().multiplexed ? over2(plain, setup) : over1(plain, setup);
  }

  private static HttpClient over1(HttpClient client, Setup setup) throws Exception {
    HttpClient plain = client.protocol(HttpProtocol.HTTP11);
    if (!setup.workload().tls) {
      return plain;
    }
    var ssl = setup.nettySslContext();
    return plain.secure(tls -> tls.sslContext(ssl));
  }

  private static HttpClient over2(HttpClient client, Setup setup) throws Exception {
    HttpClient both =
        client.http2Settings(settings -> settings.initialWindowSize(Setup.STREAM_WINDOW));
    if (!setup.workload().tls) {
      return both.protocol(HttpProtocol.H2C);
    }
    var trust = setup.trust();
    var ssl = Http2SslContextSpec.forClient().configure(context -> context.trustManager(trust));
    return both.protocol(HttpProtocol.H2).secure(tls -> tls.sslContext(ssl));
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Flux<Integer> answer =
        switch (setup.workload()) {
          case HTTP_DOWNLOAD, H2_DOWNLOAD ->
              client.get().uri(uri).response((response, body) -> counted(response, body, sink));
          case HTTP_UPLOAD, H2_UPLOAD ->
              client
                  .headers(headers -> headers.set("Content-Length", setup.large()))
                  .post()
                  .uri(uri)
                  .send(
                      Flux.fromIterable(new Zeros(setup.large(), sink))
                          .map(piece -> PIECE.duplicate()))
                  .response((response, body) -> counted(response, body, sink));
          default ->
              client
                  .get()
                  .uri(uri)
                  .responseSingle(
                      (response, body) ->
                          body.asByteArray()
                              .map(
                                  bytes -> {
                                    sink.received(bytes.length);
                                    return response.status().code();
                                  }))
                  .flux();
        };
    return () -> answer.subscribe(sink::answered, sink::failed);
  }

  private static Mono<Integer> counted(HttpClientResponse response, ByteBufFlux body, Sink sink) {
    return body.doOnNext(part -> sink.received(part.readableBytes()))
        .then(Mono.just(response.status().code()));
  }
}
