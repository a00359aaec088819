package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
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
import dev.lariat.option.EventOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Redirects;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live connections that are streams of the same connections. */
@Timeout(60)
class SharedConnectionsTest {
  private static final String HOST = "feed.example";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final long INTERNAL_ERROR = 2;
  private static final long HTTP_1_1_REQUIRED = 13;

  private final Simulation simulation = Simulation.seeded(11);
  private final SharedConnections shared = SharedConnections.create();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private final List<Integer> sessions = Collections.synchronizedList(new ArrayList<>());
  private LiveOptions options =
      LiveOptions.DEFAULT
          .connection(
              ConnectionOptions.DEFAULT
                  .platform(simulation.platform())
                  .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1))
          .webSocket(WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF));

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    simulation.close();
  }

  // ---- servers

  /** Accepts every WebSocket, and tells it its path. */
  private void welcomes(Visit visit) throws Exception {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      welcomes(visit, asked);
    }
  }

  private void welcomes(Visit visit, Asked asked) throws Exception {
    sessions.add(visit.number());
    visit.acceptWebSocket().send(new Text(asked.target()));
  }

  private Origin origin(Script... scripts) {
    return simulation.origin(HOST, 80, scripts);
  }

  // ---- clients

  private LiveWebSocket open(String path) {
    return open(path, options);
  }

  private LiveWebSocket open(String path, LiveOptions its) {
    LiveWebSocket live =
        LiveWebSocket.to("ws://" + HOST + path).options(its).connections(shared).open();
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

  /** The next message but Connecting, which is of this kind. */
  private static <T extends Message> T next(LiveWebSocket live, Class<T> kind) throws Exception {
    Message message = live.mailbox().take(SOON);
    while (message instanceof Connecting) {
      message = live.mailbox().take(SOON);
    }
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  /** A session opens, with nothing told before, and its server speaks. */
  private static void opens(LiveWebSocket live) throws Exception {
    next(live, Open.class);
    hears(live);
  }

  private static void hears(LiveWebSocket live) throws Exception {
    assertThat(next(live, WebSocketFrame.class).frame()).isInstanceOf(Text.class);
  }

  private static void allOpen(List<LiveWebSocket> lives) throws Exception {
    for (LiveWebSocket live : lives) {
      opens(live);
    }
  }

  private static void notices(LiveWebSocket live, Class<?> kind) throws Exception {
    assertThat(next(live, Notice.class).detail()).isInstanceOf(kind);
  }

  /** Nothing was told since. */
  private void isUndisturbed(LiveWebSocket live) throws Exception {
    assertThat(live.mailbox().take(Duration.ZERO)).isNull();
  }

  private List<Integer> streams() throws Exception {
    return simulation.await(shared.info()).stream().map(ConnectionInfo::streams).toList();
  }

  // ---- one connection

  @Test
  void fiftyLiveWebSocketsAreStreamsOfOneConnection() throws Exception {
    Origin origin = origin(this::welcomes);
    List<LiveWebSocket> lives = open(50);
    allOpen(lives);
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(streams()).containsExactly(50);
  }

  @Test
  void whenItIsLostAllOfThemHealOverOneNewConnection() throws Exception {
    Origin origin = origin(this::welcomes);
    List<LiveWebSocket> lives = open(50);
    allOpen(lives);
    origin.drop();
    for (LiveWebSocket live : lives) {
      assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.Closed.class);
      assertThat(next(live, Open.class).session()).isEqualTo(2);
      hears(live);
    }
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(streams()).containsExactly(50);
  }

  @Test
  void eachHasItsOwnAttemptsWhileTheServerIsAway() throws Exception {
    Origin origin = origin(this::welcomes);
    List<LiveWebSocket> lives = open(3);
    allOpen(lives);
    origin.refuse();
    origin.drop();
    for (LiveWebSocket live : lives) {
      next(live, Waiting.class);
      for (int attempt = 1; attempt <= 3; attempt++) {
        assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.Refused.class);
      }
    }
    origin.listen();
    for (LiveWebSocket live : lives) {
      live.awaitOpen(Duration.ofMinutes(5));
    }
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void closeEndsOneStreamAndTheLastOneTheConnection() throws Exception {
    Origin origin = origin(this::welcomes);
    List<LiveWebSocket> lives = open(3);
    allOpen(lives);
    lives.get(0).close();
    assertThat(next(lives.get(0), Gone.class).reason()).isInstanceOf(Reason.OwnerClosed.class);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(streams()).containsExactly(2);
    opens(open("/joins"));
    assertThat(streams()).containsExactly(3);
    isUndisturbed(lives.get(1));
    isUndisturbed(lives.get(2));
    assertThat(origin.visits()).isEqualTo(1);

    end(opened);
    origin.awaitScripts(SOON);
    assertThat(streams()).isEmpty();
  }

  private void end(List<AutoCloseable> lives) throws Exception {
    for (AutoCloseable live : lives) {
      live.close();
    }
  }

  @Test
  void anotherIsOpenedWhenTheLastOneWasClosed() throws Exception {
    Origin origin = origin(this::welcomes);
    LiveWebSocket first = open("/first");
    opens(first);
    first.close();
    assertThat(first.awaitTermination(SOON)).isTrue();
    opens(open("/second"));
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void aWayOnThatWasNotUpIsGivenUpWithItsLastSession() throws Exception {
    simulation.host(HOST).partition();
    origin(this::welcomes);
    List<LiveWebSocket> lives = open(2);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(streams()).containsExactly(2);
    lives.get(0).close();
    simulation.advance(Duration.ofSeconds(1));
    assertThat(streams()).containsExactly(1);
    lives.get(1).close();
    simulation.advance(Duration.ofSeconds(1));
    assertThat(streams()).isEmpty();
  }

  @Test
  void shutdownSaysGoodbyeOnItsOwnStream() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.request();
              WebSocketVisit first = visit.acceptWebSocket();
              first.send(new Text("1"));
              visit.request();
              WebSocketVisit second = visit.acceptWebSocket();
              second.send(new Text("2"));
              seen.add(String.valueOf(first.receive()));
              seen.add(String.valueOf(first.receive()));
              second.send(new Text("still here"));
              visit.awaitEnd();
            });
    LiveWebSocket leaves = open("/leaves");
    opens(leaves);
    LiveWebSocket stays = open("/stays");
    opens(stays);
    leaves.send(new Text("last words"));
    Close goodbye = new Close(4001, "done");
    leaves.shutdown(goodbye);
    assertThat(next(leaves, Gone.class).reason()).isInstanceOf(Reason.OwnerClosed.class);
    hears(stays);
    assertThat(seen)
        .containsExactly(String.valueOf(new Text("last words")), String.valueOf(goodbye));
    assertThat(origin.visits()).isEqualTo(1);
  }

  // ---- what fails alone

  @Test
  void aStreamThatIsResetHealsOnTheSameConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              welcomes(visit, visit.request());
              visit.http2().reset(INTERNAL_ERROR);
              welcomes(visit);
            });
    LiveWebSocket neighbour = open("/neighbour");
    opens(neighbour);
    LiveWebSocket live = open("/live");
    opens(live);
    assertThat(next(live, Waiting.class).reason())
        .isEqualTo(new Reason.StreamReset(INTERNAL_ERROR));
    opens(live);
    isUndisturbed(neighbour);
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void aStreamThatIsRefusedHealsOnTheSameConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              visit.request();
              visit.http2().refuse();
              welcomes(visit);
            });
    LiveWebSocket neighbour = open("/neighbour");
    opens(neighbour);
    LiveWebSocket live = open("/live");
    assertThat(next(live, Waiting.class).reason())
        .isEqualTo(new Reason.Unprocessed("the server refused the stream"));
    opens(live);
    isUndisturbed(neighbour);
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void aServerThatClosesAWebSocketGetsTheNextOneOnTheSameConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              visit.request();
              visit.acceptWebSocket().close(1012, "");
              welcomes(visit);
            });
    LiveWebSocket neighbour = open("/neighbour");
    opens(neighbour);
    LiveWebSocket live = open("/live");
    next(live, Open.class);
    assertThat(next(live, Waiting.class).reason()).isInstanceOf(Reason.CloseHandshake.class);
    opens(live); // though the server has not ended its side of the stream before
    isUndisturbed(neighbour);
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void aServerThatRefusesOneWithAStatusSparesItsNeighbours() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              visit.request();
              visit.respond(404, "no such feed");
              welcomes(visit);
            });
    LiveWebSocket neighbour = open("/neighbour");
    opens(neighbour);
    LiveWebSocket live = open("/live");
    Reason reason = next(live, Gone.class).reason();
    assertThat(reason)
        .isInstanceOfSatisfying(
            Reason.Status.class,
            status -> assertThat(status.body().utf8()).isEqualTo("no such feed"));
    opens(open("/another"));
    isUndisturbed(neighbour);
    assertThat(origin.visits()).isEqualTo(1);
  }

  @Test
  void aRedirectWithinTheOriginStaysOnTheConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.request();
              visit.respond(307, Headers.of("location", "/new"), Bytes.EMPTY);
              welcomes(visit);
            });
    LiveWebSocket live = open("/old", options.redirects(Redirects.DEFAULT));
    next(live, Open.class);
    assertThat(next(live, WebSocketFrame.class).frame()).isEqualTo(new Text("/new"));
    assertThat(origin.visits()).isEqualTo(1);
  }

  // ---- a server that goes away

  @Test
  void afterGoAwaySessionsStayAndNewOnesGoToAnotherConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              welcomes(visit, visit.request());
              visit.http2().goAway(visit.http2().stream(), 0, "");
              visit.awaitEnd();
              seen.add("the first connection ends");
            },
            this::welcomes);
    List<LiveWebSocket> old = open(2);
    allOpen(old);
    for (LiveWebSocket live : old) {
      notices(live, Notice.GoingAway.class);
    }
    opens(open("/new"));
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(streams()).containsExactlyInAnyOrder(2, 1);
    for (LiveWebSocket live : old) {
      isUndisturbed(live);
      live.close();
    }
    simulation.advance(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("the first connection ends");
    assertThat(streams()).containsExactly(1);
  }

  @Test
  void aSessionBeyondTheLastStreamIsOpenedOnTheNextConnection() throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              visit.request();
              visit.http2().goAway(visit.http2().stream() - 2, 0, "");
              visit.awaitEnd();
            },
            this::welcomes);
    LiveWebSocket first = open("/first");
    opens(first);
    LiveWebSocket second = open("/second");
    assertThat(next(second, Waiting.class).reason()).isInstanceOf(Reason.Unprocessed.class);
    opens(second);
    assertThat(origin.visits()).isEqualTo(2);
    notices(first, Notice.GoingAway.class);
    isUndisturbed(first);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 500, 900, 1000, 1100, 1500, 1999, 2000, 2001, 3000})
  void aSessionThatCrossesAGoAwayIsOpenedSoon(int microseconds) throws Exception {
    Origin origin =
        origin(
            visit -> {
              welcomes(visit, visit.request());
              visit.http2().goAway(visit.http2().stream(), 0, "");
              visit.awaitEnd();
            },
            this::welcomes);
    LiveWebSocket first = open("/first");
    next(first, Open.class);
    simulation.advance(Duration.ofNanos(1000L * microseconds));
    LiveWebSocket second = open("/second");
    second.awaitOpen(Duration.ofSeconds(5));
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(first.session()).isEqualTo(1);
  }

  // ---- room

  @Test
  void aServerThatAllowsFewerStreamsGetsFurtherConnections() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.http2().settings(MAX_CONCURRENT_STREAMS, 10);
              welcomes(visit);
            });
    List<LiveWebSocket> lives = open(25);
    allOpen(lives); // and nobody waited
    assertThat(origin.visits()).isEqualTo(3);
    assertThat(streams()).containsExactlyInAnyOrder(10, 10, 5);
    opens(open("/joins"));
    assertThat(origin.visits()).isEqualTo(3);
  }

  @Test
  void theOwnLimitIsKeptToo() throws Exception {
    Origin origin = origin(this::welcomes);
    ConnectionOptions few = options.connection().http2(Http2.DEFAULT.maxStreams(4));
    options = options.connection(few);
    allOpen(open(10));
    assertThat(streams()).containsExactlyInAnyOrder(4, 4, 2);
    assertThat(origin.visits()).isEqualTo(3);
  }

  @Test
  void aServerThatAllowsNoStreamFailsTheAttemptOfEach() throws Exception {
    Origin origin =
        origin(
            visit -> {
              visit.http2().settings(MAX_CONCURRENT_STREAMS, 0);
              visit.awaitEnd();
            },
            this::welcomes);
    List<LiveWebSocket> lives = open(3);
    for (LiveWebSocket live : lives) {
      assertThat(next(live, Waiting.class).reason())
          .isEqualTo(new Reason.Unprocessed("the server allows no streams"));
    }
    allOpen(lives);
    assertThat(origin.visits()).isEqualTo(2);
  }

  // ---- servers without it

  @Test
  void aServerWithoutWebSocketsOverHttp2IsAskedByHttp1AndThatIsRemembered() throws Exception {
    Queue<Protocol> asked = new ConcurrentLinkedQueue<>();
    Origin origin =
        origin(
            visit -> {
              asked.add(visit.protocol());
              if (visit.protocol() == Protocol.HTTP_2) {
                visit.http2().settings(ENABLE_CONNECT_PROTOCOL, 0);
                visit.awaitEnd();
              } else {
                welcomes(visit, visit.request());
                visit.awaitEnd();
              }
            });
    List<LiveWebSocket> lives = open(5);
    allOpen(lives); // in the same attempt
    assertThat(asked).hasSize(6).startsWith(Protocol.HTTP_2).contains(Protocol.HTTP_1_1);
    asked.clear();
    opens(open("/joins"));
    origin.drop();
    for (LiveWebSocket live : lives) {
      next(live, Waiting.class);
      opens(live);
    }
    assertThat(asked).hasSizeGreaterThanOrEqualTo(6).containsOnly(Protocol.HTTP_1_1);
  }

  @Test
  void aServerThatDemandsHttp1ForOneGetsItInTheSameAttemptWhileTheOthersStay() throws Exception {
    Queue<Protocol> asked = new ConcurrentLinkedQueue<>();
    origin(
        visit -> {
          asked.add(visit.protocol());
          welcomes(visit, visit.request());
          if (visit.protocol() == Protocol.HTTP_2) {
            visit.request();
            visit.http2().reset(HTTP_1_1_REQUIRED);
          }
          visit.awaitEnd();
        });
    LiveWebSocket neighbour = open("/neighbour");
    opens(neighbour);
    opens(open("/live")); // and waits for nothing
    notices(neighbour, Notice.GoingAway.class);
    isUndisturbed(neighbour);
    assertThat(asked).containsExactly(Protocol.HTTP_2, Protocol.HTTP_1_1);
  }

  @Test
  void aServerOfHttp1AloneGetsAConnectionForEach() throws Exception {
    Script echo = Script.echo();
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, echo)) {
      origin.protocols(Protocol.HTTP_1_1);
      ConnectionOptions connection =
          ConnectionOptions.DEFAULT.tls(origin.tls()).protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
      List<LiveWebSocket> lives = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        lives.add(
            LiveWebSocket.to(origin.uri("wss", "/" + i))
                .options(LiveOptions.DEFAULT.connection(connection))
                .connections(shared)
                .open());
      }
      opened.addAll(lives);
      for (LiveWebSocket live : lives) {
        next(live, Open.class); // and nothing failed before
        live.send(new Text("hello"));
        assertThat(next(live, WebSocketFrame.class).frame()).isEqualTo(new Text("hello"));
      }
      assertThat(origin.visits()).isEqualTo(5);
      end(opened);
      for (LiveWebSocket live : lives) {
        assertThat(live.awaitTermination(SOON)).isTrue();
      }
    }
  }

  // ---- rotation

  @Test
  void aRotationGoesToAnotherConnectionAndTheOthersFollow() throws Exception {
    Origin origin = origin(this::welcomes);
    List<LiveWebSocket> lives = open(3);
    allOpen(lives);
    for (LiveWebSocket live : lives) {
      live.rotate();
    }
    for (LiveWebSocket live : lives) {
      assertThat(next(live, Open.class).session()).isEqualTo(2);
      hears(live);
    }
    simulation.advance(Duration.ofMinutes(1));
    assertThat(origin.visits()).isEqualTo(2);
    assertThat(streams()).containsExactly(3);
    assertThat(sessions).containsExactly(1, 1, 1, 2, 2, 2);
  }

  // ---- what is not shared

  @Test
  void otherOptionsMeanAnotherConnection() throws Exception {
    Origin origin = origin(this::welcomes);
    opens(open("/one"));
    opens(open("/same", options.connection(options.connection().timeouts(Timeouts.DEFAULT))));
    assertThat(origin.visits()).isEqualTo(1);
    Timeouts other = Timeouts.DEFAULT.write(Duration.ofSeconds(1));
    opens(open("/other", options.connection(options.connection().timeouts(other))));
    assertThat(origin.visits()).isEqualTo(2);
  }

  @Test
  void otherOriginsHaveTheirOwnConnections() throws Exception {
    Origin origin = origin(this::welcomes);
    Origin second = simulation.origin(HOST, 8080, this::welcomes);
    opens(open("/one"));
    opens(open(":8080/two"));
    assertThat(origin.visits()).isEqualTo(1);
    assertThat(second.visits()).isEqualTo(1);
    assertThat(streams()).containsExactly(1, 1);
  }

  @Test
  void whatCannotBeSharedIsRefused() {
    LiveOptions http1 = options.connection(options.connection().protocols(Protocol.HTTP_1_1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("/", http1))
        .withMessage(
            "connection.protocols: [http/1.1], allowed a list with h2 if connections are shared");
    open("/");
    try (Simulation other = Simulation.seeded(1)) {
      LiveOptions elsewhere = options.connection(options.connection().platform(other.platform()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open("/", elsewhere))
          .withMessageStartingWith("connections: those of ");
    }
  }

  @Test
  void theWriteTimeoutOfASharedConnectionIsNotOnesOwn() {
    LiveWebSocket live = open("/");
    assertThatIllegalStateException()
        .isThrownBy(() -> live.writeTimeout(Duration.ofSeconds(1)))
        .withMessageContaining("timeouts.write");
  }

  // ---- what is told

  @Test
  void listenersSeeOneConnectionAndTheStreamOfEach() throws Exception {
    Queue<Object> upgrades = new ConcurrentLinkedQueue<>();
    Queue<Object> established = new ConcurrentLinkedQueue<>();
    options =
        options.connection(
            options
                .connection()
                .listener(
                    event -> {
                      if (event instanceof Event.Established) {
                        established.add(event);
                      } else if (event instanceof Event.Upgrade upgrade) {
                        upgrades.add(upgrade.stream());
                      }
                    }));
    origin(this::welcomes);
    List<LiveWebSocket> lives = open(3);
    allOpen(lives);
    assertThat(established).hasSize(1);
    assertThat(upgrades).containsExactlyElementsOf(lives);
  }

  // ---- server-sent events

  @Test
  void liveEventsShareAConnectionAndGoOnAfterTheirLastEvents() throws Exception {
    Origin origin =
        origin(
            visit -> {
              for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
                String last = asked.headers().first("last-event-id").orElse("0");
                String id = String.valueOf(Integer.parseInt(last) + 1);
                EventStream events = visit.events();
                events.send(id, asked.target() + " " + id);
              }
            });
    EventOptions its = EventOptions.DEFAULT.connection(options.connection());
    List<LiveEvents> lives = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      LiveEvents live =
          LiveEvents.to("http://" + HOST + "/" + i).options(its).connections(shared).open();
      lives.add(live);
      opened.add(live);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(event(lives.get(i))).isEqualTo("/" + i + " 1");
    }
    assertThat(origin.visits()).isEqualTo(1);
    origin.drop();
    for (int i = 0; i < 5; i++) {
      assertThat(event(lives.get(i))).isEqualTo("/" + i + " 2");
    }
    assertThat(origin.visits()).isEqualTo(2);
    lives.get(0).close();
    simulation.advance(Duration.ofSeconds(1));
    assertThat(streams()).containsExactly(4);
  }

  private static String event(LiveEvents live) throws Exception {
    while (true) {
      Message message = live.mailbox().take(SOON);
      assertThat(message).isNotNull();
      if (message instanceof ServerSentEvent event) {
        return event.data();
      }
      assertThat(message).isNotInstanceOf(Gone.class);
    }
  }
}
