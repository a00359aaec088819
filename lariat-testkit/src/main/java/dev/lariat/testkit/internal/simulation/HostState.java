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
public final class HostState extends WayState {
  private final String name;
  private final InetAddress address;

  /** How good the way to it is, for connections to come; each has a copy. */
  private final Conditions conditions;

  /** Who accepts connections, by port. */
  private final Map<Integer, Consumer<Wire>> listeners = new HashMap<>(2);

  /** The connections that have not ended at both ends, the oldest first. */
  private final Set<Cable> cables = new LinkedHashSet<>();

  /** Whether it refuses connections at all ports, whoever listens. */
  private boolean refuses;

  /** The host that a lookup finds; null for this one. */
  private @Nullable HostState target;

  /** Whether a lookup finds its address; null if nobody answers one. */
  private @Nullable Boolean resolves = true;

  /** How long a lookup of its name takes, in nanoseconds. */
  private long lookupDelay;

  HostState(Network network, String name, InetAddress address, long latency) {
    super(network, "host " + name);
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
    network().enter();
    if (listeners.putIfAbsent(port, accepted) != null) {
      throw new IllegalStateException(
          "port: " + port + " of " + name + ", allowed one that no other origin has");
    }
    network().scheduler().note(name, "listens on", port);
  }

  /** Refuses connections to this port from now on. */
  public void ignore(int port) {
    network().enter();
    if (listeners.remove(port) != null) {
      network().scheduler().note(name, "does not listen on", port);
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

  /** The host whose address a lookup of the name finds. */
  HostState target() {
    return target == null ? this : target;
  }

  /** From now on a lookup of the name finds the address of this host. */
  public void movesTo(HostState other) {
    changed("moves to", other.name());
    target = other;
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

  /** From now on nobody is let in, or everybody again. */
  public void refuses(boolean all) {
    changed("refuses", all);
    refuses = all;
  }

  @Override
  List<Cable> cables() {
    return List.copyOf(cables);
  }

  @Override
  void change(Consumer<Conditions> change) {
    change.accept(conditions); // of connections to come
    super.change(change);
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
    network().enter();
    List<LinkState> open = new ArrayList<>();
    for (Cable cable : cables) {
      if (cable.isOpen()) {
        open.add(new LinkState(network(), cable));
      }
    }
    return open;
  }
}
