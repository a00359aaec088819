package dev.lariat.bench;

import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PfxOptions;
import java.net.URI;
import java.util.Iterator;

final class VertxHttpPeer implements HttpPeer {
  private static final Buffer PIECE = Buffer.buffer(Zeros.piece());

  private final Setup setup;
  private final HttpClient client;

  VertxHttpPeer(Setup setup) {
    this.setup = setup;
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    int window = setup.workload().window;
    boolean two = setup.workload().multiplexed;
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(two ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1)
            .setHttp2ClearTextUpgrade(false)
            .setUseAlpn(two)
            .setInitialSettings(new Http2Settings().setInitialWindowSize(Setup.STREAM_WINDOW))
            .setHttp2ConnectionWindowSize(2 * Setup.STREAM_WINDOW)
            .setPipelining(window > 1)
            .setPipeliningLimit(window);
    if (setup.workload().tls) {
      options
          .setSslEngineOptions(
              OpenSsl.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions())
          .setTrustOptions(
              new PfxOptions().setPath(setup.trustStore().toString()).setPassword(Setup.PASSWORD));
    }
    client =
        vertx.createHttpClient(
            options,
            new PoolOptions().setHttp1MaxSize(setup.poolSize()).setHttp2MaxSize(setup.poolSize()));
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    boolean upload = setup.workload().isUpload();
    RequestOptions options =
        new RequestOptions()
            .setMethod(upload ? HttpMethod.POST : HttpMethod.GET)
            .setSsl(setup.workload().tls)
            .setHost(uri.getHost())
            .setPort(uri.getPort())
            .setURI(uri.getRawPath());
    return () ->
        client
            .request(options)
            .compose(request -> upload ? upload(request, sink) : request.send())
            .compose(response -> taken(response, sink))
            .onSuccess(sink::answered)
            .onFailure(sink::failed);
  }

  private Future<Integer> taken(HttpClientResponse response, Sink sink) {
    if (setup.workload().isLarge()) {
      response.handler(part -> sink.received(part.length()));
      return response.end().map(response.statusCode());
    }
    return response
        .body()
        .map(
            body -> {
              sink.received(body.length());
              return response.statusCode();
            });
  }

  private Future<HttpClientResponse> upload(HttpClientRequest request, Sink sink) {
    request.putHeader("Content-Length", Long.toString(setup.large()));
    Iterator<byte[]> pieces = new Zeros(setup.large(), sink).iterator();
    request.drainHandler(drained -> write(request, pieces));
    write(request, pieces);
    return request.response();
  }

  private static void write(HttpClientRequest request, Iterator<byte[]> pieces) {
    while (!request.writeQueueFull()) {
      if (!pieces.hasNext()) {
        request.drainHandler(null);
        request.end();
        return;
      }
      pieces.next();
      request.write(PIECE);
    }
  }
}
