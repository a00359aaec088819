package dev.lariat.testkit.internal.simulation;

import java.util.List;

/** One connection of a simulated network, as a test takes hold of it. */
public final class LinkState extends WayState {
  private final Cable cable;

  LinkState(Network network, Cable cable) {
    super(network, cable);
    this.cable = cable;
  }

  /** Its number among the simulation's: 1, 2, 3 and so on. */
  public int number() {
    return cable.number();
  }

  /** Whether both ends know of it and neither has let go. */
  public boolean isOpen() {
    network().enter();
    return cable.isOpen();
  }

  @Override
  List<Cable> cables() {
    return List.of(cable);
  }

  /** Breaks it at both ends. */
  public void reset() {
    changed("is reset");
    cable.breaks();
  }

  /** Ends it at the origin's side, in good order. */
  public void end() {
    changed("is ended");
    cable.origin().close();
  }

  /** For traces. */
  @Override
  public String toString() {
    return "connection " + cable;
  }
}
