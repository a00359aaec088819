/** Lariat's requests as OpenTelemetry's spans and metrics. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // OpenTelemetry's names
@org.jspecify.annotations.NullMarked
module dev.lariat.opentelemetry {
  requires transitive dev.lariat;
  requires transitive io.opentelemetry.api;
  requires io.opentelemetry.common;
  requires io.opentelemetry.context;
  requires static transitive org.jspecify;

  exports dev.lariat.opentelemetry;
}
