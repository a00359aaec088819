package dev.lariat.fleet.internal.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes one stream of events of two connections that carry the same ones. It has no socket, no
 * thread and no clock: what arrives and times go in, and the events that are to be written come
 * out, in their order. All calls come from one thread.
 *
 * <p>An event is written when the first of both brings it. Two problems:
 *
 * <ul>
 *   <li><em>Different events can have the same identity</em>, as those of one millisecond. So an
 *       identity is counted: an event is a duplicate if the other connection, or an earlier session
 *       of this one, has brought its identity at least as often as this session now has.
 *   <li><em>Where a new session begins is not known</em>: identities are not ordered. If its first
 *       event is new, those before it may be on their way on the other connection. So a session
 *       that begins while the other one is open is silent: its events are held until the other one
 *       brings one of them, or it brings one that is known. From then on, both are at a known
 *       distance, and whichever is ahead brings new events in the right order.
 * </ul>
 *
 * <p>Nothing is held for longer than the patience, nor more than a limit, nor when the other
 * connection is lost: then the events that are held are written, and those that come after them on
 * the other connection are late, but not lost.
 *
 * <p>Times are nanoseconds of a monotonic clock, which may overflow: they are only subtracted.
 *
 * @param <E> what an event is here
 */
public final class Pairing<E> {
  private static final int LONGEST_KEPT = 48; // characters; of longer ones, a digest is kept

  private final int window;
  private final long patience;
  private final int mostHeld;
  private final long mostHeldSize;

  private final Map<String, Seen> seen = new LinkedHashMap<>(); // by identity, the oldest first
  private final Side first = new Side();
  private final Side second = new Side();
  private final List<E> written = new ArrayList<>(); // by the present call
  private long duplicates;

  /** How often an identity was brought. */
  private static final class Seen {
    int byFirst;
    int bySecond;
    int sessionOfFirst; // the one that "byFirst" counts
    int sessionOfSecond;
    int written;
  }

  /** One of the two connections. */
  private final class Side {
    boolean open;
    boolean silent; // whether its events are held
    int session;
    final Deque<Held<E>> held = new ArrayDeque<>();
    final Set<String> heldIdentities = new HashSet<>();
    long heldSize;
    long heldUntil;
    long ahead; // how many events it was the first to bring

    Side other() {
      return this == first ? second : first;
    }
  }

  private record Held<E>(String identity, E event) {}

  /**
   * Two connections without a session.
   *
   * @param window how many identities are remembered
   * @param patience how long an event may be held
   * @param mostHeld how many events may be held
   * @param mostHeldSize how many bytes of events may be held
   */
  public Pairing(int window, long patience, int mostHeld, long mostHeldSize) {
    this.window = window;
    this.patience = patience;
    this.mostHeld = mostHeld;
    this.mostHeldSize = mostHeldSize;
  }

  private Side side(int connection) {
    return connection == 1 ? first : second;
  }

  // ---- what happens to the connections

  /** Connection 1 or 2 has a new session. */
  public void opened(int connection) {
    Side side = side(connection);
    side.session++;
    side.open = true;
    side.silent = side.other().open;
  }

  /** Connection 1 or 2 has no session any more, or still none. */
  public List<E> lost(int connection) {
    Side side = side(connection);
    if (side.open) {
      side.open = false;
      speak(side.other());
      speak(side);
    }
    return written();
  }

  /**
   * An event has arrived.
   *
   * @param connection 1 or 2
   * @param identity by which it is recognized on the other connection
   * @param size its bytes
   */
  public List<E> arrived(int connection, String identity, E event, long size, long now) {
    Side side = side(connection);
    String kept = kept(identity);
    if (!side.silent) {
      bring(side, kept, event);
      if (side.other().heldIdentities.contains(kept)) {
        speak(side.other());
      }
    } else if (isDuplicate(side, kept)) {
      speak(side);
      bring(side, kept, event);
    } else {
      hold(side, new Held<>(kept, event), size, now);
    }
    return written();
  }

  private void hold(Side side, Held<E> event, long size, long now) {
    if (side.held.isEmpty()) {
      side.heldUntil = now + patience;
    }
    side.held.add(event);
    side.heldIdentities.add(event.identity());
    side.heldSize += size;
    if (side.held.size() >= mostHeld || side.heldSize >= mostHeldSize) {
      speak(side);
    }
  }

  /** It is now so late. */
  public List<E> passed(long now) {
    if (delay(first, now) <= 0) {
      speak(first);
    }
    if (delay(second, now) <= 0) {
      speak(second);
    }
    return written();
  }

  /** How long until {@link #passed} has something to do; {@link Long#MAX_VALUE} for never. */
  public long delay(long now) {
    return Math.max(0, Math.min(delay(first, now), delay(second, now)));
  }

  private long delay(Side side, long now) {
    return side.held.isEmpty() ? Long.MAX_VALUE : side.heldUntil - now;
  }

  // ---- how it stands

  /** How many events this connection was the first to bring. */
  public long ahead(int connection) {
    return side(connection).ahead;
  }

  /** How many events were dropped, since they were written already. */
  public long duplicates() {
    return duplicates;
  }

  // ---- the identities

  private void speak(Side side) {
    side.silent = false;
    side.heldIdentities.clear();
    side.heldSize = 0;
    for (Held<E> next = side.held.poll(); next != null; next = side.held.poll()) {
      bring(side, next.identity(), next.event());
    }
  }

  private void bring(Side side, String identity, E event) {
    Seen its = seen.computeIfAbsent(identity, none -> new Seen());
    int count = count(its, side) + 1;
    if (side == first) {
      its.byFirst = count;
      its.sessionOfFirst = side.session;
    } else {
      its.bySecond = count;
      its.sessionOfSecond = side.session;
    }
    if (count > its.written) {
      its.written = count;
      side.ahead++;
      written.add(event);
    } else {
      duplicates++;
    }
    forgetOldest();
  }

  private boolean isDuplicate(Side side, String identity) {
    Seen its = seen.get(identity);
    return its != null && count(its, side) < its.written;
  }

  /** How often this session has brought it. */
  private int count(Seen its, Side side) {
    if (side == first) {
      return its.sessionOfFirst == side.session ? its.byFirst : 0;
    }
    return its.sessionOfSecond == side.session ? its.bySecond : 0;
  }

  private void forgetOldest() {
    if (seen.size() > window) {
      Iterator<String> oldest = seen.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** What is kept of an identity, so that a server cannot fill the memory with long ones. */
  private static String kept(String identity) {
    if (identity.length() <= LONGEST_KEPT) {
      return identity;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] sum = digest.digest(identity.getBytes(StandardCharsets.UTF_8));
      return "sha-256:" + Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private List<E> written() {
    List<E> all = List.copyOf(written);
    written.clear();
    return all;
  }
}
