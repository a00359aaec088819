package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.HostState;
import java.time.Duration;
import java.util.List;

/**
 * A host of a {@link Simulation}'s network, and the way to it. What is changed here holds from that
 * moment on, for connections that there are and for those to come.
 *
 * <p>All methods may be called from any thread of the simulation, at any time.
 */
public final class Host {
  private final String name;
  private final HostState state;

  Host(String name, HostState state) {
    this.name = name;
    this.state = state;
  }

  HostState state() {
    return state;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its connections that are open at both ends, the oldest first. */
  public List<Link> links() {
    return state.links().stream().map(Link::new).toList();
  }

  // ---- its name

  /**
   * How long a lookup of its name takes; 1 ms at the beginning. A client sees {@code
   * Timeout(LOOKUP)} where it takes too long.
   *
   * @param time zero to 365 days
   */
  public void lookup(Duration time) {
    state.lookupDelay(Range.nanos("lookup", time));
  }

  /** Its name has no address any more: a client sees {@code Unresolved}. */
  public void unknown() {
    state.resolves(false);
  }

  /** Nobody answers who is asked for its name: a client sees {@code Timeout(LOOKUP)}. */
  public void unanswered() {
    state.resolves(null);
  }

  /** Its name has an address again, as at the beginning. */
  public void known() {
    state.resolves(true);
  }

  // ---- its ports

  /** It refuses connections at all ports: a client sees {@code Refused}. */
  public void refuse() {
    state.refuses(true);
  }

  /** It accepts connections again, where an origin listens. */
  public void accept() {
    state.refuses(false);
  }

  // ---- the way to it

  /**
   * How long what is sent is on its way, in each direction; 1 ms at the beginning.
   *
   * @param time zero to 365 days
   */
  public void latency(Duration time) {
    latency(time, time);
  }

  /**
   * The same by chance, between these two; what was sent first arrives first all the same.
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

  /** Any number of bytes passes, as at the beginning. */
  public void fast() {
    state.bytesPerSecond(0);
  }

  /** Whether what is sent at once arrives in pieces by chance; not so at the beginning. */
  public void split(boolean split) {
    state.split(split);
  }

  /**
   * Nothing passes any more, in either direction, and nobody is told: what is sent is lost, a
   * connection stays open at both ends, a client that connects waits.
   */
  public void partition() {
    partition(Direction.BOTH);
  }

  /** Nothing passes any more in this direction; in the other one it does. */
  public void partition(Direction direction) {
    state.lose(direction.isUp(), direction.isDown());
  }

  /** Everything passes again, and what was lost is sent again, as TCP does. */
  public void heal() {
    state.lose(false, false);
  }

  /** Breaks all its connections at both ends, as a box between them may do. */
  public void reset() {
    state.links().forEach(link -> link.reset());
  }

  /** Ends all its connections at the origin's side: a client sees the end of the input. */
  public void end() {
    state.links().forEach(link -> link.end());
  }

  /** Its name. */
  @Override
  public String toString() {
    return name;
  }
}
