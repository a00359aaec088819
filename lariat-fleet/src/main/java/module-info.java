/** Many live connections, each on exactly one machine. */
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet {
  requires transitive dev.lariat;
  requires jdk.httpserver;
  requires static transitive org.jspecify;

  exports dev.lariat.fleet;
}
