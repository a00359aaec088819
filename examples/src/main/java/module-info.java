/**
 * The programs of the guide. They are a module, so the compiler lets them use only what the library
 * exports.
 */
@SuppressWarnings("requires-automatic") // OpenTelemetry's names
@org.jspecify.annotations.NullMarked
module dev.lariat.examples {
  requires dev.lariat;
  requires dev.lariat.fleet;
  requires dev.lariat.fleet.yaml;
  requires dev.lariat.jackson;
  requires dev.lariat.micrometer;
  requires dev.lariat.opentelemetry;
  requires io.opentelemetry.context;
  requires com.fasterxml.jackson.databind;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires java.security.jgss;
  requires static org.jspecify;

  opens dev.lariat.examples to
      tools.jackson.databind;
}
