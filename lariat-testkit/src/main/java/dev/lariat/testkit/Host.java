package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.HostState;
import java.time.Duration;
import java.util.List;

/**
 * A host of a {@link Simulation}'s network, and the path to it. A change applies from that moment
 * on, to existing connections and to later ones.
 *
 * <p>You can call all methods from any thread of the simulation, at any time.
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
   * Sets how long a lookup of its name takes; 1 ms at first. A client sees {@code Timeout(LOOKUP)}
   * if it takes too long.
   *
   * @param time zero to 365 days
   */
  public void lookup(Duration time) {
    state.lookupDelay(Range.nanos("lookup", time));
  }

  /** Removes the address of its name: a client sees {@code Unresolved}. */
  public void unknown() {
    state.resolves(false);
  }

  /** Leaves lookups of its name unanswered: a client sees {@code Timeout(LOOKUP)}. */
  public void unanswered() {
    state.resolves(null);
  }

  /** Gives its name an address again, as at first. */
  public void known() {
    state.resolves(true);
  }

  /**
   * Gives its name the address of another host, as when a service moves. Existing connections stay
   * where they are.
   *
   * @param other the other host, or this one to move back
   */
  public void movesTo(Host other) {
    state.movesTo(other.state);
  }

  // ---- its ports

  /** Refuses connections on all ports: a client sees {@code Refused}. */
  public void refuse() {
    state.refuses(true);
  }

  /** Accepts connections again, on the ports on which an origin listens. */
  public void accept() {
    state.refuses(false);
  }

  // ---- its connections

  /** {@return its connections that are open on both sides, the oldest first} */
  public List<Link> links() {
    return state.links().stream().map(Link::new).toList();
  }

  /** Resets all its connections on both sides, as a middlebox can do. */
  public void reset() {
    state.links().forEach(link -> link.reset());
  }

  /** Ends the origin's side of all its connections: a client sees the end of the input. */
  public void end() {
    state.links().forEach(link -> link.end());
  }

  /** Its name. */
  @Override
  public String toString() {
    return name;
  }
}
