package dev.lariat.fleet.simulator;

import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The store of all nodes: leases by its own clock, and positions that only the newest may write.
 */
final class Store {
  private final Timeline time;
  private final long lease;
  private final Map<String, Long> members = new TreeMap<>(); // each with the end of its lease
  private final Map<Integer, Lease> leases = new HashMap<>();
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<Integer, Map<String, String>> positions = new HashMap<>();

  private static final class Lease {
    String owner = "";
    long term;
    long end;
  }

  record Claimed(long epoch, Map<String, String> positions) {}

  Store(Timeline time, long lease) {
    this.time = time;
    this.lease = lease;
  }

  LeaseTable carryOut(LeaseRequest request) {
    long now = time.now();
    String node = request.node();
    if (request.leaves()) {
      members.remove(node);
    } else {
      members.put(node, now + lease);
    }
    members.values().removeIf(end -> end <= now);
    request
        .renew()
        .forEach(
            (slot, term) -> {
              Lease its = leases.get(slot);
              if (its != null && its.owner.equals(node) && its.term == term) {
                its.end = now + lease;
              }
            });
    request
        .giveBack()
        .forEach(
            (slot, term) -> {
              Lease its = leases.get(slot);
              if (its != null && its.owner.equals(node) && its.term == term) {
                its.owner = "";
              }
            });
    for (int slot : request.take()) {
      Lease its = leases.computeIfAbsent(slot, none -> new Lease());
      if (its.owner.isEmpty() || its.end <= now) {
        its.owner = node;
        its.term++;
        its.end = now + lease;
      }
    }
    Map<Integer, LeaseTable.Row> rows = new HashMap<>();
    leases.forEach(
        (slot, its) -> {
          if (!its.owner.isEmpty() && its.end > now) {
            rows.put(slot, new LeaseTable.Row(its.owner, its.term));
          }
        });
    return new LeaseTable(rows, List.copyOf(members.keySet()));
  }

  Claimed claim(int slot) {
    long epoch = epochs.merge(slot, 1L, Long::sum);
    return new Claimed(epoch, Map.copyOf(positions.getOrDefault(slot, Map.of())));
  }

  Set<Integer> save(List<Saving> all) {
    Set<Integer> refused = new HashSet<>();
    for (Saving saving : all) {
      if (epochs.getOrDefault(saving.slot(), 0L) != saving.epoch()) {
        refused.add(saving.slot());
        continue;
      }
      Map<String, String> its = positions.computeIfAbsent(saving.slot(), none -> new HashMap<>());
      saving
          .positions()
          .forEach(
              (feed, position) -> {
                String before = its.put(feed, position);
                if (before != null && Long.parseLong(before) > Long.parseLong(position)) {
                  throw time.broken(
                      "the position of " + feed + " went back from " + before + " to " + position);
                }
              });
    }
    return refused;
  }
}
