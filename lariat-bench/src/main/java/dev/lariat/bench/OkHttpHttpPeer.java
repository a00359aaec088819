package dev.lariat.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;

/** OkHttp, whose calls are carried out by the threads of its dispatcher. */
final class OkHttpHttpPeer implements HttpPeer {
  private final Setup setup;
  private final OkHttpClient client;

  OkHttpHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(setup.calls());
    dispatcher.setMaxRequestsPerHost(setup.calls());
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .socketFactory(new NoDelay())
            .protocols(protocols(setup.workload()))
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .connectionPool(new ConnectionPool(setup.poolSize(), 5, TimeUnit.MINUTES))
            .dispatcher(dispatcher);
    if (setup.workload().tls) {
      builder.sslSocketFactory(
          setup.sslContext().getSocketFactory(),
          (X509TrustManager) setup.trust().getTrustManagers()[0]);
    }
    client = builder.build();
  }

  private static List<Protocol> protocols(Workload workload) {
    if (!workload.multiplexed) {
      return List.of(Protocol.HTTP_1_1);
    }
    return workload.tls
        ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) // it does not offer the first alone
        : List.of(Protocol.H2_PRIOR_KNOWLEDGE);
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Request.Builder builder =
        new Request.Builder()
            .url(uri.toString())
            .header("Accept-Encoding", "identity"); // else it asks for gzip
    if (setup.workload().isUpload()) {
      builder.post(new Body(setup.large(), sink));
    }
    Request request = builder.build();
    Callback callback = setup.workload().isLarge() ? new Counting(sink) : new Whole(sink);
    return () -> client.newCall(request).enqueue(callback);
  }

  private record Whole(Sink sink) implements Callback {
    @Override
    public void onResponse(Call call, Response response) throws IOException {
      sink.received(response.body().bytes().length);
      sink.answered(response.code());
    }

    @Override
    public void onFailure(Call call, IOException cause) {
      sink.failed(cause);
    }
  }

  private record Counting(Sink sink) implements Callback {
    @Override
    public void onResponse(Call call, Response response) throws IOException {
      try (BufferedSource source = response.body().source()) {
        Buffer buffer = new Buffer();
        long bytes;
        while ((bytes = source.read(buffer, 64 << 10)) != -1) {
          sink.received((int) bytes);
          buffer.clear();
        }
      }
      sink.answered(response.code());
    }

    @Override
    public void onFailure(Call call, IOException cause) {
      sink.failed(cause);
    }
  }

  private static final class Body extends RequestBody {
    private final long bytes;
    private final Sink sink;

    Body(long bytes, Sink sink) {
      this.bytes = bytes;
      this.sink = sink;
    }

    @Override
    public MediaType contentType() {
      return null;
    }

    @Override
    public long contentLength() {
      return bytes;
    }

    @Override
    public void writeTo(BufferedSink out) throws IOException {
      for (byte[] piece : new Zeros(bytes, sink)) {
        out.write(piece);
      }
    }
  }
}
