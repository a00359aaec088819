package dev.lariat.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Terminated;
import dev.lariat.option.Platform;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Restart;
import dev.lariat.option.Supervision.Strategy;
import dev.lariat.supervision.ChildInfo.Ending;
import dev.lariat.supervision.ChildInfo.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A supervisor's children on threads of their own, which tell what they do. */
@Timeout(60)
class SupervisorTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private Supervisor supervisor = Supervisor.open(Supervision.DEFAULT.intensity(10));

  @AfterEach
  void close() {
    released.countDown();
    Thread.interrupted();
    supervisor.close();
  }

  // ---- restarts

  @Test
  void aTaskThatThrowsRunsAgainAndKnowsWhy() throws Exception {
    supervisor.start(
        Child.of(
            "feed",
            scope -> {
              told.add(
                  scope.id()
                      + scope.restarts()
                      + scope
                          .formerEnd()
                          .flatMap(ChildInfo.End::thrown)
                          .map(Throwable::getMessage));
              if (scope.restarts() == 0) {
                throw new IOException("lost");
              }
              rest();
            }));

    assertTold("feed0Optional.empty", "feed1Optional[lost]");
    ChildInfo info = info("feed");
    assertThat(info.state()).isEqualTo(State.RUNNING);
    assertThat(info.thread()).contains("lariat-child-feed-1");
    assertThat(info.ends())
        .singleElement()
        .satisfies(end -> assertThat(end.ending()).isEqualTo(Ending.THREW));
  }

  @Test
  void whateverIsThrownDoesNotEndTheSupervisor() throws Exception {
    supervisor.start(
        Child.of(
            "feed",
            scope -> {
              told.add("run " + scope.restarts());
              switch (scope.restarts()) {
                case 0 -> throw new StackOverflowError();
                case 1 -> throw new OutOfMemoryError("as it were");
                case 2 -> throw new ThreadDeathOfItsOwn();
                default -> rest();
              }
            }));

    assertTold("run 0", "run 1", "run 2", "run 3");
  }

  private static final class ThreadDeathOfItsOwn extends Error {
    private static final long serialVersionUID = 1;
  }

  @Test
  void aGroupIsEndedInReverseAndStartedInOrder() throws Exception {
    supervisor.close();
    supervisor = Supervisor.open(Supervision.DEFAULT.strategy(Strategy.ONE_FOR_ALL));
    CountDownLatch failing = new CountDownLatch(1);
    supervisor.start(resting("a"));
    supervisor.start(
        Child.of(
            "b",
            scope -> {
              told.add("b runs");
              if (scope.restarts() == 0) {
                failing.await();
                throw new IOException("b");
              }
              rest();
            }));
    supervisor.start(resting("c"));
    takeAll("a runs", "b runs", "c runs");

    failing.countDown();

    assertTold("c ends", "a ends");
    takeAll("a runs", "b runs", "c runs");
  }

  @Test
  void oneThatFailsTooOftenEndsAllAndTheSupervisor() throws Exception {
    supervisor.close();
    supervisor = Supervisor.open();
    supervisor.start(resting("calm"));
    assertTold("calm runs");
    IOException broken = new IOException("broken");
    supervisor.start(
        Child.of(
            "broken",
            scope -> {
              throw broken;
            }));

    FailedException failed = catchThrowableOfType(FailedException.class, supervisor::join);

    assertThat(failed).hasCause(broken);
    assertThat(failed.reason()).isInstanceOf(Reason.RestartsExceeded.class);
    assertTold("calm ends");
    assertThat(supervisor.children()).extracting(ChildInfo::state).containsOnly(State.TERMINATED);
    assertThat(info("broken").ends()).hasSize(2);
    supervisor.close(); // does nothing
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> supervisor.start(resting("late")));
  }

  // ---- ends

  @Test
  void aChildThatIsTerminatedIsInterruptedAndRestsAfterwards() throws Exception {
    supervisor.start(
        Child.of(
            "feed",
            scope -> {
              told.add("runs " + scope.stopping());
              try {
                rest();
              } finally {
                told.add("ends " + scope.stopping());
              }
            }));
    assertTold("runs false");

    supervisor.terminate("feed");

    assertThat(told).containsExactly("ends true");
    assertThat(info("feed").state()).isEqualTo(State.TERMINATED);
    assertThat(info("feed").thread()).isEmpty();
    told.clear();
    supervisor.restart("feed");
    assertTold("runs false");
    supervisor.terminate("feed");
    supervisor.delete("feed");
    assertThat(supervisor.children()).isEmpty();
  }

  @Test
  void anInterruptReachesTheTaskAndNotItsClosing() throws Exception {
    supervisor.start(
        Child.of(
            "feed",
            scope -> {
              scope.own(() -> told.add("closed, interrupted: " + Thread.interrupted()));
              told.add("runs");
              while (!scope.stopping()) {
                Thread.onSpinWait();
              }
            }));
    assertTold("runs");

    supervisor.terminate("feed");

    assertThat(told).containsExactly("closed, interrupted: false");
  }

  @Test
  void closeEndsTheLastOneFirst() throws Exception {
    supervisor.start(resting("a"));
    supervisor.start(resting("b"));
    takeAll("a runs", "b runs");

    supervisor.close();

    assertThat(told).containsExactly("b ends", "a ends");
    assertThat(supervisor.join(Duration.ZERO)).isTrue();
  }

  @Test
  void closeEndsEverythingThoughItsThreadIsInterrupted() throws Exception {
    supervisor.start(resting("a"));
    assertTold("a runs");
    Thread.currentThread().interrupt();

    supervisor.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(told).containsExactly("a ends");
  }

  @Test
  void aChildMayEndItselfAndItsSupervisor() throws Exception {
    supervisor.start(
        Child.of(
            "self",
            scope -> {
              supervisor.terminate("self");
              told.add("terminated");
              rest();
            }));
    assertTold("terminated");
    awaitState("self", State.TERMINATED);
    supervisor.start(
        Child.of(
            "all",
            scope -> {
              supervisor.close();
              told.add("closed");
            }));

    assertTold("closed");
    supervisor.join();
  }

  @Test
  void joinWaitsNoLongerThanItShould() throws Exception {
    assertThat(supervisor.join(SHORT)).isFalse();
  }

  // ---- those that do not end

  @Test
  void aTaskThatIgnoresItsInterruptIsAbandonedWithoutItsConnections() throws Exception {
    Mailbox mailbox = Mailbox.create();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      supervisor.start(
          Child.of(
                  "deaf",
                  scope -> {
                    Lariat.open("127.0.0.1", server.getLocalPort(), mailbox);
                    told.add("runs " + scope.restarts());
                    ignoreInterrupts();
                    try {
                      Lariat.open("127.0.0.1", server.getLocalPort(), mailbox);
                    } catch (FailedException e) {
                      told.add(e.getMessage());
                    }
                  })
              .shutdown(SHORT));
      assertTold("runs 0");

      supervisor.terminate("deaf");

      awaitTerminated(mailbox);
      ChildInfo info = info("deaf");
      assertThat(info.state()).isEqualTo(State.TERMINATED);
      assertThat(info.abandoned()).isEqualTo(1);
      assertThat(info.ends())
          .singleElement()
          .satisfies(end -> assertThat(end.abandoned()).isTrue());
      released.countDown();
      assertThat(take()).contains("this run of the child deaf has ended");
      while (info("deaf").abandoned() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aTaskThatCatchesEverythingIsAbandonedAndRunsAgainWhenItIsWanted() throws Exception {
    supervisor.start(
        Child.of(
                "deaf",
                scope -> {
                  told.add("runs " + scope.restarts());
                  if (scope.restarts() == 0) {
                    ignoreInterrupts();
                  }
                  rest();
                })
            .shutdown(Duration.ZERO));
    assertTold("runs 0");
    supervisor.terminate("deaf");

    supervisor.restart("deaf");

    assertTold("runs 1");
    assertThat(info("deaf").abandoned()).isEqualTo(1);
  }

  @Test
  void whatDoesNotCloseInTimeIsAbandonedAndTheRestIsClosed() throws Exception {
    supervisor.start(
        Child.of(
                "feed",
                scope -> {
                  if (scope.restarts() == 0) {
                    scope.own(() -> told.add("closed"));
                    scope.own(this::ignoreInterrupts);
                    throw new IOException("lost");
                  }
                  told.add("runs again");
                  rest();
                })
            .shutdown(SHORT));

    takeAll("closed", "runs again");
    assertThat(info("feed").ends())
        .singleElement()
        .satisfies(
            end -> {
              assertThat(end.ending()).isEqualTo(Ending.THREW);
              assertThat(end.abandoned()).isTrue();
            });
  }

  // ---- what a child owns

  @Test
  void aChildsConnectionsAreClosedBeforeItIsRestarted() throws Exception {
    Mailbox mailbox = Mailbox.create();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      supervisor.start(
          Child.of(
              "feed",
              scope -> {
                if (scope.restarts() == 0) {
                  Lariat.open("127.0.0.1", server.getLocalPort(), mailbox);
                  throw new IOException("lost");
                }
                told.add("terminated: " + terminated(mailbox));
                rest();
              }));

      assertTold("terminated: true");
    }
  }

  private static boolean terminated(Mailbox mailbox) throws InterruptedException {
    awaitTerminated(mailbox); // its end is known before it is told
    return true;
  }

  @Test
  void aSupervisorThatAChildOpensEndsWithIt() throws Exception {
    supervisor.start(
        Child.of(
            "outer",
            scope -> {
              if (scope.restarts() == 0) {
                CountDownLatch runs = new CountDownLatch(1);
                Supervisor inner = Supervisor.open();
                inner.start(
                    Child.of(
                        "inner",
                        its -> {
                          its.own(() -> told.add("inner ends"));
                          runs.countDown();
                          rest();
                        }));
                runs.await();
                throw new IOException("outer");
              }
              told.add("outer again");
              rest();
            }));

    assertTold("inner ends", "outer again");
  }

  @Test
  void aSupervisorThatGivesUpIsAChildThatThrew() throws Exception {
    supervisor.start(
        Child.of(
            "outer",
            scope -> {
              if (scope.restarts() > 0) {
                rest();
              }
              try (Supervisor inner = Supervisor.open(Supervision.DEFAULT.intensity(0))) {
                inner.start(
                    Child.of(
                        "inner",
                        its -> {
                          throw new IOException("inner");
                        }));
                inner.join();
              }
            }));

    awaitRestarts("outer", 1);
    assertThat(info("outer").ends().getFirst().thrown().orElseThrow())
        .isInstanceOf(FailedException.class)
        .hasRootCauseMessage("inner");
  }

  // ---- misuse

  @Test
  void aChildChecksWhatItIsMadeOf() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Child.of(" ", scope -> {}))
        .withMessage("child.id: \" \", allowed a name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Child.of("a", scope -> {}).shutdown(Duration.ofNanos(-1)))
        .withMessage("child.shutdown: -0.000001 ms, allowed 0 s to 365 days");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Child.of("a", scope -> {}).shutdown(Duration.ofDays(366)));
    Child child = Child.of("a", scope -> {});
    assertThat(child.restart()).isEqualTo(Restart.PERMANENT);
    assertThat(child.shutdown()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void misuseIsRefusedInTheUsersThread() throws Exception {
    supervisor.start(resting("a"));

    assertThatIllegalStateException()
        .isThrownBy(() -> supervisor.start(resting("a")))
        .withMessageContaining("child.id: \"a\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> supervisor.terminate("b"))
        .withMessage("id: \"b\", allowed one of [a]");
    assertThatIllegalArgumentException().isThrownBy(() -> supervisor.restart("b"));
    assertThatIllegalArgumentException().isThrownBy(() -> supervisor.delete("b"));
    assertThatIllegalStateException().isThrownBy(() -> supervisor.restart("a"));
    assertThatIllegalStateException().isThrownBy(() -> supervisor.delete("a"));
    supervisor.close();
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> supervisor.start(resting("b")))
        .withMessageContaining("the supervisor has ended");
    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> supervisor.restart("a"));
    Platform foreign = new Platform() {};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Supervisor.open(Supervision.DEFAULT.platform(foreign)));
  }

  // ---- the stage

  private Child resting(String id) {
    return Child.of(
        id,
        scope -> {
          told.add(id + " runs");
          try {
            rest();
          } finally {
            told.add(id + " ends");
          }
        });
  }

  private static void rest() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private void ignoreInterrupts() {
    while (released.getCount() > 0) {
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
      Thread.interrupted();
    }
  }

  private ChildInfo info(String id) {
    return supervisor.children().stream()
        .filter(info -> info.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private void awaitState(String id, State state) {
    while (info(id).state() != state) {
      Thread.onSpinWait();
    }
  }

  private void awaitRestarts(String id, int restarts) {
    while (info(id).restarts() < restarts) {
      Thread.onSpinWait();
    }
  }

  private static void awaitTerminated(Mailbox mailbox) throws InterruptedException {
    Message message;
    do {
      message = mailbox.take(LONG);
    } while (message != null && !(message instanceof Terminated));
    assertThat(message).isInstanceOf(Terminated.class);
  }

  private String take() throws InterruptedException {
    return told.poll(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  private void assertTold(String... words) throws InterruptedException {
    for (String word : words) {
      assertThat(take()).isEqualTo(word);
    }
  }

  /** In any order, since each stands on a thread of its own. */
  private void takeAll(String... words) throws InterruptedException {
    String[] taken = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      taken[i] = take();
    }
    assertThat(List.of(taken)).containsExactlyInAnyOrder(words);
  }
}
