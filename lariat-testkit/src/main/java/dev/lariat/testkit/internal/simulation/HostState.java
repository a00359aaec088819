package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.wire.Wire;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A host of a simulated network: who listens on it, and how good the way to it is. */
public final class HostState {
  private final Network network;
  private final String name;
  private final InetAddress address;
  private final Conditions conditions;
  private final Map<Integer, Consumer<Wire>> listeners = new HashMap<>(2);
  private final Set<Cable> cables = new LinkedHashSet<>(); // that have not ended at both ends
  private boolean refuses;
  private @Nullable Boolean resolves = true; // null: nobody answers
  private long lookupDelay;

  HostState(Network network, String name, InetAddress address, long latency) {
    this.network = network;
    this.name = name;
    this.address = address;
    this.conditions = new Conditions(latency);
    this.lookupDelay = latency;
  }

  String name() {
    return name;
  }

  InetAddress address() {
    return address;
  }

  Conditions conditions() {
    return conditions;
  }

  // ---- who listens

  /** Accepts connections to this port from now on. */
  public void listen(int port, Consumer<Wire> accepted) {
    network.enter();
    if (listeners.putIfAbsent(port, accepted) != null) {
      throw new IllegalStateException(
          "port: " + port + " of " + name + ", allowed one that no other origin has");
    }
    network.scheduler().note(name, "listens on", port);
  }

  /** Refuses connections to this port from now on. */
  public void ignore(int port) {
    network.enter();
    if (listeners.remove(port) != null) {
      network.scheduler().note(name, "does not listen on", port);
    }
  }

  Optional<Consumer<Wire>> listener(int port) {
    return refuses ? Optional.empty() : Optional.ofNullable(listeners.get(port));
  }

  // ---- names

  long lookupDelay() {
    return lookupDelay;
  }

  /** Whether the name has an address; null where nobody answers. */
  @Nullable Boolean resolves() {
    return resolves;
  }

  /** From now on a lookup takes so long. */
  public void lookupDelay(long nanos) {
    changed("lookups take", nanos);
    lookupDelay = nanos;
  }

  /** From now on the name has an address, has none, or (null) nobody says so. */
  public void resolves(@Nullable Boolean answer) {
    changed("resolves", answer == null ? "never" : answer);
    resolves = answer;
  }

  // ---- the way to it

  private void changed(String what, Object value) {
    network.enter();
    network.scheduler().note("host", name, what, value);
  }

  private Iterable<Cable> all() {
    return List.copyOf(cables);
  }

  /** From now on nobody is let in, or everybody again. */
  public void refuses(boolean all) {
    changed("refuses", all);
    refuses = all;
  }

  /** From now on what is sent takes this long, and up to {@code spread} nanoseconds longer. */
  public void latency(long least, long spread) {
    changed("latency", least + " to " + (least + spread));
    conditions.latency = least;
    conditions.spread = spread;
    for (Cable cable : all()) {
      cable.conditions().latency = least;
      cable.conditions().spread = spread;
    }
  }

  /** From now on so many bytes pass in a second, each way; 0 for no limit. */
  public void bytesPerSecond(long rate) {
    changed("bytes per second", rate);
    conditions.bytesPerSecond = rate;
    for (Cable cable : all()) {
      cable.conditions().bytesPerSecond = rate;
    }
  }

  /** From now on what is sent at once may arrive in pieces. */
  public void split(boolean split) {
    changed("splits", split);
    conditions.split = split;
    for (Cable cable : all()) {
      cable.conditions().split = split;
    }
  }

  /** From now on what goes these ways is lost, or not any more. */
  public void lose(boolean up, boolean down) {
    changed("loses", (up ? "up " : "") + (down ? "down" : ""));
    conditions.upLost = up;
    conditions.downLost = down;
    for (Cable cable : all()) {
      cable.lose(up, down);
    }
  }

  // ---- its connections

  void begun(Cable cable) {
    cables.add(cable);
  }

  void ended(Cable cable) {
    cables.remove(cable);
  }

  /** The connections that are open at both ends, the oldest first. */
  public List<LinkState> links() {
    network.enter();
    List<LinkState> open = new ArrayList<>();
    for (Cable cable : cables) {
      if (cable.isOpen()) {
        open.add(new LinkState(network, cable));
      }
    }
    return open;
  }
}
