package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A live stream of events through everything that can happen to it. The server's events have the
 * numbers 1, 2, 3 as their ids; it goes on where the client says it was, or somewhat before.
 */
final class EventScenario {
  private static final String HOST = "events.example";
  private static final Duration LONG = Duration.ofMinutes(30);

  private record Event(String type, String data) {}

  private final Simulation simulation;
  private final Chance chance;
  private final Road road;
  private final Mischief mischief;
  private final Origin origin;
  private final Weather weather;
  private final Mailbox mailbox;
  private final boolean getsOverAll;
  private final Optional<Client> client; // whose connections it uses
  private final LiveEvents live;
  private final LiveWitness witness;

  private final List<Event> events = new ArrayList<>(); // the server's
  private boolean kind; // every visit is a good one
  private int heard; // how many the owner has

  EventScenario(Simulation simulation, long seed, Road road) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.road = road;
    this.mischief = new Mischief(chance);
    this.origin = simulation.origin(HOST, 80, this::serve);
    this.weather = new Weather(chance, simulation.host(HOST), origin);
    this.mailbox = chance.mailbox();
    this.getsOverAll = chance.number(0, 3) > 0;
    LiveEvents.Plan plan =
        chance.half()
            ? LiveEvents.to("http://" + HOST + "/events")
            : LiveEvents.to((attempt, last) -> endpoint());
    if (Chance.shares(seed)) {
      plan = plan.connections(SharedConnections.create());
    }
    EventOptions options = options();
    this.client = Chance.client(seed, options.connection());
    if (client.isPresent()) {
      plan = plan.client(client.get());
      options = options.connection(ConnectionOptions.DEFAULT);
    }
    this.live = plan.options(options).owner(mailbox).open();
    this.witness = new LiveWitness(live);
  }

  private EventOptions options() {
    Healing healing = chance.healing();
    if (getsOverAll) {
      healing = healing.classifier(reason -> Verdict.RETRY);
    }
    EventOptions options =
        EventOptions.DEFAULT
            .connection(
                road.through(
                    ConnectionOptions.DEFAULT
                        .platform(simulation.platform())
                        .protocols(Chance.protocol(simulation.seed()))
                        .http2(chance.http2())
                        .timeouts(chance.timeouts())))
            .healing(healing)
            .endpoint(chance.millis(100, 10_000))
            .comments(chance.half())
            .rotation(chance.rotation());
    return options.between(chance.millis(6000, 60_000));
  }

  private Endpoint endpoint() throws Exception {
    if (!kind && chance.oneIn(10)) {
      throw new IllegalStateException("no endpoint");
    }
    if (!kind && chance.oneIn(5)) {
      simulation.pause(chance.millis(1, 30_000));
    }
    return Endpoint.of("http://" + HOST + "/events").header("authorization", "Bearer x");
  }

  // ---- the server

  private void serve(Visit visit) throws Exception {
    if (!kind && mischief.atTheDoor(visit)) {
      return;
    }
    Asked asked = visit.request();
    if (asked == null) {
      return;
    }
    int last = asked.headers().first("last-event-id").map(Integer::parseInt).orElse(0);
    int next = chance.oneIn(3) ? Math.max(0, last - chance.number(0, 5)) : last;
    EventStream stream = visit.events(Headers.of("x-visit", "" + visit.number()));
    while (!visit.clientGone()) {
      for (int burst = chance.number(0, 10); burst > 0; burst--) {
        if (next == events.size()) {
          events.add(event());
        }
        Event event = events.get(next++);
        stream.send("" + next, event.type(), event.data());
      }
      if (kind ? chance.oneIn(20) : misbehaves(visit, stream)) {
        return;
      }
      visit.pause(chance.millis(10, 5000));
    }
  }

  private Event event() {
    String data = "e".repeat(chance.number(0, 2000));
    return new Event(
        chance.oneOf("message", "trade", "quote"), chance.oneIn(5) ? data + "\n\n" + data : data);
  }

  /** Does something that ends the visit, or may, or that the client must get over. */
  private boolean misbehaves(Visit visit, EventStream stream) throws IOException {
    switch (chance.number(0, 29)) {
      case 0 -> stream.end();
      case 1 -> visit.reset();
      case 2 -> visit.halfOpen();
      case 3 -> visit.cutAfter(chance.number(0, 200));
      case 4 -> stream.comment("are you there");
      case 5 -> stream.retry(chance.millis(1, 60_000));
      case 6 -> {
        return true; // without the last chunk
      }
      default -> {
        return false;
      }
    }
    return false;
  }

  // ---- the owner

  void play() throws Exception {
    for (int step = chance.number(10, 60); step > 0 && witness.gone() == null; step--) {
      switch (chance.number(0, 9)) {
        case 0, 1, 2, 3 -> read(chance.millis(1, 30_000));
        case 4, 5, 6 -> {
          weather.change();
          road.change();
        }
        case 7 -> {
          live.rotate(); // if a session is open
          live.retryNow(); // if none is, and this waits
        }
        case 8 -> read(1);
        default -> simulation.advance(chance.millis(1, 30_000)); // reads nothing
      }
    }
    comeBack();
    end();
  }

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

  private void read(int messages) throws InterruptedException {
    for (int i = 0; i < messages && witness.gone() == null; i++) {
      Message message = mailbox.take(Duration.ofSeconds(1));
      if (message != null) {
        sees(message);
      }
    }
  }

  /** What is told is the next event, and nothing is told twice. */
  private void sees(Message message) {
    road.checkOf(message);
    if (!witness.sees(message)) {
      return;
    }
    assertThat(message).isInstanceOf(ServerSentEvent.class);
    ServerSentEvent event = (ServerSentEvent) message;
    assertThat(event.id()).as("the next event").isEqualTo("" + ++heard);
    assertThat(new Event(event.type(), event.data())).isEqualTo(events.get(heard - 1));
    assertThat(Integer.parseInt(live.lastEventId())).isGreaterThanOrEqualTo(heard);
  }

  /** When all is well again, every event comes. */
  private void comeBack() throws InterruptedException {
    kind = true;
    weather.clear();
    road.clear();
    origin.drop(); // who is slow may be so for hours
    int wanted = events.size() + 10;
    Duration end = simulation.elapsed().plus(LONG);
    while (heard < wanted && witness.gone() == null && simulation.elapsed().compareTo(end) < 0) {
      read(Duration.ofSeconds(5));
    }
    assertThat(heard >= wanted || witness.gone() != null).as("it has healed").isTrue();
  }

  private void end() throws InterruptedException {
    live.close();
    while (witness.gone() == null) {
      Message message = mailbox.take(LONG);
      assertThat(message).as("it ends when its owner says so").isNotNull();
      sees(message);
    }
    simulation.advance(Duration.ofMinutes(1));
    assertThat(mailbox.size()).as("nothing follows Gone").isZero();
    client.ifPresent(Chance::endsWithNothingLeft);
    Reason gone = witness.gone();
    if (!(gone instanceof Reason.OwnerClosed)) {
      assertThat(getsOverAll).as("it gives up only where that is said: " + gone).isFalse();
      assertThat(Classifier.DEFAULT.of(gone)).isNotEqualTo(Verdict.RETRY);
      if (gone instanceof Reason.Protocol) {
        assertThat(mischief.hasGarbled()).as("a cut breaks no rule: " + gone).isTrue();
      }
    }
  }
}
