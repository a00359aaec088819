package dev.lariat.bench;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/**
 * One of the clients that are compared, used by many threads that wait for their answers; its pool
 * has as many connections as the workload.
 */
interface PoolPeer {

  /** Asks by GET, waits for the answer, and returns its body. */
  byte[] get(URI uri) throws Exception;

  /** Checks the status of an answer. */
  private static byte[] checked(int status, byte[] body) {
    if (status != 200) {
      throw new IllegalStateException("an answer had the status " + status);
    }
    return body;
  }

  /** Lariat's client with its defaults, but for the number of connections. */
  final class Lariat implements PoolPeer {
    private static final dev.lariat.option.Request GET =
        dev.lariat.option.Request.of("GET", "/"); // the path is that of the URL
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Client client;

    Lariat(Setup setup) {
      ConnectionOptions connection =
          ConnectionOptions.DEFAULT.protocols(
              setup.workload().multiplexed
                  ? dev.lariat.message.Protocol.HTTP_2
                  : dev.lariat.message.Protocol.HTTP_1_1);
      client =
          Client.open(PoolOptions.DEFAULT.connections(setup.poolSize()).connection(connection));
    }

    @Override
    public byte[] get(URI uri) {
      Answer answer = client.send(uri, GET, TIMEOUT);
      return checked(answer.status(), answer.body().toArray());
    }
  }

  /** Apache's classic client, with the settings of {@link ApacheHttpPeer}. */
  final class Apache implements PoolPeer {
    private final CloseableHttpClient client;

    Apache(Setup setup) {
      client =
          HttpClients.custom()
              .setConnectionManager(
                  PoolingHttpClientConnectionManagerBuilder.create()
                      .setMaxConnTotal(setup.poolSize())
                      .setMaxConnPerRoute(setup.poolSize())
                      .build())
              .disableRedirectHandling()
              .disableCookieManagement()
              .disableContentCompression()
              .disableAutomaticRetries()
              .disableAuthCaching()
              .build();
    }

    @Override
    public byte[] get(URI uri) throws Exception {
      return client.execute(
          new HttpGet(uri),
          response -> checked(response.getCode(), EntityUtils.toByteArray(response.getEntity())));
    }
  }

  /** It has no limit of connections for threads that wait: each gets one. */
  final class OkHttp implements PoolPeer {
    private final OkHttpClient client;

    OkHttp(Setup setup) {
      client =
          new OkHttpClient.Builder()
              .socketFactory(new NoDelay())
              .protocols(
                  List.of(
                      setup.workload().multiplexed
                          ? Protocol.H2_PRIOR_KNOWLEDGE
                          : Protocol.HTTP_1_1))
              .followRedirects(false)
              .retryOnConnectionFailure(false)
              .connectionPool(new ConnectionPool(setup.poolSize(), 5, TimeUnit.MINUTES))
              .build();
    }

    @Override
    public byte[] get(URI uri) throws Exception {
      Request request =
          new Request.Builder().url(uri.toString()).header("Accept-Encoding", "identity").build();
      try (Response response = client.newCall(request).execute()) {
        return checked(response.code(), response.body().bytes());
      }
    }
  }

  /** Any client whose answers come by callback: a thread waits for its own. */
  final class OfCallbacks implements PoolPeer {
    private final HttpPeer peer;

    OfCallbacks(HttpPeer peer) {
      this.peer = peer;
    }

    @Override
    public byte[] get(URI uri) throws Exception {
      Waiting waiting = new Waiting();
      peer.caller(uri, waiting).call();
      return checked(waiting.status.get(), new byte[waiting.length]);
    }

    private static final class Waiting implements HttpPeer.Sink {
      private final CompletableFuture<Integer> status = new CompletableFuture<>();
      private volatile int length;

      @Override
      public void sent(int bytes) {}

      @Override
      public void received(int bytes) {
        length += bytes;
      }

      @Override
      public void answered(int status) {
        this.status.complete(status);
      }

      @Override
      public void failed(Throwable cause) {
        status.completeExceptionally(cause);
      }
    }
  }
}
