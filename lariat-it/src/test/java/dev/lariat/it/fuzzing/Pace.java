package dev.lariat.it.fuzzing;

import java.time.Duration;

/**
 * How long a run is. A client that does everything right waits for {@code quiet} in a few cases,
 * and never for {@code patience}.
 *
 * @param quiet how long the server is silent where the client must be too
 * @param patience how long the server waits for what the client owes it
 * @param rounds how many messages a case sends where the suite sends 1000
 */
public record Pace(Duration quiet, Duration patience, int rounds) {

  /** As the suite does it. */
  public static final Pace FULL = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(10), 1000);

  /** Every case, in a few seconds. */
  public static final Pace QUICK = new Pace(Duration.ofMillis(50), Duration.ofSeconds(10), 6);

  /** {@link #FULL} with the system property {@code fuzzing.full}, else {@link #QUICK}. */
  public static Pace ofTheSystem() {
    return Boolean.getBoolean("fuzzing.full") ? FULL : QUICK;
  }
}
