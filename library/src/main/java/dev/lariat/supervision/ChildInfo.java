package dev.lariat.supervision;

import dev.lariat.option.Supervision.Restart;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a child of a supervisor stands, and what became of it before.
 *
 * @param id its id
 * @param restart when it is restarted
 * @param state its state
 * @param since since when it is in this state
 * @param thread the name of the thread that runs its task, while that runs or ends
 * @param restarts how often it was started again, for whatever reason
 * @param abandoned how many of its former runs were abandoned and have not ended to this day. Each
 *     is a thread that does what nobody wants any more, or something that does not close
 * @param ends how its runs ended, the latest last; at most 100
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
    /** It will be started, for the first time or again, when those that must end first have. */
    STARTING,
    /** Its task runs. */
    RUNNING,
    /** It was asked to end, or its task has ended and what it owned is being closed. */
    ENDING,
    /** It has ended, and stays so until it is restarted. */
    TERMINATED
  }

  /** How a run can end. */
  public enum Ending {
    /** Its task returned. */
    RETURNED,
    /** Its task threw. */
    THREW,
    /** Its task was asked to end. */
    TERMINATED
  }

  /**
   * The end of a run.
   *
   * @param at when
   * @param lived how long the run had lasted
   * @param ending how it ended
   * @param thrown what its task threw, if it did; one that was asked to end mostly throws {@link
   *     InterruptedException}
   * @param abandoned whether its task, or something that it owned, had not ended within its {@code
   *     shutdown} time. It may go on, but nobody waits for it
   */
  public record End(
      Instant at, Duration lived, Ending ending, Optional<Throwable> thrown, boolean abandoned) {}

  /** Copies the list. */
  public ChildInfo {
    ends = List.copyOf(ends);
  }
}
