package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.LinkState;
import java.time.Duration;

/**
 * One connection of a {@link Simulation}'s network: what can happen to a {@link Host}'s, for this
 * one alone.
 *
 * <p>All methods may be called from any thread of the simulation, at any time; when the connection
 * has ended, they do nothing.
 */
public final class Link {
  private final LinkState state;

  Link(LinkState state) {
    this.state = state;
  }

  /** Its number among the connections of the simulation: 1, 2, 3 and so on; as in the trace. */
  public int number() {
    return state.number();
  }

  /** Whether it is open at both ends. */
  public boolean isOpen() {
    return state.isOpen();
  }

  /** See {@link Host#latency(Duration)}. */
  public void latency(Duration time) {
    latency(time, time);
  }

  /** See {@link Host#latency(Duration, Duration)}. */
  public void latency(Duration least, Duration most) {
    long from = Range.nanos("latency", least);
    state.latency(from, Range.nanos("latency", most, least) - from);
  }

  /** See {@link Host#slow}. */
  public void slow(long bytesPerSecond) {
    state.bytesPerSecond(Range.atLeast("bytesPerSecond", bytesPerSecond, 1));
  }

  /** See {@link Host#fast}. */
  public void fast() {
    state.bytesPerSecond(0);
  }

  /** See {@link Host#split}. */
  public void split(boolean split) {
    state.split(split);
  }

  /** See {@link Host#partition()}. */
  public void partition() {
    partition(Direction.BOTH);
  }

  /** See {@link Host#partition(Direction)}. */
  public void partition(Direction direction) {
    state.lose(direction.isUp(), direction.isDown());
  }

  /** See {@link Host#heal}. */
  public void heal() {
    state.lose(false, false);
  }

  /** See {@link Host#reset}. */
  public void reset() {
    state.reset();
  }

  /** See {@link Host#end}. */
  public void end() {
    state.end();
  }

  /** For logs. */
  @Override
  public String toString() {
    return state.toString();
  }
}
