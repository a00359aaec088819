package dev.lariat.spring;

import dev.lariat.FailedException;
import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.message.Bytes;
import dev.lariat.option.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Lets Spring's {@code RestClient} and {@code RestTemplate} send their requests by a client, with
 * its settings: redirects, retries, cookies, cache, timeout.
 *
 * <p>The bodies of requests and of responses are in memory; a response's may have up to {@code
 * Limits.body}. For longer ones, use the client itself. If there is no response, the call fails
 * with an {@code IOException}, whose cause is the {@link FailedException} with its reason. Spring
 * makes a {@code ResourceAccessException} of it.
 */
public final class LariatRequestFactory implements ClientHttpRequestFactory {
  private final Client client;

  /**
   * A factory of requests.
   *
   * @param client the client, which stays the caller's to close
   */
  public LariatRequestFactory(Client client) {
    this.client = Objects.requireNonNull(client, "client");
  }

  @Override
  public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
    return new Outgoing(client, uri, method);
  }

  private static final class Outgoing implements ClientHttpRequest {
    private final Client client;
    private final URI uri;
    private final HttpMethod method;
    private final HttpHeaders headers = new HttpHeaders();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Map<String, Object> attributes = new ConcurrentHashMap<>();

    Outgoing(Client client, URI uri, HttpMethod method) {
      this.client = client;
      this.uri = uri;
      this.method = method;
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
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public Map<String, Object> getAttributes() {
      return attributes;
    }

    @Override
    public ByteArrayOutputStream getBody() {
      return body;
    }

    @Override
    public ClientHttpResponse execute() throws IOException {
      Request request =
          Request.of(method.name(), "/")
              .headers(SpringHeaders.sent(headers))
              .body(Bytes.wrap(body.toByteArray()));
      try {
        return new Incoming(client.send(uri.toString(), request));
      } catch (FailedException e) {
        throw new IOException(e.reason().sentence(), e);
      }
    }
  }

  private static final class Incoming implements ClientHttpResponse {
    private final Answer answer;
    private final HttpHeaders headers;

    Incoming(Answer answer) {
      this.answer = answer;
      this.headers = SpringHeaders.received(answer.headers());
    }

    @Override
    public HttpStatusCode getStatusCode() {
      return HttpStatusCode.valueOf(answer.status());
    }

    @Override
    public String getStatusText() {
      HttpStatus known = HttpStatus.resolve(answer.status());
      return known == null ? "" : known.getReasonPhrase();
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public InputStream getBody() {
      return new ByteArrayInputStream(answer.body().toArray());
    }

    @Override
    public void close() {}
  }
}
