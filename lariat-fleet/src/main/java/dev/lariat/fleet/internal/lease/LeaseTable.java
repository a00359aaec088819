package dev.lariat.fleet.internal.lease;

import java.util.List;
import java.util.Map;

/**
 * What the store has when it has carried out a {@link LeaseRequest}.
 *
 * @param rows the slots that have an owner whose lease is not over
 * @param members the names of all members, sorted
 * @param next the slots for which a member prepares to be the next owner
 * @param standBys the slots for which a member stands by, which takes them if their owners die
 */
public record LeaseTable(
    Map<Integer, Row> rows,
    List<String> members,
    Map<Integer, Next> next,
    Map<Integer, Next> standBys) {

  /** One in which nobody prepares anything. */
  public LeaseTable(Map<Integer, Row> rows, List<String> members) {
    this(rows, members, Map.of(), Map.of());
  }

  /** One in which nobody stands by. */
  public LeaseTable(Map<Integer, Row> rows, List<String> members, Map<Integer, Next> next) {
    this(rows, members, next, Map.of());
  }

  /**
   * Who has a slot.
   *
   * @param owner the name of the node
   * @param term how many times the slot was taken
   */
  public record Row(String owner, long term) {}

  /**
   * Who prepares to have a slot, or stands by for it.
   *
   * @param node the name of the node
   * @param ready whether the owner may leave the slot, or die
   */
  public record Next(String node, boolean ready) {}
}
