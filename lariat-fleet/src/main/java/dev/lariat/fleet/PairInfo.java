package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.util.Optional;

/**
 * How the two connections of a feed stand that is collected twice.
 *
 * @param first the connection to the server of the feed
 * @param second the other one
 * @param duplicates how many events were dropped on this node, since the other connection had
 *     brought them already
 */
public record PairInfo(Connection first, Connection second, long duplicates) {

  /**
   * One of the two.
   *
   * @param state its state: {@code CONNECTING}, {@code OPEN}, {@code WAITING} or {@code GONE}
   * @param ahead how many events it has brought before the other one
   * @param reason why it is waiting or gone
   */
  public record Connection(FeedInfo.State state, long ahead, Optional<Reason> reason) {}

  /** {@return how many of the two have a session, 0 to 2} */
  public int open() {
    return (first.state == FeedInfo.State.OPEN ? 1 : 0)
        + (second.state == FeedInfo.State.OPEN ? 1 : 0);
  }
}
