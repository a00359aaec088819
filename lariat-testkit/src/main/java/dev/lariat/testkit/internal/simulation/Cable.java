package dev.lariat.testkit.internal.simulation;

import java.util.ArrayList;
import java.util.List;

/** A simulated connection between a client and an origin. */
final class Cable {
  private final Network network;
  private final HostState host;
  private final int number;
  private final Conditions conditions;
  private final End client = new End(this, true);
  private final End origin = new End(this, false);

  /** What was lost while the client connected, and is sent again when the way is healed. */
  private final List<Runnable> waiting = new ArrayList<>(0);

  /** Whether the client knows that the origin has accepted it. */
  private boolean accepted;

  Cable(Network network, HostState host, int number) {
    this.network = network;
    this.host = host;
    this.number = number;
    this.conditions = new Conditions(0);
    conditions.set(host.conditions());
  }

  Scheduler scheduler() {
    return network.scheduler();
  }

  int number() {
    return number;
  }

  Conditions conditions() {
    return conditions;
  }

  End client() {
    return client;
  }

  End origin() {
    return origin;
  }

  End other(End end) {
    return end == client ? origin : client;
  }

  /** How long something is on its way. */
  long delay() {
    return conditions.latency + scheduler().chance(conditions.spread + 1);
  }

  void accepted() {
    accepted = true;
  }

  /** Whether both ends know of it and neither has let go. */
  boolean isOpen() {
    return accepted && !gone(client) && !gone(origin);
  }

  private static boolean gone(End end) {
    return end.isClosed() || end.isBroken();
  }

  /** One of its ends has let go. */
  void closed() {
    if (gone(client) && gone(origin)) {
      host.ended(this);
    }
  }

  /**
   * Lets this happen when something has come up or down the way, which may be once it is healed.
   */
  void whenPassed(boolean up, Runnable happens) {
    scheduler()
        .at(
            scheduler().now() + delay(),
            () -> {
              if (conditions.lost(up)) {
                waiting.add(() -> whenPassed(up, happens));
              } else {
                happens.run();
              }
            });
  }

  /** Sends again what was lost, as where the way is healed; it may be lost again. */
  void sendAgain() {
    List<Runnable> again = List.copyOf(waiting);
    waiting.clear();
    again.forEach(Runnable::run);
    client.healed();
    origin.healed();
  }

  /** Breaks at both ends, as where something between them says so. */
  void breaks() {
    client.breaks();
    origin.breaks();
  }

  /** For traces. */
  @Override
  public String toString() {
    return "#" + number;
  }
}
