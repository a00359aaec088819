package dev.lariat.spring;

import java.time.Instant;
import java.util.Optional;

/**
 * How a feed stands.
 *
 * @param name its name
 * @param uri its server, without a query
 * @param state its state
 * @param session the number of the open session; 0 if none is open
 * @param since when it came into its state: open or not
 * @param sessions how many sessions it has had
 * @param received how many frames or events it has received; 0 if no method reads it
 * @param lastReceived when it received the last one; empty if none, or if no method reads it
 * @param reason why no session is open, if none is and a method reads it
 */
public record FeedInfo(
    String name,
    String uri,
    State state,
    long session,
    Instant since,
    long sessions,
    long received,
    Optional<Instant> lastReceived,
    Optional<String> reason) {

  /** The states of a feed. */
  public enum State {
    /** No method reads it, and no bean has asked for it. */
    UNUSED,
    /** A session is open. */
    OPEN,
    /** No session is open, and it makes attempts. */
    CONNECTING,
    /** It has ended for good. */
    GONE
  }
}
