package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.WayState;
import java.time.Duration;

/**
 * A path through a {@link Simulation}'s network, whose quality a test can change: the path to a
 * {@link Host}, for all its connections, or one {@link Link}. They inherit its methods.
 */
abstract sealed class Way permits Host, Link {
  private final WayState state;

  Way(WayState state) {
    this.state = state;
  }

  /**
   * Sets the latency in each direction; 1 ms at first.
   *
   * @param time zero to 365 days
   */
  public void latency(Duration time) {
    latency(time, time);
  }

  /**
   * Sets the latency in each direction: a random time between these two. The order of what is sent
   * does not change.
   *
   * @param least zero to 365 days
   * @param most {@code least} to 365 days
   */
  public void latency(Duration least, Duration most) {
    long from = Range.nanos("latency", least);
    state.latency(from, Range.nanos("latency", most, least) - from);
  }

  /**
   * Sets the bandwidth in each direction of each connection.
   *
   * @param bytesPerSecond bytes per second, 1 or more
   */
  public void slow(long bytesPerSecond) {
    state.bytesPerSecond(Range.atLeast("bytesPerSecond", bytesPerSecond, 1));
  }

  /** Removes the limit on the bandwidth; there is none at first. */
  public void fast() {
    state.bytesPerSecond(0);
  }

  /**
   * Sets whether one write arrives in random parts; false at first.
   *
   * @param split whether writes are split
   */
  public void split(boolean split) {
    state.split(split);
  }

  /**
   * Loses everything from now on, in both directions, without a notice to either side. What is sent
   * is lost, connections stay open on both sides, and a client that connects waits.
   */
  public void partition() {
    partition(Direction.BOTH);
  }

  /**
   * Loses everything in this direction from now on. The other direction still works.
   *
   * @param direction the direction
   */
  public void partition(Direction direction) {
    state.lose(direction.isUp(), direction.isDown());
  }

  /** Lets everything pass again. What was lost is sent again, as TCP does. */
  public void heal() {
    state.lose(false, false);
  }
}
