package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
  private static final String STAY_AWAY =
      """
      update lariat_next set node = null, ready = false
      where fleet = ? and node = ?
        and slot in (select * from unnest(cast(? as integer array)))
      """;
  private static final String COME =
      """
      update lariat_next set node = ?, ready = false
      where fleet = ? and slot in (select * from unnest(cast(? as integer array)))
        and (node is null or node not in (
          select node from lariat_member where fleet = ? and ends > current_timestamp))
      """;
  private static final String READY =
      """
      update lariat_next set ready = true
      where fleet = ? and node = ? and not ready
        and slot in (select * from unnest(cast(? as integer array)))
      """;
  private static final String NEXT =
      "select slot, node, ready from lariat_next where fleet = ? and node is not null";
  private static final String REST = ofStandBys(STAY_AWAY);
  private static final String STAND_BY = ofStandBys(COME);
  private static final String STANDS_BY = ofStandBys(READY);
  private static final String DISMISS =
      """
      update lariat_standby set node = null, ready = false
      where fleet = ? and slot in (select * from unnest(cast(? as integer array)))
        and slot in (select slot from lariat_lease
          where fleet = ? and owner = ? and ends > current_timestamp)
      """;
  private static final String STAND_BYS = ofStandBys(NEXT);
  private static final String OWNERS =
      """
      select slot, owner, term from lariat_lease
      where fleet = ? and owner is not null and ends > current_timestamp
      """;
  private static final String MEMBERS =
      "select node from lariat_member where fleet = ? and ends > current_timestamp";

  private static String ofStandBys(String next) {
    return next.replace("lariat_next", "lariat_standby");
  }

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
      sql.update(TAKE, node, lease.toMillis(), fleet, sorted(request.take()));
    }
    if (!request.staying().isEmpty()) {
      sql.update(STAY_AWAY, fleet, node, sorted(request.staying()));
    }
    prepare(node, request.coming(), COME, READY, sql);
    if (!request.resting().isEmpty()) {
      sql.update(REST, fleet, node, sorted(request.resting()));
    }
    prepare(node, request.standing(), STAND_BY, STANDS_BY, sql);
    if (!request.dismissed().isEmpty()) {
      sql.update(DISMISS, fleet, sorted(request.dismissed()), fleet, node);
    }
    return table(sql);
  }

  /** Who takes a slot when it is free. */
  private void prepare(String node, Map<Integer, Boolean> slots, String come, String ready, Sql sql)
      throws SQLException {
    if (!slots.isEmpty()) {
      List<Integer> all = sorted(slots.keySet());
      sql.update(come, node, fleet, all, fleet);
      List<Integer> those = all.stream().filter(slots::get).toList();
      if (!those.isEmpty()) {
        sql.update(ready, fleet, node, those);
      }
    }
  }

  /** As all nodes have them, so that none waits for another one's lock. */
  private static List<Integer> sorted(Collection<Integer> slots) {
    return slots.stream().sorted().toList();
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
    return new LeaseTable(rows, members, next(NEXT, members, sql), next(STAND_BYS, members, sql));
  }

  private Map<Integer, LeaseTable.Next> next(String query, List<String> members, Sql sql)
      throws SQLException {
    Map<Integer, LeaseTable.Next> next = new HashMap<>();
    sql.query(
        query,
        row -> next.put(row.getInt(1), new LeaseTable.Next(row.getString(2), row.getBoolean(3))),
        fleet);
    next.values().removeIf(its -> !members.contains(its.node()));
    return next;
  }
}
