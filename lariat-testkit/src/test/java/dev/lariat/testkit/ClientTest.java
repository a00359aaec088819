package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Request;
import dev.lariat.option.Supervision;
import dev.lariat.option.Tls;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.Supervisor;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client over many origins, in a simulated network. */
@Timeout(30)
class ClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Request GET = Request.of("GET", "/");
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final long REFUSED_STREAM = 7; // RFC 9113 section 7

  private final Simulation simulation = Simulation.seeded(1);
  private PoolOptions options =
      PoolOptions.DEFAULT.connection(
          ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(Protocol.HTTP_1_1));

  @AfterEach
  void close() {
    simulation.close();
  }

  private void speaks(Protocol protocol) {
    options = options.connection(options.connection().protocols(protocol));
  }

  private Origin origin(String host, Script script) {
    return simulation.origin(host, 80, script);
  }

  /** Answers each request with its target. */
  private static void echoes(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.respond(200, asked.method() + " " + asked.target());
    }
  }

  private static Reason failure(Runnable call) {
    return catchThrowableOfType(FailedException.class, call::run).reason();
  }

  // ---- what it is for

  @Test
  void wholeUrlsReachTheirOrigins() {
    origin("a.example", ClientTest::echoes);
    origin("b.example", ClientTest::echoes);
    try (Client client = Client.open(options)) {
      assertThat(client.get("http://a.example/x?y=1").text()).isEqualTo("GET /x?y=1");
      assertThat(client.get("http://b.example").text()).isEqualTo("GET /");
      assertThat(client.delete("http://b.example/z").text()).isEqualTo("DELETE /z");
      assertThat(client.head("http://b.example/z").status()).isEqualTo(200);
      assertThat(client.post("http://a.example/p", "text/plain", Bytes.ofUtf8("x")).text())
          .isEqualTo("POST /p");
      assertThat(client.put("http://a.example/p", "text/plain", Bytes.ofUtf8("x")).text())
          .isEqualTo("PUT /p");
      assertThat(client.send(URI.create("http://a.example/q"), GET, SOON).text())
          .isEqualTo("GET /q");
      PoolInfo info = client.info();
      assertThat(info.origins()).extracting(PoolInfo.Origin::idle).containsExactly(1, 1);
      assertThat(info.opened()).isEqualTo(2); // each connection was used again
      assertThat(info.toString())
          .doesNotContain("\n")
          .contains("http://a.example (http/1.1) 1 idle");
    }
  }

  @Test
  void theSchemeOfAUrlDecidesWhetherThereIsTlsAndTheOptionOnlySaysHow() {
    origin("a.example", ClientTest::echoes);
    options = options.connection(options.connection().tls(Tls.DEFAULT));
    PoolOptions ofOrigin = options.origin(URI.create("http://a.example"), options);
    for (PoolOptions each : List.of(options, ofOrigin)) {
      try (Client client = Client.open(each)) {
        assertThat(client.get("http://a.example/x").text()).isEqualTo("GET /x");
      }
    }
  }

  @Test
  void aMalformedUrlIsTheCallersMistake() {
    try (Client client = Client.open(options)) {
      assertThatIllegalArgumentException().isThrownBy(() -> client.get("/no-host"));
      assertThatIllegalArgumentException().isThrownBy(() -> client.get("ftp://a.example/"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> client.send("http://a.example/", GET.credit(1)));
    }
  }

  @Test
  void aMistakeInARequestCostsNoPlace() {
    origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options.connections(1))) {
      Request wrong = Request.of("POST", "/").header("content-length", "7");
      for (int i = 0; i < 3; i++) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> client.send("http://a.example/", wrong));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> client.request("http://a.example/", wrong));
      }
      assertThat(client.info().streams()).isZero();
      assertThat(client.get("http://a.example/x").text()).isEqualTo("GET /x");
      assertThat(client.info().opened()).isEqualTo(1);
    }
  }

  @Test
  void aPoolIsOfHttp() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> speaks(Protocol.RAW))
        .withMessage("pool.connection: protocols RAW, allowed protocols of HTTP");
  }

  @Test
  void manyThreadsShareFewConnections() throws Exception {
    Origin origin = origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options.connections(4))) {
      Together.run(
          simulation,
          64,
          number -> {
            String path = "/" + number;
            assertThat(client.get("http://a.example" + path).text()).isEqualTo("GET " + path);
          });
      assertThat(origin.visits()).isBetween(1, 4);
      PoolInfo info = client.info();
      assertThat(info.granted()).isEqualTo(64).isEqualTo(info.ended());
      assertThat(info.streams()).isZero();
      assertThat(info.waiting()).isZero();
    }
  }

  @Test
  void overHttp2OneConnectionCarriesThemAll() throws Exception {
    speaks(Protocol.HTTP_2);
    Origin origin = origin("a.example", ClientTest::echoes).protocols(Protocol.HTTP_2);
    try (Client client = Client.open(options)) {
      Together.run(
          simulation,
          32,
          number -> assertThat(client.get("http://a.example/").status()).isEqualTo(200));
      PoolInfo.Origin info = client.info().origins().getFirst();
      assertThat(info.connections()).isEqualTo(1);
      assertThat(info.protocol()).contains(Protocol.HTTP_2);
    }
  }

  @Test
  void anAnswerCanBeAFuture() throws Exception {
    origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options)) {
      CompletableFuture<Answer> answer = client.sendAsync("http://a.example/x", GET);
      assertThat(simulation.await(answer).text()).isEqualTo("GET /x");
    }
  }

  @Test
  void aCancelledFutureCancelsItsCall() throws Exception {
    origin(
        "a.example",
        visit -> {
          visit.request();
          visit.awaitEnd(); // without an answer
        });
    try (Client client = Client.open(options)) {
      CompletableFuture<Answer> answer = client.sendAsync("http://a.example/x", GET);
      simulation.advance(Duration.ofSeconds(1));
      assertThat(client.info().streams()).isEqualTo(1);
      answer.cancel(false);
      simulation.advance(Duration.ofSeconds(1));
      assertThat(client.info().streams()).isZero();
    }
  }

  @Test
  void aResponseIsReadPartByPart() {
    origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options)) {
      Exchange exchange = client.request("http://a.example/x", GET);
      assertThat(exchange.response(SOON).status()).isEqualTo(200);
      assertThat(exchange.text(SOON)).isEqualTo("GET /x");
      assertThat(client.info().streams()).isZero();
    }
  }

  @Test
  void eventsAreAStream() {
    origin(
        "a.example",
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("1", "one");
          events.send("2", "two");
          visit.awaitEnd();
        });
    try (Client client = Client.open(options);
        var events = client.events("http://a.example/feed", SOON)) {
      assertThat(events.limit(2).map(event -> event.data()).toList()).containsExactly("one", "two");
    }
  }

  @Test
  void aWebSocketTakesAConnectionOfHttp1() throws Exception {
    origin(
        "a.example",
        visit -> {
          if (visit.request() != null && !visit.asksForWebSocket()) {
            visit.respond(200, "plain");
            visit.awaitEnd();
            return;
          }
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("hello"));
          visit.awaitEnd();
        });
    try (Client client = Client.open(options)) {
      Mailbox mailbox = Mailbox.create();
      WebSocket socket = client.webSocket("ws://a.example/chat", mailbox);
      assertThat(mailbox.take(SOON)).isInstanceOf(Upgraded.class);
      assertThat(mailbox.take(SOON)).isEqualTo(new WebSocketFrame(socket, new Text("hello")));
      assertThat(client.info().origins().getFirst().taken()).isEqualTo(1);
      assertThat(client.get("http://a.example/").status()).isEqualTo(200);
      socket.close();
      simulation.advance(Duration.ofSeconds(30)); // its closing handshake has a deadline
      assertThat(client.info().origins().getFirst().taken()).isZero();
    }
  }

  @Test
  void redirectsLeadToOtherOriginsOfTheSamePoolAndCredentialsStay() {
    List<Headers> seen = new ArrayList<>();
    origin(
        "a.example",
        visit -> {
          visit.request();
          visit.respond(401, Headers.of("www-authenticate", "Basic realm=\"a\""), Bytes.EMPTY);
          seen.add(visit.request().headers());
          visit.respond(302, Headers.of("location", "http://b.example/there"), Bytes.EMPTY);
          visit.awaitEnd();
        });
    origin(
        "b.example",
        visit -> {
          seen.add(visit.request().headers());
          visit.respond(200, "here");
          visit.awaitEnd();
        });
    try (Client client = Client.open(options)) {
      Client asking =
          client
              .redirects(Redirects.DEFAULT)
              .credentials("http://a.example", Credentials.basic("user", "secret"));
      Answer answer = asking.get("http://a.example/");
      assertThat(answer.text()).isEqualTo("here");
      assertThat(answer.history()).hasSize(2);
      assertThat(client.info().origins()).hasSize(2);
    }
    assertThat(seen)
        .extracting(headers -> headers.contains("authorization"))
        .containsExactly(true, false);
  }

  @Test
  void connectionsAreOpenedBeforeTheyAreNeeded() {
    origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options)) {
      client.warm("http://a.example", 3);
      simulation.settle();
      simulation.advance(Duration.ofSeconds(1));
      assertThat(client.info().origins().getFirst().idle()).isEqualTo(3);
    }
  }

  // ---- the failure table

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aServerThatClosesAnIdleConnectionHarmsNoRequest(Protocol protocol) {
    speaks(protocol);
    Origin origin = origin("a.example", ClientTest::echoes).protocols(protocol);
    try (Client client = Client.open(options)) {
      client.get("http://a.example/1");
      origin.reset();
      simulation.advance(Duration.ofSeconds(1));
      assertThat(client.info().connections()).isZero();
      assertThat(client.post("http://a.example/2", "text/plain", Bytes.EMPTY).status())
          .isEqualTo(200);
      assertThat(client.info().repeated()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aLostConnectionIsReplacedForTheNextRequests(Protocol protocol) throws Exception {
    speaks(protocol);
    origin("a.example", ClientTest::echoes).protocols(protocol);
    try (Client client = Client.open(options)) {
      for (int round = 1; round <= 3; round++) {
        Together.run(
            simulation,
            8,
            number -> assertThat(client.get("http://a.example/").status()).isEqualTo(200));
        assertThat(client.info().failed()).isZero();
        simulation.host("a.example").reset();
      }
      simulation.advance(Duration.ofSeconds(1));
      assertThat(client.info().connections()).isZero();
      assertThat(client.info().granted() - client.info().repeated()).isEqualTo(24);
    }
  }

  /** Closes the second time that it is asked on a connection, without an answer. */
  private static void answersOnce(Visit visit) throws Exception {
    Asked asked = visit.request();
    visit.respond(200, "GET " + asked.target());
    visit.request(); // and hangs up
  }

  @Test
  void aCloseThatMeetsARequestOnItsWayIsRepeatedIfTheMethodAllowsIt() {
    Origin origin = origin("a.example", ClientTest::answersOnce);
    try (Client client = Client.open(options)) {
      client.get("http://a.example/1");
      assertThat(client.get("http://a.example/2").text()).isEqualTo("GET /2");
      assertThat(client.info().repeated()).isEqualTo(1);
      assertThat(origin.visits()).isEqualTo(2);
    }
  }

  @Test
  void aPostThatMayHaveBeenProcessedIsNotRepeated() {
    origin("a.example", ClientTest::answersOnce);
    try (Client client = Client.open(options)) {
      client.get("http://a.example/1");
      Request post = Request.of("POST", "/");
      assertThat(failure(() -> client.send("http://a.example/2", post)))
          .isInstanceOf(Reason.Unanswered.class);
      assertThat(client.info().repeated()).isZero();
    }
  }

  @Test
  void whenAHolderCancelsTheNextOneIsServed() throws Exception {
    origin(
        "a.example",
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            if (asked.target().equals("/never")) {
              visit.awaitEnd();
              return;
            }
            visit.respond(200, "ok");
          }
        });
    try (Client client = Client.open(options.connections(1))) {
      Exchange holder = client.request("http://a.example/never", GET);
      List<CompletableFuture<Answer>> waiters = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiters.add(client.sendAsync("http://a.example/" + i, GET));
      }
      simulation.settle();
      assertThat(client.info().waiting()).isEqualTo(20);
      holder.cancel();
      for (CompletableFuture<Answer> waiter : waiters) {
        assertThat(simulation.await(waiter).status()).isEqualTo(200);
      }
      assertThat(client.info().streams()).isZero();
    }
  }

  @Test
  void allThatWaitLearnThatNoConnectionCanBeOpenedAndOneAttemptIsMade() throws Exception {
    Origin origin = origin("a.example", ClientTest::echoes);
    origin.refuse();
    try (Client client = Client.open(options)) {
      Together.run(
          simulation,
          10,
          number ->
              assertThat(failure(() -> client.get("http://a.example/")))
                  .isInstanceOf(Reason.Refused.class));
      assertThat(client.info().failed()).isEqualTo(1);
      origin.listen();
      assertThat(client.get("http://a.example/").status()).isEqualTo(200);
    }
  }

  @Test
  void patientRequestsWaitForTheServerToComeBack() throws Exception {
    Origin origin = origin("a.example", ClientTest::echoes);
    origin.refuse();
    try (Client client = Client.open(options.failFast(false))) {
      CompletableFuture<Answer> answer = client.sendAsync("http://a.example/", GET);
      simulation.advance(Duration.ofSeconds(5));
      assertThat(answer).isNotDone();
      origin.listen();
      assertThat(simulation.await(answer).status()).isEqualTo(200);
    }
  }

  @Test
  void aRequestThatGetsNoConnectionInTimeSaysWhy() {
    origin("a.example", Visit::awaitEnd);
    try (Client client = Client.open(options.connections(1))) {
      Exchange holder = client.request("http://a.example/never", GET);
      Reason late = failure(() -> client.get("http://a.example/", Duration.ofSeconds(2)));
      assertThat(late).isInstanceOf(Reason.Timeout.class);
      assertThat(((Reason.Timeout) late).step()).isEqualTo(Reason.Step.CHECKOUT);
      assertThat(((Reason.Timeout) late).limit()).isEqualTo(Duration.ofSeconds(2));
      assertThat(late.sentence()).contains("no connection to http://a.example has room: 1 busy");
      assertThat(client.info().waiting()).isZero();
      holder.cancel();
    }
  }

  @Test
  void aRequestThatIsLateNamesTheStepOfTheConnectionThatIsBeingOpened() {
    simulation.host("a.example").unanswered();
    try (Client client = Client.open(options)) {
      Reason late = failure(() -> client.get("http://a.example/", Duration.ofSeconds(2)));
      assertThat(late)
          .isEqualTo(
              new Reason.Timeout(
                  Reason.Step.CHECKOUT,
                  Duration.ofSeconds(2),
                  Optional.of(new Reason.Unresolved("a.example", "no answer so far"))));
    }
  }

  @Test
  void oneMoreThanMayWaitFailsAtOnce() {
    origin("a.example", Visit::awaitEnd);
    try (Client client = Client.open(options.connections(1).waiting(0))) {
      Exchange holder = client.request("http://a.example/never", GET);
      assertThat(failure(() -> client.get("http://a.example/")))
          .isEqualTo(new Reason.Limit(Reason.Bound.POOL_WAITING, 0));
      holder.cancel();
    }
  }

  @Test
  void whoeverIsInterruptedWaitsNoMore() throws Exception {
    origin("a.example", Visit::awaitEnd);
    try (Client client = Client.open(options.connections(1))) {
      Exchange holder = client.request("http://a.example/never", GET);
      CompletableFuture<Reason> why = new CompletableFuture<>();
      Thread waiter =
          simulation.start(
              "waiter", () -> why.complete(failure(() -> client.get("http://a.example/"))));
      simulation.settle();
      assertThat(client.info().waiting()).isEqualTo(1);
      waiter.interrupt();
      assertThat(simulation.await(why)).isInstanceOf(Reason.BadState.class);
      assertThat(client.info().waiting()).isZero();
      holder.cancel();
    }
  }

  @Test
  void idleConnectionsEndByTheClock() {
    origin("a.example", ClientTest::echoes);
    try (Client client = Client.open(options.idle(Duration.ofSeconds(5)))) {
      client.get("http://a.example/");
      simulation.advance(Duration.ofSeconds(4));
      assertThat(client.info().connections()).isEqualTo(1);
      simulation.advance(Duration.ofSeconds(2));
      assertThat(client.info().connections()).isZero();
      assertThat(client.info().closed()).containsEntry(Cause.IDLE, 1L);
    }
  }

  @Test
  void whenTheServersLimitOfStreamsIsReachedAnotherConnectionIsOpened() throws Exception {
    speaks(Protocol.HTTP_2);
    Origin origin =
        origin(
                "a.example",
                visit -> {
                  visit.http2().settings(MAX_CONCURRENT_STREAMS, 2);
                  visit.request();
                  visit.awaitEnd();
                })
            .protocols(Protocol.HTTP_2);
    try (Client client = Client.open(options)) {
      for (int i = 0; i < 5; i++) {
        client.request("http://a.example/" + i, GET.replyTo(Mailbox.create()));
        simulation.advance(Duration.ofSeconds(1));
      }
      PoolInfo.Origin info = client.info().origins().getFirst();
      assertThat(info.streams()).isEqualTo(5);
      assertThat(info.connections()).isEqualTo(3);
    }
  }

  /** A server that allows five streams on a connection, and holds each for three seconds. */
  private static void allowsFive(Visit visit) throws Exception {
    visit.http2().settings(MAX_CONCURRENT_STREAMS, 5);
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.pause(Duration.ofSeconds(3));
      visit.respond(200, asked.target());
    }
  }

  /** A client all of whose connections carry five streams each. */
  private Client full(int connections, int waiting) {
    speaks(Protocol.HTTP_2);
    origin("a.example", ClientTest::allowsFive).protocols(Protocol.HTTP_2);
    Client client = Client.open(options.connections(connections).waiting(waiting));
    for (int i = 0; i < 5 * connections; i++) {
      client.request("http://a.example/delay", GET);
      simulation.advance(Duration.ofMillis(20)); // the server's limit is known
    }
    assertThat(client.info().streams()).isEqualTo(5 * connections);
    assertThat(client.info().connections()).isEqualTo(connections);
    return client;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void beyondTheStreamsOfAllConnectionsARequestFailsAtOnceIfNoneMayWait(int connections) {
    try (Client client = full(connections, 0)) {
      assertThat(failure(() -> client.get("http://a.example/")))
          .isEqualTo(new Reason.Limit(Reason.Bound.POOL_WAITING, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void beyondTheStreamsOfAllConnectionsARequestWaitsForOne(int connections) {
    try (Client client = full(connections, 1)) {
      assertThat(client.get("http://a.example/").status()).isEqualTo(200);
      assertThat(client.info().waited()).isPositive();
      assertThat(client.info().opened()).isEqualTo(connections);
    }
  }

  @Test
  void whatAGoAwayLeftOutIsAskedAgainOnAnotherConnection() throws Exception {
    AtomicBoolean goesAway = new AtomicBoolean(true);
    speaks(Protocol.HTTP_2);
    Origin origin =
        origin(
                "a.example",
                visit -> {
                  for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
                    if (asked.target().equals("/again") && goesAway.getAndSet(false)) {
                      visit.http2().goAway(1, 0, "");
                      visit.awaitEnd();
                      return;
                    }
                    visit.respond(200, asked.target());
                  }
                })
            .protocols(Protocol.HTTP_2);
    try (Client client = Client.open(options)) {
      assertThat(client.get("http://a.example/first").status()).isEqualTo(200);
      Answer answer = client.send("http://a.example/again", Request.of("POST", "/"));
      assertThat(answer.text()).isEqualTo("/again");
      assertThat(client.info().repeated()).isEqualTo(1);
    }
  }

  /** Refuses the first request of each of the first connections, in one of two ways. */
  private Origin refuses(int connections, boolean goesAway) {
    speaks(Protocol.HTTP_2);
    return origin(
            "a.example",
            visit -> {
              Asked asked = visit.request();
              if (visit.number() > connections) {
                visit.respond(200, asked.method() + " " + asked.target());
              } else if (goesAway) {
                visit.http2().goAway(0, 0, "");
              } else {
                visit.http2().reset(REFUSED_STREAM);
                visit.request(); // on the same connection, which is not asked a third time
                visit.http2().reset(REFUSED_STREAM);
              }
              visit.awaitEnd();
            })
        .protocols(Protocol.HTTP_2);
  }

  @Test
  void whatANewConnectionCertainlyDidNotProcessIsSentAgainOnce() {
    Origin origin = refuses(1, true);
    try (Client client = Client.open(options)) {
      Answer answer = client.post("http://a.example/again", "text/plain", Bytes.ofUtf8("x"));
      assertThat(answer.text()).isEqualTo("POST /again");
      assertThat(client.info().repeated()).isEqualTo(1);
      assertThat(origin.visits()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerThatProcessesNothingIsNotAskedInALoop(boolean goesAway) {
    Origin origin = refuses(100, goesAway);
    try (Client client = Client.open(options)) {
      assertThat(failure(() -> client.get("http://a.example/")))
          .isInstanceOf(Reason.Unprocessed.class);
      assertThat(client.info().repeated()).isEqualTo(1);
      assertThat(origin.visits()).isEqualTo(goesAway ? 2 : 1);
    }
  }

  @Test
  void aPoolThatIsFullEndsWhatIsUnused() {
    for (int i = 0; i < 20; i++) {
      origin("o" + i + ".example", ClientTest::echoes);
    }
    try (Client client = Client.open(options.total(4))) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("http://o" + i + ".example/").status()).isEqualTo(200);
        assertThat(client.info().connections()).isLessThanOrEqualTo(4);
      }
      assertThat(client.info().closed()).containsEntry(Cause.EXCESS, 16L);
    }
  }

  @Test
  void newConnectionsGoWhereTheNameLeadsAndOldOnesEndByTheirAge() throws Exception {
    origin("a.example", visit -> says(visit, "old"));
    origin("b.example", visit -> says(visit, "new"));
    PoolOptions its = options.age(Duration.ofMinutes(1)).idle(Duration.ofHours(1));
    try (Client client = Client.open(its)) {
      assertThat(client.get("http://a.example/").text()).isEqualTo("old");
      simulation.host("a.example").movesTo(simulation.host("b.example"));
      assertThat(client.get("http://a.example/").text()).isEqualTo("old"); // it is still there
      Exchange busy = client.request("http://a.example/wait", GET);
      assertThat(client.get("http://a.example/").text()).isEqualTo("new");
      assertThat(busy.text(SOON)).isEqualTo("old");
      simulation.advance(Duration.ofSeconds(70)); // the age, and what it differs by
      assertThat(client.info().closed()).containsEntry(Cause.AGE, 2L);
      assertThat(client.get("http://a.example/").text()).isEqualTo("new");
      assertThat(simulation.host("a.example").links()).isEmpty();
    }
  }

  /** Answers with this text; after a second if the target says so. */
  private static void says(Visit visit, String text) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      if (asked.target().equals("/wait")) {
        visit.pause(Duration.ofSeconds(1));
      }
      visit.respond(200, text);
    }
  }

  @Test
  void manyOriginsOnceEachLeaveNothingBehind() {
    int many = 300;
    for (int i = 0; i < many; i++) {
      origin("o" + i + ".example", ClientTest::echoes);
    }
    PoolOptions its = options.total(8).forget(Duration.ofSeconds(10));
    try (Client client = Client.open(its)) {
      for (int i = 0; i < many; i++) {
        assertThat(client.get("http://o" + i + ".example/").status()).isEqualTo(200);
        simulation.advance(Duration.ofSeconds(1));
        PoolInfo info = client.info();
        assertThat(info.connections()).isLessThanOrEqualTo(8);
        assertThat(info.origins()).hasSizeLessThan(40);
      }
      assertThat(client.info().granted()).isEqualTo(many);
    }
  }

  // ---- the wrong connection

  /** Says that its first connection is the wrong one for this target. */
  private static void misdirects(Visit visit, int wrong) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      boolean here = !asked.target().equals("/misdirected") || visit.number() > wrong;
      visit.respond(here ? 200 : 421, asked.method());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aMisdirectedRequestIsSentAgainOnAConnectionOfItsOwn(Protocol protocol) {
    speaks(protocol);
    Origin origin = origin("a.example", visit -> misdirects(visit, 1)).protocols(protocol);
    try (Client client = Client.open(options)) {
      client.get("http://a.example/");
      Answer answer =
          client.post("http://a.example/misdirected", "text/plain", Bytes.ofUtf8("once"));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("POST");
      assertThat(answer.history()).extracting(Answer.Step::status).containsExactly(421);
      assertThat(origin.visits()).isEqualTo(2);
      assertThat(client.info().repeated()).isEqualTo(1);
      client.get("http://a.example/"); // the wrong connection takes nothing more
      assertThat(origin.visits()).isEqualTo(2);
      assertThat(client.info().connections()).isEqualTo(1);
    }
  }

  @Test
  void aSecondMisdirectionIsTheAnswer() {
    Origin origin = origin("a.example", visit -> misdirects(visit, 100));
    try (Client client = Client.open(options.connections(1))) {
      assertThat(client.get("http://a.example/misdirected").status()).isEqualTo(421);
      assertThat(origin.visits()).isEqualTo(2);
      assertThat(client.info().streams()).isZero();
    }
  }

  // ---- what a pool tells

  @Test
  void thePoolTellsEachOfItsSteps() throws Exception {
    Origin origin = origin("a.example", ClientTest::answersOnce);
    List<String> events = new ArrayList<>();
    PoolOptions its = options.listener(event -> events.add(line(event)));
    try (Client client = Client.open(its)) {
      client.get("http://a.example/1");
      client.get("http://a.example/2"); // meets the close, and is repeated
      origin.refuse();
      simulation.settle();
      client.shutdown();
      simulation.advance(Duration.ofSeconds(20));
    }
    assertThat(events)
        .containsExactly(
            "opening 1 REQUEST",
            "opened 1 true",
            "wait WAITED",
            "wait AT_ONCE",
            "closed 1 PEER",
            "repeat",
            "opening 2 REQUEST",
            "opened 2 true",
            "wait WAITED",
            "closed 2 SHUTDOWN");
  }

  private static String line(PoolEvent event) {
    assertThat(event.origin()).isEqualTo("http://a.example");
    return switch (event) {
      case PoolEvent.PoolWait wait -> "wait " + wait.outcome();
      case PoolEvent.PoolOpening start -> "opening " + start.connection() + " " + start.cause();
      case PoolEvent.PoolOpened end ->
          "opened " + end.connection() + " " + end.protocol().isPresent();
      case PoolEvent.PoolClosed end -> "closed " + end.connection() + " " + end.cause();
      case PoolEvent.PoolRepeat again -> "repeat";
    };
  }

  @Test
  void aListenerThatThrowsHarmsNothing() {
    origin("a.example", ClientTest::echoes);
    PoolOptions its =
        options.listener(
            event -> {
              throw new IllegalStateException("on purpose");
            });
    try (Client client = Client.open(its)) {
      assertThat(client.get("http://a.example/1").status()).isEqualTo(200);
      assertThat(client.get("http://a.example/2").status()).isEqualTo(200);
    }
  }

  @Test
  void aRequestThatWaitsForAConnectionIsWokenByItsResponseOnly() throws Exception {
    CompletableFuture<Boolean> arrived = new CompletableFuture<>();
    origin(
        "a.example",
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            if (asked.target().equals("/waits")) {
              arrived.complete(true);
              visit.pause(Duration.ofSeconds(5));
            }
            visit.respond(200, asked.target());
          }
        });
    try (Client client = Client.open(options.connections(1))) {
      Exchange holder = client.request("http://a.example/holds", GET);
      CompletableFuture<Answer> answer = client.sendAsync("http://a.example/waits", GET);
      simulation.settle();
      assertThat(client.info().waiting()).isEqualTo(1);
      int before = runs();
      assertThat(holder.text(SOON)).isEqualTo("/holds");
      simulation.await(arrived); // the connection was granted, and the request has been sent
      assertThat(runs()).isEqualTo(before);
      assertThat(simulation.await(answer).text()).isEqualTo("/waits");
      assertThat(runs()).isGreaterThan(before);
    }
  }

  /** How often the thread of a call has run. */
  private int runs() {
    return (int) simulation.trace().stream().filter(line -> line.contains("lariat-call")).count();
  }

  @Test
  void theEndOfASupervisedChildClosesItsClient() throws Exception {
    origin("a.example", ClientTest::echoes);
    CompletableFuture<Client> opened = new CompletableFuture<>();
    Supervision supervision = Supervision.DEFAULT.platform(simulation.platform());
    try (Supervisor supervisor = Supervisor.open(supervision)) {
      supervisor.start(
          Child.of(
                  "caller",
                  scope -> {
                    Client client = Client.open(options);
                    client.get("http://a.example/");
                    opened.complete(client);
                  })
              .restart(Supervision.Restart.TEMPORARY));
      Client client = simulation.await(opened);
      assertThat(client.awaitTermination(SOON)).isTrue();
      assertThat(client.info().closed()).containsEntry(Cause.SHUTDOWN, 1L);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void theEndLeavesNothing(Protocol protocol) throws Exception {
    speaks(protocol);
    origin("a.example", Visit::awaitEnd).protocols(protocol);
    Client client = Client.open(options.connections(1).streams(1));
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(client.sendAsync("http://a.example/" + i, GET));
    }
    simulation.settle();
    client.close();
    for (CompletableFuture<Answer> call : calls) {
      Throwable why = simulation.await(call.handle((answer, failure) -> failure));
      assertThat(why).isInstanceOf(FailedException.class);
    }
    assertThat(client.awaitTermination(SOON)).isTrue();
    PoolInfo info = client.info();
    assertThat(info.connections()).isZero();
    assertThat(info.granted()).isEqualTo(info.ended());
    assertThat(failure(() -> client.get("http://a.example/")).sentence()).contains("closed");
  }

  // ---- misuse, and options by client and by call

  private static void refused(ThrowingCallable call, String what) {
    assertThatThrownBy(call)
        .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("allowed");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void whatIsWrongIsNamedAtOnceWithWhatIsAllowed() {
    try (Client client = Client.open(options)) {
      refused(() -> client.get(null), "url: null");
      refused(() -> client.send((URI) null, GET, SOON), "url: null");
      refused(() -> client.get("/relative"), "/relative");
      refused(() -> client.get("http://a b/"), "RFC 3986");
      refused(() -> client.get("http://me:secret@a.example/"), "user information");
      refused(() -> client.get("http://a.example:99999/"), "port: 99999");
      refused(() -> client.get("ws://a.example/"), "scheme ws, allowed the schemes http and https");
      refused(
          () -> client.webSocket("http://a.example/", message -> {}),
          "scheme http, allowed the schemes ws and wss");
      refused(() -> client.send("http://a.example/", null), "request: null");
      refused(() -> client.sendAsync("http://a.example/", null), "request: null");
      refused(() -> client.publish("http://a.example/", null), "request: null");
      refused(() -> client.post("http://a.example/", "text/plain", null), "body: null");
      refused(() -> client.put("http://a.example/", null, Bytes.EMPTY), "contentType: null");
      refused(() -> client.get("http://a.example/", null), "timeout: null");
      refused(() -> client.get("http://a.example/", Duration.ZERO), "timeout: 0 s");
      refused(() -> client.request(URI.create("http://a.example/"), GET, Duration.ZERO), "timeout");
      refused(() -> client.timeout(Duration.ofDays(366)), "timeout: 366 days, allowed 1 ms");
      refused(() -> client.events("http://a.example/", null), "longest: null");
      refused(() -> client.events("http://a.example/", Duration.ZERO), "longest: 0 s, allowed");
      refused(() -> client.awaitTermination(null), "timeout: null");
      Request unsent = Request.of("POST", "/").header("content-length", "9");
      refused(() -> client.send("http://a.example/", unsent), "content-length: 9, allowed 0");
      refused(() -> client.request("http://a.example/", unsent), "content-length: 9, allowed 0");
      refused(() -> client.publish("http://a.example/", unsent), "content-length: 9, allowed 0");
      refused(
          () -> client.publish("http://a.example/", GET.credit(3)), "request: one with replyTo");
      refused(
          () -> client.begin("http://a.example/", GET.body(Bytes.ofUtf8("now"))),
          "body: 3 bytes, allowed none");
      refused(() -> client.redirects(null), "redirects: null");
      refused(() -> client.retry(null), "retry: null");
      refused(() -> client.userAgent(null), "userAgent: null");
      refused(() -> client.credentials("http://a.example", null), "credentials: null");
      Credentials secret = Credentials.basic("a", "b");
      refused(() -> client.credentials("ftp://a.example", secret), "uri: ftp");
      refused(
          () -> client.credentials("http://a.example/x", secret),
          "origin: one with the path /x, allowed");
      refused(
          () -> client.credentials("http://a.example?y", secret),
          "origin: one with a query, allowed");
      refused(
          () -> client.credentials("http://a.example#z", secret),
          "origin: one with a fragment, allowed");
      assertThat(client.credentials("http://a.example/", secret)).isNotNull();
      refused(
          () -> options.origin(URI.create("http://a.example/x"), options),
          "origin: one with the path /x, allowed");
      refused(() -> Client.open(null), "options: null");
      assertThat(client.info().granted()).isZero();
    }
  }

  @Test
  void theBodyOfARequestIsSentLaterAndTheConnectionIsUsedAgain() {
    origin(
        "a.example",
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            visit.respond(200, asked.method() + " " + asked.target() + " " + asked.body().utf8());
          }
        });
    try (Client client = Client.open(options)) {
      Exchange exchange = client.begin("http://a.example/up?n=1", Request.of("PUT", "/"));
      exchange.data(Bytes.ofUtf8("one, "), false);
      exchange.data(Bytes.ofUtf8("two"), true);
      assertThat(exchange.text(SOON)).isEqualTo("PUT /up?n=1 one, two");
      assertThat(client.get("http://a.example/").text()).isEqualTo("GET / ");
      assertThat(client.info().opened()).isEqualTo(1);
    }
  }

  /** A body without an end. */
  private final class Endless extends InputStream {
    private final Duration pause; // before each byte

    Endless(Duration pause) {
      this.pause = pause;
    }

    @Override
    public int read() {
      try {
        simulation.pause(pause);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return 'x';
    }

    @Override
    public int read(byte[] bytes, int from, int size) {
      bytes[from] = (byte) read();
      return pause.isZero() ? size : 1;
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, 0", "HTTP_2, 0", "HTTP_1_1, 1000", "HTTP_2, 1000"})
  void aBodyThatGoesOnAfterItsResponseHasTheTimeOfItsRequest(Protocol protocol, long pause)
      throws Exception {
    speaks(protocol);
    origin(
        "a.example",
        visit -> {
          while (visit.head() != null) {
            visit.respond(413, "too large");
            visit.pause(SOON); // and reads nothing
          }
        });
    try (Client client = Client.open(options)) {
      Request request = Request.of("PUT", "/").timeout(Duration.ofSeconds(5));
      Exchange exchange = client.begin("http://a.example/up", request);
      exchange.data(Bytes.ofUtf8("a part"), false);
      assertThat(exchange.text(SOON)).isEqualTo("too large");
      assertThat(client.info().streams()).isEqualTo(1);
      FailedException failed =
          catchThrowableOfType(
              FailedException.class, () -> exchange.send(new Endless(Duration.ofMillis(pause))));
      assertThat(simulation.elapsed()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
      assertThat(client.info().streams()).isZero();
      if (pause == 0) { // otherwise nothing waits at that time, and the next part is refused
        assertThat(failed.reason())
            .isEqualTo(new Reason.BodyUnfinished("it did not end within 5 s (request.timeout)"));
      }
      assertThat(client.get("http://a.example/").status()).isEqualTo(413);
    }
  }

  @Test
  void aClosedClientWarmsNoConnection() {
    Client client = Client.open(options);
    client.close();
    assertThat(failure(() -> client.warm("http://a.example/", 1)))
        .isEqualTo(new Reason.BadState("warm", "the client is closed"));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void cookiesAreASettingOfTheClientAndAnOptionOfTheCall(Protocol protocol) throws Exception {
    speaks(protocol);
    CookieJar jar = CookieJar.create();
    options = options.connection(options.connection().cookies(jar));
    origin(
        "a.example",
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            boolean leads = asked.target().equals("/leads");
            Headers headers =
                Headers.of("set-cookie", "visit=" + asked.target().length(), "location", "/");
            String cookies = String.join("; ", asked.headers().all("cookie"));
            visit.respond(leads ? 302 : 200, headers, Bytes.ofUtf8("[" + cookies + "]"));
          }
        });
    try (Client client = Client.open(options)) {
      Client without = client.cookies(false).redirects(Redirects.DEFAULT);
      String url = "http://a.example/";
      assertThat(without.get(url + "leads").text()).isEqualTo("[]");
      assertThat(jar.all()).isEmpty();
      assertThat(client.get(url).text()).isEqualTo("[]");
      assertThat(client.get(url).text()).isEqualTo("[visit=1]");
      assertThat(without.get(url + "leads").text()).isEqualTo("[]");
      assertThat(client.send(url, GET.cookies(false)).text()).isEqualTo("[]");
      assertThat(client.request(url, GET.cookies(false)).text(SOON)).isEqualTo("[]");
      assertThat(without.request(url, GET.header("cookie", "own=1")).text(SOON))
          .isEqualTo("[own=1]");
      assertThat(without.cookies(true).get(url + "xx").text()).isEqualTo("[visit=1]");
      assertThat(jar.all()).singleElement().extracting(Cookie::value).isEqualTo("3");
    }
  }

  @Test
  void decompressionIsASettingOfTheClientAndAnOptionOfTheCall() {
    origin(
        "a.example",
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            visit.respond(200, String.valueOf(asked.headers().contains("accept-encoding")));
          }
        });
    try (Client client = Client.open(options)) {
      assertThat(client.get("http://a.example/").text()).isEqualTo("false");
      Client decompresses = client.decompress(true);
      assertThat(decompresses.get("http://a.example/").text()).isEqualTo("true");
      assertThat(decompresses.decompress(false).get("http://a.example/").text()).isEqualTo("false");
      Request own = GET.content(Content.DECOMPRESSED);
      assertThat(client.send("http://a.example/", own).text()).isEqualTo("true");
    }
  }
}
