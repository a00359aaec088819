package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.WayState;
import java.time.Duration;

/**
 * A way through a {@link Simulation}'s network, which a test makes better or worse: the way to a
 * {@link Host}, for all its connections, or one {@link Link}. Users see its methods as theirs.
 */
abstract sealed class Way permits Host, Link {
  private final WayState state;

  Way(WayState state) {
    this.state = state;
  }

  /**
   * How long what is sent is on its way, in each direction; 1 ms at the beginning.
   *
   * @param time zero to 365 days
   */
  public void latency(Duration time) {
    latency(time, time);
  }

  /**
   * How long what is sent is on its way, in each direction: a random time between these two. What
   * was sent first arrives first all the same.
   *
   * @param least zero to 365 days
   * @param most {@code least} to 365 days
   */
  public void latency(Duration least, Duration most) {
    long from = Range.nanos("latency", least);
    state.latency(from, Range.nanos("latency", most, least) - from);
  }

  /**
   * How many bytes pass in a second, in each direction of each connection.
   *
   * @param bytesPerSecond 1 or more
   */
  public void slow(long bytesPerSecond) {
    state.bytesPerSecond(Range.atLeast("bytesPerSecond", bytesPerSecond, 1));
  }

  /** Any number of bytes passes in a second, as at the beginning. */
  public void fast() {
    state.bytesPerSecond(0);
  }

  /**
   * Whether what is sent at once arrives in random pieces; not so at the beginning.
   *
   * @param split whether bytes arrive one by one
   */
  public void split(boolean split) {
    state.split(split);
  }

  /**
   * Nothing passes any more, in either direction, and nobody learns of it: what is sent is lost, a
   * connection stays open at both ends, a client that connects waits.
   */
  public void partition() {
    partition(Direction.BOTH);
  }

  /**
   * Nothing passes any more in this direction; in the other one it does.
   *
   * @param direction the direction
   */
  public void partition(Direction direction) {
    state.lose(direction.isUp(), direction.isDown());
  }

  /** Everything passes again, and what was lost is sent again, as TCP does. */
  public void heal() {
    state.lose(false, false);
  }
}
