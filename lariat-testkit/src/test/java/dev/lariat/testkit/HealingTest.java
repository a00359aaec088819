package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.live.AttemptBudget;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Connecting;
import dev.lariat.message.Down;
import dev.lariat.message.Gone;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a simulation is for: long waits of a client, in no time. */
@Timeout(30)
@ParameterizedClass
@EnumSource(
    value = Protocol.class,
    names = {"HTTP_1_1", "HTTP_2"})
class HealingTest {
  @Parameter Protocol protocol;

  private static final String HOST = "feed.example";

  private final Simulation simulation = Simulation.seeded(42);
  private ConnectionOptions options;

  @BeforeEach
  void speaks() {
    options = ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(protocol);
  }

  @Test
  void aDayOfReconnectingTakesMilliseconds() throws Exception {
    long started = System.nanoTime();
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, Script.silent());
      Backoff retry =
          Backoff.DEFAULT.delays(Duration.ofSeconds(1), Duration.ofMinutes(10)).jitter(false);
      Connection connection = Lariat.open(HOST, 80, options.retry(retry));
      Mailbox mailbox = connection.mailbox();
      assertThat(mailbox.take(Duration.ofSeconds(1))).isInstanceOf(Up.class);

      origin.refuse();
      origin.drop();
      simulation.start("repair", () -> repairAfter(Duration.ofHours(20), origin));

      assertThat(mailbox.take(Duration.ofSeconds(1))).isInstanceOf(Down.class);
      List<Duration> delays = new ArrayList<>();
      Message message = mailbox.take(Duration.ofHours(24));
      for (; message instanceof Retrying retrying; message = mailbox.take(Duration.ofHours(24))) {
        delays.add(retrying.delay());
      }

      assertThat(message).isInstanceOf(Up.class);
      assertThat(delays).isSorted().hasSizeBetween(120, 135).endsWith(Duration.ofMinutes(10));
      assertThat(simulation.elapsed())
          .isBetween(Duration.ofHours(20), Duration.ofHours(20).plusMinutes(11));
      connection.close();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
  }

  private void repairAfter(Duration time, Origin origin) {
    try {
      simulation.pause(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    origin.listen();
  }

  @Test
  void aLiveStreamIsSentOnByItsFrontInEverySession() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            visit.request();
            Headers there = Headers.of("location", "http://node.example/" + visit.number());
            visit.respond(302, there, Bytes.EMPTY);
            visit.awaitEnd();
          });
      simulation.origin(
          "node.example",
          80,
          visit -> {
            String target = Objects.requireNonNull(visit.request()).target();
            EventStream events = visit.events();
            events.send("id" + target, "from " + target);
            events.end();
          });
      Healing healing = Healing.DEFAULT.spread(Duration.ofHours(1));
      EventOptions daily = EventOptions.DEFAULT.connection(options).healing(healing);
      try (LiveEvents events = LiveEvents.to("http://" + HOST + "/").options(daily).open()) {
        for (int session = 1; session <= 5; session++) {
          Message message = events.mailbox().take(Duration.ofDays(1));
          while (!(message instanceof ServerSentEvent)) {
            assertThat(message).isNotNull();
            message = events.mailbox().take(Duration.ofDays(1));
          }
          assertThat(((ServerSentEvent) message).data()).isEqualTo("from /" + session);
        }
      }
    }
  }

  @Test
  void aRefusalWhoseBodyDoesNotEndHoldsNoAttempt() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            visit.request();
            Reply reply = visit.beginChunked(403, Headers.of("content-type", "text/plain"));
            while (!visit.clientGone()) {
              reply.write("no ");
              visit.pause(Duration.ofMillis(400));
            }
          });
      EventOptions own = EventOptions.DEFAULT.connection(options);
      try (LiveEvents events = LiveEvents.to("http://" + HOST + "/").options(own).open()) {
        assertThat(events.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Connecting.class);
        assertThat(events.mailbox().take(Duration.ofSeconds(2)))
            .isInstanceOfSatisfying(
                Gone.class,
                gone ->
                    assertThat(gone.reason().sentence())
                        .isEqualTo("The server answered with status 403: no no no."));
      }
    }
  }

  @Test
  void aLiveWebSocketIsADayWithoutItsServerAndTriesAsItsPolicySays() throws Exception {
    Duration day = Duration.ofDays(1);
    Backoff policy = Backoff.DEFAULT.delays(Duration.ofSeconds(1), Duration.ofMinutes(10));
    Healing healing = Healing.DEFAULT.spread(Duration.ZERO).retry(policy.jitter(false));
    long started = System.nanoTime();
    try (simulation) {
      Origin origin =
          simulation.origin(
              HOST,
              80,
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                socket.send(new Text("visit " + visit.number()));
                socket.receive();
              });
      try (LiveWebSocket feed =
          LiveWebSocket.to("ws://" + HOST + "/feed")
              .options(LiveOptions.DEFAULT.connection(options).healing(healing))
              .open()) {
        Mailbox mailbox = feed.mailbox();
        assertThat(mailbox.take(Duration.ofMinutes(1))).isInstanceOf(Connecting.class);
        assertThat(mailbox.take(Duration.ofMinutes(1)))
            .isInstanceOfSatisfying(Open.class, open -> assertThat(open.session()).isEqualTo(1));
        assertGreeted(mailbox, "visit 1");

        origin.refuse();
        origin.drop();
        Duration lost = simulation.elapsed();
        simulation.start("repair", () -> repairAfter(day, origin));

        List<Duration> delays = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        Message message = mailbox.take(day);
        for (; !(message instanceof Open); message = mailbox.take(day)) {
          if (message instanceof Waiting waiting) {
            delays.add(waiting.delay());
            numbers.add(waiting.attempt());
          } else {
            assertThat(message).isInstanceOf(Connecting.class);
          }
        }

        List<Duration> expected = delaysOfAnOutageOf(day);
        assertThat(delays).isEqualTo(expected);
        assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, expected.size()).boxed().toList());
        assertThat(((Open) message).session()).isEqualTo(2);
        assertThat(simulation.elapsed().minus(lost))
            .as("the delays, and what an attempt itself takes")
            .isBetween(sum(expected), sum(expected).plusMillis(10L * expected.size()));
        assertGreeted(mailbox, "visit 2");
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
  }

  private static final Backoff HOURLY =
      Backoff.DEFAULT.delays(Duration.ofHours(1), Duration.ofHours(1)).jitter(false);

  @Test
  void aLiveWebSocketThatWaitsConnectsAtOnceOnRequest() throws Exception {
    Healing healing =
        Healing.DEFAULT.spread(Duration.ZERO).retry(HOURLY).longestRetryAfter(Duration.ofDays(1));
    try (simulation) {
      Origin origin =
          simulation.origin(
              HOST,
              80,
              visit -> {
                visit.request();
                visit.respond(503, Headers.of("retry-after", "7200"), Bytes.EMPTY);
              },
              Script.silent(),
              Script.echo());
      origin.refuse();
      LiveWebSocket feed =
          LiveWebSocket.to("ws://" + HOST + "/feed")
              .options(LiveOptions.DEFAULT.connection(options).healing(healing))
              .open();
      Mailbox mailbox = feed.mailbox();
      feed.retryNow(); // while the first attempt runs, so it does nothing
      assertThat(waits(mailbox)).isEqualTo(Duration.ofHours(1));

      origin.listen();
      feed.retryNow();
      assertThat(waits(mailbox)).as("Retry-After").isEqualTo(Duration.ofHours(2));

      feed.retryNow();
      assertThat(mailbox.take(Duration.ofMinutes(1))).isInstanceOf(Connecting.class);
      simulation.advance(Duration.ofSeconds(1)); // the server does not answer
      feed.retryNow();
      assertThat(waits(mailbox)).as("no answer").isEqualTo(Duration.ofHours(1));
      assertThat(origin.visits()).isEqualTo(2);

      feed.retryNow();
      feed.awaitOpen(Duration.ofMinutes(1));
      feed.retryNow();
      simulation.advance(Duration.ofDays(1));
      assertThat(feed.session()).isEqualTo(1);
      assertThat(origin.visits()).isEqualTo(3);
      assertThat(simulation.elapsed()).isLessThan(Duration.ofDays(1).plusMinutes(2));

      feed.close();
      assertThat(feed.awaitTermination(Duration.ofMinutes(1))).isTrue();
      feed.retryNow();
      simulation.advance(Duration.ofDays(1));
      assertThat(origin.visits()).isEqualTo(3);
    }
  }

  @Test
  void liveEventsThatWaitAreRequestedAtOnceOnRequestThoughTheServerAskedForALongerWait()
      throws Exception {
    Healing healing = Healing.DEFAULT.longestRetryAfter(Duration.ofDays(1));
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, visit -> tick(visit, 3_600_000, 30));
      LiveEvents events =
          LiveEvents.to("http://" + HOST + "/events")
              .options(EventOptions.DEFAULT.connection(options).healing(healing))
              .owner(message -> {})
              .open();
      events.awaitOpen(Duration.ofMinutes(1));
      events.retryNow(); // while it is open, so it does nothing
      simulation.advance(Duration.ofMinutes(10));
      assertThat(origin.visits()).isEqualTo(1);

      events.retryNow();
      events.awaitOpen(Duration.ofMinutes(1));
      assertThat(origin.visits()).isEqualTo(2);
      simulation.advance(Duration.ofMinutes(10));

      events.close();
      assertThat(events.awaitTermination(Duration.ofMinutes(1))).isTrue();
      events.retryNow();
      simulation.advance(Duration.ofDays(1));
      assertThat(origin.visits()).isEqualTo(2);
    }
  }

  @Test
  void anAttemptOnRequestKeepsToTheBudget() throws Exception {
    Healing healing =
        Healing.DEFAULT
            .spread(Duration.ZERO)
            .retry(HOURLY)
            .budget(AttemptBudget.perSecond(1.0 / 60, 1));
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, Script.echo());
      origin.refuse();
      try (LiveWebSocket feed =
          LiveWebSocket.to("ws://" + HOST + "/feed")
              .options(LiveOptions.DEFAULT.connection(options).healing(healing))
              .open()) {
        Mailbox mailbox = feed.mailbox();
        assertThat(waits(mailbox)).isEqualTo(Duration.ofHours(1));

        origin.listen();
        feed.retryNow();
        assertThat(waits(mailbox)).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(60));
        feed.retryNow(); // the budget's wait stays
        simulation.advance(Duration.ofSeconds(50));
        assertThat(feed.session()).isZero();
        feed.awaitOpen(Duration.ofSeconds(15));
      }
    }
  }

  /** The next wait that is told. */
  private static Duration waits(Mailbox mailbox) throws Exception {
    Message message = mailbox.take(Duration.ofMinutes(10));
    while (message instanceof Connecting) {
      message = mailbox.take(Duration.ofMinutes(10));
    }
    assertThat(message).isInstanceOf(Waiting.class);
    return ((Waiting) message).delay();
  }

  @Test
  void aServerThatEndsEveryStreamInGoodOrderIsFollowedAllDay() throws Exception {
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, visit -> tick(visit, 500, 30));
      try (LiveEvents events = follow()) {
        simulation.advance(Duration.ofDays(1));
        // each session takes 30 s, and the wait is 500 ms to a second
        assertThat(origin.visits()).isBetween(86_400 * 10 / 311, 86_400 * 10 / 304);
        assertThat(events.lastEventId()).isEqualTo("" + origin.visits());
      }
    }
  }

  @Test
  void aServerThatEndsAfterEachEventIsNotAskedInALoop() throws Exception {
    try (simulation) {
      Origin origin = simulation.origin(HOST, 80, visit -> tick(visit, 0, 0));
      try (LiveEvents events = follow()) {
        simulation.advance(Duration.ofMinutes(10));
        assertThat(origin.visits()).isBetween(600, 1200);
        assertThat(events.lastEventId()).isEqualTo("" + origin.visits());
      }
    }
  }

  /** One event, then the end of the response, in good order. */
  private static void tick(Visit visit, int retryMillis, int seconds) throws Exception {
    visit.request();
    EventStream stream = visit.events();
    stream.retry(Duration.ofMillis(retryMillis));
    stream.send("" + visit.number(), "tick");
    visit.pause(Duration.ofSeconds(seconds));
    stream.end();
  }

  private LiveEvents follow() {
    return LiveEvents.to("http://" + HOST + "/events")
        .options(EventOptions.DEFAULT.connection(options))
        .owner(message -> {})
        .open();
  }

  private static void assertGreeted(Mailbox mailbox, String greeting) throws Exception {
    assertThat(mailbox.take(Duration.ofMinutes(1)))
        .isInstanceOfSatisfying(
            WebSocketFrame.class, frame -> assertThat(frame.frame()).isEqualTo(new Text(greeting)));
  }

  /** 1 s, doubling up to 10 minutes, until the server is there again. */
  private static List<Duration> delaysOfAnOutageOf(Duration outage) {
    List<Duration> delays = new ArrayList<>();
    for (long seconds = 1;
        sum(delays).compareTo(outage) < 0;
        seconds = Math.min(600, 2 * seconds)) {
      delays.add(Duration.ofSeconds(seconds));
    }
    return delays;
  }

  private static Duration sum(List<Duration> all) {
    return all.stream().reduce(Duration.ZERO, Duration::plus);
  }

  @Test
  void aHalfOpenLinkIsFoundByKeepalive() throws Exception {
    try (simulation) {
      simulation.origin(HOST, 80, Script.echo());
      Connection connection = Lariat.open(HOST, 80, options.retry(Backoff.NEVER));
      Keepalive keepalive = Keepalive.every(Duration.ofSeconds(30)).deadline(Duration.ofSeconds(5));
      WebSocket socket = connection.webSocket("/", WebSocketOptions.DEFAULT.keepalive(keepalive));
      Mailbox mailbox = connection.mailbox();
      assertThat(mailbox.await(socket, Duration.ofSeconds(1))).isInstanceOf(Upgraded.class);
      simulation.advance(Duration.ofHours(1));
      assertThat(mailbox.await(socket, Duration.ZERO)).isNull();

      Duration lost = simulation.elapsed();
      simulation.host(HOST).partition();
      Message message = mailbox.await(socket, Duration.ofHours(1));

      assertThat(message)
          .isInstanceOfSatisfying(
              StreamFailed.class,
              failed ->
                  assertThat(failed.reason())
                      .isEqualTo(new Reason.Timeout(Reason.Step.PONG, Duration.ofSeconds(5))));
      assertThat(simulation.elapsed().minus(lost))
          .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(36));
      connection.close();
    }
  }

  @Test
  void aMailboxWaitsBySimulatedTime() throws Exception {
    try (simulation) {
      simulation.origin(HOST, 80, Script.silent());
      Connection connection = Lariat.open(HOST, 80, options);
      assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);
      if (protocol == Protocol.HTTP_2) {
        assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Notice.class);
      }
      Duration before = simulation.elapsed();

      assertThat(connection.mailbox().take(Duration.ofDays(3))).isNull();

      assertThat(simulation.elapsed().minus(before)).isEqualTo(Duration.ofDays(3));
      connection.close();
    }
  }

  @Test
  void sendBlocksByBackPressureAndTimesOutBySimulatedTime() throws Exception {
    try (simulation) {
      simulation.origin(
          HOST,
          80,
          visit -> {
            visit.acceptWebSocket();
            visit.halfOpen();
            visit.read(1);
          });
      Connection connection = Lariat.open(HOST, 80, options.retry(Backoff.NEVER));
      WebSocket socket =
          connection.webSocket(
              "/",
              WebSocketOptions.DEFAULT
                  .sendQueue(100_000)
                  .keepalive(Keepalive.OFF)
                  .sendTimeout(Duration.ofSeconds(20)));
      assertThat(connection.mailbox().await(socket, Duration.ofSeconds(1)))
          .isInstanceOf(Upgraded.class);
      Duration before = simulation.elapsed();
      Binary message = new Binary(Bytes.wrap(new byte[10_000]));

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  socket.send(message);
                }
              })
          .isInstanceOfSatisfying(
              FailedException.class,
              e ->
                  assertThat(e.reason())
                      .isEqualTo(
                          new Reason.Timeout(
                              Reason.Step.SEND,
                              Duration.ofSeconds(20),
                              Optional.of(
                                  new Reason.Ongoing(Reason.Step.WRITE, Duration.ofSeconds(20))))));

      assertThat(simulation.elapsed().minus(before))
          .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
      connection.close();
    }
  }
}
