package dev.lariat.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lariat.FailedException;
import dev.lariat.message.Reason;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Restart;
import dev.lariat.option.Supervision.Strategy;
import dev.lariat.supervision.ChildInfo.Ending;
import dev.lariat.supervision.ChildInfo.State;
import dev.lariat.supervision.Children.Action;
import dev.lariat.supervision.Children.Moment;
import dev.lariat.supervision.Children.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The terms of OTP's supervisor, without a thread: what happens is said, what is done is read. */
class ChildrenTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final IllegalStateException BROKEN = new IllegalStateException("broken");

  private static final Supervision OPTIONS = Supervision.DEFAULT.intensity(3);

  private Children children = new Children(OPTIONS);
  private final Map<String, Run> alive = new HashMap<>(); // the latest of each
  private long now;

  // ---- starting

  @Test
  void childrenStartInTheirOrder() {
    start("a", "b", "c");

    assertThat(step()).containsExactly("start a", "start b", "start c");
  }

  @Test
  void anIdIsGivenOnce() {
    start("a");

    assertThatIllegalStateException()
        .isThrownBy(() -> start("a"))
        .withMessage("child.id: \"a\", allowed one that no other child has");
  }

  @Test
  void anIdIsFreeAgainWhenItsChildIsForgotten() {
    running("a", Restart.TEMPORARY);
    returns("a");

    start("a");

    assertThat(step()).containsExactly("start a");
  }

  // ---- who is restarted

  @Test
  void aPermanentChildIsRestartedHoweverItEnds() {
    running("a", Restart.PERMANENT);

    assertThat(returns("a")).containsExactly("ended a", "start a");
    assertThat(fails("a")).containsExactly("ended a", "start a");
    assertThat(info("a").restarts()).isEqualTo(2);
  }

  @Test
  void aTransientChildIsRestartedWhenItThrewOnly() {
    running("a", Restart.TRANSIENT);

    assertThat(fails("a")).containsExactly("ended a", "start a");
    assertThat(returns("a")).containsExactly("ended a");
    assertThat(info("a").state()).isEqualTo(State.TERMINATED);
  }

  @Test
  void anErrorIsAnAbnormalEnd() {
    running("a", Restart.TRANSIENT);

    assertThat(ends("a", new StackOverflowError())).containsExactly("ended a", "start a");
  }

  @Test
  void aTemporaryChildIsNeverRestartedButForgotten() {
    running("a", Restart.TEMPORARY);

    assertThat(fails("a")).containsExactly("ended a");
    assertThat(children.infos()).isEmpty();
  }

  // ---- with whom

  @Test
  void oneForOneRestartsThatChildAlone() {
    running("a", "b", "c");

    assertThat(fails("b")).containsExactly("ended b", "start b");
  }

  @Test
  void oneForAllEndsTheOthersInReverseAndStartsAllInOrder() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", "b", "c");

    assertThat(fails("b")).containsExactly("ended b", "interrupt c");
    assertThat(fails("c")).containsExactly("ended c", "interrupt a");
    assertThat(fails("a")).containsExactly("ended a", "start a", "start b", "start c");
  }

  @Test
  void restForOneDoesSoWithThoseThatWereStartedLater() {
    strategy(Strategy.REST_FOR_ONE);
    running("a", "b", "c", "d");

    assertThat(fails("b")).containsExactly("ended b", "interrupt d");
    assertThat(fails("d")).containsExactly("ended d", "interrupt c");
    assertThat(fails("c")).containsExactly("ended c", "start b", "start c", "start d");
    assertThat(info("a").restarts()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
  void aGroupRestartBringsBackThoseThatHadEndedBefore(Strategy strategy) {
    strategy(strategy);
    running("a", Restart.PERMANENT);
    running("b", Restart.TRANSIENT);
    running("c", Restart.PERMANENT);
    returns("b");
    terminate("c");
    returns("c");

    assertThat(fails("a")).containsExactly("ended a", "start a", "start b", "start c");
  }

  @Test
  void oneForOneLeavesThoseAtRestThatHadEndedBefore() {
    running("a", Restart.PERMANENT);
    running("b", Restart.TRANSIENT);
    returns("b");

    assertThat(fails("a")).containsExactly("ended a", "start a");
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
  void aGroupRestartForgetsTheTemporary(Strategy strategy) {
    strategy(strategy);
    running("a", Restart.PERMANENT);
    running("b", Restart.TEMPORARY);

    assertThat(fails("a")).containsExactly("ended a", "interrupt b");
    assertThat(returns("b")).containsExactly("ended b", "start a");
    assertThat(children.infos()).extracting(ChildInfo::id).containsExactly("a");
  }

  @Test
  void aTemporaryChildThatFailsTakesNobodyWithIt() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", Restart.PERMANENT);
    running("b", Restart.TEMPORARY);

    assertThat(fails("b")).containsExactly("ended b");
  }

  @Test
  void aTransientChildThatReturnsTakesNobodyWithIt() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", Restart.PERMANENT);
    running("b", Restart.TRANSIENT);

    assertThat(returns("b")).containsExactly("ended b");
  }

  @Test
  void aTransientChildThatItsGroupEndsComesBackWithIt() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", Restart.PERMANENT);
    running("b", Restart.TRANSIENT);

    fails("a");

    assertThat(returns("b")).containsExactly("ended b", "start a", "start b");
  }

  @Test
  void whatFailsWhileItsGroupIsEndedIsNotOneMoreRestart() {
    children = new Children(OPTIONS.strategy(Strategy.ONE_FOR_ALL).intensity(1));
    running("a", "b", "c");
    left("a", BROKEN);
    left("b", BROKEN);

    assertThat(closed("a")).containsExactly("ended a", "interrupt c");
    assertThat(closed("b")).containsExactly("ended b");
    assertThat(fails("c")).containsExactly("ended c", "start a", "start b", "start c");
  }

  @Test
  void aChildThatIsStartedWhileAGroupEndsStartsBehindIt() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", "b");
    fails("a");

    start("c");
    assertThat(step()).isEmpty();

    assertThat(returns("b")).containsExactly("ended b", "start a", "start b", "start c");
  }

  // ---- how often

  @Test
  void asManyRestartsAsTheIntensitySaysAreAllowed() {
    running("a");
    for (int i = 0; i < 3; i++) {
      assertThat(fails("a")).containsExactly("ended a", "start a");
    }
  }

  @Test
  void oneMoreEndsAllInReverseAndTheSupervisor() {
    running("a", "b", "c");
    fails("b");
    fails("a");
    fails("c");

    assertThat(fails("b")).containsExactly("ended b", "gave up", "interrupt c");
    assertThat(returns("c")).containsExactly("ended c", "interrupt a");
    assertThat(children.isOver()).isFalse();
    assertThat(returns("a")).containsExactly("ended a");
    assertThat(children.isOver()).isTrue();
    assertThat(children.reason())
        .contains(new Reason.RestartsExceeded(3, Duration.ofSeconds(5), "b", Optional.of(BROKEN)));
  }

  @Test
  void anIntensityOfZeroAllowsNoRestart() {
    children = new Children(Supervision.DEFAULT.intensity(0));
    running("a");

    assertThat(returns("a")).containsExactly("ended a", "gave up");
    assertThat(children.isOver()).isTrue();
    assertThat(children.reason())
        .contains(new Reason.RestartsExceeded(0, Duration.ofSeconds(5), "a", Optional.empty()));
  }

  @Test
  void aRestartOneWholePeriodAgoStillCounts() {
    children = new Children(Supervision.DEFAULT);
    running("a");
    fails("a");
    pass(Duration.ofSeconds(5));

    assertThat(fails("a")).contains("gave up");
  }

  @Test
  void anOlderRestartDoesNotCount() {
    children = new Children(Supervision.DEFAULT);
    running("a");
    fails("a");
    pass(Duration.ofSeconds(5).plusNanos(1));

    assertThat(fails("a")).containsExactly("ended a", "start a");
  }

  @Test
  void theRestartOfAGroupCountsOnce() {
    children = new Children(Supervision.DEFAULT.strategy(Strategy.ONE_FOR_ALL));
    running("a", "b");

    fails("a");

    assertThat(fails("b")).containsExactly("ended b", "start a", "start b");
    assertThat(children.reason()).isEmpty();
  }

  @Test
  void whatTheUserRestartsDoesNotCount() {
    children = new Children(Supervision.DEFAULT.intensity(0));
    running("a");
    for (int i = 0; i < 3; i++) {
      terminate("a");
      returns("a");
      children.restart("a", moment());
      assertThat(step()).containsExactly("start a");
    }
    assertThat(info("a").restarts()).isEqualTo(3);
  }

  // ---- what the user ends

  @Test
  void aChildThatIsTerminatedRestsWhateverItThrows() {
    running("a");
    terminate("a");

    assertThat(fails("a")).containsExactly("ended a");
    assertThat(info("a").state()).isEqualTo(State.TERMINATED);
    assertThat(info("a").ends())
        .singleElement()
        .satisfies(
            end -> {
              assertThat(end.ending()).isEqualTo(Ending.TERMINATED);
              assertThat(end.thrown()).contains(BROKEN);
            });
  }

  @Test
  void terminatingAChildIsNoReasonToEndItsGroup() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", "b");
    terminate("a");

    assertThat(fails("a")).containsExactly("ended a");
  }

  @Test
  void aTemporaryChildThatIsTerminatedIsForgotten() {
    running("a", Restart.TEMPORARY);
    terminate("a");
    returns("a");

    assertThat(children.infos()).isEmpty();
  }

  @Test
  void aChildIsTerminatedBeforeItsStart() {
    start("a");

    assertThat(children.terminate("a", moment())).isNull();

    assertThat(step()).isEmpty();
    assertThat(info("a").state()).isEqualTo(State.TERMINATED);
  }

  @Test
  void onlyAChildThatHasEndedIsRestartedOrDeleted() {
    running("a");

    assertThatIllegalStateException()
        .isThrownBy(() -> children.restart("a", moment()))
        .withMessage("child \"a\": RUNNING, allowed TERMINATED");
    assertThatIllegalStateException()
        .isThrownBy(() -> children.delete("a"))
        .withMessage("child \"a\": RUNNING, allowed TERMINATED");
  }

  @Test
  void aChildThatIsDeletedDoesNotComeBackWithItsGroup() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", "b");
    terminate("b");
    returns("b");
    children.delete("b");

    assertThat(fails("a")).containsExactly("ended a", "start a");
  }

  @Test
  void anUnknownIdIsRefusedWithThoseThatThereAre() {
    start("a", "b");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> children.terminate("c", moment()))
        .withMessage("id: \"c\", allowed one of [a, b]");
    assertThatIllegalArgumentException().isThrownBy(() -> children.restart("c", moment()));
    assertThatIllegalArgumentException().isThrownBy(() -> children.delete("c"));
  }

  @Test
  void theEndTakesAllInReverse() {
    running("a", "b");
    children.end(Optional.empty(), moment());

    assertThat(step()).containsExactly("interrupt b");
    assertThat(fails("b")).containsExactly("ended b", "interrupt a");
    assertThat(fails("a")).containsExactly("ended a");
    assertThat(children.isOver()).isTrue();
    assertThat(children.reason()).isEmpty();
  }

  @Test
  void theEndStartsNothingMore() {
    strategy(Strategy.ONE_FOR_ALL);
    running("a", "b");
    fails("a"); // and waits for b
    children.end(Optional.empty(), moment());
    step();

    assertThat(returns("b")).containsExactly("ended b");
    assertThat(children.isOver()).isTrue();
    for (Runnable late :
        List.<Runnable>of(() -> start("c"), () -> children.restart("a", moment()))) {
      assertThatExceptionOfType(FailedException.class)
          .isThrownBy(late::run)
          .matches(e -> e.reason() instanceof Reason.BadState);
    }
  }

  // ---- how long an end may take

  @Test
  void aChildThatDoesNotEndInTimeIsAbandonedAndRests() {
    running(Child.of("a", scope -> {}).shutdown(SECOND));
    terminate("a");
    assertThat(children.patience(moment())).isEqualTo(SECOND.toNanos());
    pass(SECOND.minusNanos(1));
    assertThat(step()).isEmpty();

    pass(Duration.ofNanos(1));

    assertThat(step()).containsExactly("abandon a", "ended a");
    assertThat(info("a").state()).isEqualTo(State.TERMINATED);
    assertThat(info("a").abandoned()).isEqualTo(1);
    assertThat(info("a").ends().getFirst().abandoned()).isTrue();
    assertThat(children.patience(moment())).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void anAbandonedRunThatEndsAtLastChangesNothingElse() {
    running(Child.of("a", scope -> {}).shutdown(SECOND));
    terminate("a");
    pass(SECOND);
    step();

    assertThat(fails("a")).isEmpty();

    assertThat(info("a").abandoned()).isZero();
    assertThat(info("a").ends()).hasSize(1);
  }

  @Test
  void whatAChildOwnsMayTakeItsTimeToCloseAndThenItIsRestarted() {
    running(Child.of("a", scope -> {}).shutdown(SECOND));
    assertThat(left("a", BROKEN)).isEmpty();
    assertThat(info("a").state()).isEqualTo(State.ENDING);

    pass(SECOND);

    assertThat(step()).containsExactly("abandon a", "ended a", "start a");
    ChildInfo.End end = info("a").ends().getFirst();
    assertThat(end.ending()).isEqualTo(Ending.THREW);
    assertThat(end.abandoned()).isTrue();
  }

  @Test
  void aShutdownOfZeroDoesNotWait() {
    running(Child.of("a", scope -> {}).shutdown(Duration.ZERO));

    children.terminate("a", moment());

    assertThat(step()).containsExactly("interrupt a", "abandon a", "ended a");
  }

  @Test
  void aShutdownOfZeroIsNoneOfAChildThatEndsByItself() {
    running(Child.of("a", scope -> {}).shutdown(Duration.ZERO));

    assertThat(fails("a")).containsExactly("ended a", "start a");
    assertThat(info("a").ends().getFirst().abandoned()).isFalse();
  }

  @Test
  void theTimeOfEachBeginsWhenItsTurnComes() {
    for (String id : List.of("a", "b")) {
      running(Child.of(id, scope -> {}).shutdown(SECOND));
    }
    children.end(Optional.empty(), moment());
    step();
    pass(SECOND);

    assertThat(step()).containsExactly("abandon b", "ended b", "interrupt a");
    assertThat(children.patience(moment())).isEqualTo(SECOND.toNanos());
  }

  // ---- what is known of it

  @Test
  void aHistoryTellsWhenHowLongAndWhy() {
    running("a");
    pass(SECOND);
    fails("a");
    pass(SECOND.multipliedBy(2));
    returns("a");

    assertThat(info("a").ends())
        .containsExactly(
            new ChildInfo.End(
                Instant.EPOCH.plus(SECOND), SECOND, Ending.THREW, Optional.of(BROKEN), false),
            new ChildInfo.End(
                Instant.EPOCH.plusSeconds(3),
                SECOND.multipliedBy(2),
                Ending.RETURNED,
                Optional.empty(),
                false));
    assertThat(info("a").since()).isEqualTo(Instant.EPOCH.plusSeconds(3));
    assertThat(info("a").thread()).contains("lariat-child-a-2");
  }

  @Test
  void aHistoryIsBounded() {
    children = new Children(Supervision.DEFAULT.intensity(1000));
    running("a");
    for (int i = 0; i < 250; i++) {
      ends("a", new IllegalStateException("end " + i));
    }

    assertThat(info("a").restarts()).isEqualTo(250);
    assertThat(info("a").ends()).hasSize(100);
    assertThat(info("a").ends().getLast().thrown().orElseThrow()).hasMessage("end 249");
  }

  @Test
  void aRunKnowsHowTheOneBeforeEnded() {
    running("a");
    assertThat(alive.get("a").former()).isEmpty();

    fails("a");

    assertThat(alive.get("a").number()).isEqualTo(1);
    assertThat(alive.get("a").former().orElseThrow().thrown()).contains(BROKEN);
  }

  // ---- any order of events

  /**
   * Against a model that knows nothing of turns and deadlines: who should run when all has come to
   * rest, and whether it was too much.
   */
  @ParameterizedTest
  @EnumSource
  void whateverHappensThoseRunWhoShould(Strategy strategy) {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      children = new Children(Supervision.DEFAULT.strategy(strategy).intensity(2).period(SECOND));
      alive.clear();
      Model model = new Model(strategy);
      for (int i = 0; i < 5; i++) {
        Restart restart = Restart.values()[random.nextInt(3)];
        String id = "c" + i;
        model.started(id, restart);
        running(Child.of(id, scope -> {}).restart(restart));
      }
      for (int i = 0; i < 40 && !model.gaveUp; i++) {
        pass(Duration.ofMillis(random.nextInt(3) * 500L));
        List<String> runs = List.copyOf(model.running);
        if (runs.isEmpty()) {
          break;
        }
        String id = runs.get(random.nextInt(runs.size()));
        switch (random.nextInt(4)) {
          case 0 -> {
            model.terminated(id);
            terminate(id);
            returns(id);
          }
          case 1 -> {
            model.ended(id, false, now);
            returns(id);
          }
          default -> {
            model.ended(id, true, now);
            fails(id);
          }
        }
        settle(random);
        assertThat(runningNow())
            .as("seed " + seed + ", step " + i)
            .containsExactlyElementsOf(model.order());
        assertThat(children.reason().isPresent()).as("seed " + seed).isEqualTo(model.gaveUp);
      }
    }
  }

  private static final class Model {
    private final Strategy strategy;
    private final Map<String, Restart> known = new LinkedHashMap<>();
    private final Set<String> running = new LinkedHashSet<>();
    private final Deque<Long> restarts = new ArrayDeque<>();
    private boolean gaveUp;

    Model(Strategy strategy) {
      this.strategy = strategy;
    }

    void started(String id, Restart restart) {
      known.put(id, restart);
      running.add(id);
    }

    void terminated(String id) {
      running.remove(id);
      if (known.get(id) == Restart.TEMPORARY) {
        known.remove(id);
      }
    }

    void ended(String id, boolean failed, long now) {
      Restart restart = known.get(id);
      List<String> order = List.copyOf(known.keySet());
      terminated(id);
      if (restart == Restart.TEMPORARY || restart == Restart.TRANSIENT && !failed) {
        return;
      }
      restarts.add(now);
      if (restarts.stream().filter(at -> at >= now - SECOND.toNanos()).count() > 2) {
        gaveUp = true;
        running.clear();
        return;
      }
      int from =
          switch (strategy) {
            case ONE_FOR_ONE, REST_FOR_ONE -> order.indexOf(id);
            case ONE_FOR_ALL -> 0;
          };
      int to = strategy == Strategy.ONE_FOR_ONE ? from + 1 : order.size();
      for (String each : order.subList(from, to)) {
        if (known.get(each) == Restart.TEMPORARY) {
          known.remove(each);
          running.remove(each);
        } else {
          running.add(each);
        }
      }
    }

    List<String> order() {
      return known.keySet().stream().filter(running::contains).toList();
    }
  }

  /** Lets those end that are asked to, each in one of the ways in which it may. */
  private void settle(Random random) {
    for (boolean again = true; again; ) {
      again = false;
      for (ChildInfo info : children.infos()) {
        if (info.state() == State.ENDING) {
          again = true;
          switch (random.nextInt(3)) {
            case 0 -> returns(info.id());
            case 1 -> fails(info.id());
            default -> {
              now += Child.of("any", scope -> {}).shutdown().toNanos();
              step();
            }
          }
        }
      }
    }
  }

  private List<String> runningNow() {
    return children.infos().stream()
        .filter(info -> info.state() == State.RUNNING)
        .map(ChildInfo::id)
        .toList();
  }

  // ---- the stage

  private void strategy(Strategy strategy) {
    children = new Children(OPTIONS.strategy(strategy));
  }

  private Moment moment() {
    return new Moment(now, Instant.EPOCH.plusNanos(now));
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void start(String... ids) {
    for (String id : ids) {
      children.start(Child.of(id, scope -> {}), moment());
    }
  }

  private void running(String... ids) {
    start(ids);
    assertThat(step()).hasSize(ids.length);
  }

  private void running(String id, Restart restart) {
    running(Child.of(id, scope -> {}).restart(restart));
  }

  private void running(Child child) {
    children.start(child, moment());
    assertThat(step()).containsExactly("start " + child.id());
  }

  private void terminate(String id) {
    assertThat(children.terminate(id, moment())).isSameAs(alive.get(id));
    assertThat(step()).containsExactly("interrupt " + id);
  }

  private List<String> returns(String id) {
    return ends(id, null);
  }

  private List<String> fails(String id) {
    return ends(id, BROKEN);
  }

  private List<String> ends(String id, Throwable thrown) {
    children.left(alive.get(id), thrown, moment());
    return closed(id);
  }

  private List<String> left(String id, Throwable thrown) {
    children.left(alive.get(id), thrown, moment());
    return step();
  }

  private List<String> closed(String id) {
    children.closed(alive.get(id), moment());
    return step();
  }

  private ChildInfo info(String id) {
    return children.infos().stream().filter(its -> its.id().equals(id)).findFirst().orElseThrow();
  }

  /** What is done now, in words. */
  private List<String> step() {
    return children.step(moment()).stream().map(this::word).toList();
  }

  private String word(Action action) {
    return switch (action) {
      case Action.Start(Run run) -> {
        alive.put(run.child().id(), run);
        yield "start " + run.child().id();
      }
      case Action.Interrupt(Run run) -> "interrupt " + run.child().id();
      case Action.Abandon(Run run) -> "abandon " + run.child().id();
      case Action.Ended ended -> "ended " + ended.run().child().id();
      case Action.GaveUp gaveUp -> "gave up";
    };
  }
}
