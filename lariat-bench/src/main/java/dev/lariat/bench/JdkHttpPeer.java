package dev.lariat.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;

/** java.net.http, which neither follows redirects nor keeps cookies unless it is told to. */
final class JdkHttpPeer implements HttpPeer {
  private final Setup setup;
  private final HttpClient client;

  JdkHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(
                setup.workload().multiplexed
                    ? HttpClient.Version.HTTP_2
                    : HttpClient.Version.HTTP_1_1);
    if (setup.workload().tls) {
      builder.sslContext(setup.sslContext());
    }
    this.client = builder.build();
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    HttpRequest get = HttpRequest.newBuilder(uri).build();
    return switch (setup.workload()) {
      case HTTP_DOWNLOAD -> () -> ask(get, BodyHandlers.fromSubscriber(new Counting(sink)), sink);
      case HTTP_UPLOAD -> () -> ask(post(uri, sink), BodyHandlers.discarding(), sink);
      default ->
          () ->
              client
                  .sendAsync(get, BodyHandlers.ofByteArray())
                  .whenComplete(
                      (response, cause) -> {
                        if (cause != null) {
                          sink.failed(cause);
                        } else {
                          sink.received(response.body().length);
                          sink.answered(response.statusCode());
                        }
                      });
    };
  }

  private HttpRequest post(URI uri, Sink sink) {
    var pieces = BodyPublishers.ofByteArrays(new Zeros(setup.large(), sink));
    return HttpRequest.newBuilder(uri)
        .POST(BodyPublishers.fromPublisher(pieces, setup.large()))
        .build();
  }

  private void ask(HttpRequest request, HttpResponse.BodyHandler<Void> handler, Sink sink) {
    client
        .sendAsync(request, handler)
        .whenComplete(
            (response, cause) -> {
              if (cause != null) {
                sink.failed(cause);
              } else {
                sink.answered(response.statusCode());
              }
            });
  }

  private record Counting(Sink sink) implements Flow.Subscriber<List<ByteBuffer>> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      parts.forEach(part -> sink.received(part.remaining()));
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onComplete() {}
  }
}
