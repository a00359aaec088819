package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.cookie.RequestUri;
import dev.lariat.event.Event;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a log shows of secrets: nothing. */
class SecretsTest {
  private static final String URI_WITH_SECRET = "http://user:secret@host.example/";
  private static final Headers HEADERS =
      Headers.of(
          "authorization", "Bearer secret",
          "proxy-authorization", "Basic secret",
          "cookie", "id=secret",
          "set-cookie", "id=secret",
          "referer", URI_WITH_SECRET,
          "location", URI_WITH_SECRET);

  private static final Headers PROXY_HEADERS = Headers.of("cookie", "id=secret");

  private static final StreamRef NOBODY = () -> () -> "nobody";

  // ---- what is shown

  static Stream<Object> values() {
    Credentials credentials = Credentials.of("user", "secret");
    Request request = Request.of("GET", "/").headers(HEADERS);
    WebSocketOptions webSocket = WebSocketOptions.DEFAULT.headers(HEADERS);
    Reason status = new Reason.Status(302, Optional.empty(), HEADERS, Bytes.EMPTY);
    return Stream.of(
        HEADERS,
        request,
        Request.of("GET", "/").credentials(credentials),
        webSocket,
        WebSocketOptions.DEFAULT.credentials(credentials),
        LiveOptions.DEFAULT.webSocket(webSocket),
        Endpoint.of("http://host.example/").headers(HEADERS),
        Endpoint.of("http://host.example/").credentials(Credentials.bearer("secret")),
        status,
        ConnectionOptions.DEFAULT.via(Proxy.of(URI_WITH_SECRET).headers(PROXY_HEADERS)),
        new Reason.Hop(1, Proxy.of(URI_WITH_SECRET).uri(), status),
        status.sentence(),
        new FailedException(status),
        new Event.RequestHeaders(NOBODY, HEADERS),
        new Event.ResponseHeaders(NOBODY, 302, HEADERS));
  }

  @ParameterizedTest
  @MethodSource("values")
  void whatIsShownHoldsNoSecret(Object value) {
    assertThat(value.toString()).isNotEmpty().doesNotContain("secret");
  }

  // ---- what is refused

  private static final List<String> REFUSED =
      List.of(
          URI_WITH_SECRET,
          "ws://secret@host.example/feed",
          "ftp://user:secret@host.example/",
          "http://user:sec/secret@host.example/",
          "http://user:a secret@host.example/",
          "http://user:secret@host .example/",
          "http://user:secret@[::1/",
          "user:secret@host.example",
          "//user:secret@host.example/");

  @ParameterizedTest
  @FieldSource("REFUSED")
  void aRefusedUriIsNotInItsException(String uri) {
    withoutSecret(() -> Endpoint.of(uri));
    withoutSecret(() -> LiveWebSocket.to(uri));
    withoutSecret(() -> LiveEvents.to(uri));
    if (!uri.startsWith("/")) { // what does is a path to a request
      withoutSecret(() -> Request.of("GET", uri));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        URI_WITH_SECRET,
        "ftp://user:secret@host.example/",
        "http://user:sec/secret@host.example/"
      })
  void aRefusedUriThatIsOneIsNotInItsExceptionEither(String uri) {
    withoutSecret(() -> Lariat.open(URI.create(uri)));
    withoutSecret(() -> Endpoint.of(URI.create(uri)));
    withoutSecret(() -> RequestUri.of(URI.create(uri)));
  }

  private static void withoutSecret(ThrowingCallable call) {
    Throwable refused = catchThrowable(call);
    assertThat(refused).isInstanceOf(IllegalArgumentException.class);
    for (Throwable each = refused; each != null; each = each.getCause()) {
      assertThat(each.toString()).doesNotContain("secret");
    }
  }

  @Test
  void aUriThatIsNoneIsRefusedWithItsFault() {
    assertThat(catchThrowable(() -> Endpoint.of("http://user:secret@a b/")))
        .hasMessage(
            "uri: http://***@a b/, allowed one by RFC 3986 (Illegal character in authority at"
                + " index 20)");
  }

  // ---- queries, by an option

  @Test
  void eventsAndStreamsHideTheValuesOfQueriesIfTheyAreToldTo() throws Exception {
    World world = new World();
    List<Event> events = new ArrayList<>();
    ConnectionOptions options = world.options().hideQueries(true).listener(events::add);
    try (Connection connection = Lariat.open("host.example", 80, options)) {
      Request request = Request.of("GET", "/a?key=secret").header("referer", "http://b/?c=secret");
      Exchange exchange = connection.request(request);
      World.Line line = world.attempt().up();
      assertThat(line.text()).as("what is sent").startsWith("GET /a?key=secret HTTP/1.1");
      line.receive("HTTP/1.1 302 Found\r\nlocation: /d?e=secret\r\ncontent-length: 0\r\n\r\n");
      WebSocket socket = connection.webSocket("/feed?token=secret");
      world.run();
      assertThat(line.text()).startsWith("GET /feed?token=secret HTTP/1.1");
      assertThat(exchange).hasToString("GET /a?key=***");
      assertThat(socket).hasToString("WebSocket /feed?token=***");
      assertThat(events).hasSizeGreaterThan(8);
      assertThat(events.toString())
          .contains("/a?key=***", "/feed?token=***", "http://b/?c=***", "/d?e=***")
          .doesNotContain("secret");
    }
  }

  @Test
  void queriesAreShownUnlessTheyAreToBeHidden() throws Exception {
    World world = new World();
    List<Event> events = new ArrayList<>();
    try (Connection connection =
        Lariat.open("host.example", 80, world.options().listener(events::add))) {
      Exchange exchange = connection.get("/a?key=shown");
      world.attempt().up();
      assertThat(exchange).hasToString("GET /a?key=shown");
      assertThat(events.toString()).contains("target=/a?key=shown");
    }
  }
}
