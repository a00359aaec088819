package dev.lariat.supervision;

import dev.lariat.option.Supervision.Restart;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The state of a child of a supervisor, and its history.
 *
 * @param id its id
 * @param restart when the supervisor restarts it
 * @param state its state
 * @param since when it entered this state
 * @param thread the name of the thread that runs its task, while the task runs or ends
 * @param restarts how many times it was started again, for any reason
 * @param abandoned how many of its earlier runs were abandoned and have still not ended. In each of
 *     them, a thread still runs or a resource does not close
 * @param ends how its latest runs ended, at most 100; the newest is the last
 */
public record ChildInfo(
    String id,
    Restart restart,
    State state,
    Instant since,
    Optional<String> thread,
    int restarts,
    int abandoned,
    List<End> ends) {

  /** The states of a child. */
  public enum State {
    /** It will start, for the first time or again, after others that must end first. */
    STARTING,
    /** Its task runs. */
    RUNNING,
    /** It was asked to end, or its task has ended and what it owns is being closed. */
    ENDING,
    /** It has ended, and stays ended until it is restarted. */
    TERMINATED
  }

  /** How a run can end. */
  public enum Ending {
    /** Its task returned. */
    RETURNED,
    /** Its task threw an exception. */
    THREW,
    /** Its task was asked to end. */
    TERMINATED
  }

  /**
   * The end of a run.
   *
   * @param at when the run ended
   * @param lived how long the run lasted
   * @param ending how it ended
   * @param thrown the exception of its task, if it threw one; a task that was asked to end usually
   *     throws {@link InterruptedException}
   * @param abandoned whether its task, or something that it owns, did not end within its {@code
   *     shutdown} time. It may still run, but the supervisor does not wait for it
   */
  public record End(
      Instant at, Duration lived, Ending ending, Optional<Throwable> thrown, boolean abandoned) {}

  /** Copies the list. */
  public ChildInfo {
    ends = List.copyOf(ends);
  }
}
