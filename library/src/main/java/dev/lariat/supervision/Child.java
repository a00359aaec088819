package dev.lariat.supervision;

import dev.lariat.internal.text.Durations;
import dev.lariat.option.Supervision.Restart;
import java.time.Duration;
import java.util.Objects;

/**
 * A task that a {@link Supervisor} runs, and how it is restarted and ended.
 *
 * @param id its name among the children of one supervisor; not blank
 * @param restart when it is restarted after it has ended; {@code PERMANENT} by default
 * @param shutdown how long it may take to end after the interrupt: the task, and the closing of
 *     what it owns. After that it is abandoned; see {@link Supervisor}. 0 to 365 days, 5 s by
 *     default. With 0 it is abandoned as soon as it is interrupted, which is as close as a thread
 *     comes to OTP's {@code brutal_kill}. A child that supervises others needs the time of all of
 *     them, and some more
 * @param task what it does
 */
public record Child(String id, Restart restart, Duration shutdown, Task task) {
  private static final Duration SHUTDOWN = Duration.ofSeconds(5); // as OTP's workers have
  private static final Duration LONGEST = Duration.ofDays(365);

  /** What a child does, on its own virtual thread. */
  @FunctionalInterface
  public interface Task {

    /**
     * Runs until its work is done, mostly forever. It is asked to end by an interrupt.
     *
     * @param scope of this run alone
     * @throws Exception if it failed: whatever is thrown, an {@link Error} too, is an abnormal end
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
   * @param id its id, which no other child of the supervisor has
   * @param task the task
   */
  public static Child of(String id, Task task) {
    return new Child(id, Restart.PERMANENT, SHUTDOWN, task);
  }

  /**
   * {@return this child, restarted by this rule}
   *
   * @param restart when the child is restarted
   */
  public Child restart(Restart restart) {
    return new Child(id, restart, shutdown, task);
  }

  /**
   * {@return this child, with this much time to end before it is abandoned}
   *
   * @param shutdown 0 to 365 days
   */
  public Child shutdown(Duration shutdown) {
    return new Child(id, restart, shutdown, task);
  }
}
