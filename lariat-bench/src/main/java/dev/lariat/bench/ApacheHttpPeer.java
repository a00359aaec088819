package dev.lariat.bench;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.async.methods.SimpleRequestProducer;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientEndpoint;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.jspecify.annotations.Nullable;

/** Apache's asynchronous client, and its minimal one where requests are pipelined. */
final class ApacheHttpPeer implements HttpPeer {
  private final Setup setup;
  private final @Nullable CloseableHttpAsyncClient client; // null where requests are pipelined
  private final @Nullable MinimalHttpAsyncClient minimal; // null elsewhere

  ApacheHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    boolean pipelined = setup.workload() == Workload.HTTP_PIPE;
    this.minimal = pipelined ? HttpAsyncClients.createMinimal(pool(setup)) : null;
    this.client = pipelined ? null : full(pool(setup));
    (pipelined ? minimal : client).start();
  }

  private static CloseableHttpAsyncClient full(AsyncClientConnectionManager pool) {
    return HttpAsyncClients.custom()
        .setConnectionManager(pool)
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableContentCompression()
        .disableAutomaticRetries()
        .disableAuthCaching()
        .build();
  }

  private static PoolingAsyncClientConnectionManager pool(Setup setup) throws Exception {
    PoolingAsyncClientConnectionManagerBuilder builder =
        PoolingAsyncClientConnectionManagerBuilder.create();
    if (setup.workload().tls) {
      builder.setTlsStrategy(
          ClientTlsStrategyBuilder.create().setSslContext(setup.sslContext()).buildAsync());
    }
    return builder
        .setDefaultTlsConfig(
            TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1).build())
        .setMaxConnTotal(setup.poolSize())
        .setMaxConnPerRoute(setup.poolSize())
        .build();
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Whole whole = new Whole(sink);
    Status status = new Status(sink);
    return switch (setup.workload()) {
      case HTTP_PIPE -> {
        Future<AsyncClientEndpoint> leased = minimal.lease(HttpHost.create(uri), null);
        yield () -> leased(leased).execute(get(uri), SimpleResponseConsumer.create(), whole);
      }
      case HTTP_DOWNLOAD -> () -> client.execute(get(uri), new Counting(sink), status);
      case HTTP_UPLOAD ->
          () -> {
            AsyncRequestProducer post =
                AsyncRequestBuilder.post(uri).setEntity(new Body(setup.large(), sink)).build();
            client.execute(post, new Counting(sink), status);
          };
      default -> () -> client.execute(get(uri), SimpleResponseConsumer.create(), whole);
    };
  }

  private static AsyncRequestProducer get(URI uri) {
    return SimpleRequestProducer.create(SimpleRequestBuilder.get(uri).build());
  }

  /** Only the first call waits. */
  private static AsyncClientEndpoint leased(Future<AsyncClientEndpoint> endpoint) {
    try {
      return endpoint.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Whole(Sink sink) implements FutureCallback<SimpleHttpResponse> {
    @Override
    public void completed(SimpleHttpResponse response) {
      sink.received(response.getBodyBytes().length);
      sink.answered(response.getCode());
    }

    @Override
    public void failed(Exception cause) {
      sink.failed(cause);
    }

    @Override
    public void cancelled() {}
  }

  private record Status(Sink sink) implements FutureCallback<Integer> {
    @Override
    public void completed(Integer status) {
      sink.answered(status);
    }

    @Override
    public void failed(Exception cause) {
      sink.failed(cause);
    }

    @Override
    public void cancelled() {}
  }

  private static final class Counting extends AbstractBinResponseConsumer<Integer> {
    private final Sink sink;
    private int status;

    Counting(Sink sink) {
      this.sink = sink;
    }

    @Override
    protected void start(HttpResponse response, ContentType type) {
      status = response.getCode();
    }

    @Override
    protected int capacityIncrement() {
      return Integer.MAX_VALUE;
    }

    @Override
    protected void data(ByteBuffer part, boolean last) {
      sink.received(part.remaining());
      part.position(part.limit());
    }

    @Override
    protected Integer buildResult() {
      return status;
    }

    @Override
    public void releaseResources() {}
  }

  private static final class Body implements AsyncEntityProducer {
    private final long bytes;
    private final Iterator<byte[]> pieces;
    private final Sink sink;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    Body(long bytes, Sink sink) {
      this.bytes = bytes;
      this.sink = sink;
      this.pieces = new Zeros(bytes, sink).iterator();
    }

    @Override
    public void produce(DataStreamChannel channel) throws java.io.IOException {
      while (piece.hasRemaining() || pieces.hasNext()) {
        if (!piece.hasRemaining()) {
          piece = ByteBuffer.wrap(pieces.next());
        }
        if (channel.write(piece) == 0) {
          return;
        }
      }
      channel.endStream();
    }

    @Override
    public int available() {
      return Integer.MAX_VALUE;
    }

    @Override
    public long getContentLength() {
      return bytes;
    }

    @Override
    public String getContentType() {
      return null;
    }

    @Override
    public String getContentEncoding() {
      return null;
    }

    @Override
    public boolean isChunked() {
      return false;
    }

    @Override
    public Set<String> getTrailerNames() {
      return Set.of();
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }

    @Override
    public void failed(Exception cause) {
      sink.failed(cause);
    }

    @Override
    public void releaseResources() {}
  }
}
