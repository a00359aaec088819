/** Lariat's connections as Micrometer's meters. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer's name
@org.jspecify.annotations.NullMarked
module dev.lariat.micrometer {
  requires transitive dev.lariat;
  requires transitive micrometer.core;
  requires static transitive dev.lariat.fleet;
  requires static transitive org.jspecify;

  exports dev.lariat.micrometer;
}
