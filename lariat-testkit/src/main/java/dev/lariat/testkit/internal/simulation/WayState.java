package dev.lariat.testkit.internal.simulation;

import java.util.List;
import java.util.function.Consumer;

/**
 * A way through a simulated network, as a test makes it better or worse: the way to a host, which
 * is that of all its connections, or one connection.
 */
public abstract sealed class WayState permits HostState, LinkState {
  private final Network network;
  private final Object name;

  /**
   * A way.
   *
   * @param name what the trace calls it
   */
  WayState(Network network, Object name) {
    this.network = network;
    this.name = name;
  }

  final Network network() {
    return network;
  }

  /** The connections that there are on this way. */
  abstract List<Cable> cables();

  /** Changes how good the way is, for all that use it. */
  void change(Consumer<Conditions> change) {
    cables().forEach(cable -> change.accept(cable.conditions()));
  }

  /** Notes what a test does, once it is its thread's turn. */
  final void changed(String what) {
    network.enter();
    network.scheduler().note(name, what);
  }

  /** Notes what a test does, and with which value, once it is its thread's turn. */
  final void changed(String what, Object value) {
    network.enter();
    network.scheduler().note(name, what, value);
  }

  /** From now on what is sent takes this long, and up to {@code spread} nanoseconds longer. */
  public final void latency(long least, long spread) {
    changed("latency", least + " to " + (least + spread));
    change(
        way -> {
          way.latency = least;
          way.spread = spread;
        });
  }

  /** From now on so many bytes pass in a second, each way; 0 for no limit. */
  public final void bytesPerSecond(long rate) {
    changed("bytes per second", rate);
    change(way -> way.bytesPerSecond = rate);
  }

  /** From now on what is sent at once may arrive in pieces. */
  public final void split(boolean split) {
    changed("splits", split);
    change(way -> way.split = split);
  }

  /** From now on what goes these ways is lost, or not any more: then it is sent again. */
  public final void lose(boolean up, boolean down) {
    changed("loses", (up ? "up " : "") + (down ? "down" : ""));
    change(
        way -> {
          way.upLost = up;
          way.downLost = down;
        });
    cables().forEach(Cable::sendAgain);
  }
}
