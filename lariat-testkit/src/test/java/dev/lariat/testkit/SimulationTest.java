package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Outbox.Overflow;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a simulation promises: the same again by the same seed, and to tell what is left behind. */
@Timeout(60)
class SimulationTest {
  private static final String HOST = "feed.example";
  private static final Duration HOUR = Duration.ofHours(1);

  // ---- the seed

  @Test
  void theSameSeedGivesTheSameTrace() throws Exception {
    Set<List<String>> all = new HashSet<>();
    for (long seed = 1; seed <= 5; seed++) {
      List<String> first = stormyHour(seed);
      assertThat(stormyHour(seed)).as("seed %s, once more", seed).isEqualTo(first);
      all.add(first);
    }
    assertThat(all).as("each seed has a trace of its own").hasSize(5);
  }

  /**
   * A live WebSocket whose network and server have faults at random moments, with two threads of
   * the user's; the moments are the same for all seeds, so that what differs is the simulation's.
   */
  private static List<String> stormyHour(long seed) throws Exception {
    AtomicReference<Simulation> used = new AtomicReference<>();
    Simulation.run(
        seed,
        simulation -> {
          used.set(simulation);
          Origin origin = simulation.origin(HOST, 80, Script.echo());
          Outbox outbox = Outbox.DEFAULT.messages(10).overflow(Overflow.DROP_OLDEST);
          AtomicBoolean over = new AtomicBoolean();
          Set<Class<?>> told = new HashSet<>();
          try (LiveWebSocket feed = live(simulation, outbox)) {
            Thread storm = simulation.start("storm", () -> storm(simulation, origin, over));
            Thread writer = simulation.start("writer", () -> write(simulation, feed, over));
            while (simulation.elapsed().compareTo(HOUR) < 0) {
              Message message = feed.mailbox().take(Duration.ofMinutes(1));
              if (message != null) {
                told.add(message.getClass());
              }
            }
            over.set(true);
            storm.interrupt();
            writer.interrupt();
          }
          assertThat(told).contains(Waiting.class, Open.class, WebSocketFrame.class);
        });
    List<String> trace = used.get().trace();
    assertThat(trace).hasSizeGreaterThan(1000);
    assertThat(trace).anyMatch(line -> line.contains("writer runs"));
    return trace;
  }

  private static LiveWebSocket live(Simulation simulation, Outbox outbox) {
    ConnectionOptions connection = ConnectionOptions.DEFAULT.platform(simulation.platform());
    return LiveWebSocket.to("ws://" + HOST + "/feed")
        .options(LiveOptions.DEFAULT.connection(connection).outbox(outbox))
        .open();
  }

  private static void storm(Simulation simulation, Origin origin, AtomicBoolean over) {
    SplittableRandom chance = new SplittableRandom(7);
    Host host = simulation.host(HOST);
    try {
      while (!over.get()) {
        simulation.pause(Duration.ofMillis(chance.nextInt(1, 60_000)));
        switch (chance.nextInt(8)) {
          case 0 -> host.partition();
          case 1 -> host.reset();
          case 2 -> host.split(chance.nextBoolean());
          case 3 -> host.latency(Duration.ZERO, Duration.ofMillis(chance.nextInt(1, 2000)));
          case 4 -> origin.halfOpen();
          case 5 -> origin.drop();
          case 6 -> origin.refuse();
          default -> {
            origin.listen();
            host.heal();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(Simulation simulation, LiveWebSocket feed, AtomicBoolean over) {
    try {
      for (int i = 0; !over.get(); i++) {
        feed.send(new Text("message " + i));
        simulation.pause(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatATestThrowsTellsTheSeed() {
    assertThatThrownBy(
            () ->
                Simulation.run(
                    4711,
                    simulation -> {
                      simulation.advance(Duration.ofSeconds(3));
                      assertThat(1).as("how many").isEqualTo(2);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Seed 4711")
        .hasMessageContaining("how many")
        .hasStackTraceContaining("after PT3S")
        .hasStackTraceContaining("0.000000000 driver lets pass PT3S"); // the trace
    IllegalStateException its = new IllegalStateException("the test's own");
    assertThatThrownBy(
            () ->
                Simulation.run(
                    4711,
                    simulation -> {
                      throw its;
                    }))
        .isSameAs(its)
        .hasStackTraceContaining("Seed 4711");
  }

  @Test
  void whatThreadsAndScriptsThrowTellsTheSeed() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    simulation.start(
        "worker",
        () -> {
          throw new IllegalStateException("the worker's own");
        });
    simulation.settle();
    assertThatThrownBy(simulation::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("worker", "seed 4711", "the worker's own");
    assertThatCode(simulation::check).as("it is thrown once").doesNotThrowAnyException();

    Origin origin =
        simulation.origin(
            HOST,
            80,
            visit -> {
              throw new IllegalStateException("the script's own");
            });
    try (Connection connection = connection(simulation)) {
      assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);
      simulation.advance(Duration.ofSeconds(1));
    }
    assertThatThrownBy(origin::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("visit 1", HOST + ":80", "seed 4711", "the script's own");
    simulation.close();
  }

  @Test
  void aWaitThatNothingCanEndTellsTheSeedAndWhoWaits() {
    Simulation simulation = Simulation.seeded(4711);
    CompletableFuture<String> never = new CompletableFuture<>();
    simulation.start(
        "hopeful",
        () -> {
          try {
            simulation.await(never);
          } catch (ExecutionException | InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThatThrownBy(() -> simulation.await(never))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Seed 4711", "hopeful", "driver");
    assertThat(simulation.finish()).singleElement().asString().contains("hopeful");
  }

  @Test
  void aConnectionThatWantsTlsIsRefused() {
    try (Simulation simulation = Simulation.seeded(4711)) {
      Origin origin = simulation.origin(HOST, 443, Script.silent());
      ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
      assertThatThrownBy(() -> Lariat.open(URI.create("https://" + HOST), options))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("in a simulation");
      assertThatThrownBy(origin::tls).isInstanceOf(IllegalStateException.class);
    }
  }

  // ---- what is left behind

  private static Connection connection(Simulation simulation) {
    return Lariat.open(HOST, 80, ConnectionOptions.DEFAULT.platform(simulation.platform()));
  }

  private static void pause(Simulation simulation, Duration time) {
    try {
      simulation.pause(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aConnectionThatIsLeftOpenIsTold() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    simulation.origin(HOST, 80, Script.silent());
    Connection connection = connection(simulation);
    assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);

    assertThatThrownBy(simulation::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Left behind", "a connection to " + HOST, "Seed 4711");
  }

  @Test
  void aThreadThatIsLeftWaitingIsToldAndEnded() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    Thread sleeper = simulation.start("sleeper", () -> pause(simulation, Duration.ofDays(1)));

    assertThatThrownBy(simulation::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Left behind", "thread sleeper waits for its time", "Seed 4711");
    sleeper.join();
  }

  @Test
  void aThreadThatIsLeftAtSomethingOfItsOwnIsToldAndEnded() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    CountDownLatch never = new CountDownLatch(1);
    Thread blocked =
        simulation.start(
            "blocked",
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    assertThatThrownBy(simulation::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Left behind", "thread blocked is blocked by something");
    blocked.join();
  }

  @Test
  void aTimerThatIsLeftIsTold() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    simulation.origin(HOST, 80, Script.silent()).refuse();
    Connection connection = connection(simulation);
    assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Retrying.class);

    assertThat(simulation.finish()).singleElement().asString().contains("timer");
  }

  @Test
  void whatIsOnItsWayToItsEndIsNotLeftBehind() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    simulation.origin(HOST, 80, Script.silent());
    simulation.start("short", () -> pause(simulation, Duration.ofSeconds(50)));
    Connection connection = connection(simulation);
    assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);
    connection.close();

    assertThat(simulation.finish()).isEmpty();
    assertThatCode(simulation::close).as("it has ended").doesNotThrowAnyException();
  }

  @Test
  void scriptsEndWithTheirSimulation() throws Exception {
    Simulation simulation = Simulation.seeded(4711);
    AtomicReference<Thread> its = new AtomicReference<>();
    simulation.origin(
        HOST,
        80,
        visit -> {
          its.set(Thread.currentThread());
          visit.pause(Duration.ofDays(1));
        });
    try (Connection connection = connection(simulation)) {
      assertThat(connection.mailbox().take(Duration.ofSeconds(1))).isInstanceOf(Up.class);
      simulation.advance(Duration.ofSeconds(1));
    }
    simulation.close();
    its.get().join();
  }

  @Test
  void nothingHappensBehindTheEnd() {
    Simulation simulation = Simulation.seeded(4711);
    simulation.close();
    assertThat(catchThrowable(() -> simulation.advance(HOUR)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended");
    assertThatThrownBy(() -> simulation.start("late", () -> {}))
        .isInstanceOf(IllegalStateException.class);
  }
}
