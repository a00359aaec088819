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
public final class Host extends Way {
  private final String name;
  private final HostState state;

  Host(String name, HostState state) {
    super(state);
    this.name = name;
    this.state = state;
  }

  HostState state() {
    return state;
  }

  /** {@return its name} */
  public String name() {
    return name;
  }

  // ---- its name

  /**
   * How long a lookup of its name takes; 1 ms at the beginning. A client sees {@code
   * Timeout(LOOKUP)} if it takes too long.
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

  /** Lookups of its name get no answer: a client sees {@code Timeout(LOOKUP)}. */
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

  /** It accepts connections again on the ports on which an origin listens. */
  public void accept() {
    state.refuses(false);
  }

  // ---- its connections

  /** {@return its connections that are open at both ends, the oldest first} */
  public List<Link> links() {
    return state.links().stream().map(Link::new).toList();
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
