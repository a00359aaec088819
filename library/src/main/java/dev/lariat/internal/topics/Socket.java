package dev.lariat.internal.topics;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A socket, with what it wants.
 *
 * @param <R> a reader
 * @param <S> a session
 */
public final class Socket<R, S> {
  final Map<String, Topic<R, S>> wanted = new LinkedHashMap<>();
  @Nullable Session<R, S> current; // carries traffic; null without one
  @Nullable Session<R, S> next; // is being opened; null without one
  boolean over; // whether it has ended, or is to end
  int attempt; // with "delay" and "why": what was last told of a gap
  Duration delay = Duration.ZERO;
  @Nullable Reason why; // null before the first

  Socket() {}

  /** How many topics it has. */
  public int topics() {
    return wanted.size();
  }

  /** How many of them are subscribed. */
  public int subscribed() {
    Session<R, S> session = current;
    return session == null
        ? 0
        : (int) session.said.values().stream().filter(Said::isSubscribed).count();
  }

  /** Whether the session that is being opened has not been given all topics yet. */
  public boolean isBehind() {
    Session<R, S> session = next;
    return session != null && !session.dead && !session.toSay.isEmpty();
  }

  /** Whether a session carries traffic. */
  public boolean isOpen() {
    return current != null;
  }

  List<Session<R, S>> sessions() {
    List<Session<R, S>> both = new ArrayList<>(2);
    if (current != null) {
      both.add(current);
    }
    if (next != null) {
      both.add(next);
    }
    return both;
  }
}
