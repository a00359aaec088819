package dev.lariat.fleet;

import java.io.IOException;

/**
 * A batch is refused, because its slot has a newer epoch: another owner, on any node. A {@link
 * Sink} throws it that compares epochs. The fleet does not write the batch again: it has lost the
 * slot.
 */
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * A refusal.
   *
   * @param slot the slot of the batch
   * @param epoch the epoch of the batch, which is outdated
   */
  public FencedException(int slot, long epoch) {
    super("slot " + slot + " has a newer owner than that of epoch " + epoch);
  }
}
