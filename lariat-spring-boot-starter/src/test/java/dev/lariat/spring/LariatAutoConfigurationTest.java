package dev.lariat.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.jackson.Jackson;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Open;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class LariatAutoConfigurationTest {
  private static final int PATIENCE = 20; // seconds

  private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
  private Origin origin = Origin.start(Script.echo());

  @AfterEach
  void close() {
    origin.close();
  }

  private void origin(Script... scripts) {
    origin.close();
    origin = Origin.start(scripts);
  }

  private Object next() throws InterruptedException {
    Object next = seen.poll(PATIENCE, TimeUnit.SECONDS);
    assertThat(next).as("something seen within %s s", PATIENCE).isNotNull();
    return next;
  }

  private ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(LariatAutoConfiguration.class));
  }

  /** With a feed of this scheme at the origin, which heals at once. */
  private ApplicationContextRunner feed(String scheme) {
    return runner()
        .withPropertyValues(
            "lariat.feeds.quotes.uri=" + origin.uri(scheme, "/quotes"),
            "lariat.feeds.quotes.healing.first=1ms",
            "lariat.feeds.quotes.healing.cap=5ms",
            "lariat.feeds.quotes.healing.spread=0ms");
  }

  /** Says these, and answers the end. */
  private static Script says(String... texts) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      for (String text : texts) {
        say(socket, text);
      }
      while (socket.receive() != null) {}
    };
  }

  private static void say(WebSocketVisit socket, String text) throws Exception {
    socket.send(new Text(text));
  }

  // ---- methods

  class Quotes {
    @LariatFeed("quotes")
    void text(String text) {
      seen.add(text);
    }
  }

  @Test
  void aMethodGetsTheTextsOfAFeedThatHeals() {
    origin(
        visit -> say(visit.acceptWebSocket(), "one"), // and vanishes
        Script.status(503),
        says("two"));
    feed("ws")
        .withBean(Quotes.class, Quotes::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("one");
              assertThat(next()).isEqualTo("two");
            });
  }

  class States {
    @LariatFeed("quotes")
    void open(Open open, LiveWebSocket feed) {
      seen.add("open " + open.session() + " " + feed.authority());
    }

    @LariatFeed("quotes")
    void waiting(Waiting waiting) {
      seen.add("waiting");
    }

    @LariatFeed("quotes")
    void frame(Frame frame) {
      seen.add(frame);
    }

    @LariatFeed("quotes")
    void gone(Gone gone) {
      seen.add("gone");
    }
  }

  @Test
  void theTypeOfTheParameterSaysWhatAMethodGets() {
    origin(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          say(socket, "one");
          socket.close(1012, "restart");
        },
        visit -> {
          visit.acceptWebSocket().close(3000, "not yours");
        });
    feed("ws")
        .withBean(States.class, States::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("open 1 " + origin.host() + ":" + origin.port());
              assertThat(next()).isEqualTo(new Text("one"));
              assertThat(next()).isEqualTo("waiting");
              assertThat(next()).isEqualTo("open 2 " + origin.host() + ":" + origin.port());
              assertThat(next()).isEqualTo("gone");
            });
  }

  class Login {
    @LariatFeed("quotes")
    void login(Session session) {
      session.send(new Text("login"));
      seen.add(session.receive(Duration.ofSeconds(PATIENCE)));
    }

    @LariatFeed("quotes")
    void text(String text) {
      seen.add(text);
    }
  }

  @Test
  void aMethodWithASessionOpensEachSessionAfterTheTextsOfTheProperties() {
    feed("ws")
        .withPropertyValues("lariat.feeds.quotes.on-open={\"op\":\"hello\",\"id\":1}")
        .withBean(Login.class, Login::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo(new Text("{\"op\":\"hello\",\"id\":1}"));
              assertThat(next()).isEqualTo("login");
            });
  }

  record Tick(String symbol, double price) {}

  class Ticks {
    @LariatFeed("quotes")
    void tick(Tick tick) {
      seen.add(tick);
    }
  }

  @Test
  void aMethodGetsJsonAsValuesAndWhatIsNoneIsPassedOver() {
    origin(
        says(
            "{\"symbol\":",
            "null",
            "{\"symbol\":\"A\",\"price\":1} {}",
            "{\"symbol\":\"BTC\",\"price\":64000.5,\"more\":1}"));
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            logged.add(line.getLevel() + " " + line.getMessage() + " " + line.getThrown());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.lariat.spring");
    logger.addHandler(handler);
    try {
      feed("ws")
          .withBean(Ticks.class, Ticks::new)
          .run(context -> assertThat(next()).isEqualTo(new Tick("BTC", 64000.5)));
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(logged)
        .filteredOn(line -> line.contains("Ticks.tick"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("SEVERE Feed quotes: nothing for Ticks.tick: ")
                    .contains("Tick cannot be read: line 1, column 11")
                    .endsWith(" null"),
            line -> assertThat(line).contains("it is null"),
            line -> assertThat(line).contains("Trailing token"));
  }

  @Test
  void valuesAreReadByTheMapperOfTheApplication() {
    origin(says("{\"SYMBOL\":\"BTC\",\"PRICE\":1.5}"));
    feed("ws")
        .withBean(
            JsonMapper.class,
            () ->
                JsonMapper.builder()
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                    .build())
        .withBean(Ticks.class, Ticks::new)
        .run(context -> assertThat(next()).isEqualTo(new Tick("BTC", 1.5)));
  }

  class Batches {
    @LariatFeed("quotes")
    void ticks(List<Tick> ticks) {
      seen.addAll(ticks);
    }
  }

  @Test
  void aMethodGetsValuesOfGenericTypes() {
    origin(says("[{\"symbol\":\"BTC\",\"price\":1.5}]"));
    feed("ws")
        .withBean(Batches.class, Batches::new)
        .run(context -> assertThat(next()).isEqualTo(new Tick("BTC", 1.5)));
  }

  class Faulty {
    @LariatFeed("quotes")
    void text(String text) {
      seen.add(text);
      throw new IllegalStateException("a fault of the method's");
    }
  }

  @Test
  void aMethodThatThrowsGetsTheNextMessage() {
    origin(says("one", "two"));
    feed("ws")
        .withBean(Faulty.class, Faulty::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("one");
              assertThat(next()).isEqualTo("two");
            });
  }

  class News {
    @LariatFeed("quotes")
    void event(ServerSentEvent event, LiveEvents feed) {
      seen.add(event.id() + " " + event.data());
    }
  }

  @Test
  void aFeedOfServerSentEventsContinuesAfterTheLastOne() {
    origin(
        visit -> {
          EventStream events = visit.events();
          events.send("7", "one");
        },
        visit -> {
          visit.request().headers().first("last-event-id").ifPresent(seen::add);
          visit.respond(204);
        });
    feed("http")
        .withBean(News.class, News::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("7 one");
              assertThat(next()).isEqualTo("7");
            });
  }

  // ---- injection

  record Sender(@LariatFeed("quotes") LiveWebSocket feed) {}

  @Test
  void aFeedIsInjectedAndItsReaderIsTheBean() {
    feed("ws")
        .withBean(Sender.class)
        .run(
            context -> {
              LiveWebSocket feed = context.getBean(Sender.class).feed();
              feed.send(new Text("hello"));
              Iterator<Frame> frames = feed.iterator();
              assertThat(frames.next()).isEqualTo(new Text("hello"));
              assertThat(context.getBean(Feeds.class).info("quotes").state())
                  .isEqualTo(FeedInfo.State.OPEN);
            });
  }

  class SenderAndReader {
    private final LiveWebSocket feed;

    SenderAndReader(LiveWebSocket feed) {
      this.feed = feed;
    }

    @LariatFeed("quotes")
    void login(Session session) {
      seen.add("login");
    }

    @LariatFeed("quotes")
    void text(String text) {
      seen.add(text);
    }
  }

  @Test
  void aBeanCanReadTheFeedThatIsInjectedIntoIt() {
    feed("ws")
        .withInitializer(
            context ->
                ((org.springframework.context.support.GenericApplicationContext) context)
                    .registerBean(
                        "senderAndReader",
                        SenderAndReader.class,
                        () ->
                            new SenderAndReader(
                                context.getBean("lariatFeed.quotes", LiveWebSocket.class))))
        .run(
            context -> {
              assertThat(next()).isEqualTo("login");
              context.getBean(SenderAndReader.class).feed.send(new Text("hello"));
              assertThat(next()).isEqualTo("hello");
            });
  }

  @Test
  void aStartThatFailsClosesTheFeedsThatBeansHaveOpened() throws Exception {
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    origin(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          seen.add("opened");
          try {
            while (socket.receive() != null) {}
          } finally { // in good order or not: the handshake may not have ended
            ends.add("closed");
          }
        });
    feed("ws")
        .withInitializer(
            context ->
                ((org.springframework.context.support.GenericApplicationContext) context)
                    .registerBean(
                        "failing",
                        Object.class,
                        () -> {
                          context.getBean("lariatFeed.quotes", LiveWebSocket.class);
                          try {
                            seen.take(); // it is open on the server
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                          throw new IllegalStateException("a fault of the bean's");
                        }))
        .run(context -> assertThat(context).hasFailed());
    assertThat(ends.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo("closed");
  }

  @Test
  void aFeedThatNobodyUsesStaysClosed() {
    feed("ws")
        .run(
            context -> {
              assertThat(context.getBean(Feeds.class).info("quotes").state())
                  .isEqualTo(FeedInfo.State.UNUSED);
              assertThat(origin.visits()).isZero();
            });
  }

  // ---- the end

  @Test
  void theEndOfTheApplicationTakesLeaveOfTheServerAndTheMethodsGetTheEnd() throws Exception {
    BlockingQueue<Frame> received = new LinkedBlockingQueue<>();
    origin(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
            received.add(frame);
          }
        });
    feed("ws")
        .withBean(States.class, States::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("open 1 " + origin.host() + ":" + origin.port());
              context.getBean(Feeds.class).webSocket("quotes").deliver(new Text("last"));
            });
    assertThat(next()).isEqualTo("gone");
    assertThat(received.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(new Text("last"));
    assertThat(received.poll(PATIENCE, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(Close.class, close -> assertThat(close.code()).isEqualTo(1001));
  }

  // ---- what is refused

  private void refused(ApplicationContextRunner runner, String... parts) {
    runner.run(
        context -> {
          assertThat(context).hasFailed();
          Throwable failure = context.getStartupFailure();
          while (failure.getCause() != null) {
            failure = failure.getCause();
          }
          assertThat(failure).hasMessageContainingAll(parts);
        });
  }

  @Test
  void aValueThatIsNotAllowedIsRefusedWithItsProperty() {
    refused(
        feed("ws")
            .withBean(Quotes.class, Quotes::new)
            .withPropertyValues("lariat.feeds.quotes.healing.factor=0.5"),
        "lariat.feeds.quotes.healing.factor: 0.5",
        "allowed");
  }

  @Test
  void aSchemeOfNoFeedIsRefused() {
    refused(
        runner().withPropertyValues("lariat.feeds.quotes.uri=ftp://example.com/"),
        "lariat.feeds.quotes.uri: ftp://example.com/");
  }

  @Test
  void aMethodOfAFeedThatIsNotThereIsRefusedWithTheNamesThatAre() {
    refused(
        runner()
            .withPropertyValues("lariat.feeds.quote.uri=" + origin.uri("ws", "/"))
            .withBean(Quotes.class, Quotes::new),
        "lariat.feeds.quotes: missing",
        "Quotes.text",
        "[quote]");
  }

  @Test
  void aMethodWhoseTypeTheFeedDoesNotHaveIsRefused() {
    refused(feed("ws").withBean(News.class, News::new), "News.event", "quotes");
  }

  @Test
  void aMethodOfValuesWithoutJacksonIsRefused() {
    refused(
        feed("ws")
            .withClassLoader(new FilteredClassLoader(Jackson.class))
            .withBean(Ticks.class, Ticks::new),
        "Ticks.tick",
        "lariat-jackson");
  }

  class TooMany {
    @LariatFeed("quotes")
    void text(String text, String more) {}
  }

  @Test
  void aMethodWithTooManyParametersIsRefused() {
    refused(feed("ws").withBean(TooMany.class, TooMany::new), "TooMany.text", "one parameter");
  }

  @Test
  void aBundleThatIsNotThereIsRefused() {
    refused(
        runner()
            .withBean(Quotes.class, Quotes::new)
            .withPropertyValues("lariat.feeds.quotes.uri=wss://127.0.0.1/")
            .withPropertyValues("lariat.feeds.quotes.ssl.bundle=mine"),
        "lariat.feeds.quotes.ssl.bundle: mine");
  }

  // ---- the client

  @Test
  void aClientIsABeanWithTheSettingsOfTheProperties() {
    origin(Script.status(302), Script.status(200));
    runner()
        .withPropertyValues("lariat.client.user-agent=mine/1", "lariat.client.timeout=5s")
        .run(
            context -> {
              Client client = context.getBean(Client.class);
              assertThat(client.get(origin.uri("http", "/").toString()).status()).isEqualTo(302);
            });
  }

  @Test
  void aClientOfTheUsersReplacesIt() {
    Client own = Client.open();
    runner()
        .withBean(Client.class, () -> own)
        .run(context -> assertThat(context.getBean(Client.class)).isSameAs(own));
  }

  // ---- Spring's own clients

  @Test
  void springsRestClientSendsByTheClient() {
    origin(
        visit -> {
          var asked = visit.request();
          seen.add(
              asked.method()
                  + " "
                  + asked.headers().first("x-mine").orElse("")
                  + " "
                  + visit.body().utf8());
          visit.respond(201, "made");
        });
    runner()
        .withConfiguration(AutoConfigurations.of(ImperativeHttpClientAutoConfiguration.class))
        .withPropertyValues("lariat.client.rest-client=true")
        .run(
            context -> {
              RestClient client =
                  RestClient.builder()
                      .requestFactory(
                          context
                              .getBean(
                                  org.springframework.boot.http.client
                                      .ClientHttpRequestFactoryBuilder.class)
                              .build())
                      .build();
              var answer =
                  client
                      .post()
                      .uri(origin.uri("http", "/orders"))
                      .header("X-Mine", "yes")
                      .body("an order")
                      .retrieve()
                      .toEntity(String.class);
              assertThat(answer.getStatusCode().value()).isEqualTo(201);
              assertThat(answer.getBody()).isEqualTo("made");
              assertThat(next()).isEqualTo("POST yes an order");
            });
  }

  @Test
  void aFailureOfSpringsRestClientSaysTheReason() {
    int port = origin.port();
    origin.close();
    try (Client own = Client.open()) {
      RestClient client =
          RestClient.builder().requestFactory(new LariatRequestFactory(own)).build();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () ->
                  client.get().uri("http://127.0.0.1:" + port + "/").retrieve().toBodilessEntity())
          .isInstanceOf(ResourceAccessException.class)
          .hasMessageContaining("127.0.0.1:" + port)
          .hasRootCauseInstanceOf(Exception.class);
    }
  }

  @Test
  void springsWebClientReadsByTheClient() {
    origin(
        visit -> {
          seen.add(visit.request().method() + " " + visit.body().utf8());
          var reply =
              visit.beginChunked(200, dev.lariat.message.Headers.of("content-type", "text/plain"));
          reply.write("one ");
          reply.write("two");
          reply.end();
        });
    runner()
        .withConfiguration(AutoConfigurations.of(ReactiveHttpClientAutoConfiguration.class))
        .withPropertyValues("lariat.client.web-client=true")
        .run(
            context -> {
              ClientHttpConnector connector = context.getBean(ClientHttpConnector.class);
              assertThat(connector).isInstanceOf(LariatConnector.class);
              String body =
                  WebClient.builder()
                      .clientConnector(connector)
                      .build()
                      .post()
                      .uri(origin.uri("http", "/"))
                      .bodyValue("question")
                      .retrieve()
                      .bodyToMono(String.class)
                      .block(Duration.ofSeconds(PATIENCE));
              assertThat(body).isEqualTo("one two");
              assertThat(next()).isEqualTo("POST question");
            });
  }

  // ---- what is seen from outside

  @Test
  void healthIsDownWhenAFeedHasBeenDownForTooLong() throws Exception {
    origin(says("one"));
    feed("ws")
        .withConfiguration(AutoConfigurations.of(HealthContributorAutoConfiguration.class))
        .withPropertyValues("lariat.health.down-after=0s")
        .withBean(Quotes.class, Quotes::new)
        .run(
            context -> {
              FeedsHealthIndicator health = context.getBean(FeedsHealthIndicator.class);
              assertThat(next()).isEqualTo("one");
              assertThat(health.health().getStatus()).isEqualTo(Status.UP);
              origin.refuse();
              origin.reset();
              Health down = health.health();
              while (down.getStatus().equals(Status.UP)) {
                Thread.onSpinWait();
                down = health.health();
              }
              assertThat(down.getStatus()).isEqualTo(Status.DOWN);
              assertThat(down.getDetails()).containsKey("quotes");
              origin.script(says("two"));
              origin.listen();
              assertThat(next()).isEqualTo("two");
              assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            });
  }

  @Test
  void theEndpointShowsTheFeedsWithoutTheirSecrets() {
    origin(says("one"));
    runner()
        .withPropertyValues("lariat.feeds.quotes.uri=" + origin.uri("ws", "/quotes?token=secret"))
        .withBean(Quotes.class, Quotes::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("one");
              FeedsEndpoint endpoint = context.getBean(FeedsEndpoint.class);
              List<FeedInfo> feeds = endpoint.feeds();
              assertThat(feeds).hasSize(1);
              FeedInfo feed = endpoint.feed("quotes");
              assertThat(feed.state()).isEqualTo(FeedInfo.State.OPEN);
              assertThat(feed.received()).isEqualTo(1);
              assertThat(feed.uri()).isEqualTo(origin.uri("ws", "/quotes").toString());
              assertThat(endpoint.feed("none")).isNull();
            });
  }

  @Test
  void feedsAndConnectionsHaveMeters() {
    origin(says("one"));
    feed("ws")
        .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
        .withBean(Quotes.class, Quotes::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("one");
              MeterRegistry registry = context.getBean(MeterRegistry.class);
              context
                  .getBeansOfType(io.micrometer.core.instrument.binder.MeterBinder.class)
                  .values()
                  .forEach(binder -> binder.bindTo(registry));
              assertThat(registry.get("lariat.feed.open").tag("feed", "quotes").gauge().value())
                  .isEqualTo(1);
            });
  }

  private static SpanData span(InMemorySpanExporter exporter, Predicate<SpanData> which) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
    while (System.nanoTime() < end) {
      for (SpanData span : exporter.getFinishedSpanItems()) {
        if (which.test(span)) {
          return span;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no such span among " + exporter.getFinishedSpanItems());
  }

  @Test
  void callsAndTheSessionsOfAFeedHaveSpans() {
    origin(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          say(socket, "one");
          socket.close(1012, "restart");
        },
        says("two"),
        visit -> {
          seen.add(visit.request().headers().contains("traceparent"));
          visit.respond(200, "x");
        });
    InMemorySpanExporter exporter = InMemorySpanExporter.create();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    feed("ws")
        .withBean(OpenTelemetry.class, () -> sdk)
        .withBean(Quotes.class, Quotes::new)
        .run(
            context -> {
              assertThat(next()).isEqualTo("one");
              SpanData session = span(exporter, its -> its.getName().equals("WebSocket session"));
              assertThat(next()).isEqualTo("two");
              SpanData upgrade =
                  span(
                      exporter,
                      its ->
                          !its.getLinks().isEmpty() && !its.getName().equals("WebSocket session"));
              assertThat(upgrade.getKind()).isEqualTo(SpanKind.CLIENT);
              assertThat(upgrade.getLinks().getFirst().getSpanContext().getSpanId())
                  .isEqualTo(session.getSpanId());
              exporter.reset();
              String url = origin.uri("http", "/orders").toString();
              assertThat(context.getBean(Client.class).get(url).status()).isEqualTo(200);
              assertThat(next()).isEqualTo(true);
              SpanData call = span(exporter, its -> its.getName().equals("GET"));
              assertThat(call.getKind()).isEqualTo(SpanKind.CLIENT);
              assertThat(call.getAttributes().get(AttributeKey.stringKey("url.full")))
                  .isEqualTo(url);
            });
  }
}
