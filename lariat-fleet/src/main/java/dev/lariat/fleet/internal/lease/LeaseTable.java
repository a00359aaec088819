package dev.lariat.fleet.internal.lease;

import java.util.List;
import java.util.Map;

/**
 * What the store has when it has carried out a {@link LeaseRequest}.
 *
 * @param rows the slots that have an owner whose lease is not over
 * @param members the names of all members, sorted
 */
public record LeaseTable(Map<Integer, Row> rows, List<String> members) {

  /**
   * Who has a slot.
   *
   * @param owner the name of the node
   * @param term how many times the slot was taken
   */
  public record Row(String owner, long term) {}
}
