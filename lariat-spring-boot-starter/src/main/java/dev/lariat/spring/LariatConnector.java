package dev.lariat.spring;

import dev.lariat.ResponsePublisher;
import dev.lariat.client.Client;
import dev.lariat.message.Bytes;
import dev.lariat.message.Response;
import dev.lariat.option.Request;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseCookie;
import org.springframework.http.client.reactive.AbstractClientHttpRequest;
import org.springframework.http.client.reactive.AbstractClientHttpResponse;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.util.LinkedMultiValueMap;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Lets Spring's {@code WebClient} send its requests by a client.
 *
 * <p>The body of a response is read as the subscriber asks for it. The body of a request is
 * collected in memory first. Connections, cookies and {@code User-Agent} are the client's; its
 * redirects, retries, credentials and cache do not apply, as with {@code client.publish}. A failure
 * is a {@code FailedException}.
 */
public final class LariatConnector implements ClientHttpConnector {
  private static final DataBufferFactory BUFFERS = new DefaultDataBufferFactory();

  // To wait for a connection may block, and these threads may wait.
  private static final Scheduler WAITING =
      Schedulers.fromExecutor((Executor) body -> Thread.ofVirtual().start(body));

  private final Client client;

  /**
   * A connector.
   *
   * @param client the client, which stays the caller's to close
   */
  public LariatConnector(Client client) {
    this.client = Objects.requireNonNull(client, "client");
  }

  @Override
  public Mono<ClientHttpResponse> connect(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> callback) {
    return Mono.defer(
        () -> {
          Outgoing outgoing = new Outgoing(method, uri);
          return callback.apply(outgoing).then(Mono.defer(() -> send(outgoing)));
        });
  }

  private Mono<ClientHttpResponse> send(Outgoing outgoing) {
    return Mono.fromCallable(() -> client.publish(outgoing.uri.toString(), outgoing.request()))
        .subscribeOn(WAITING)
        .flatMap(LariatConnector::response);
  }

  private static Mono<ClientHttpResponse> response(ResponsePublisher publisher) {
    return Mono.fromFuture(publisher.response())
        .doOnCancel(() -> publisher.exchange().cancel())
        .map(response -> new Incoming(response, publisher));
  }

  private static final class Outgoing extends AbstractClientHttpRequest {
    private final HttpMethod method;
    private final URI uri;
    private Bytes body = Bytes.EMPTY;

    Outgoing(HttpMethod method, URI uri) {
      this.method = method;
      this.uri = uri;
    }

    Request request() {
      return Request.of(method.name(), "/").headers(SpringHeaders.sent(getHeaders())).body(body);
    }

    @Override
    public HttpMethod getMethod() {
      return method;
    }

    @Override
    public URI getURI() {
      return uri;
    }

    @Override
    public DataBufferFactory bufferFactory() {
      return BUFFERS;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> content) {
      Mono<Void> collected =
          DataBufferUtils.join(content)
              .doOnNext(
                  buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    body = Bytes.wrap(bytes);
                  })
              .then();
      return doCommit(() -> collected);
    }

    @Override
    public Mono<Void> writeAndFlushWith(
        Publisher<? extends Publisher<? extends DataBuffer>> content) {
      return writeWith(Flux.from(content).concatMap(Function.identity()));
    }

    @Override
    public Mono<Void> setComplete() {
      return doCommit();
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Spring has it
    public <T> T getNativeRequest() {
      return (T) this;
    }

    @Override
    protected void applyHeaders() {}

    @Override
    protected void applyCookies() {
      getCookies()
          .values()
          .forEach(
              cookies ->
                  cookies.forEach(
                      cookie -> getHeaders().add(HttpHeaders.COOKIE, cookie.toString())));
    }
  }

  private static final class Incoming extends AbstractClientHttpResponse {
    Incoming(Response response, ResponsePublisher publisher) {
      super(
          HttpStatusCode.valueOf(response.status()),
          SpringHeaders.received(response.headers()),
          new LinkedMultiValueMap<String, ResponseCookie>(),
          JdkFlowAdapter.flowPublisherToFlux(publisher)
              .map(bytes -> BUFFERS.wrap(bytes.toArray())));
    }
  }
}
