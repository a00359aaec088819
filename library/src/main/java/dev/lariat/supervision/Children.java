package dev.lariat.supervision;

import dev.lariat.FailedException;
import dev.lariat.message.Reason;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Restart;
import dev.lariat.supervision.ChildInfo.End;
import dev.lariat.supervision.ChildInfo.Ending;
import dev.lariat.supervision.ChildInfo.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The children of a supervisor, and what is to become of them. What happens goes in with the time,
 * what is to be done comes out of {@link #step}; there is no thread, no lock and no clock in here.
 *
 * <p>A child's task has <em>runs</em>, one after the other. By their states:
 *
 * <pre>
 * STARTING    → RUNNING     when nothing that must end first is alive
 *             → TERMINATED  when it is terminated before
 * RUNNING     → ENDING      when it is interrupted, or its task has returned or thrown
 * ENDING      → STARTING, TERMINATED or forgotten, when it has closed what it owns, or when its
 *                           time for all of this is over: then it is abandoned
 * TERMINATED  → STARTING    when it is restarted, alone or with others
 *             → forgotten   when it is deleted
 * </pre>
 *
 * <p>The child's restart type decides what follows the end of a run, unless the child is
 * <em>condemned</em> to end: by the strategy, by the user or by the end of all. Of the condemned,
 * the last one started is interrupted first, and the one before it when that run is over.
 */
final class Children {
  private static final int REMEMBERED = 100; // how many ends of a child are kept

  private final Supervision options;
  private final List<Entry> entries = new ArrayList<>(); // the children, in the order of start
  private final Deque<Long> restarts = new ArrayDeque<>(); // the times of restarts in the period
  private final List<Action> due = new ArrayList<>(); // what the supervisor has yet to do
  private boolean ending; // whether all children are condemned, and no more are started
  private Optional<Reason> reason = Optional.empty(); // why it ends; empty if the user wants it

  Children(Supervision options) {
    this.options = options;
  }

  /** A time, by the monotonic clock and as a date. */
  record Moment(long nanos, Instant date) {}

  /** What the supervisor does. */
  sealed interface Action {

    /** Begins this run. */
    record Start(Run run) implements Action {}

    /** Interrupts this run, unless its task has ended by itself. */
    record Interrupt(Run run) implements Action {}

    /** Waits for this run no longer; what it owns is closed without it. */
    record Abandon(Run run) implements Action {}

    /** Logs the end of this run, if it was abnormal. Another run may follow it. */
    record Ended(Run run, End end, boolean restarted) implements Action {}

    /** Logs that children have failed too often. */
    record GaveUp(Reason reason) implements Action {}
  }

  /** One run of a child's task. */
  static final class Run {
    private final Entry entry;
    private final int number;
    private final Optional<End> former;
    private final Moment began;
    private boolean asked; // whether it was interrupted, or is about to be
    private boolean left; // whether its task has returned or thrown
    private @Nullable Throwable thrown; // what its task has thrown; null if it returned
    private long deadline; // when it is abandoned; counts while it is ENDING

    private Run(Entry entry, Moment began) {
      this.entry = entry;
      this.number = entry.restarts;
      this.former = Optional.ofNullable(entry.ends.peekLast());
      this.began = began;
    }

    Child child() {
      return entry.child;
    }

    /** How many there were before. */
    int number() {
      return number;
    }

    /** How the one before it ended. */
    Optional<End> former() {
      return former;
    }

    String thread() {
      return "lariat-child-" + child().id() + "-" + number;
    }

    private boolean isCurrent() {
      return entry.run == this;
    }
  }

  /** What follows the end of a run that is condemned. */
  private enum Then {
    REST, // it stays TERMINATED, or is forgotten
    RETURN // the strategy starts it again
  }

  /** All that is known of a child. */
  private static final class Entry {
    private final Child child;
    private State state = State.STARTING;
    private Instant since; // when the state was entered
    private @Nullable Run run; // the run that is RUNNING or ENDING; null in the other states
    private @Nullable Then then; // what follows its end if it is condemned; null if it is not
    private int restarts; // how many runs there were before
    private int abandoned; // how many runs were abandoned and still run
    private final Deque<End> ends = new ArrayDeque<>(); // how runs ended, the newest last

    private Entry(Child child, Moment now) {
      this.child = child;
      this.since = now.date();
    }

    private void state(State next, Moment now) {
      state = next;
      since = now.date();
    }

    private boolean isTemporary() {
      return child.restart() == Restart.TEMPORARY;
    }

    private boolean isCondemned() {
      return then != null;
    }

    private ChildInfo info() {
      return new ChildInfo(
          child.id(),
          child.restart(),
          state,
          since,
          Optional.ofNullable(run).map(Run::thread),
          restarts,
          abandoned,
          List.copyOf(ends));
    }
  }

  // ---- what the user wants

  void start(Child child, Moment now) {
    refuseAtTheEnd("start");
    if (entries.stream().anyMatch(entry -> entry.child.id().equals(child.id()))) {
      throw new IllegalStateException(
          "child.id: \"" + child.id() + "\", allowed one that no other child has");
    }
    entries.add(new Entry(child, now));
  }

  /**
   * Condemns a child, or keeps it from being started.
   *
   * @return the run that is to end, if there is one
   */
  @Nullable Run terminate(String id, Moment now) {
    Entry entry = entry(id);
    if (entry.run != null) {
      entry.then = Then.REST;
    } else {
      rest(entry, now);
    }
    return entry.run;
  }

  void restart(String id, Moment now) {
    refuseAtTheEnd("restart");
    terminated(id).state(State.STARTING, now);
  }

  void delete(String id) {
    entries.remove(terminated(id));
  }

  /** Condemns all; without a reason it is what the user wants. Only the first reason counts. */
  void end(Optional<Reason> why, Moment now) {
    if (ending) {
      return;
    }
    ending = true;
    reason = why;
    for (Entry entry : List.copyOf(entries)) {
      if (entry.run != null) {
        entry.then = Then.REST;
      } else {
        rest(entry, now);
      }
    }
  }

  private void refuseAtTheEnd(String operation) {
    if (ending) {
      throw new FailedException(
          new Reason.BadState(operation, "the supervisor has ended or is ending"));
    }
  }

  private Entry entry(String id) {
    return entries.stream()
        .filter(entry -> entry.child.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "id: \""
                        + id
                        + "\", allowed one of "
                        + entries.stream().map(entry -> entry.child.id()).toList()));
  }

  private Entry terminated(String id) {
    Entry entry = entry(id);
    if (entry.state != State.TERMINATED) {
      throw new IllegalStateException(
          "child \"" + id + "\": " + entry.state + ", allowed " + State.TERMINATED);
    }
    return entry;
  }

  /** The end of a child that has no run. */
  private void rest(Entry entry, Moment now) {
    if (entry.isTemporary()) {
      entries.remove(entry);
    } else if (entry.state != State.TERMINATED) {
      entry.state(State.TERMINATED, now);
    }
  }

  // ---- what happens

  /** The task has returned or thrown. From now on this run is not interrupted. */
  void left(Run run, @Nullable Throwable thrown, Moment now) {
    run.left = true;
    if (run.isCurrent()) { // or it was abandoned, and nobody wants to know
      run.thrown = thrown;
      if (!run.asked) {
        beginToEnd(run, now);
      }
    }
  }

  /** What the run owned is closed, behind {@link #left}. */
  void closed(Run run, Moment now) {
    if (run.isCurrent()) {
      ended(run, false, now);
    } else {
      run.entry.abandoned--;
    }
  }

  private static void beginToEnd(Run run, Moment now) {
    run.deadline = now.nanos() + run.child().shutdown().toNanos();
    run.entry.state(State.ENDING, now);
  }

  private void ended(Run run, boolean abandoned, Moment now) {
    Entry entry = run.entry;
    End end =
        new End(
            now.date(),
            Duration.ofNanos(now.nanos() - run.began.nanos()),
            ending(run),
            Optional.ofNullable(run.thrown),
            abandoned);
    entry.ends.addLast(end);
    if (entry.ends.size() > REMEMBERED) {
      entry.ends.removeFirst();
    }
    if (abandoned) {
      entry.abandoned++;
    }
    Then condemnedTo = entry.then;
    entry.run = null;
    entry.then = null;

    boolean again =
        condemnedTo == null
            ? isRestarted(entry.child.restart(), run.thrown)
            : condemnedTo == Then.RETURN && !entry.isTemporary();
    boolean counts = again && condemnedTo == null;
    boolean tooOften = counts && isTooOften(now);
    due.add(new Action.Ended(run, end, again && !tooOften));
    if (!again || tooOften) {
      rest(entry, now);
    } else {
      entry.state(State.STARTING, now);
    }
    if (tooOften) {
      Reason exceeded =
          new Reason.RestartsExceeded(
              options.intensity(), options.period(), entry.child.id(), end.thrown());
      due.add(new Action.GaveUp(exceeded));
      end(Optional.of(exceeded), now);
    } else if (counts) {
      restartWith(entry, now);
    }
  }

  private static Ending ending(Run run) {
    if (run.asked) {
      return Ending.TERMINATED;
    }
    return run.thrown == null ? Ending.RETURNED : Ending.THREW;
  }

  private static boolean isRestarted(Restart restart, @Nullable Throwable thrown) {
    return switch (restart) {
      case PERMANENT -> true;
      case TRANSIENT -> thrown != null;
      case TEMPORARY -> false;
    };
  }

  /** Counts a restart. As OTP does: one that lies exactly a period back still counts. */
  private boolean isTooOften(Moment now) {
    restarts.addLast(now.nanos());
    while (now.nanos() - restarts.getFirst() > options.period().toNanos()) {
      restarts.removeFirst();
    }
    return restarts.size() > options.intensity();
  }

  /** Restarts with this child those that the strategy says; also those that rest, as OTP does. */
  private void restartWith(Entry fallen, Moment now) {
    List<Entry> others =
        switch (options.strategy()) {
          case ONE_FOR_ONE -> List.of();
          case ONE_FOR_ALL -> entries;
          case REST_FOR_ONE -> entries.subList(entries.indexOf(fallen) + 1, entries.size());
        };
    for (Entry other : others) {
      if (other.run != null) {
        other.then = Then.RETURN;
      } else if (other.state == State.TERMINATED) {
        other.state(State.STARTING, now);
      }
    }
  }

  // ---- what is to be done

  /** What is to be done now, in this order. */
  List<Action> step(Moment now) {
    int before;
    do {
      before = due.size();
      abandonTheOverdue(now);
      interruptTheNext(now);
      startTheWaiting(now);
    } while (due.size() > before);
    List<Action> actions = List.copyOf(due);
    due.clear();
    return actions;
  }

  /** How long there is nothing to do unless something happens; {@link Long#MAX_VALUE} forever. */
  long patience(Moment now) {
    long patience = Long.MAX_VALUE;
    for (Entry entry : entries) {
      if (entry.run != null && entry.state == State.ENDING) {
        patience = Math.min(patience, entry.run.deadline - now.nanos());
      }
    }
    return patience;
  }

  private void abandonTheOverdue(Moment now) {
    for (Entry entry : List.copyOf(entries)) {
      Run run = entry.run;
      if (run != null && entry.state == State.ENDING && now.nanos() - run.deadline >= 0) {
        due.add(new Action.Abandon(run));
        ended(run, true, now);
      }
    }
  }

  private void interruptTheNext(Moment now) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(i);
      Run run = entry.run;
      if (run != null && entry.isCondemned()) {
        if (entry.state == State.RUNNING) {
          run.asked = true;
          beginToEnd(run, now);
          due.add(new Action.Interrupt(run));
        }
        return; // those before it, when this run is over
      }
    }
  }

  private void startTheWaiting(Moment now) {
    boolean together =
        switch (options.strategy()) {
          case ONE_FOR_ONE -> false;
          case ONE_FOR_ALL, REST_FOR_ONE -> true;
        };
    if (together && entries.stream().anyMatch(Entry::isCondemned)) {
      return;
    }
    for (Entry entry : entries) {
      if (entry.state == State.STARTING) {
        if (!entry.ends.isEmpty()) {
          entry.restarts++;
        }
        entry.state(State.RUNNING, now);
        entry.run = new Run(entry, now);
        due.add(new Action.Start(entry.run));
      }
    }
  }

  // ---- how it stands

  /** Whether the task of this run has ended. */
  boolean hasLeft(Run run) {
    return run.left;
  }

  /** Whether this run counts as one. */
  boolean isAlive(Run run) {
    return run.isCurrent();
  }

  /** Whether all has ended, and nothing is to come. */
  boolean isOver() {
    return ending && entries.stream().allMatch(entry -> entry.run == null);
  }

  /** Why it ends; empty while it does not, or if the user wants it. */
  Optional<Reason> reason() {
    return reason;
  }

  List<ChildInfo> infos() {
    return entries.stream().map(Entry::info).toList();
  }
}
