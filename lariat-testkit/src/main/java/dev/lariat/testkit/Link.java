package dev.lariat.testkit;

import dev.lariat.testkit.internal.simulation.LinkState;

/**
 * One connection of a {@link Simulation}'s network. It has the same methods as a {@link Host}, for
 * this connection only.
 *
 * <p>You can call all methods from any thread of the simulation, at any time. After the connection
 * has ended, they do nothing.
 */
public final class Link extends Way {
  private final LinkState state;

  Link(LinkState state) {
    super(state);
    this.state = state;
  }

  /**
   * {@return its number among the connections of the simulation: 1, 2, 3 and so on, as in the
   * trace}
   */
  public int number() {
    return state.number();
  }

  /** {@return whether it is open on both sides} */
  public boolean isOpen() {
    return state.isOpen();
  }

  /** Resets it on both sides, as a middlebox can do. */
  public void reset() {
    state.reset();
  }

  /** Ends the origin's side of it: the client sees the end of the input. */
  public void end() {
    state.end();
  }

  /** For logs. */
  @Override
  public String toString() {
    return state.toString();
  }
}
