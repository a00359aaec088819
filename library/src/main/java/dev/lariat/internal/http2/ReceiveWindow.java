package dev.lariat.internal.http2;

import dev.lariat.internal.codec.Http2Frames;

/**
 * The window of one stream, or of the connection, for what the server sends (RFC 9113 section 5.2).
 * It is opened again for what was told, half a window at a time. It grows when the server uses it
 * up faster than the network carries the news that it is open again: when half of it came and was
 * told within two round trips. What came before does not count: a reader that takes a full window
 * at once, and seldom, is slow.
 */
final class ReceiveWindow {
  private final int most;
  private int size;
  private int left;

  /** Octets that were told and not given back yet. */
  private int owed;

  /** When it was last opened again, or first used. */
  private long since;

  /** Octets that have come since then. */
  private int came;

  /**
   * A window that is open.
   *
   * @param size octets that the server may send at first
   * @param most the size that it may grow to
   */
  ReceiveWindow(int size, int most, long now) {
    this.size = size;
    this.left = size;
    this.most = most;
    this.since = now;
  }

  /** How many octets the server may still send. */
  int left() {
    return left;
  }

  /** Octets have come; false if they were more than the window has. */
  boolean take(int octets) {
    left -= octets;
    came += octets;
    return left >= 0;
  }

  /**
   * Octets were told, or thrown away.
   *
   * @param roundTrip nanoseconds; 0 if it is not known
   * @return by how much to open the window again now; mostly 0
   */
  int giveBack(int octets, long now, long roundTrip) {
    owed += octets;
    if (owed < size / 2) {
      return 0;
    }
    int opened = owed;
    boolean fast = roundTrip > 0 && now - since <= 2 * roundTrip && came >= size / 2;
    if (size < most && fast) {
      int grown = (int) Math.min(most, 2L * size);
      opened += grown - size;
      size = grown;
    }
    owed = 0;
    since = now;
    came = 0;
    opened = Math.min(opened, Http2Frames.MAX_WINDOW - Math.max(left, 0));
    left += opened;
    return opened;
  }
}
