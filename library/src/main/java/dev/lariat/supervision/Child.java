package dev.lariat.supervision;

import dev.lariat.internal.text.Durations;
import dev.lariat.option.Supervision.Restart;
import java.time.Duration;
import java.util.Objects;

/**
 * A task that a {@link Supervisor} runs, and the rules for its restart and its end.
 *
 * @param id its unique name among the children of a supervisor; not blank
 * @param restart when the supervisor restarts it after its end; {@code PERMANENT} by default
 * @param shutdown how long it may take to end after the interrupt, including the time to close what
 *     it owns: 0 to 365 days, 5 s by default. After that, the supervisor abandons it; see {@link
 *     Supervisor}. With 0, the supervisor abandons it as soon as it is interrupted, which is the
 *     closest equivalent of OTP's {@code brutal_kill}. A child that supervises others needs more
 *     time than all of them together
 * @param task the code that it runs
 */
public record Child(String id, Restart restart, Duration shutdown, Task task) {
  private static final Duration SHUTDOWN = Duration.ofSeconds(5); // as OTP's workers have
  private static final Duration LONGEST = Duration.ofDays(365);

  /** The code of a child, which runs on its own virtual thread. */
  @FunctionalInterface
  public interface Task {

    /**
     * Runs until its work is done, which is usually never. An interrupt asks it to end.
     *
     * @param scope the scope of this run
     * @throws Exception if it fails; anything that it throws, including an {@link Error}, is an
     *     abnormal end
     */
    void run(Scope scope) throws Exception;
  }

  /** Checks every component. */
  public Child {
    if (id.isBlank()) {
      throw new IllegalArgumentException("child.id: \"" + id + "\", allowed a name");
    }
    Objects.requireNonNull(restart, "restart");
    Objects.requireNonNull(task, "task");
    if (shutdown.isNegative() || shutdown.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "child.shutdown: "
              + Durations.words(shutdown)
              + ", allowed 0 s to "
              + Durations.words(LONGEST));
    }
  }

  /**
   * {@return a permanent child}
   *
   * @param id its id, which is unique in the supervisor
   * @param task the task
   */
  public static Child of(String id, Task task) {
    return new Child(id, Restart.PERMANENT, SHUTDOWN, task);
  }

  /**
   * {@return this child, with this rule for its restart}
   *
   * @param restart when the supervisor restarts the child
   */
  public Child restart(Restart restart) {
    return new Child(id, restart, shutdown, task);
  }

  /**
   * {@return this child, with this time to end before the supervisor abandons it}
   *
   * @param shutdown 0 to 365 days
   */
  public Child shutdown(Duration shutdown) {
    return new Child(id, restart, shutdown, task);
  }
}
