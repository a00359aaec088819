package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.time.Duration;

/** What happens in a fleet: a closed set. Events are immutable. */
public sealed interface FleetEvent {

  /** {@return what has happened, in one sentence} */
  default String sentence() {
    return switch (this) {
      case SlotTaken(var slot, var epoch) ->
          "This node has slot " + slot + ", epoch " + epoch + ".";
      case SlotLeft(var slot, var epoch) ->
          "This node has left slot " + slot + ", epoch " + epoch + ".";
      case SlotLost(var slot, var epoch, var loss) ->
          "This node has lost slot " + slot + ", epoch " + epoch + ": " + why(loss);
      case FeedOpen(var feed, var session) -> feed + " is open, session " + session + ".";
      case FeedWaiting(var feed, var attempt, var delay, var reason) ->
          "%s waits %s for attempt %d: %s"
              .formatted(feed, words(delay), attempt, reason.sentence());
      case FeedGone(var feed, var reason) -> feed + " has ended for good: " + reason.sentence();
      case StoreFailed(var cause) -> "The store of positions failed: " + cause;
      case StoreRecovered() -> "The store of positions works again.";
      case SinkFailed(var slot, var cause) -> "The sink failed for slot " + slot + ": " + cause;
      case SinkRecovered(var slot) -> "The sink works again for slot " + slot + ".";
      case PositionUnreadable(var feed, var cause) ->
          "The position of an event of " + feed + " could not be read: " + cause;
    };
  }

  private static String why(Loss loss) {
    return switch (loss) {
      case PLACEMENT -> "the placement has taken it away, or could not confirm it in time.";
      case REFUSED -> "the store or the sink knows a newer owner.";
      case UNSAVED -> "its last positions could not be stored in time.";
    };
  }

  private static String words(Duration delay) {
    return delay.compareTo(Duration.ofSeconds(10)) < 0
        ? delay.toMillis() + " ms"
        : delay.toSeconds() + " s";
  }

  /**
   * This node has a slot, and opens its feeds.
   *
   * @param slot the number of the slot
   * @param epoch the number of this tenure of the slot; later tenures, on any node, have greater
   *     numbers
   */
  record SlotTaken(int slot, long epoch) implements FleetEvent {}

  /**
   * This node has left a slot in good order: its feeds are closed, and their positions are stored.
   *
   * @param slot the number of the slot
   * @param epoch the number of the tenure that has ended
   */
  record SlotLeft(int slot, long epoch) implements FleetEvent {}

  /**
   * This node has lost a slot: its feeds are closed at once, and nothing more is written. The next
   * owner continues at the positions that were stored before.
   *
   * @param slot the number of the slot
   * @param epoch the number of the tenure that has ended
   * @param loss why
   */
  record SlotLost(int slot, long epoch, Loss loss) implements FleetEvent {}

  /** Why a node has lost a slot. */
  enum Loss {
    /** The placement has taken it away, or could not confirm it in time. */
    PLACEMENT,
    /** The store has refused a position, or the sink a batch: the slot has a newer owner. */
    REFUSED,
    /** It had to be left, and its last positions could not be stored in time. */
    UNSAVED
  }

  /**
   * A feed has a session, and receives.
   *
   * @param feed the id of the feed
   * @param session the number of the session, since the feed was opened on this node
   */
  record FeedOpen(String feed, long session) implements FleetEvent {}

  /**
   * A feed has no session. Another attempt follows.
   *
   * @param feed the id of the feed
   * @param attempt the number of the next attempt in a row, as in the message {@code Waiting}
   * @param delay how long until that attempt
   * @param reason why the session was lost, or why the last attempt failed
   */
  record FeedWaiting(String feed, int attempt, Duration delay, Reason reason)
      implements FleetEvent {}

  /**
   * A feed has ended for good, as its server or its options decide. It is listed with this reason,
   * and opens again when its configuration changes.
   *
   * @param feed the id of the feed
   * @param reason why it has ended
   */
  record FeedGone(String feed, Reason reason) implements FleetEvent {}

  /**
   * The store of positions has failed. The fleet tries again. Until then, positions wait, and slots
   * that are taken do not open.
   *
   * @param cause what it threw
   */
  record StoreFailed(Throwable cause) implements FleetEvent {}

  /** The store of positions works again. */
  record StoreRecovered() implements FleetEvent {}

  /**
   * The sink has thrown. The fleet writes the same batch again after a pause. Until it succeeds,
   * the feeds of the slot stop reading.
   *
   * @param slot the slot whose batch it is
   * @param cause what it threw
   */
  record SinkFailed(int slot, Throwable cause) implements FleetEvent {}

  /**
   * The sink has taken the batch that had failed.
   *
   * @param slot the slot whose batch it is
   */
  record SinkRecovered(int slot) implements FleetEvent {}

  /**
   * The position of an event could not be read: the finder threw, or found more than 4,096
   * characters. The event was written without a position.
   *
   * @param feed the id of the feed
   * @param cause what it threw
   */
  record PositionUnreadable(String feed, Throwable cause) implements FleetEvent {}
}
