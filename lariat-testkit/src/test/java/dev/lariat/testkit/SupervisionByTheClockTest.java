package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.Child;
import dev.lariat.ChildInfo;
import dev.lariat.FailedException;
import dev.lariat.Supervisor;
import dev.lariat.message.Reason;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Strategy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a supervisor needs hours for, in no time. */
@Timeout(60)
class SupervisionByTheClockTest {
  private static final Duration HOUR = Duration.ofHours(1);

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
}
