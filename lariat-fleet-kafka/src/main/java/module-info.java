/** The events and positions of a fleet in Apache Kafka. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Kafka's name
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet.kafka {
  requires transitive dev.lariat.fleet;
  requires transitive kafka.clients;
  requires static transitive org.jspecify;

  exports dev.lariat.fleet.kafka;
}
