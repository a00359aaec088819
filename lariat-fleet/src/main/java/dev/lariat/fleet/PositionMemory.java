package dev.lariat.fleet;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Positions and epochs in memory. */
final class PositionMemory implements PositionStore {
  private final Map<Integer, Slot> slots = new HashMap<>();

  private static final class Slot {
    long epoch;
    final Map<String, String> positions = new HashMap<>();
  }

  @Override
  public void open(int slots) {}

  @Override
  public Map<Integer, Claimed> claim(Set<Integer> numbers) {
    Map<Integer, Claimed> all = new HashMap<>();
    for (int number : numbers) {
      Slot slot = slot(number);
      slot.epoch++;
      all.put(number, new Claimed(slot.epoch, Map.copyOf(slot.positions)));
    }
    return all;
  }

  @Override
  public Map<Integer, Map<String, String>> positions(Set<Integer> numbers) {
    Map<Integer, Map<String, String>> all = new HashMap<>();
    for (int number : numbers) {
      all.put(number, Map.copyOf(slot(number).positions));
    }
    return all;
  }

  @Override
  public Set<Integer> save(List<Saving> all) {
    Set<Integer> refused = refused(all);
    for (Saving saving : all) {
      if (!refused.contains(saving.slot())) {
        slot(saving.slot()).positions.putAll(saving.positions());
      }
    }
    return refused;
  }

  /** The slots of these positions that have a newer epoch. */
  Set<Integer> refused(List<Saving> all) {
    Set<Integer> refused = new HashSet<>();
    for (Saving saving : all) {
      if (epoch(saving.slot()) != saving.epoch()) {
        refused.add(saving.slot());
      }
    }
    return refused;
  }

  long epoch(int slot) {
    return slot(slot).epoch;
  }

  void epoch(int slot, long epoch) {
    slot(slot).epoch = epoch;
  }

  /** Gives each slot that was claimed, with its epoch. */
  void forEachEpoch(BiConsumer<Integer, Long> action) {
    slots.forEach((number, slot) -> action.accept(number, slot.epoch));
  }

  /** The positions of a slot. */
  Map<String, String> positions(int slot) {
    return slot(slot).positions;
  }

  private Slot slot(int number) {
    return slots.computeIfAbsent(number, none -> new Slot());
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public void close() {}
}
