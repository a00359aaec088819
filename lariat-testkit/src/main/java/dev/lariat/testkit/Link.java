package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.LinkState;

/**
 * One connection of a {@link Simulation}'s network: what can happen to a {@link Host}'s, for this
 * one alone.
 *
 * <p>All methods may be called from any thread of the simulation, at any time; when the connection
 * has ended, they do nothing.
 */
public final class Link extends Way {
  private final LinkState state;

  Link(LinkState state) {
    super(state);
    this.state = state;
  }

  /**
   * {@return its number among the connections of the simulation: 1, 2, 3 and so on; as in the
   * trace}
   */
  public int number() {
    return state.number();
  }

  /** {@return whether it is open at both ends} */
  public boolean isOpen() {
    return state.isOpen();
  }

  /** Breaks it at both ends, as a box between them may do. */
  public void reset() {
    state.reset();
  }

  /** Ends it at the origin's side: the client sees the end of the input. */
  public void end() {
    state.end();
  }

  /** For logs. */
  @Override
  public String toString() {
    return state.toString();
  }
}
