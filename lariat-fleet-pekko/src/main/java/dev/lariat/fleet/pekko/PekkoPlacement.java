package dev.lariat.fleet.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lariat.fleet.Placement;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.RemoteTransportException;

/**
 * Places the slots of a fleet on the nodes of an Apache Pekko cluster, by cluster sharding. It
 * needs no database, and carries frames to the node that has a feed. Use it with three nodes or
 * more: when nodes are lost, the side that has the majority goes on, and the other one ends.
 *
 * <pre>{@code
 * Placement placement =
 *     PekkoPlacement.seeds("10.0.0.1:7355", "10.0.0.2:7355", "10.0.0.3:7355").at("10.0.0.2:7355");
 * }</pre>
 *
 * <p>It is an immutable value.
 */
public final class PekkoPlacement implements Placement {
  private static final Pattern ADDRESS = Pattern.compile("([^:/@\\s\\[\\]]+):(\\d{1,5})");
  private static final String SYSTEM = "lariat-fleet";

  // Shorter than Pekko's, since a cluster of a few nodes is no burden: they are a part of each gap.
  private static final Duration QUICK = Duration.ofMillis(250);
  private static final Duration HEARTBEAT = Duration.ofMillis(500);

  private final List<String> seeds; // empty if the system is the user's
  private final Optional<ActorSystem> system;
  private final String at; // empty if it is not set
  private final String name;
  private final Duration stableAfter;
  private final Duration handOff;

  private PekkoPlacement(
      List<String> seeds,
      Optional<ActorSystem> system,
      String at,
      String name,
      Duration stableAfter,
      Duration handOff) {
    this.seeds = seeds;
    this.system = system;
    this.at = at;
    this.name = name;
    this.stableAfter = stableAfter;
    this.handOff = handOff;
  }

  private static PekkoPlacement of(List<String> seeds, Optional<ActorSystem> system) {
    return new PekkoPlacement(
        seeds, system, "", "fleet", Duration.ofSeconds(5), Duration.ofSeconds(15));
  }

  /**
   * {@return a placement that starts an actor system, which forms or joins a cluster} The seeds are
   * the same on all nodes. A cluster is formed by the first of them; the others join through any
   * one that is up. The system listens at {@link #at}, and ends with the fleet.
   *
   * @param seeds the addresses of one node or more, each as {@code host:port}
   * @throws IllegalArgumentException if one is not an address, or if there is none
   */
  public static PekkoPlacement seeds(String... seeds) {
    if (seeds.length == 0) {
      throw Allowed.refused("pekko.seeds", "none", "host:port of one node or more");
    }
    for (String seed : seeds) {
      checkAddress("pekko.seeds", seed);
    }
    return of(List.of(seeds), Optional.empty());
  }

  /**
   * {@return a placement in an actor system of yours, which has to be in a cluster, or to join one}
   * The fleet leaves the system running. A system can open a fleet of one name once.
   *
   * @param system the system. It needs a downing provider, such as the split brain resolver of
   *     Pekko, and enough time in the phase {@code cluster-sharding-shutdown-region} of its
   *     coordinated shutdown
   */
  public static PekkoPlacement over(ActorSystem system) {
    return of(List.of(), Optional.of(Objects.requireNonNull(system, "pekko.system: null")));
  }

  private static void checkAddress(String option, String address) {
    var matcher = ADDRESS.matcher(Objects.requireNonNull(address, option + ": null"));
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      throw Allowed.refused(option, address, "host:port");
    }
  }

  /**
   * Sets where this node listens, and how the others reach it. It has to be set if there are seeds.
   * The port has no password: it must be reachable for the nodes of the fleet only, or Pekko's TLS
   * has to be configured.
   *
   * @param address the address of this node, as {@code host:port}
   * @return a copy of this placement with this value
   * @throws IllegalArgumentException if it is not an address, or if the actor system is yours
   */
  public PekkoPlacement at(String address) {
    refuseOver("pekko.at");
    checkAddress("pekko.at", address);
    return new PekkoPlacement(seeds, system, address, name, stableAfter, handOff);
  }

  /**
   * Sets how long the cluster waits after it has noticed that nodes cannot be reached, until it
   * decides which side goes on: 1 s to 1 min, 5 s by default, as for up to ten nodes. It waits as
   * long again before slots move.
   *
   * @param stableAfter how long
   * @return a copy of this placement with this value
   * @throws IllegalArgumentException if it is out of range, or if the actor system is yours
   */
  public PekkoPlacement stableAfter(Duration stableAfter) {
    refuseOver("pekko.stableAfter");
    Allowed.seconds("pekko.stableAfter", stableAfter, 1, 60);
    return new PekkoPlacement(seeds, system, at, name, stableAfter, handOff);
  }

  /**
   * Sets how long a slot may take to be left in good order: 1 s to 1 hour, 15 s by default. It has
   * to be longer than {@code FleetOptions.closing}. After that, it is lost, and moves. A fleet that
   * closes waits as long at most for its slots to move to others a few at a time, before it leaves
   * all that it still has.
   *
   * @param handOff how long
   * @return a copy of this placement with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public PekkoPlacement handOff(Duration handOff) {
    Allowed.seconds("pekko.handOff", handOff, 1, 3600);
    return new PekkoPlacement(seeds, system, at, name, stableAfter, handOff);
  }

  /**
   * Sets the name of the fleet in its cluster: {@code fleet} by default. Only nodes with the same
   * name share slots.
   *
   * @param name 1 to 50 letters, digits and hyphens
   * @return a copy of this placement with this value
   * @throws IllegalArgumentException if it is not such a name
   */
  public PekkoPlacement name(String name) {
    if (!name.matches("[A-Za-z0-9-]{1,50}")) {
      throw Allowed.refused("pekko.name", name, "1 to 50 letters, digits and hyphens");
    }
    return new PekkoPlacement(seeds, system, at, name, stableAfter, handOff);
  }

  private void refuseOver(String option) {
    if (system.isPresent()) {
      throw Allowed.refused(option, "set", "with seeds only: this actor system is yours");
    }
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public Membership join(int slots, Node node) throws IOException {
    ActorSystem its = system.isPresent() ? system.get() : start();
    try {
      return new PekkoMembership(its, system.isEmpty(), name, handOff, slots, node);
    } catch (RuntimeException e) {
      if (system.isEmpty()) {
        its.terminate();
      }
      throw e;
    }
  }

  private ActorSystem start() throws IOException {
    if (at.isEmpty()) {
      throw Allowed.refused("pekko.at", "not set", "host:port of this node");
    }
    try {
      return ActorSystem.create(SYSTEM, config());
    } catch (RemoteTransportException e) {
      throw new IOException("cannot listen at " + at, e);
    }
  }

  private Config config() {
    int colon = at.indexOf(':');
    List<String> addresses = seeds.stream().map(seed -> "pekko://" + SYSTEM + "@" + seed).toList();
    Map<String, Object> values =
        Map.ofEntries(
            Map.entry("pekko.actor.provider", "cluster"),
            Map.entry("pekko.remote.artery.canonical.hostname", at.substring(0, colon)),
            Map.entry("pekko.remote.artery.canonical.port", at.substring(colon + 1)),
            Map.entry("pekko.cluster.seed-nodes", addresses),
            Map.entry(Checks.DOWNING, "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider"),
            Map.entry("pekko.cluster.split-brain-resolver.active-strategy", "keep-majority"),
            Map.entry(Checks.STABLE_AFTER, stableAfter),
            Map.entry("pekko.cluster.jmx.multi-mbeans-in-same-jvm", "on"),
            Map.entry(Checks.REGION_TIME, Checks.regionTime(handOff)),
            Map.entry(Checks.PLANNED_TIME, handOff.multipliedBy(2)),
            Map.entry("pekko.cluster.gossip-interval", QUICK),
            Map.entry("pekko.cluster.leader-actions-interval", QUICK),
            Map.entry("pekko.cluster.unreachable-nodes-reaper-interval", QUICK),
            Map.entry("pekko.cluster.failure-detector.heartbeat-interval", HEARTBEAT),
            // standard output belongs to the program
            Map.entry("pekko.loggers", List.of(SystemLog.class.getName())),
            Map.entry("pekko.stdout-loglevel", "OFF"));
    return ConfigFactory.parseMap(values).withFallback(ConfigFactory.load());
  }

  /** Its seeds and its address, for logs. */
  @Override
  public String toString() {
    return "PekkoPlacement[" + name + (at.isEmpty() ? "" : " at " + at) + "]";
  }
}
