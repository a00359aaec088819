package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries out the requests of the nodes of one fleet. Each statement commits by itself, so a node
 * that freezes or disappears between two of them holds no lock.
 */
record Leases(String fleet, Duration lease) {
  private static final String END = // of a lease from now on
      "current_timestamp + cast(? as bigint) * interval '0.001' second";
  private static final String STAY =
      """
      update lariat_member set ends = %s
      where fleet = ? and node = ?
      """
          .formatted(END);
  private static final String JOIN =
      """
      insert into lariat_member (ends, fleet, node)
      values (%s, ?, ?)
      """
          .formatted(END);
  private static final String LEAVE =
      """
      delete from lariat_member
      where fleet = ? and (node = ? or ends <= current_timestamp)
      """;
  private static final String RENEW =
      """
      update lariat_lease set ends = %s
      where fleet = ? and owner = ? and (slot, term) in (
        select * from unnest(cast(? as integer array), cast(? as bigint array)))
      """
          .formatted(END);
  private static final String GIVE_BACK =
      """
      update lariat_lease set owner = null
      where fleet = ? and owner = ? and (slot, term) in (
        select * from unnest(cast(? as integer array), cast(? as bigint array)))
      """;
  private static final String TAKE =
      """
      update lariat_lease set owner = ?, term = term + 1,
        ends = %s
      where fleet = ? and (owner is null or ends <= current_timestamp)
        and slot in (select * from unnest(cast(? as integer array)))
      """
          .formatted(END);
  private static final String OWNERS =
      """
      select slot, owner, term from lariat_lease
      where fleet = ? and owner is not null and ends > current_timestamp
      """;
  private static final String MEMBERS =
      "select node from lariat_member where fleet = ? and ends > current_timestamp";

  LeaseTable carryOut(LeaseRequest request, Sql sql) throws SQLException {
    String node = request.node();
    if (request.leaves()) {
      sql.update(LEAVE, fleet, node);
    } else if (sql.update(STAY, lease.toMillis(), fleet, node) == 0) {
      sql.update(JOIN, lease.toMillis(), fleet, node);
    }
    if (!request.renew().isEmpty()) {
      sql.update(
          RENEW, lease.toMillis(), fleet, node, slots(request.renew()), terms(request.renew()));
    }
    if (!request.giveBack().isEmpty()) {
      sql.update(GIVE_BACK, fleet, node, slots(request.giveBack()), terms(request.giveBack()));
    }
    if (!request.take().isEmpty()) {
      List<Integer> sorted = request.take().stream().sorted().toList(); // as all nodes do
      sql.update(TAKE, node, lease.toMillis(), fleet, sorted);
    }
    return table(sql);
  }

  private static List<Integer> slots(Map<Integer, Long> terms) {
    return List.copyOf(terms.keySet());
  }

  private static List<Long> terms(Map<Integer, Long> terms) {
    return slots(terms).stream().map(terms::get).toList();
  }

  private LeaseTable table(Sql sql) throws SQLException {
    Map<Integer, LeaseTable.Row> rows = new HashMap<>();
    sql.query(
        OWNERS,
        row -> rows.put(row.getInt(1), new LeaseTable.Row(row.getString(2), row.getLong(3))),
        fleet);
    List<String> members = new ArrayList<>();
    sql.query(MEMBERS, row -> members.add(row.getString(1)), fleet);
    Collections.sort(members); // here, since databases have orders of their own
    return new LeaseTable(rows, members);
  }
}
