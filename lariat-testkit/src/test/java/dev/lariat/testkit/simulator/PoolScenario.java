package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.live.AttemptBudget;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Request;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.ClientGoneException;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A client through everything that can happen to it: calls from many threads to several origins,
 * answered well, late or not at all, cancelled and interrupted, while the network does what it
 * likes. No limit is exceeded, each call ends in time with its own answer or a reason, no
 * connection is opened for nothing, the statistics are the sums of the events, and in the end
 * nothing is left.
 */
final class PoolScenario {
  private static final int STEPS = 60;
  private static final Duration LONG = Duration.ofMinutes(30);
  private static final Duration SLACK = Duration.ofSeconds(1); // of a thread that is woken

  private final Simulation simulation;
  private final Chance chance;
  private final Road road;
  private final Protocol protocol;
  private final List<Weather> weathers = new ArrayList<>();
  private final List<CompletableFuture<Void>> calls = new ArrayList<>();
  private final PoolOptions options;
  private final Client client;
  private final Map<String, Long> told = new ConcurrentHashMap<>(); // how many events of each kind
  private final int origins;
  private boolean kind;
  private int asked;

  PoolScenario(Simulation simulation, long seed, Road road) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.road = road;
    this.protocol = Chance.protocol(seed);
    this.origins = chance.number(1, 3);
    for (int i = 0; i < origins; i++) {
      String host = host(i);
      Origin origin = simulation.origin(host, 80, this::serve).protocols(protocol);
      weathers.add(new Weather(chance, simulation.host(host), origin));
    }
    PoolOptions options =
        PoolOptions.DEFAULT
            .connections(chance.number(1, 5))
            .total(chance.number(1, 8))
            .waiting(chance.number(0, 20))
            .streams(chance.number(1, 5))
            .openings(chance.number(1, 4))
            .uses(chance.half() ? chance.number(1, 10) : Long.MAX_VALUE)
            .least(chance.oneOf(0, 0, 1))
            .idle(chance.millis(100, 60_000))
            .age(chance.millis(1000, 600_000))
            .forget(chance.millis(1000, 600_000))
            .choice(chance.oneOf(PoolOptions.Choice.values()))
            .failFast(chance.half())
            .listener(event -> told.merge(kind(event), 1L, Long::sum))
            .connection(
                ConnectionOptions.DEFAULT
                    .platform(simulation.platform())
                    .timeouts(chance.timeouts())
                    .protocols(protocol));
    if (chance.oneIn(4)) {
      options = options.budget(AttemptBudget.perSecond(chance.number(1, 20), chance.number(1, 3)));
    }
    this.options = options;
    this.client = Client.open(options);
  }

  private static String host(int number) {
    return "o" + number + ".example";
  }

  /** What an event counts for in the statistics. */
  private static String kind(PoolEvent event) {
    return switch (event) {
      case PoolEvent.PoolWait wait -> wait.outcome().name();
      case PoolEvent.PoolOpening opening -> "opening";
      case PoolEvent.PoolOpened end when end.protocol().isPresent() -> "opened";
      case PoolEvent.PoolOpened end -> end.failure().isPresent() ? "failed" : "given up";
      case PoolEvent.PoolClosed closed -> "closed " + closed.cause();
      case PoolEvent.PoolRepeat repeat -> "repeated";
    };
  }

  private long told(String... kinds) {
    return Arrays.stream(kinds).mapToLong(kind -> told.getOrDefault(kind, 0L)).sum();
  }

  private void compare(PoolInfo info) {
    assertThat(info.granted()).isEqualTo(told("AT_ONCE", "WAITED"));
    assertThat(info.waited()).isEqualTo(told("WAITED"));
    assertThat(info.refused()).isEqualTo(told("FULL", "LATE", "FAILED", "CLOSED"));
    assertThat(info.opened()).isEqualTo(told("opened"));
    assertThat(info.failed()).isEqualTo(told("failed"));
    assertThat(info.repeated()).isEqualTo(told("repeated"));
    for (Cause cause : Cause.values()) {
      assertThat(info.closed().getOrDefault(cause, 0L)).isEqualTo(told("closed " + cause));
    }
    assertThat(told("opening")).isEqualTo(told("opened", "failed", "given up"));
  }

  // ---- the server's side

  private void serve(Visit visit) throws Exception {
    try {
      for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
        if (kind || !misbehaves(visit)) {
          visit.respond(200, asked.target());
        }
      }
    } catch (ClientGoneException e) {
      // as it likes
    }
  }

  /** Does something else than to answer at once; false if it should be answered all the same. */
  private boolean misbehaves(Visit visit) throws Exception {
    switch (chance.number(0, 12)) {
      case 0 -> visit.reset();
      case 1 -> visit.begin(200, Headers.EMPTY, 1000).write("part");
      case 2 -> visit.pause(chance.millis(10, 20_000));
      case 3 -> {
        visit.respond(204, Headers.of("connection", "close"), Bytes.EMPTY);
        return true;
      }
      case 4 -> {
        return true; // no answer
      }
      case 5 -> {
        visit.respond(421, "not here");
        return true;
      }
      default -> {}
    }
    return false;
  }

  // ---- the callers

  private void call() {
    String target = "/" + ++asked;
    String url = "http://" + host(chance.number(0, origins - 1)) + target;
    Duration timeout = chance.millis(100, 60_000);
    Request request = Request.of(chance.oneOf("GET", "GET", "POST"), "/");
    int way = chance.number(0, 9);
    boolean interrupted = chance.oneIn(6);
    CompletableFuture<Void> done = new CompletableFuture<>();
    calls.add(done);
    Thread caller =
        simulation.start(
            "caller-" + asked,
            () -> {
              try {
                Duration start = simulation.elapsed();
                if (way == 0) {
                  stream(url, request.timeout(timeout), timeout);
                } else {
                  send(url, target, request, timeout);
                }
                Duration took = simulation.elapsed().minus(start);
                assertThat(took).isLessThanOrEqualTo(timeout.multipliedBy(2).plus(SLACK));
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    if (interrupted) {
      caller.interrupt();
    }
  }

  private void send(String url, String target, Request request, Duration timeout) {
    try {
      Answer answer = client.send(URI.create(url), request, timeout);
      if (answer.status() == 200) {
        assertThat(answer.text()).isEqualTo(target);
      }
    } catch (FailedException e) {
      assertThat(e.reason()).isNotInstanceOf(Reason.Fault.class);
      road.check(e.reason());
    }
  }

  /** Begins a request and forgets it. */
  private void stream(String url, Request request, Duration timeout) {
    try {
      Exchange exchange = client.request(URI.create(url), request, timeout);
      assertThat(exchange.connection().authority()).contains("example");
    } catch (FailedException e) {
      assertThat(e.reason()).isNotInstanceOf(Reason.Fault.class);
      road.check(e.reason());
    }
  }

  // ---- the play

  void play() throws Exception {
    try (client) {
      for (int i = 0; i < STEPS; i++) {
        step();
        check();
      }
      boolean ends = chance.oneIn(5); // while calls, dials and answers are on their way
      if (ends) {
        client.close();
      }
      kind = true;
      weathers.forEach(Weather::clear);
      road.clear();
      for (CompletableFuture<Void> call : calls) {
        simulation.await(call);
      }
      long before = told("opening");
      simulation.pause(LONG);
      assertThat(told("opening") - before).isLessThanOrEqualTo(openedUnasked());
      PoolInfo info = client.info();
      assertThat(info.waiting()).isZero();
      assertThat(info.streams()).isZero();
      assertThat(info.granted()).isEqualTo(info.ended());
      if (!ends) {
        assertThat(client.get("http://o0.example/last").text()).isEqualTo("/last");
      }
    }
    assertThat(client.awaitTermination(LONG)).isTrue();
    PoolInfo info = client.info();
    long closed = info.closed().values().stream().mapToLong(Long::longValue).sum();
    assertThat(info.connections()).isZero();
    assertThat(info.opened()).isEqualTo(closed);
    compare(info);
  }

  /**
   * How many connections may be opened while nobody asks and nothing fails: the old ones' heirs.
   */
  private long openedUnasked() {
    long heirs = LONG.dividedBy(options.age().multipliedBy(9).dividedBy(10));
    return origins * (options.connections() + options.least() * heirs);
  }

  private void step() throws InterruptedException {
    switch (chance.number(0, 9)) {
      case 0, 1, 2, 3, 4 -> call();
      case 5 -> {
        chance.oneOf(weathers.toArray(Weather[]::new)).change();
        road.change();
      }
      case 6 -> client.warm("http://" + host(0), chance.number(1, 4));
      default -> simulation.pause(chance.millis(1, 10_000));
    }
  }

  private void check() {
    PoolInfo info = client.info();
    assertThat(info.connections()).isLessThanOrEqualTo(options.total());
    assertThat(info.granted()).isEqualTo(info.ended() + info.streams());
    for (PoolInfo.Origin origin : info.origins()) {
      assertThat(origin.connections()).isLessThanOrEqualTo(options.connections());
    }
  }
}
