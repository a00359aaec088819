package dev.lariat.fleet.simulator;

import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The store of all nodes: leases by its own clock, and positions that only the newest may write.
 */
final class Store {
  private final Timeline time;
  private final long lease;
  private final Map<String, Long> members = new TreeMap<>(); // each with the end of its lease
  private final Map<Integer, Lease> leases = new HashMap<>();
  private final Map<Integer, LeaseTable.Next> next = new HashMap<>(); // by slot
  private final Map<Integer, LeaseTable.Next> standBys = new HashMap<>(); // by slot
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
        () -> stay(request, next, request.staying()),
        () -> come(request, next, request.coming()),
        () -> ready(request, next, request.coming()),
        () -> stay(request, standBys, request.resting()),
        () -> come(request, standBys, request.standing()),
        () -> ready(request, standBys, request.standing()),
        () -> dismiss(request));
  }

  private void dismiss(LeaseRequest request) {
    for (int slot : request.dismissed()) {
      Lease its = leases.get(slot);
      if (its != null && its.owner.equals(request.node()) && its.end > time.now()) {
        standBys.remove(slot);
      }
    }
  }

  private static void stay(
      LeaseRequest request, Map<Integer, LeaseTable.Next> all, List<Integer> slots) {
    slots.forEach(slot -> all.computeIfPresent(slot, (its, who) -> other(who, request)));
  }

  private static LeaseTable.Next other(LeaseTable.Next who, LeaseRequest request) {
    return who.node().equals(request.node()) ? null : who;
  }

  private void come(
      LeaseRequest request, Map<Integer, LeaseTable.Next> all, Map<Integer, Boolean> slots) {
    for (int slot : slots.keySet()) {
      LeaseTable.Next its = all.get(slot);
      if (its == null || !members.containsKey(its.node())) {
        all.put(slot, new LeaseTable.Next(request.node(), false));
      }
    }
  }

  private static void ready(
      LeaseRequest request, Map<Integer, LeaseTable.Next> all, Map<Integer, Boolean> slots) {
    LeaseTable.Next its = new LeaseTable.Next(request.node(), true);
    slots.forEach(
        (slot, ready) -> {
          LeaseTable.Next who = all.get(slot);
          if (ready && who != null && who.node().equals(request.node())) {
            all.put(slot, its);
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
    return new LeaseTable(rows, List.copyOf(members.keySet()), ofMembers(next), standBys());
  }

  /** The stand-bys that live, as far as the store knows. */
  Map<Integer, LeaseTable.Next> standBys() {
    return ofMembers(standBys);
  }

  /** The next owners and stand-bys of a slot that live, as far as the store knows. */
  List<LeaseTable.Next> heirs(int slot) {
    return Stream.of(ofMembers(next), standBys())
        .map(all -> all.get(slot))
        .filter(Objects::nonNull)
        .toList();
  }

  private Map<Integer, LeaseTable.Next> ofMembers(Map<Integer, LeaseTable.Next> all) {
    Map<Integer, LeaseTable.Next> its = new HashMap<>(all);
    its.values().removeIf(who -> !members.containsKey(who.node()));
    return its;
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
