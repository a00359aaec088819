package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.ClientRef;
import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.event.PoolInfo;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Timeouts;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Live connections that use the connections of a client. */
@Timeout(60)
class ClientLiveTest {
  private static final String HOST = "feed.example";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int ENABLE_CONNECT_PROTOCOL = 8;

  private final Simulation simulation = Simulation.seeded(7);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private PoolOptions pool =
      PoolOptions.DEFAULT.connection(
          ConnectionOptions.DEFAULT
              .platform(simulation.platform())
              .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1));
  private LiveOptions options =
      LiveOptions.DEFAULT.webSocket(WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF));
  private final AtomicReference<Client> made = new AtomicReference<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    simulation.close();
  }

  // ---- servers

  /** Greets every WebSocket with its path, and answers every request with its own. */
  private void serves(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      serves(visit, asked);
    }
  }

  private static void serves(Visit visit, Asked asked) throws Exception {
    if (visit.asksForWebSocket()) {
      visit.acceptWebSocket().send(new Text(asked.target()));
    } else {
      visit.respond(200, asked.target());
    }
  }

  private Origin origin(Script... scripts) {
    return simulation.origin(HOST, 80, scripts);
  }

  // ---- clients

  private Client client() {
    if (made.get() == null) {
      made.set(Client.open(pool));
      opened.add(made.get());
    }
    return made.get();
  }

  private void speaks(Protocol protocol) {
    pool = pool.connection(pool.connection().protocols(protocol));
  }

  private LiveWebSocket open(String path) {
    return open(path, client());
  }

  private LiveWebSocket open(String path, Client client) {
    LiveWebSocket live =
        LiveWebSocket.to("ws://" + HOST + path).options(options).client(client).open();
    opened.add(live);
    return live;
  }

  private List<LiveWebSocket> open(int count) {
    List<LiveWebSocket> lives = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lives.add(open("/" + i));
    }
    return lives;
  }

  private String get(String path) {
    return client().get("http://" + HOST + path).text();
  }

  private static <T extends Message> T next(Mailbox mailbox, Class<T> kind) throws Exception {
    Message message = mailbox.take(SOON);
    while (message instanceof Connecting) {
      message = mailbox.take(SOON);
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  private static <T extends Message> T next(LiveWebSocket live, Class<T> kind) throws Exception {
    return next(live.mailbox(), kind);
  }

  private static void hears(LiveWebSocket live) throws Exception {
    assertThat(next(live, WebSocketFrame.class).frame()).isInstanceOf(Text.class);
  }

  private static long opens(LiveWebSocket live) throws Exception {
    long session = next(live, Open.class).session();
    hears(live);
    return session;
  }

  private static void allOpen(List<LiveWebSocket> lives) throws Exception {
    for (LiveWebSocket live : lives) {
      opens(live);
    }
  }

  private PoolInfo.Origin only() {
    assertThat(client().info().origins()).hasSize(1);
    return client().info().origins().getFirst();
  }

  // ---- one connection

  @Test
  void theTlsOfTheClientIsForTheUrlsThatHaveIt() throws Exception {
    origin(this::serves);
    pool = pool.connection(pool.connection().tls(Tls.DEFAULT));
    assertThat(opens(open("/feed"))).isEqualTo(1);
    assertThat(only().origin()).isEqualTo("http://" + HOST);
  }

  @Test
  void feedsAndRequestsShareOneConnectionOfHttp2() throws Exception {
    Origin origin = origin(this::serves);
    assertThat(get("/before")).isEqualTo("/before");
    List<LiveWebSocket> lives = open(20);
    allOpen(lives);
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(only().streams()).isEqualTo(20);
    assertThat(only().busy()).isEqualTo(1);
  }

  @Test
  void aFeedOpensTheConnectionThatRequestsUse() throws Exception {
    Origin origin = origin(this::serves);
    opens(open("/feed"));
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void whenItIsLostEachFeedWaitsOnceAndAllComeAgainOnOneNewConnection() throws Exception {
    Origin origin = origin(this::serves);
    List<LiveWebSocket> lives = open(20);
    allOpen(lives);
    origin.drop();
    for (LiveWebSocket live : lives) {
      assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.Closed.class);
      assertThat(opens(live)).isEqualTo(2);
    }
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(only().streams()).isEqualTo(20);
  }

  @Test
  void whatIsSentArrivesAndIsCounted() throws Exception {
    origin(
        visit -> {
          visit.request();
          WebSocketVisit socket = visit.acceptWebSocket();
          for (int i = 0; i < 500; i++) {
            socket.send(new Text(String.valueOf(socket.receive())));
          }
          visit.awaitEnd();
        });
    LiveWebSocket live = open("/echo");
    for (int i = 0; i < 500; i++) {
      live.send(new Text("" + i));
    }
    next(live, Open.class);
    for (int i = 0; i < 500; i++) {
      assertThat(next(live, WebSocketFrame.class).frame())
          .isEqualTo(new Text(String.valueOf(new Text("" + i))));
    }
  }

  @Test
  void aReaderThatIsBehindHoldsItsFeedBackAndLosesNothing() throws Exception {
    int count = 20_000;
    origin(
        visit -> {
          visit.request();
          WebSocketVisit socket = visit.acceptWebSocket();
          for (int i = 0; i < count; i++) {
            socket.send(new Text("" + i));
          }
          visit.awaitEnd();
        });
    Mailbox small = Mailbox.bounded(100);
    opened.add(small);
    LiveWebSocket live =
        LiveWebSocket.to("ws://" + HOST + "/")
            .options(options)
            .client(client())
            .owner(small)
            .open();
    opened.add(live);
    next(small, Open.class);
    simulation.advance(Duration.ofSeconds(5));
    assertThat(small.size()).isLessThan(count / 2);
    for (int i = 0; i < count; i++) {
      assertThat(next(small, WebSocketFrame.class).frame()).isEqualTo(new Text("" + i));
    }
  }

  @Test
  void closeEndsTheStreamAndNotTheConnection() throws Exception {
    Origin origin = origin(this::serves);
    LiveWebSocket first = open("/first");
    opens(first);
    first.close();
    assertThat(next(first, Gone.class).reason()).isInstanceOf(Reason.OwnerClosed.class);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(only().streams()).isZero();
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void aRotationRenewsTheConnection() throws Exception {
    Origin origin = origin(this::serves);
    LiveWebSocket rotates = open("/rotates");
    opens(rotates);
    LiveWebSocket stays = open("/stays");
    opens(stays);
    rotates.rotate();
    Message message = rotates.mailbox().take(SOON);
    while (!(message instanceof Open)) {
      assertThat(message).isNotNull();
      message = rotates.mailbox().take(SOON);
    }
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(only().draining()).isEqualTo(1);
    assertThat(stays.mailbox().take(Duration.ZERO)).isNull();
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void pongsAreNoticedWithTheirRoundTrip() throws Exception {
    options =
        options.webSocket(
            WebSocketOptions.DEFAULT.keepalive(Keepalive.every(Duration.ofSeconds(5))));
    origin(
        visit -> {
          visit.request();
          WebSocketVisit socket = visit.acceptWebSocket();
          while (socket.receive() != null) {}
        });
    LiveWebSocket live = open("/feed");
    next(live, Open.class);
    assertThat(next(live, Notice.class).detail()).isInstanceOf(Notice.PingAcknowledged.class);
  }

  // ---- events

  private LiveEvents events(String path) {
    LiveEvents live = LiveEvents.to("http://" + HOST + path).client(client()).open();
    opened.add(live);
    return live;
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void liveEventsHealOverTheClientsConnections(Protocol protocol) throws Exception {
    speaks(protocol);
    Origin origin =
        origin(
            visit -> {
              visit.request();
              EventStream stream = visit.events();
              stream.send("1", "one");
              stream.end();
              for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
                seen.add(asked.headers().first("last-event-id").orElse("none"));
                visit.events().send("2", "two");
              }
            });
    LiveEvents live = events("/events");
    next(live.mailbox(), Open.class);
    assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("one");
    assertThat(next(live.mailbox(), Waiting.class).reason()).isInstanceOf(Reason.Ended.class);
    next(live.mailbox(), Open.class);
    assertThat(next(live.mailbox(), ServerSentEvent.class).data()).isEqualTo("two");
    assertThat(seen).containsExactly("1");
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(only().streams()).isEqualTo(1);
    assertThat(only().taken()).isEqualTo(protocol == Protocol.HTTP_2 ? 0 : 1);
  }

  // ---- HTTP/1.1, and its limit

  @Test
  void overHttp11AFeedTakesAConnection() throws Exception {
    speaks(Protocol.HTTP_1_1);
    Origin origin = origin(this::serves);
    get("/before");
    opens(open("/feed"));
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(only().taken()).isEqualTo(1);
    get("/after");
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void aServerWithoutWebSocketsOverHttp2IsAskedByHttp11BesideTheConnection() throws Exception {
    pool = pool.connection(pool.connection().protocols(Protocol.HTTP_2, Protocol.HTTP_1_1));
    Origin origin =
        origin(
            visit -> {
              if (visit.protocol() == Protocol.HTTP_2) {
                visit.http2().settings(ENABLE_CONNECT_PROTOCOL, 0);
              }
              serves(visit);
            });
    get("/before");
    LiveWebSocket live = open("/feed");
    opens(live);
    assertThat(get("/after")).isEqualTo("/after");
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(client().info().origins())
        .extracting(PoolInfo.Origin::origin, PoolInfo.Origin::taken)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("http://" + HOST, 0),
            org.assertj.core.groups.Tuple.tuple("http://" + HOST + " (apart)", 1));
  }

  @Test
  void atTheLimitAFeedWaitsForItsTurnAndThenOpens() throws Exception {
    speaks(Protocol.HTTP_1_1);
    pool = pool.connections(1);
    origin(this::serves);
    LiveWebSocket first = open("/first");
    opens(first);
    LiveWebSocket second = open("/second", client().timeout(Duration.ofSeconds(5)));
    Waiting waiting = next(second, Waiting.class);
    assertThat(waiting.reason())
        .isInstanceOfSatisfying(
            Reason.Timeout.class, late -> assertThat(late.step()).isEqualTo(Reason.Step.CHECKOUT));
    first.close();
    opens(second);
  }

  @Test
  void aFullQueueIsNoEndOfAFeed() throws Exception {
    speaks(Protocol.HTTP_1_1);
    pool = pool.connections(1).waiting(0);
    origin(this::serves);
    LiveWebSocket first = open("/first");
    opens(first);
    LiveWebSocket second = open("/second");
    assertThat(next(second, Waiting.class).reason()).isInstanceOf(Reason.Limit.class);
    first.close();
    second.awaitOpen(Duration.ofMinutes(5));
  }

  @Test
  void aFeedThatIsClosedWhileItWaitsLeavesItsPlace() throws Exception {
    speaks(Protocol.HTTP_1_1);
    pool = pool.connections(1);
    origin(this::serves);
    LiveWebSocket first = open("/first");
    opens(first);
    LiveWebSocket second = open("/second");
    simulation.advance(Duration.ofSeconds(1));
    assertThat(only().waiting()).isEqualTo(1);
    second.close();
    next(second, Gone.class);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(only().waiting()).isZero();
    first.close();
    simulation.advance(Duration.ofSeconds(1));
    get("/after");
  }

  @Test
  void beyondTheServersStreamsAnotherConnectionIsOpened() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.http2().settings(MAX_CONCURRENT_STREAMS, 2);
              serves(visit);
            });
    allOpen(open(5));
    assertThat(origin.visits()).isEqualTo(3);
    assertThat(only().streams()).isEqualTo(5);
  }

  // ---- a server that goes away

  @Test
  void afterGoAwayFeedsStayAndNewOnesGoToAnotherConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              serves(visit, visit.request());
              serves(visit, visit.request());
              visit.http2().goAway(visit.http2().stream(), 0, "");
              visit.awaitEnd();
              seen.add("the first connection ends");
            },
            this::serves);
    List<LiveWebSocket> old = open(2);
    allOpen(old);
    for (LiveWebSocket live : old) {
      assertThat(next(live, Notice.class).detail()).isInstanceOf(Notice.GoingAway.class);
    }
    opens(open("/new"));
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(only().draining()).isEqualTo(1);
    for (LiveWebSocket live : old) {
      assertThat(live.mailbox().take(Duration.ZERO)).isNull();
      live.close();
    }
    simulation.advance(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("the first connection ends");
    assertThat(only().streams()).isEqualTo(1);
  }

  @Test
  void aRefusedStreamOfAUsedConnectionIsAskedForAgainAtOnceAndThenWaits() throws Exception {
    Origin origin =
        origin(
            visit -> {
              serves(visit, visit.request());
              visit.request();
              visit.http2().refuse();
              visit.request();
              visit.http2().refuse();
              serves(visit);
            });
    get("/before");
    LiveWebSocket live = open("/live");
    assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.Unprocessed.class);
    opens(live);
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(client().info().repeated()).isEqualTo(1);
  }

  @Test
  void aServerThatIsAwayIsTriedByThePolicyOfTheFeed() throws Exception {
    Origin origin = origin(this::serves);
    origin.refuse();
    List<LiveWebSocket> lives = open(3);
    for (LiveWebSocket live : lives) {
      for (int attempt = 1; attempt <= 3; attempt++) {
        assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.Refused.class);
      }
    }
    origin.listen();
    for (LiveWebSocket live : lives) {
      live.awaitOpen(Duration.ofMinutes(5));
    }
    assertThat(origin.visits()).isEqualTo(1);
  }

  // ---- cookies and credentials

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void cookiesGoFromAnswersToTheUpgradeAndBack(Protocol protocol) throws Exception {
    speaks(protocol);
    pool = pool.connection(pool.connection().cookies(CookieJar.create()));
    origin(
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            String cookies = String.join("; ", asked.headers().all("cookie"));
            seen.add(asked.target() + " " + cookies);
            if (visit.asksForWebSocket()) {
              visit.acceptWebSocket(Headers.of("set-cookie", "feed=2")).send(new Text("hello"));
            } else {
              visit.respond(200, Headers.of("set-cookie", "login=1"), Bytes.EMPTY);
            }
          }
        });
    get("/login");
    opens(open("/feed"));
    get("/after");
    assertThat(seen).hasSize(3).contains("/login ", "/feed login=1");
    assertThat(seen.stream().filter(line -> line.startsWith("/after")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("login=1").contains("feed=2"));
  }

  private void tellsWhoAsks(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      seen.add(asked.target() + " " + asked.headers().first("authorization").orElse("nobody"));
      if (asked.target().equals("/moved")) {
        visit.respond(307, Headers.of("location", "http://other.example/there"), Bytes.EMPTY);
      } else if (asked.headers().contains("authorization")
          || asked.target().equals("/there")
          || asked.target().equals("/open")) {
        visit.acceptWebSocket().send(new Text("hello"));
      } else {
        visit.respond(401, Headers.of("www-authenticate", "Basic realm=\"x\""), Bytes.EMPTY);
      }
    }
  }

  @Test
  void credentialsAreShownWhereTheyBelong() throws Exception {
    origin(this::tellsWhoAsks);
    Client knows = client().credentials("http://" + HOST, Credentials.basic("me", "secret"));
    opens(open("/feed", knows));
    assertThat(seen).containsExactly("/feed nobody", "/feed Basic bWU6c2VjcmV0");
  }

  @Test
  void credentialsOfAnotherOriginAreNotShown() throws Exception {
    origin(this::tellsWhoAsks);
    Client knows = client().credentials("http://other.example", Credentials.basic("me", "secret"));
    LiveWebSocket live = open("/feed", knows);
    assertThat(next(live, Gone.class).reason()).isInstanceOf(Reason.Status.class);
    assertThat(seen).containsExactly("/feed nobody");
  }

  @Test
  void aRedirectToAnotherOriginShowsThemNothing() throws Exception {
    origin(this::tellsWhoAsks);
    simulation.origin("other.example", 80, this::tellsWhoAsks);
    options = options.redirects(Redirects.DEFAULT);
    Client knows = client().credentials("http://" + HOST, Credentials.basic("me", "secret"));
    opens(open("/moved", knows));
    assertThat(seen).containsExactly("/moved nobody", "/there nobody");
    assertThat(client().info().origins())
        .extracting(PoolInfo.Origin::streams)
        .containsExactly(0, 1);
  }

  // ---- the end of the client

  @Test
  void whenTheClientShutsDownItsFeedsSayGoodbye() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.request();
              WebSocketVisit socket = visit.acceptWebSocket();
              socket.send(new Text("hello"));
              seen.add(String.valueOf(socket.receive()));
              seen.add(String.valueOf(socket.receive()));
              visit.awaitEnd();
            });
    LiveWebSocket live = open("/feed");
    opens(live);
    live.send(new Text("last words"));
    client().shutdown();
    assertThat(next(live, Gone.class).reason()).isInstanceOf(Reason.OwnerClosed.class);
    assertThat(client().awaitTermination(SOON)).isTrue();
    assertThat(live.awaitTermination(SOON)).isTrue();
    origin.awaitScripts(SOON);
    assertThat(seen)
        .containsExactly(String.valueOf(new Text("last words")), String.valueOf(Close.GOING_AWAY));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whenTheClientIsClosedItsFeedsEndAtOnce(boolean isOpen) throws Exception {
    Origin origin = origin(this::serves);
    if (!isOpen) {
      origin.refuse();
    }
    LiveWebSocket live = open("/feed");
    LiveEvents events = events("/events");
    if (isOpen) {
      opens(live);
    } else {
      next(live, Waiting.class);
      next(events.mailbox(), Waiting.class);
    }
    client().close();
    assertThat(live.awaitTermination(SOON)).isTrue();
    assertThat(events.awaitTermination(SOON)).isTrue();
    assertThat(client().awaitTermination(SOON)).isTrue();
    Message last = live.mailbox().take(SOON);
    while (!(last instanceof Gone)) {
      assertThat(last).isNotNull();
      last = live.mailbox().take(SOON);
    }
    assertThat(((Gone) last).reason()).isInstanceOf(Reason.OwnerClosed.class);
  }

  // ---- misuse

  @Test
  void aClosedClientOpensNoFeed() {
    Client closed = client();
    closed.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> open("/feed", closed))
        .withMessage("client: a closed one, allowed an open one");
  }

  @Test
  void whatTheClientDecidesIsNotSaidTwice() {
    LiveWebSocket.Plan plan = LiveWebSocket.to("ws://" + HOST + "/").client(client());
    ConnectionOptions own =
        ConnectionOptions.DEFAULT.timeouts(Timeouts.DEFAULT.connect(Duration.ofSeconds(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.options(LiveOptions.DEFAULT.connection(own)).open())
        .withMessageContaining("allowed the default with a client");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LiveEvents.to("http://" + HOST + "/")
                    .options(EventOptions.DEFAULT.connection(own))
                    .client(client())
                    .open())
        .withMessageContaining("allowed the default with a client");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.connections(SharedConnections.create()).open())
        .withMessageContaining("allowed none with a client");
    ClientRef stranger = () -> client().info();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.client(stranger).open())
        .withMessageContaining("allowed a dev.lariat.client.Client");
  }

  @Test
  void theWriteTimeoutIsThatOfThePool() throws Exception {
    origin(this::serves);
    LiveWebSocket live = open("/feed");
    opens(live);
    assertThatIllegalStateException()
        .isThrownBy(() -> live.writeTimeout(Duration.ofSeconds(1)))
        .withMessageContaining("timeouts.write");
  }

  @Test
  void theStreamsOfThePoolAreALimitOfThisSide() throws Exception {
    pool = pool.streams(2);
    Origin origin = origin(this::serves);
    allOpen(open(3));
    assertThat(origin.visits()).isEqualTo(2);
  }
}
