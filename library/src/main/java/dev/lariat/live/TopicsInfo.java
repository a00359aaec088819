package dev.lariat.live;

import dev.lariat.message.LiveRef;
import java.util.List;

/**
 * How a {@link Topics} stands.
 *
 * @param sockets its sockets
 * @param topics how many topics they have, including those that linger
 * @param lingering how many topics have no reader any more and are not unsubscribed yet
 * @param readers how many readers there are
 * @param unread how many messages arrived so far for topics that nobody reads
 * @param dropped how many messages were dropped so far because the mailbox of a reader was full
 */
public record TopicsInfo(
    List<Socket> sockets, int topics, int lingering, int readers, long unread, long dropped) {

  /** Makes the list immutable. */
  public TopicsInfo {
    sockets = List.copyOf(sockets);
  }

  /**
   * One socket.
   *
   * @param socket the {@code LiveWebSocket}
   * @param session the number of its open session; 0 if none is open
   * @param topics how many topics it has
   * @param subscribed how many of them are subscribed in that session
   */
  public record Socket(LiveRef socket, long session, int topics, int subscribed) {}
}
