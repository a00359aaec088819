/** The feeds of a fleet in a file of YAML. */
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet.yaml {
  requires transitive dev.lariat.fleet;
  requires static transitive org.jspecify;
  requires org.snakeyaml.engine;

  exports dev.lariat.fleet.yaml;
}
