/** Many live connections, each on exactly one machine. */
@SuppressWarnings("module") // the leases in a database, which are built later
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet {
  requires transitive dev.lariat;
  requires jdk.httpserver;
  requires static transitive org.jspecify;

  exports dev.lariat.fleet;
  exports dev.lariat.fleet.internal.lease to
      dev.lariat.fleet.jdbc;
}
