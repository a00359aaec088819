package dev.lariat.fleet.pekko;

import com.typesafe.config.Config;
import java.time.Duration;

/** What the configuration of an actor system must say, so that slots move and never double. */
final class Checks {
  static final String DOWNING = "pekko.cluster.downing-provider-class";
  static final String STABLE_AFTER = "pekko.cluster.split-brain-resolver.stable-after";
  static final String REGION_TIME =
      "pekko.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout";

  /** The phase before that one, in which slots move a few at a time. */
  static final String PLANNED_TIME =
      "pekko.coordinated-shutdown.phases.before-cluster-shutdown.timeout";

  /** What sharding takes off the time of a hand-over for its own messages. */
  static final Duration SHARDING = Duration.ofSeconds(5);

  private Checks() {}

  /** How long the phase takes at most in which all slots are handed over. */
  static Duration regionTime(Duration handOff) {
    return handOff.plus(SHARDING).plusSeconds(1);
  }

  /** How long slots may move before all that are left are handed over at once. */
  static Duration planned(Config config, Duration handOff) {
    Duration phase =
        config.hasPath(PLANNED_TIME)
            ? config.getDuration(PLANNED_TIME)
            : config.getDuration("pekko.coordinated-shutdown.default-phase-timeout");
    Duration most = phase.multipliedBy(9).dividedBy(10);
    return most.compareTo(handOff) < 0 ? most : handOff;
  }

  static void check(Config config, Duration handOff) {
    String provider = config.getString("pekko.actor.provider");
    if (!provider.equals("cluster") && !provider.endsWith("ClusterActorRefProvider")) {
      throw Allowed.refused("pekko.actor.provider", provider, "cluster");
    }
    if (config.getString(DOWNING).isEmpty()) {
      throw Allowed.refused(
          DOWNING, "none", "one, or the slots of a node that dies would stay with it for ever");
    }
    Duration time = config.getDuration(REGION_TIME);
    if (time.compareTo(regionTime(handOff)) < 0) {
      throw Allowed.refused(REGION_TIME, time, regionTime(handOff).toSeconds() + " s or more");
    }
  }
}
