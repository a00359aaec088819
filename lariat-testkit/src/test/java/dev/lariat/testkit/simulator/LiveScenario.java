package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import dev.lariat.option.Silence;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A live WebSocket through everything that can happen to it. The owner's messages are numbered, and
 * so are the server's of each visit; both sides note what comes.
 */
final class LiveScenario {
  private static final String HOST = "feed.example";
  private static final Duration LONG = Duration.ofMinutes(30);

  private final Simulation simulation;
  private final Chance chance;
  private final Road road;
  private final Origin origin;
  private final Weather weather;
  private final Mischief mischief;
  private final Mailbox mailbox;
  private final LiveOptions options;
  private final boolean getsOverAll;
  private final boolean replays;
  private final boolean conflates;
  private final boolean confirms; // what it sends is acknowledged
  private final boolean shares; // its sessions are streams of connections for many
  private final Optional<Client> client; // whose connections it uses
  private final LiveWebSocket live;
  private final LiveWitness witness;

  // the server's side
  private boolean kind; // every visit is a good one
  private final List<int[]> received = new ArrayList<>(); // in which visit, which message
  private final Set<Integer> corrupted = new HashSet<>(); // visits

  // the owner's side
  private int sent;
  private final Set<Integer> accepted = new HashSet<>(); // by the outbox
  private final Map<Integer, Delivery> followed = new HashMap<>();
  private int expected; // of the open session
  private final Set<Integer> acknowledged = new HashSet<>();
  private boolean probed;

  LiveScenario(Simulation simulation, long seed, Road road) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.road = road;
    this.mischief = new Mischief(chance);
    this.origin = simulation.origin(HOST, 80, this::serve);
    this.weather = new Weather(chance, simulation.host(HOST), origin);
    this.mailbox = chance.mailbox();
    this.getsOverAll = chance.number(0, 3) > 0;
    this.replays = chance.oneIn(3);
    this.confirms = chance.oneIn(3);
    this.conflates = !confirms && chance.oneIn(4);
    this.options = options();
    LiveWebSocket.Plan plan =
        chance.half()
            ? LiveWebSocket.to("ws://" + HOST + "/feed")
            : LiveWebSocket.to((attempt, last) -> endpoint());
    if (chance.number(0, 2) > 0) {
      plan = plan.onOpen(this::open);
    }
    this.shares = Chance.shares(seed);
    if (shares) {
      plan = plan.connections(SharedConnections.create());
    }
    this.client = Chance.client(seed, options.connection());
    LiveOptions its = client.isPresent() ? options.connection(ConnectionOptions.DEFAULT) : options;
    plan = client.map(plan::client).orElse(plan);
    this.live = plan.options(its).owner(mailbox).open();
    this.witness = new LiveWitness(live);
  }

  private LiveOptions options() {
    Healing healing = chance.healing();
    if (getsOverAll) {
      healing = healing.classifier(reason -> Verdict.RETRY);
    }
    Outbox outbox =
        Outbox.DEFAULT
            .messages(chance.oneIn(8) ? 0 : chance.number(1, 100))
            .overflow(chance.oneOf(Overflow.FAIL, Overflow.DROP_OLDEST, Overflow.DROP_NEWEST))
            .replay(replays);
    if (confirms) {
      outbox =
          outbox
              .messages(chance.number(1, 100))
              .overflow(Overflow.FAIL)
              .acknowledge(LiveScenario::identity, LiveScenario::acknowledgedBy);
    }
    if (conflates) {
      outbox = outbox.conflate(frame -> frame.toString().length() % 3);
    }
    WebSocketOptions webSocket =
        WebSocketOptions.DEFAULT
            .keepalive(new Keepalive(chance.millis(500, 20_000), chance.millis(200, 5000)))
            .sendQueue(chance.number(10, 100_000))
            .silencePings(chance.half());
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT
            .platform(simulation.platform())
            .protocols(Chance.protocol(simulation.seed()))
            .http2(chance.http2())
            .timeouts(chance.timeouts());
    LiveOptions all =
        LiveOptions.DEFAULT
            .connection(road.through(connection))
            .webSocket(webSocket)
            .healing(healing)
            .outbox(outbox)
            .endpoint(chance.millis(100, 10_000))
            .opening(chance.millis(1000, 10_000))
            .rotation(chance.rotation());
    return chance.oneIn(3) ? all.silence(Silence.of(chance.millis(5000, 60_000))) : all;
  }

  private static Object identity(Frame frame) {
    return frame instanceof Text(var text) ? number(text) : null;
  }

  private static Object acknowledgedBy(Frame frame) {
    int ack = frame instanceof Text(var text) ? text.indexOf(" ack ") : -1;
    return ack < 0 ? null : Integer.valueOf(((Text) frame).text().substring(ack + 5));
  }

  private Endpoint endpoint() throws Exception {
    if (!kind && chance.oneIn(10)) {
      throw new IllegalStateException("no endpoint");
    }
    if (!kind && chance.oneIn(5)) {
      simulation.pause(chance.millis(1, 30_000));
    }
    return Endpoint.of("ws://" + HOST + "/feed").header("authorization", "Bearer x");
  }

  private void open(Session session) throws Exception {
    if (!kind && chance.oneIn(10)) {
      throw new IllegalStateException("no session");
    }
    session.send(new Text("open"));
    while (!session.receive(Duration.ofSeconds(20)).equals(new Text("welcome"))) {
      // what the server had said before
    }
  }

  // ---- the server

  private void serve(Visit visit) throws Exception {
    if (!kind && mischief.atTheDoor(visit)) {
      return;
    }
    if (visit.request() == null) {
      return;
    }
    talk(visit, visit.acceptWebSocket(Headers.of("x-visit", Integer.toString(visit.number()))));
  }

  private void talk(Visit visit, WebSocketVisit socket) throws Exception {
    int said = 0;
    while (!visit.clientGone()) {
      Frame frame = socket.receive(chance.millis(10, 5000));
      if (frame instanceof Text(var text)) {
        if (text.equals("open")) {
          socket.send(new Text("welcome"));
        } else {
          note(visit, text);
          said++;
          say(socket, visit.number() + ":" + said + " ack " + number(text));
        }
      } else if (frame instanceof Close) {
        return;
      } else if (frame == null && !visit.clientGone()) {
        for (int burst = chance.number(0, 10); burst > 0; burst--) {
          said++;
          say(socket, visit.number() + ":" + said + "x".repeat(chance.number(0, 3000)));
        }
        if (!kind && misbehaves(visit, socket)) {
          return;
        }
      }
    }
  }

  private void say(WebSocketVisit socket, String text) throws Exception {
    if (chance.oneIn(10)) {
      socket.sendFragments(new Text(text), chance.number(1, 100));
    } else {
      socket.send(new Text(text));
    }
  }

  /** Does something that ends the visit, or may. */
  private boolean misbehaves(Visit visit, WebSocketVisit socket) throws Exception {
    switch (chance.number(0, 29)) {
      case 0 -> socket.close(chance.oneOf(1000, 1001, 1011, 1012, 1013, 4000), "by chance");
      case 1 -> visit.reset();
      case 2 -> visit.halfOpen();
      case 3 -> visit.cutAfter(chance.number(0, 200));
      case 4 -> {
        corrupted.add(visit.number());
        socket.sendCorrupt(new Text("corrupted"), chance.number(0, 15));
      }
      case 5 -> socket.send(new Ping(dev.lariat.message.Bytes.ofUtf8("are you there")));
      case 6 -> {
        return true;
      }
      default -> {}
    }
    return false;
  }

  private void note(Visit visit, String text) {
    received.add(new int[] {visit.number(), number(text)});
  }

  private static int number(String text) {
    return Integer.parseInt(text.substring(1, text.indexOf(' ')));
  }

  // ---- the owner

  void play() throws Exception {
    for (int step = chance.number(10, 60); step > 0 && witness.gone() == null; step--) {
      act();
    }
    if (witness.gone() == null) {
      comeBack();
    }
    if (witness.gone() == null) {
      findTheDead();
    }
    end();
    check();
  }

  private void act() throws Exception {
    switch (chance.number(0, 11)) {
      case 0, 1, 2 -> read(chance.millis(1, 30_000));
      case 3, 4 -> send(chance.number(1, 20));
      case 5, 6, 7 -> {
        weather.change();
        road.change();
      }
      case 8 -> {
        live.rotate(); // if a session is open
        live.retryNow(); // if none is, and this waits
      }
      case 9 -> simulation.advance(chance.millis(1, 30_000)); // reads nothing
      case 10 ->
          live.keepalive(new Keepalive(chance.millis(500, 20_000), chance.millis(200, 5000)));
      default -> {
        Duration limit = chance.millis(1000, 20_000);
        if (!shares && client.isEmpty()) {
          live.writeTimeout(limit);
        }
        live.silence(
            chance.half()
                ? Optional.empty()
                : Optional.of(Silence.of(chance.millis(5000, 60_000))));
      }
    }
  }

  private void send(int messages) {
    for (int i = 0; i < messages; i++) {
      int number = ++sent;
      Text text = new Text("m" + number + " " + "y".repeat(chance.number(0, 500)));
      try {
        if (chance.half()) {
          followed.put(number, live.deliver(text));
        } else {
          live.send(text);
        }
        accepted.add(number);
      } catch (FailedException e) { // an outbox that is full and says so, or the end
        assertThat(e.reason()).isInstanceOfAny(Reason.Limit.class, Reason.BadState.class);
        followed.remove(number);
      }
    }
  }

  /** Reads for so long. */
  private void read(Duration time) throws InterruptedException {
    Duration end = simulation.elapsed().plus(time);
    for (Duration left = time;
        !left.isNegative() && witness.gone() == null;
        left = end.minus(simulation.elapsed())) {
      Message message = mailbox.take(left);
      if (message == null) {
        return;
      }
      sees(message);
    }
  }

  private void sees(Message message) {
    road.checkOf(message);
    long before = witness.sessions();
    boolean said = witness.sees(message);
    if (witness.sessions() > before) {
      expected = 0;
    }
    if (said && message instanceof WebSocketFrame(var stream, Text(var text))) {
      assertThat(stream).isSameAs(live);
      heard(text);
    }
  }

  /** The server's messages of a session come from its first on, without a hole. */
  private void heard(String text) {
    int visit = Integer.parseInt(witness.newest().headers().first("x-visit").orElseThrow());
    if (corrupted.contains(visit) || text.equals("welcome")) {
      return;
    }
    int colon = text.indexOf(':');
    assertThat(text).startsWith(visit + ":");
    String rest = text.substring(colon + 1).replaceFirst("x+$", "");
    int ack = rest.indexOf(" ack ");
    int n = Integer.parseInt(ack < 0 ? rest : rest.substring(0, ack));
    if (expected == 0) {
      expected = n - 1; // the opening step may have read some
    }
    assertThat(n).as("the next message of visit " + visit).isEqualTo(++expected);
    if (ack >= 0) {
      int number = Integer.parseInt(rest.substring(ack + 5));
      acknowledged.add(number);
      probed |= number == sent;
    }
  }

  /** When all is well again, it is open again, and what is sent arrives. */
  private void comeBack() throws InterruptedException {
    kind = true;
    weather.clear();
    road.clear();
    origin.drop(); // who is slow may be so for hours
    Duration end = simulation.elapsed().plus(LONG);
    while (!probed && witness.gone() == null && simulation.elapsed().compareTo(end) < 0) {
      read(Duration.ofSeconds(5));
      if (witness.isOpen() && !probed) {
        send(1);
        probed = false;
        read(Duration.ofSeconds(5));
      }
    }
    assertThat(probed || witness.gone() != null).as("it has healed").isTrue();
  }

  /** A link that is dead is found by the keepalive. */
  private void findTheDead() throws InterruptedException {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(5), Duration.ofSeconds(2));
    live.keepalive(keepalive);
    live.silence(Optional.empty());
    read(Duration.ofSeconds(1));
    Duration until = Duration.ofMinutes(2);
    Duration end = simulation.elapsed().plus(until);
    while (!witness.isOpen() && witness.gone() == null && simulation.elapsed().compareTo(end) < 0) {
      read(Duration.ofMillis(100)); // it may rotate just now
    }
    int gaps = witness.gaps();
    long sessions = witness.sessions();
    simulation.host(HOST).partition();
    read(Duration.ofSeconds(8));
    assertThat(witness.gaps() > gaps || witness.sessions() > sessions || witness.gone() != null)
        .as("a dead link is found within 7 s and the time that is on its way")
        .isTrue();
    weather.clear();
  }

  private void end() throws InterruptedException {
    if (chance.half()) {
      live.close();
    } else {
      live.shutdown();
    }
    Duration end = simulation.elapsed().plus(LONG);
    while (witness.gone() == null && simulation.elapsed().compareTo(end) < 0) {
      read(Duration.ofSeconds(10));
    }
    assertThat(witness.gone()).as("it ends when its owner says so").isNotNull();
    simulation.advance(Duration.ofMinutes(1));
    assertThat(mailbox.size()).as("nothing follows Gone").isZero();
    client.ifPresent(Chance::endsWithNothingLeft);
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> live.send(new Text("m0 ")));
  }

  private void check() {
    Reason gone = witness.gone();
    if (!(gone instanceof Reason.OwnerClosed)) {
      assertThat(getsOverAll).as("it gives up only where that is said: " + gone).isFalse();
      assertThat(Classifier.DEFAULT.of(gone)).isNotEqualTo(Verdict.RETRY);
      if (gone instanceof Reason.Protocol) {
        assertThat(mischief.hasGarbled()).as("one bad frame ends nothing: " + gone).isTrue();
      }
      if (gone instanceof Reason.GaveUp) {
        assertThat(corrupted).as("sessions that broke a rule").hasSizeGreaterThan(2);
      }
    }
    Map<Integer, Integer> times = new HashMap<>();
    received.forEach(one -> times.merge(one[1], 1, Integer::sum));
    if (confirms) {
      checkAtLeastOnce(times);
    } else if (!replays) {
      assertThat(times.values()).as("nothing arrives twice").allMatch(n -> n == 1);
    }
    followed.forEach(
        (number, delivery) -> {
          assertThat(delivery.state())
              .as("the end of message " + number + " is known")
              .isNotEqualTo(Delivery.State.QUEUED);
          if (delivery.state() == Delivery.State.DROPPED) {
            assertThat(times).as("what was dropped did not arrive").doesNotContainKey(number);
          }
          if (acknowledged.contains(number)) {
            assertThat(times).containsKey(number);
          }
        });
    checkOrder();
  }

  /**
   * When the server got a message, it had got all before it: on the same session, or so that it has
   * acknowledged them.
   */
  private void checkAtLeastOnce(Map<Integer, Integer> times) {
    int last = times.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    assertThat(times.keySet())
        .containsAll(accepted.stream().filter(number -> number < last).toList());
    followed.forEach(
        (number, delivery) -> {
          if (delivery.state() == Delivery.State.ACKNOWLEDGED) {
            assertThat(times).containsKey(number);
          }
        });
  }

  /** In each session what arrives is in order, and behind all that arrived before. */
  private void checkOrder() {
    if (conflates) {
      return; // a newer message stands where an older one stood
    }
    Map<Integer, Integer> last = new HashMap<>();
    for (int[] one : received) {
      Integer before = last.put(one[0], one[1]);
      if (before != null) {
        assertThat(one[1]).as("the order in visit " + one[0]).isGreaterThan(before);
      }
    }
  }
}
