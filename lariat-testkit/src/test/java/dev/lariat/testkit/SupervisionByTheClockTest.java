package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Strategy;
import dev.lariat.supervision.Child;
import dev.lariat.supervision.ChildInfo;
import dev.lariat.supervision.Supervisor;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a supervisor needs hours for, in no time. */
@Timeout(60)
class SupervisionByTheClockTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Logger LOG = Logger.getLogger("dev.lariat");

  @BeforeAll
  static void failInSilence() {
    LOG.setLevel(Level.OFF); // thousands of restarts
  }

  @AfterAll
  static void logAgain() {
    LOG.setLevel(null);
  }

  @Test
  void aChildThatFailsOnceInAWhileIsRestartedForEver() throws Exception {
    Simulation.run(
        1,
        world -> {
          Supervision options = Supervision.DEFAULT.platform(world.platform());
          try (Supervisor supervisor = Supervisor.open(options)) {
            supervisor.start(
                Child.of(
                    "hourly",
                    scope -> {
                      world.pause(HOUR);
                      throw new IOException("of the hour");
                    }));

            assertThat(supervisor.join(Duration.ofDays(2).plusMinutes(1))).isFalse();

            ChildInfo info = supervisor.children().getFirst();
            assertThat(info.restarts()).isEqualTo(48);
            assertThat(info.ends()).hasSize(48);
            assertThat(info.ends().getLast().lived()).isEqualTo(HOUR);
          }
        });
  }

  @Test
  void oneThatFailsTwiceWithinThePeriodIsGivenUpWithItsSiblings() throws Exception {
    Simulation.run(
        2,
        world -> {
          Supervision options =
              Supervision.DEFAULT
                  .strategy(Strategy.REST_FOR_ONE)
                  .period(HOUR)
                  .platform(world.platform());
          Supervisor supervisor = Supervisor.open(options);
          supervisor.start(Child.of("sibling", scope -> world.pause(Duration.ofDays(30))));
          supervisor.start(
              Child.of(
                  "hourly",
                  scope -> {
                    world.pause(HOUR);
                    throw new IOException("of the hour");
                  }));

          FailedException failed = catchThrowableOfType(FailedException.class, supervisor::join);

          assertThat(failed.reason()).isInstanceOf(Reason.RestartsExceeded.class);
          assertThat(world.elapsed()).isEqualTo(HOUR.multipliedBy(2));
          assertThat(supervisor.children())
              .extracting(ChildInfo::state)
              .containsOnly(ChildInfo.State.TERMINATED);
        });
  }

  @Test
  void aTaskThatDoesNotEndIsGivenItsTimeAndNoMore() throws Exception {
    Simulation.run(
        3,
        world -> {
          Supervision options = Supervision.DEFAULT.platform(world.platform());
          Supervisor supervisor = Supervisor.open(options);
          supervisor.start(Child.of("deaf", scope -> sleepOn(world)).shutdown(HOUR));
          world.settle();

          supervisor.close();

          assertThat(world.elapsed()).isEqualTo(HOUR);
          assertThat(supervisor.children().getFirst().abandoned()).isEqualTo(1);
          world.advance(Duration.ofDays(1)); // it ends at last
          assertThat(supervisor.children().getFirst().abandoned()).isZero();
        });
  }

  private static void sleepOn(Simulation world) {
    while (world.elapsed().compareTo(Duration.ofDays(1)) < 0) {
      try {
        world.pause(Duration.ofDays(1));
      } catch (InterruptedException e) {
        // it is deaf
      }
    }
  }

  @Test
  void theSameSeedIsTheSameStory() throws Exception {
    assertThat(story(4)).isEqualTo(story(4)).anyMatch(line -> line.contains("lariat-child-b-1"));
  }

  private static List<String> story(long seed) throws Exception {
    CompletableFuture<List<String>> story = new CompletableFuture<>();
    Simulation.run(
        seed,
        world -> {
          Supervision options =
              Supervision.DEFAULT.strategy(Strategy.ONE_FOR_ALL).platform(world.platform());
          try (Supervisor supervisor = Supervisor.open(options)) {
            for (String id : List.of("a", "b", "c")) {
              supervisor.start(
                  Child.of(
                      id,
                      scope -> {
                        world.pause(HOUR);
                        throw new IOException(id);
                      }));
            }
            assertThat(supervisor.join(HOUR.plusMinutes(1))).isFalse();
          }
          story.complete(world.trace());
        });
    return story.join();
  }

  /**
   * Children that fail and return when they like, and are ended, restarted and joined by others
   * when it suits nobody: none runs twice at once, and nothing is left behind, as the end of a
   * simulation checks.
   */
  @ParameterizedTest
  @EnumSource
  void whateverHappensNothingIsLeftBehind(Strategy strategy) throws Exception {
    AtomicInteger restarts = new AtomicInteger();
    for (long seed = 0; seed < 25; seed++) {
      Random random = new Random(seed);
      Simulation.run(seed, world -> restarts.addAndGet(unrest(world, strategy, random)));
    }
    assertThat(restarts).hasValueGreaterThan(300);
  }

  private static int unrest(Simulation world, Strategy strategy, Random random)
      throws InterruptedException {
    world.origin("feed.example", 80, SupervisionByTheClockTest::listen);
    ConnectionOptions options = ConnectionOptions.DEFAULT.platform(world.platform());
    Supervision supervision =
        Supervision.DEFAULT.strategy(strategy).intensity(100).platform(world.platform());
    List<String> wrong = new ArrayList<>();
    int restarts;
    try (Supervisor supervisor = Supervisor.open(supervision)) {
      for (int i = 0; i < 4; i++) {
        String id = "child " + i;
        AtomicInteger running = new AtomicInteger();
        supervisor.start(
            Child.of(
                id,
                scope -> {
                  if (running.incrementAndGet() > 1) {
                    wrong.add(id + " runs twice");
                  }
                  try {
                    consume(world, options, random);
                  } finally {
                    running.decrementAndGet();
                  }
                }));
      }
      for (int i = 0; i < 20; i++) {
        world.advance(Duration.ofMillis(random.nextInt(2000)));
        String id = "child " + random.nextInt(4);
        if (random.nextBoolean()) {
          supervisor.terminate(id);
        }
        for (ChildInfo info : supervisor.children()) {
          if (info.state() == ChildInfo.State.TERMINATED && random.nextBoolean()) {
            supervisor.restart(info.id());
          }
        }
      }
      restarts = supervisor.children().stream().mapToInt(ChildInfo::restarts).sum();
    }
    assertThat(wrong).isEmpty();
    return restarts;
  }

  private static void listen(Visit visit) throws IOException {
    try {
      visit.acceptWebSocket();
    } catch (ProtocolException e) {
      // it did not ask for one
    }
    visit.awaitEnd();
  }

  private static void consume(Simulation world, ConnectionOptions options, Random random)
      throws Exception {
    URI uri = URI.create("ws://feed.example/");
    if (random.nextBoolean()) {
      Connection connection = Lariat.open(uri, options);
      if (random.nextBoolean()) {
        connection.close();
      }
    }
    LiveWebSocket feed =
        LiveWebSocket.to(uri).options(LiveOptions.DEFAULT.connection(options)).open();
    if (random.nextBoolean()) {
      feed.awaitOpen(Duration.ofSeconds(1));
      feed.send(new Text("a word"));
    }
    world.pause(Duration.ofMillis(random.nextInt(3000)));
    if (random.nextBoolean()) {
      throw new IOException("by chance");
    }
  }
}
