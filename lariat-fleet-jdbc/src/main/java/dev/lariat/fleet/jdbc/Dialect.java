package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.JdbcStoreException.Problem;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/** The databases that a fleet can use, and the one statement that they do not have in common. */
enum Dialect {
  POSTGRESQL(
      "PostgreSQL",
      13,
      """
      with mine as (
        select fleet, slot from lariat_epoch
        where fleet = ? and (slot, epoch) in (
          select * from unnest(cast(? as integer array), cast(? as bigint array)))
        order by slot for share
      ), kept as (
        insert into lariat_position (fleet, slot, feed, reached)
        select mine.fleet, mine.slot, its.feed, its.reached
        from unnest(cast(? as integer array), cast(? as varchar array), cast(? as varchar array))
          as its(slot, feed, reached)
        join mine on mine.slot = its.slot
        order by its.feed
        on conflict (fleet, slot, feed) do update set reached = excluded.reached
      )
      select slot from mine
      """),
  H2(
      "H2",
      2,
      """
      select distinct slot from final table (
        merge into lariat_position (fleet, slot, feed, reached) key (fleet, slot, feed)
        select mine.fleet, mine.slot, its.feed, its.reached
        from final table (
          update lariat_epoch set epoch = epoch
          where fleet = ?1 and (slot, epoch) in (
            select * from unnest(cast(?2 as integer array), cast(?3 as bigint array)))
        ) as mine
        join unnest(cast(?4 as integer array), cast(?5 as varchar array), cast(?6 as varchar array))
          as its(slot, feed, reached) on mine.slot = its.slot
      )
      """);

  private final String product;
  private final int oldest;

  /**
   * Keeps positions, and gives the slots whose epoch was right. Its parameters: the fleet, each
   * slot and its epoch, and for each feed its slot, its name and its position. It keeps the rows of
   * the epochs locked, so that no claim comes between the look at an epoch and the writing. As a
   * single statement it leaves no lock behind if this process freezes.
   */
  final String save;

  Dialect(String product, int oldest, String save) {
    this.product = product;
    this.oldest = oldest;
    this.save = save;
  }

  static Dialect of(Connection connection) throws SQLException, JdbcStoreException {
    DatabaseMetaData its = connection.getMetaData();
    String product = its.getDatabaseProductName();
    int version = its.getDatabaseMajorVersion();
    for (Dialect dialect : values()) {
      if (dialect.product.equals(product) && version >= dialect.oldest) {
        return dialect;
      }
    }
    throw new JdbcStoreException(
        Problem.UNSUPPORTED,
        "the database: "
            + (product + " " + version)
            + ", allowed PostgreSQL "
            + POSTGRESQL.oldest
            + " or newer, and H2 "
            + H2.oldest
            + " or newer",
        null);
  }
}
