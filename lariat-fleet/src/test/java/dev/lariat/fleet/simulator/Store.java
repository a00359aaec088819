package dev.lariat.fleet.simulator;

import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final Map<Integer, LeaseTable.Next> next = new HashMap<>(); // by slot
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

  /** The steps of a request, before the table is read. Others may come between them. */
  List<Runnable> steps(LeaseRequest request) {
    return List.of(
        () -> member(request),
        () -> renew(request),
        () -> giveBack(request),
        () -> take(request),
        () -> stay(request),
        () -> come(request),
        () -> ready(request));
  }

  private void stay(LeaseRequest request) {
    request
        .staying()
        .forEach(slot -> next.computeIfPresent(slot, (its, who) -> other(who, request)));
  }

  private static LeaseTable.Next other(LeaseTable.Next who, LeaseRequest request) {
    return who.node().equals(request.node()) ? null : who;
  }

  private void come(LeaseRequest request) {
    for (int slot : request.coming().keySet()) {
      LeaseTable.Next its = next.get(slot);
      if (its == null || !members.containsKey(its.node())) {
        next.put(slot, new LeaseTable.Next(request.node(), false));
      }
    }
  }

  private void ready(LeaseRequest request) {
    LeaseTable.Next its = new LeaseTable.Next(request.node(), true);
    request
        .coming()
        .forEach(
            (slot, ready) -> {
              LeaseTable.Next who = next.get(slot);
              if (ready && who != null && who.node().equals(request.node())) {
                next.put(slot, its);
              }
            });
  }

  private void member(LeaseRequest request) {
    if (request.leaves()) {
      members.remove(request.node());
    } else {
      members.put(request.node(), time.now() + lease);
    }
  }

  private void renew(LeaseRequest request) {
    request.renew().forEach((slot, term) -> owned(request, slot, term).ifPresent(this::lengthen));
  }

  private void giveBack(LeaseRequest request) {
    request
        .giveBack()
        .forEach((slot, term) -> owned(request, slot, term).ifPresent(its -> its.owner = ""));
  }

  private Optional<Lease> owned(LeaseRequest request, int slot, long term) {
    return Optional.ofNullable(leases.get(slot))
        .filter(its -> its.owner.equals(request.node()) && its.term == term);
  }

  private void take(LeaseRequest request) {
    for (int slot : request.take()) {
      Lease its = leases.computeIfAbsent(slot, none -> new Lease());
      if (its.owner.isEmpty() || its.end <= time.now()) {
        its.owner = request.node();
        its.term++;
        lengthen(its);
      }
    }
  }

  private void lengthen(Lease its) {
    its.end = time.now() + lease;
  }

  LeaseTable table() {
    long now = time.now();
    members.values().removeIf(end -> end <= now);
    Map<Integer, LeaseTable.Row> rows = new HashMap<>();
    leases.forEach(
        (slot, its) -> {
          if (!its.owner.isEmpty() && its.end > now) {
            rows.put(slot, new LeaseTable.Row(its.owner, its.term));
          }
        });
    Map<Integer, LeaseTable.Next> coming = new HashMap<>(next);
    coming.values().removeIf(its -> !members.containsKey(its.node()));
    return new LeaseTable(rows, List.copyOf(members.keySet()), coming);
  }

  Map<String, String> positions(int slot) {
    return Map.copyOf(positions.getOrDefault(slot, Map.of()));
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
