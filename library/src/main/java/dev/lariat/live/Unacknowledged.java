package dev.lariat.live;

import dev.lariat.live.LiveOutbox.Posted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a session was given and that the server has not acknowledged. Those that are
 * with a session keep their room in the outbox. It belongs to a {@link LiveOutbox}, and is used
 * under its lock.
 */
final class Unacknowledged {
  // Most outboxes await no acknowledgement, so both are constants until the first is awaited.
  private Map<Object, Deque<Posted>> awaited = Map.of(); // by identity, oldest first
  private Set<Posted> out = Set.of(); // with a session; each keeps its room
  private long bytes; // the bytes of "out"

  /** How many are with a session. */
  int messages() {
    return out.size();
  }

  /** How many bytes those have. */
  long bytes() {
    return bytes;
  }

  /** A session is given this message. */
  void gave(Posted posted) {
    Object key = posted.identity;
    if (key == null) {
      return;
    }
    if (awaited.isEmpty()) {
      awaited = new HashMap<>();
      out = new HashSet<>();
    }
    if (out.add(posted)) {
      bytes += posted.bytes();
      Deque<Posted> same = awaited.computeIfAbsent(key, its -> new ArrayDeque<>(1));
      if (!same.contains(posted)) {
        same.add(posted);
      }
    }
  }

  /** This message waits again, for the next session. */
  void tookBack(Posted posted) {
    if (!out.isEmpty() && out.remove(posted)) {
      bytes -= posted.bytes();
    }
  }

  /** The server has the oldest message of this key; null if none was given to a session. */
  @Nullable Posted acknowledge(Object key) {
    Deque<Posted> same = awaited.get(key);
    if (same == null) {
      return null;
    }
    Posted posted = same.remove();
    if (same.isEmpty()) {
      awaited.remove(key);
    }
    tookBack(posted);
    return posted;
  }

  /** Nothing is awaited any more. */
  void clear() {
    awaited = Map.of();
    out = Set.of();
    bytes = 0;
  }
}
