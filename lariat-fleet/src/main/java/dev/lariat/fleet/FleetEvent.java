package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.time.Duration;

/** What happens in a fleet: a closed set. Events are immutable. */
public sealed interface FleetEvent {

  /** {@return what has happened, in one sentence} */
  default String sentence() {
    return switch (this) {
      case SlotComing(var slot) -> "This node prepares to get slot " + slot + ".";
      case SlotStandBy(var slot) -> "This node stands by for slot " + slot + ".";
      case StandByEnded(var feed, var reason) ->
          "The stand-by of " + feed + " on this node has ended: " + reason.sentence();
      case SlotTaken(var slot, var epoch) ->
          "This node has slot " + slot + ", epoch " + epoch + ".";
      case SlotLeft(var slot, var epoch) ->
          "This node has left slot " + slot + ", epoch " + epoch + ".";
      case SlotLost(var slot, var epoch, var loss) ->
          "This node has lost slot " + slot + ", epoch " + epoch + ": " + why(loss);
      case NodeEnded(var node, var reason) -> "The node " + node + " has ended: " + reason + ".";
      case FeedOpen(var feed, var session) -> feed + " is open, session " + session + ".";
      case FeedWaiting(var feed, var attempt, var delay, var reason) ->
          "%s waits %s for attempt %d: %s"
              .formatted(feed, words(delay), attempt, reason.sentence());
      case FeedGone(var feed, var reason) -> feed + " has ended for good: " + reason.sentence();
      case StoreFailed(var cause) -> "The store failed: " + cause;
      case StoreRecovered() -> "The store works again.";
      case SinkFailed(var slot, var cause) -> "The sink failed for slot " + slot + ": " + cause;
      case SinkRecovered(var slot) -> "The sink works again for slot " + slot + ".";
      case PositionUnreadable(var feed, var cause) ->
          "The position of an event of " + feed + " could not be read: " + cause;
      case PositionSkipped(var feed, var asked, var begins) ->
          feed + " begins after " + begins + ", and was asked to begin after " + asked + ".";
      case ConnectionOpen(var feed, var connection, var session) ->
          "Connection %d of %s is open, session %d.".formatted(connection, feed, session);
      case ConnectionLost(var feed, var connection, var ended, var reason) ->
          "Connection %d of %s %s: %s"
              .formatted(connection, feed, ended ? "has ended" : "is lost", reason.sentence());
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
   * This node prepares to get a slot from another one that still has it. It opens the feeds that
   * overlap, and holds what they receive. {@link SlotTaken} follows, or the slot does not come
   * after all.
   *
   * @param slot the number of the slot
   */
  record SlotComing(int slot) implements FleetEvent {}

  /**
   * This node stands by for a slot that another one has. It opens the feeds that have a stand-by,
   * and holds what they receive. {@link SlotTaken} follows if the owner dies or leaves the slot, or
   * another node stands by later.
   *
   * @param slot the number of the slot
   */
  record SlotStandBy(int slot) implements FleetEvent {}

  /**
   * A feed has ended for good on this node, which stands by for it, as when the server refuses a
   * second session. The owner still has it, but no stand-by. It is tried again when this node has
   * the slot, or a feed of the slot has another configuration.
   *
   * @param feed the id of the feed
   * @param reason why
   */
  record StandByEnded(String feed, Reason reason) implements FleetEvent {}

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
   * This node has ended, though nobody has closed the fleet: it has lost all slots, and gets none
   * any more. So it is of no use until the fleet is closed and opened again, with a new placement;
   * most programs end their process for that, and have it started again. It happens on a cluster,
   * if the other nodes have removed this one, and not with leases in a database.
   *
   * @param node the name of this node
   * @param reason why, such as {@code the cluster has removed it}
   */
  record NodeEnded(String node, String reason) implements FleetEvent {}

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
   * The store of positions has failed, or that in which the placement has the owners of slots. Each
   * of them tells it for itself. The fleet tries again. Until then, positions wait, and slots that
   * are taken do not open.
   *
   * @param cause what it threw
   */
  record StoreFailed(Throwable cause) implements FleetEvent {}

  /** The store that had failed works again. */
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
   * characters. The event was written without a position. The same is told of the identity of an
   * event of a pair, which is then written from both connections.
   *
   * @param feed the id of the feed
   * @param cause what it threw
   */
  record PositionUnreadable(String feed, Throwable cause) implements FleetEvent {}

  /**
   * A server has begun a session elsewhere than it was asked to, as its {@code positionHeader}
   * says. It may not have some events any more.
   *
   * @param feed the id of the feed
   * @param asked the position after which it should have begun
   * @param begins the position after which it begins
   */
  record PositionSkipped(String feed, String asked, String begins) implements FleetEvent {}

  /**
   * One of the two connections of a pair has a session. If the other one has none, {@link FeedOpen}
   * follows.
   *
   * @param feed the id of the feed
   * @param connection 1 or 2
   * @param session the number of the session of this connection
   */
  record ConnectionOpen(String feed, int connection, long session) implements FleetEvent {}

  /**
   * One of the two connections of a pair has lost its session, or has ended for good. If the other
   * one has none either, {@link FeedWaiting} or {@link FeedGone} follows.
   *
   * @param feed the id of the feed
   * @param connection 1 or 2
   * @param ended whether it has ended for good, so that no other attempt follows
   * @param reason why
   */
  record ConnectionLost(String feed, int connection, boolean ended, Reason reason)
      implements FleetEvent {}
}
