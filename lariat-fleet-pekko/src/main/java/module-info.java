/** A fleet's slots on the nodes of an Apache Pekko cluster. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Pekko's names
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet.pekko {
  requires transitive dev.lariat.fleet;
  requires transitive pekko.actor;
  requires pekko.cluster;
  requires pekko.cluster.sharding;
  requires pekko.remote;
  requires scala.library;
  requires typesafe.config;
  requires static transitive org.jspecify;

  exports dev.lariat.fleet.pekko;

  provides dev.lariat.fleet.FleetProvider with
      dev.lariat.fleet.pekko.PekkoProvider;

  opens dev.lariat.fleet.pekko to
      pekko.actor; // which makes the SystemLog
}
