/** Shares the feeds of a fleet among machines by leases in a database. */
@org.jspecify.annotations.NullMarked
module dev.lariat.fleet.jdbc {
  requires transitive dev.lariat.fleet;
  requires java.logging; // a DataSource names it
  requires transitive java.sql;
  requires static transitive org.jspecify;

  exports dev.lariat.fleet.jdbc;

  provides dev.lariat.fleet.FleetProvider with
      dev.lariat.fleet.jdbc.JdbcProvider;
}
