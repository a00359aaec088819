package dev.lariat.testkit.internal.simulation;

/** One connection of a simulated network, as a test takes hold of it. */
public final class LinkState {
  private final Network network;
  private final Cable cable;

  LinkState(Network network, Cable cable) {
    this.network = network;
    this.cable = cable;
  }

  /** Its number among the simulation's: 1, 2, 3 and so on. */
  public int number() {
    return cable.number();
  }

  /** Whether both ends know of it and neither has let go. */
  public boolean isOpen() {
    network.enter();
    return cable.isOpen();
  }

  private void changed(Object... what) {
    network.enter();
    Object[] words = new Object[what.length + 1];
    words[0] = cable;
    System.arraycopy(what, 0, words, 1, what.length);
    network.scheduler().note(words);
  }

  /** From now on what is sent takes this long, and up to {@code spread} nanoseconds longer. */
  public void latency(long least, long spread) {
    changed("latency", least + " to " + (least + spread));
    cable.conditions().latency = least;
    cable.conditions().spread = spread;
  }

  /** From now on so many bytes pass in a second, each way; 0 for no limit. */
  public void bytesPerSecond(long rate) {
    changed("bytes per second", rate);
    cable.conditions().bytesPerSecond = rate;
  }

  /** From now on what is sent at once may arrive in pieces. */
  public void split(boolean split) {
    changed("splits", split);
    cable.conditions().split = split;
  }

  /** From now on what goes these ways is lost, or not any more. */
  public void lose(boolean up, boolean down) {
    changed("loses", (up ? "up " : "") + (down ? "down" : ""));
    cable.lose(up, down);
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
