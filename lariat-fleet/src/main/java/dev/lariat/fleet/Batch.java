package dev.lariat.fleet;

import java.util.List;

/**
 * Events for a {@link Sink}, in the order in which they arrived.
 *
 * @param slot the slot of their feeds
 * @param epoch the tenure of the slot. Later tenures, on any node, have greater numbers. A sink
 *     that remembers the greatest epoch of each slot can refuse what an owner writes that was
 *     replaced while it slept
 * @param events at least one event, of one feed or of several
 */
public record Batch(int slot, long epoch, List<FeedEvent> events) {

  /** Copies the list. */
  public Batch {
    events = List.copyOf(events);
  }
}
