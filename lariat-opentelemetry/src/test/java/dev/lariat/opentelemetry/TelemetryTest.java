package dev.lariat.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.client.Caller;
import dev.lariat.client.Client;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Spans and metrics of requests to servers, as the SDK exports them. */
@Timeout(30)
@SuppressWarnings("try") // a scope is current in its block, without a use
class TelemetryTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final BlockingQueue<SpanData> ended = new LinkedBlockingQueue<>();
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                  .addSpanProcessor(SimpleSpanProcessor.create(new Queued(ended)))
                  .build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .setPropagators(
              ContextPropagators.create(
                  TextMapPropagator.composite(
                      W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
          .build();
  private final Telemetry telemetry = new Telemetry(sdk);
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    sdk.close();
  }

  private SpanData span() throws InterruptedException {
    SpanData span = ended.poll(20, TimeUnit.SECONDS);
    assertThat(span).as("a span that has ended").isNotNull();
    return span;
  }

  private ConnectionOptions speaking(Protocol protocol) {
    return telemetry.on(ConnectionOptions.DEFAULT.retry(Backoff.NEVER).protocols(protocol));
  }

  private Connection open(Origin origin, Protocol protocol) {
    origin.protocols(protocol);
    return Lariat.open(origin.uri("http", "/"), speaking(protocol));
  }

  private Client client(Origin origin, Protocol protocol) {
    origin.protocols(protocol);
    return Client.open(PoolOptions.DEFAULT.connection(speaking(protocol)));
  }

  /** Answers each request with the status that its path names, and 200 if it names none. */
  private void answers(Visit visit) throws Exception {
    for (Asked its = visit.request(); its != null; its = visit.request()) {
      asked.add(its);
      String last = its.target().substring(its.target().lastIndexOf('/') + 1);
      visit.respond(last.matches("[2-5]\\d\\d") ? Integer.parseInt(last) : 200, "x");
    }
  }

  private static String version(Protocol protocol) {
    return protocol == Protocol.HTTP_2 ? "2" : "1.1";
  }

  private static String text(SpanData span, String key) {
    return span.getAttributes().get(AttributeKey.stringKey(key));
  }

  private static Long number(SpanData span, String key) {
    return span.getAttributes().get(AttributeKey.longKey(key));
  }

  // ---- spans

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aRequestHasASpanWithTheAttributesOfTheConvention(Protocol protocol) throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, protocol)) {
      connection.get("/a?b=c").text(SOON);
      SpanData span = span();
      assertThat(span.getName()).isEqualTo("GET");
      assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
      assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
      assertThat(span.getInstrumentationScopeInfo().getName())
          .isEqualTo("dev.lariat.opentelemetry");
      assertThat(span.getAttributes().asMap())
          .isEqualTo(
              Attributes.builder()
                  .put("http.request.method", "GET")
                  .put("server.address", origin.host())
                  .put("server.port", (long) origin.port())
                  .put("url.full", "http://" + origin.host() + ":" + origin.port() + "/a?b=c")
                  .put("http.response.status_code", 200L)
                  .put("network.protocol.version", version(protocol))
                  .put("network.peer.address", "127.0.0.1")
                  .put("network.peer.port", (long) origin.port())
                  .build()
                  .asMap());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theServerReceivesTheTraceOfTheSpanAndTheBaggageOfTheCaller(Protocol protocol)
      throws Exception {
    Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, protocol)) {
      try (Scope scope = caller.makeCurrent();
          Scope more = Baggage.builder().put("tenant", "t1").build().makeCurrent()) {
        Headers own = Headers.of("traceparent", "of-the-user", "x-own", "1");
        connection.get("/", own).text(SOON);
      }
      SpanData span = span();
      Headers received = asked.take().headers();
      assertThat(received.all("traceparent"))
          .singleElement()
          .asString()
          .startsWith("00-" + span.getTraceId() + "-" + span.getSpanId() + "-");
      assertThat(received.first("baggage")).contains("tenant=t1");
      assertThat(received.first("x-own")).contains("1");
      assertThat(span.getParentSpanId()).isEqualTo(caller.getSpanContext().getSpanId());
      assertThat(span.getTraceId()).isEqualTo(caller.getSpanContext().getTraceId());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aStatusOf4xxAnd5xxIsAnError(Protocol protocol) throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, protocol)) {
      for (String status : List.of("404", "503")) {
        connection.get("/" + status).text(SOON);
        SpanData span = span();
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span.getStatus().getDescription()).isEmpty();
        assertThat(text(span, "error.type")).isEqualTo(status);
        assertThat(number(span, "http.response.status_code")).isEqualTo(Long.parseLong(status));
      }
    }
  }

  @Test
  void aMethodThatTheConventionDoesNotKnowIsAnother() throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, Protocol.HTTP_1_1)) {
      connection.request(Request.of("get", "/")).text(SOON);
      SpanData span = span();
      assertThat(span.getName()).isEqualTo("HTTP");
      assertThat(text(span, "http.request.method")).isEqualTo("_OTHER");
      assertThat(text(span, "http.request.method_original")).isEqualTo("get");
    }
  }

  @Test
  void secretsInAQueryAreNotRecorded() throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, Protocol.HTTP_1_1)) {
      connection.get("/a?sig=secret&q=1&X-Goog-Signature=secret&signature=kept").text(SOON);
      assertThat(text(span(), "url.full"))
          .endsWith("/a?sig=REDACTED&q=1&X-Goog-Signature=REDACTED&signature=kept");
      connection.options("*").text(SOON);
      assertThat(text(span(), "url.full")).isEqualTo("http://127.0.0.1:" + origin.port());
    }
    try (Origin origin = Origin.start(this::answers);
        Connection hidden =
            Lariat.open(origin.uri("http", "/"), speaking(Protocol.HTTP_1_1).hideQueries(true))) {
      hidden.get("/a?q=1").text(SOON);
      assertThat(text(span(), "url.full")).endsWith("/a?q=***");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aRequestThatTheServerCutsOffHasTheReasonAsItsError(Protocol protocol) throws Exception {
    Script cuts =
        visit -> {
          visit.request();
          visit.begin(200, Headers.EMPTY, 100).write("half");
          visit.reset();
        };
    try (Origin origin = Origin.start(cuts);
        Connection connection = open(origin, protocol)) {
      assertThatThrownBy(() -> connection.get("/").text(SOON)).isInstanceOf(FailedException.class);
      SpanData span = span();
      assertThat(text(span, "error.type")).isIn("Reset", "Incomplete", "Closed");
      assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
      assertThat(span.getStatus().getDescription()).isNotEmpty();
    }
  }

  @Test
  void aRequestThatGetsNoConnectionHasASpan() throws Exception {
    Origin gone = Origin.start(this::answers);
    gone.close();
    URI nobody = URI.create("http://127.0.0.1:" + gone.port());
    try (Client client = Client.open(PoolOptions.DEFAULT.connection(speaking(Protocol.HTTP_1_1)))) {
      assertThatThrownBy(() -> client.get(nobody.toString())).isInstanceOf(FailedException.class);
      SpanData span = span();
      assertThat(text(span, "error.type")).isEqualTo("Refused");
      assertThat(number(span, "http.response.status_code")).isNull();
      assertThat(text(span, "network.peer.address")).isNull();
      assertThatThrownBy(() -> client.request(nobody + "/x", Request.of("PUT", "/")))
          .isInstanceOf(FailedException.class);
      SpanData put = span();
      assertThat(put.getName()).isEqualTo("PUT");
      assertThat(text(put, "error.type")).isEqualTo("Refused");
    }
    assertThat(ended).isEmpty();
  }

  @Test
  void aRequestOfAConnectionThatHasTerminatedHasASpan() throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, Protocol.HTTP_1_1)) {
      connection.close();
      assertThat(connection.awaitTermination(SOON)).isTrue();
      assertThatThrownBy(() -> connection.get("/")).isInstanceOf(FailedException.class);
      assertThat(text(span(), "error.type")).isEqualTo("BadState");
    }
  }

  // ---- calls

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void eachRequestOfACallHasASpanThatCountsThoseBeforeIt(Protocol protocol) throws Exception {
    Script moves =
        visit -> {
          visit.request();
          visit.respond(302, Headers.of("location", "/b"), Bytes.EMPTY);
          visit.request();
          visit.respond(503);
          asked.add(visit.request());
          visit.respond(200);
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(moves);
        Client client = client(origin, protocol)) {
      client
          .redirects(Redirects.DEFAULT)
          .retry(RequestRetry.DEFAULT)
          .get(origin.uri("http", "/a").toString());
      SpanData first = span();
      SpanData second = span();
      SpanData third = span();
      assertThat(number(first, "http.request.resend_count")).isNull();
      assertThat(number(first, "http.response.status_code")).isEqualTo(302);
      assertThat(number(second, "http.request.resend_count")).isEqualTo(1);
      assertThat(text(second, "url.full")).endsWith("/b");
      assertThat(number(third, "http.request.resend_count")).isEqualTo(2);
      assertThat(asked.take().headers().first("traceparent").orElseThrow())
          .contains(third.getSpanId());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anAnswerToAChallengeIsARequestOfItsOwn(Protocol protocol) throws Exception {
    Script challenges =
        visit -> {
          asked.add(visit.request());
          visit.respond(
              401,
              Headers.of("www-authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""),
              Bytes.EMPTY);
          asked.add(visit.request());
          visit.respond(200);
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(challenges);
        Connection connection = open(origin, protocol)) {
      Request request = Request.of("GET", "/").credentials(Credentials.of("u", "p"));
      connection.request(request).text(SOON);
      SpanData refused = span();
      SpanData accepted = span();
      assertThat(number(refused, "http.response.status_code")).isEqualTo(401);
      assertThat(number(refused, "http.request.resend_count")).isNull();
      assertThat(number(accepted, "http.response.status_code")).isEqualTo(200);
      assertThat(number(accepted, "http.request.resend_count")).isEqualTo(1);
      assertThat(asked.take().headers().first("traceparent").orElseThrow())
          .contains(refused.getSpanId());
      assertThat(asked.take().headers().all("traceparent"))
          .singleElement()
          .asString()
          .contains(accepted.getSpanId());
    }
  }

  @Test
  void aCallOnAnotherThreadBelongsToTheThreadThatAskedForIt() throws Exception {
    Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
    try (Origin origin = Origin.start(this::answers);
        Client client = client(origin, Protocol.HTTP_1_1)) {
      try (Scope scope = caller.makeCurrent()) {
        client.sendAsync(origin.uri("http", "/"), Request.of("GET", "/"), SOON).join();
      }
      assertThat(span().getParentSpanId()).isEqualTo(caller.getSpanContext().getSpanId());
      try (Scope scope = caller.makeCurrent()) {
        client.request(origin.uri("http", "/x").toString(), Request.of("GET", "/")).text(SOON);
      }
      assertThat(span().getParentSpanId()).isEqualTo(caller.getSpanContext().getSpanId());
    }
  }

  @Test
  void aCallerOnAConnectionIsTraced() throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, Protocol.HTTP_1_1)) {
      Caller.on(connection).get("/404", SOON);
      assertThat(text(span(), "error.type")).isEqualTo("404");
      assertThat(ended).isEmpty();
    }
  }

  // ---- metrics

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void theDurationOfRequestsIsMeasuredByTheConvention(Protocol protocol) throws Exception {
    try (Origin origin = Origin.start(this::answers);
        Connection connection = open(origin, protocol)) {
      connection.get("/").text(SOON);
      connection.get("/500").text(SOON);
      MetricData duration = duration();
      assertThat(duration.getUnit()).isEqualTo("s");
      Attributes good =
          Attributes.builder()
              .put("http.request.method", "GET")
              .put("server.address", "127.0.0.1")
              .put("server.port", (long) origin.port())
              .put("http.response.status_code", 200L)
              .put("network.protocol.version", version(protocol))
              .build();
      Attributes bad =
          good.toBuilder().put("http.response.status_code", 500L).put("error.type", "500").build();
      assertThat(duration.getHistogramData().getPoints())
          .extracting(HistogramPointData::getAttributes)
          .containsExactlyInAnyOrder(good, bad);
      assertThat(duration.getHistogramData().getPoints())
          .allSatisfy(
              point -> {
                assertThat(point.getCount()).isEqualTo(1);
                assertThat(point.getSum()).isBetween(0.0, 20.0);
                assertThat(point.getBoundaries())
                    .containsExactly(
                        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
                        10.0);
              });
    }
  }

  private MetricData duration() {
    return metrics.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals("http.client.request.duration"))
        .findFirst()
        .orElseThrow();
  }

  // ---- sessions

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aWebSocketHasASpanForItsUpgradeAndOneForItsSession(Protocol protocol) throws Exception {
    Script accepts =
        visit -> {
          asked.add(visit.request());
          visit.acceptWebSocket("chat").receive();
        };
    try (Origin origin = Origin.start(accepts);
        Connection connection = open(origin, protocol)) {
      WebSocket socket = connection.webSocket("/ws", WebSocketOptions.DEFAULT.subprotocols("chat"));
      SpanData upgrade = span();
      socket.close();
      SpanData session = span();
      assertThat(upgrade.getName()).isEqualTo("GET");
      assertThat(number(upgrade, "http.response.status_code")).isIn(101L, 200L);
      assertThat(asked.take().headers().first("traceparent").orElseThrow())
          .contains(upgrade.getSpanId());
      assertThat(session.getName()).isEqualTo("WebSocket session");
      assertThat(session.getParentSpanId()).isEqualTo(upgrade.getSpanId());
      assertThat(text(session, "lariat.websocket.subprotocol")).isEqualTo("chat");
      assertThat(text(session, "server.address")).isEqualTo("127.0.0.1");
      assertThat(number(session, "server.port")).isEqualTo(origin.port());
    }
  }

  @Test
  void aSessionOfAFeedIsLinkedToTheOneBeforeItAndTellsOfTheGap() throws Exception {
    Script resets =
        visit -> {
          visit.acceptWebSocket();
          visit.reset();
        };
    Backoff quick = Backoff.DEFAULT.delays(Duration.ofMillis(1), Duration.ofMillis(1));
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(telemetry.on(ConnectionOptions.DEFAULT))
            .healing(Healing.DEFAULT.retry(quick));
    try (Origin origin = Origin.start(resets, Script.status(503), Script.echo());
        LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/feed")).options(options).open()) {
      SpanData firstUpgrade = span();
      SpanData first = span();
      SpanData refused = span();
      SpanData secondUpgrade = span();
      feed.close();
      SpanData second = span();
      assertThat(firstUpgrade.getLinks()).isEmpty();
      assertThat(first.getLinks()).isEmpty();
      assertThat(first.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
      assertThat(text(first, "error.type")).isIn("Reset", "Closed");
      assertThat(text(refused, "error.type")).isEqualTo("503");
      for (SpanData later : List.of(refused, secondUpgrade, second)) {
        assertThat(later.getLinks())
            .singleElement()
            .satisfies(
                link -> assertThat(link.getSpanContext().getSpanId()).isEqualTo(first.getSpanId()));
      }
      assertThat(second.getEvents())
          .extracting(EventData::getName)
          .containsExactly("lariat.session.lost", "lariat.attempt.failed", "lariat.session.healed");
      Attributes lost = second.getEvents().get(0).getAttributes();
      assertThat(lost.get(AttributeKey.stringKey("error.type")))
          .isEqualTo(text(first, "error.type"));
      Attributes failed = second.getEvents().get(1).getAttributes();
      assertThat(failed.get(AttributeKey.stringKey("error.type"))).isEqualTo("503");
      assertThat(failed.get(AttributeKey.longKey("lariat.attempt"))).isEqualTo(1);
      assertThat(failed.get(AttributeKey.doubleKey("lariat.delay"))).isBetween(0.0, 20.0);
      Attributes healed = second.getEvents().get(2).getAttributes();
      assertThat(healed.get(AttributeKey.longKey("lariat.attempt"))).isEqualTo(2);
      assertThat(healed.get(AttributeKey.doubleKey("lariat.gap"))).isBetween(0.0, 20.0);
    }
  }

  // ---- a server that is not of the test kit

  @Test
  void theServerOfTheJdkGetsTheTraceToo() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    BlockingQueue<List<String>> received = new LinkedBlockingQueue<>();
    server.createContext(
        "/",
        exchange -> {
          received.add(exchange.getRequestHeaders().get("traceparent"));
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    try (Client client =
        Client.open(
            PoolOptions.DEFAULT.connection(
                telemetry.on(ConnectionOptions.DEFAULT.retry(Backoff.NEVER))))) {
      String url = "http://localhost:" + server.getAddress().getPort() + "/x";
      client.get(url);
      SpanData span = span();
      assertThat(received.take())
          .singleElement()
          .asString()
          .startsWith("00-" + span.getTraceId() + "-" + span.getSpanId() + "-");
      assertThat(text(span, "server.address")).isEqualTo("localhost");
      assertThat(text(span, "url.full")).isEqualTo(url);
      assertThat(text(span, "error.type")).isEqualTo("404");
      assertThat(text(span, "network.peer.address")).isNotEqualTo("localhost");
    } finally {
      server.stop(0);
    }
  }

  // ---- without an SDK

  @Test
  void withoutAnSdkTheOptionsStayAsTheyAre() {
    assertThat(new Telemetry(OpenTelemetry.noop()).on(ConnectionOptions.DEFAULT))
        .isSameAs(ConnectionOptions.DEFAULT);
    assertThat(telemetry.on(ConnectionOptions.DEFAULT).tracer()).isNotEqualTo(Optional.empty());
  }

  @Test
  void withoutAnSdkAPropagatorStillCarriesTheTraceOfTheCaller() throws Exception {
    OpenTelemetry without =
        OpenTelemetry.propagating(
            ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
    Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
    try (Origin origin = Origin.start(this::answers);
        Connection connection =
            Lariat.open(
                origin.uri("http", "/"), new Telemetry(without).on(ConnectionOptions.DEFAULT))) {
      try (Scope scope = caller.makeCurrent()) {
        connection.get("/").text(SOON);
      }
      assertThat(asked.take().headers().first("traceparent").orElseThrow())
          .contains(caller.getSpanContext().getSpanId());
    }
  }

  @Test
  void whereTracesAndMetricsAreOffNoSpanAndNoAttributesAreMade() throws Exception {
    Refusing refusing = new Refusing();
    try (Origin origin = Origin.start(this::answers);
        Connection connection =
            Lariat.open(
                origin.uri("http", "/"), new Telemetry(refusing).on(ConnectionOptions.DEFAULT))) {
      assertThat(connection.get("/").text(SOON)).isEqualTo("x");
      assertThat(refusing.asked()).isPositive();
      assertThat(refusing.used()).isZero();
      assertThat(asked.take().headers().contains("traceparent")).isFalse();
    }
  }

  @Test
  void theLibraryItselfKnowsNothingOfOpenTelemetry() throws Exception {
    Path library =
        Path.of(Lariat.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path root =
        Files.isDirectory(library) ? library : FileSystems.newFileSystem(library).getPath("/");
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> classes = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertThat(classes).hasSizeGreaterThan(100);
      for (Path its : classes) {
        String text = new String(Files.readAllBytes(its), StandardCharsets.ISO_8859_1);
        assertThat(text.contains("io/opentelemetry")).as(its.toString()).isFalse();
      }
    }
  }
}
