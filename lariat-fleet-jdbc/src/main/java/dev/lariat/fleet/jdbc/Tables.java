package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.JdbcStoreException.Problem;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;

/** The tables of a fleet. */
final class Tables {
  static final String PREFIX = "lariat_";
  private static final int MOST_TRIES = 10;

  /** What makes them. It does nothing if they are there. */
  static final String DEFINITION =
      """
      create table if not exists lariat_fleet (
        fleet varchar(100) primary key,
        slots integer not null
      );
      create table if not exists lariat_member (
        fleet varchar(100) not null,
        node varchar(200) not null,
        ends timestamp with time zone not null,
        primary key (fleet, node)
      );
      create table if not exists lariat_lease (
        fleet varchar(100) not null,
        slot integer not null,
        owner varchar(200),
        term bigint not null,
        ends timestamp with time zone not null,
        primary key (fleet, slot)
      );
      create table if not exists lariat_next (
        fleet varchar(100) not null,
        slot integer not null,
        node varchar(200),
        ready boolean not null,
        primary key (fleet, slot)
      );
      create table if not exists lariat_standby (
        fleet varchar(100) not null,
        slot integer not null,
        node varchar(200),
        ready boolean not null,
        primary key (fleet, slot)
      );
      create table if not exists lariat_epoch (
        fleet varchar(100) not null,
        slot integer not null,
        epoch bigint not null,
        primary key (fleet, slot)
      );
      create table if not exists lariat_position (
        fleet varchar(100) not null,
        slot integer not null,
        feed varchar not null,
        reached varchar not null,
        primary key (fleet, slot, feed)
      );
      """;

  private static final String NEW_FLEET =
      """
      insert into lariat_fleet (fleet, slots)
      select cast(? as varchar), cast(? as integer)
      where not exists (select 1 from lariat_fleet where fleet = ?)
      """;
  private static final String NEW_LEASES =
      """
      insert into lariat_lease (fleet, slot, term, ends)
      select cast(? as varchar), its.slot, 0, current_timestamp
      from unnest(cast(? as integer array)) as its(slot)
      where not exists (select 1 from lariat_lease where fleet = ? and slot = its.slot)
      """;
  private static final String NEW_NEXT =
      """
      insert into lariat_next (fleet, slot, ready)
      select cast(? as varchar), its.slot, false
      from unnest(cast(? as integer array)) as its(slot)
      where not exists (select 1 from lariat_next where fleet = ? and slot = its.slot)
      """;
  private static final String NEW_STAND_BYS = NEW_NEXT.replace("lariat_next", "lariat_standby");
  private static final String NEW_EPOCHS =
      """
      insert into lariat_epoch (fleet, slot, epoch)
      select cast(? as varchar), its.slot, 0
      from unnest(cast(? as integer array)) as its(slot)
      where not exists (select 1 from lariat_epoch where fleet = ? and slot = its.slot)
      """;

  private Tables() {}

  /**
   * Makes the tables if they are missing, and the rows of this fleet.
   *
   * @throws JdbcStoreException if that is not possible, or the fleet has another number of slots
   */
  static void prepare(Sql sql, String fleet, int slots) throws SQLException, JdbcStoreException {
    if (!exist(sql)) {
      make(sql);
    }
    add(sql, NEW_FLEET, fleet, slots);
    int[] stored = new int[1];
    sql.query(
        "select slots from lariat_fleet where fleet = ?", row -> stored[0] = row.getInt(1), fleet);
    if (stored[0] != slots) {
      throw new JdbcStoreException(
          Problem.OTHER_SLOTS,
          "fleet.slots: " + slots + ", allowed " + stored[0] + ", as the fleet " + fleet + " has",
          null);
    }
    List<Integer> all = IntStream.range(0, slots).boxed().toList();
    add(sql, NEW_LEASES, fleet, all);
    add(sql, NEW_NEXT, fleet, all);
    add(sql, NEW_STAND_BYS, fleet, all);
    add(sql, NEW_EPOCHS, fleet, all);
  }

  private static boolean exist(Sql sql) throws SQLException {
    try {
      for (String table :
          List.of("fleet", "member", "lease", "next", "standby", "epoch", "position")) {
        sql.query("select 1 from " + PREFIX + table + " where 1 = 0", row -> {});
      }
      return true;
    } catch (SQLException e) {
      if (sql.connection().isValid(sql.timeoutSeconds())) {
        return false; // or it may not be read, which shows when it is made
      }
      throw e;
    }
  }

  private static void make(Sql sql) throws JdbcStoreException {
    for (String table : DEFINITION.split(";\\R", -1)) {
      if (!table.isEmpty()) {
        make(sql, table);
      }
    }
  }

  private static void make(Sql sql, String table) throws JdbcStoreException {
    for (int tries = 1; ; tries++) {
      try {
        sql.update(table);
        return;
      } catch (SQLException e) {
        // PostgreSQL fails when two nodes make it at once, and not the second time
        if (tries == 2) {
          throw new JdbcStoreException(
              Problem.NO_TABLES,
              "the tables of the fleet are missing, and cannot be made: " + e.getMessage(),
              e);
        }
      }
    }
  }

  /** Adds what is missing. Another node may do the same at this moment. */
  private static void add(Sql sql, String rows, String fleet, Object what) throws SQLException {
    for (int tries = 1; ; tries++) {
      try {
        sql.update(rows, fleet, what, fleet);
        return;
      } catch (SQLException e) {
        boolean conflict = e.getSQLState() != null && e.getSQLState().startsWith("23");
        if (!conflict || tries == MOST_TRIES) {
          throw e;
        }
      }
    }
  }
}
