package dev.lariat.internal.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which address to try when (Happy Eyeballs, RFC 8305 sections 4 and 5): the families take turns,
 * and each address gets a head start before the next is tried beside it. It opens nothing itself.
 */
final class AddressRace {
  private final Deque<InetAddress> untried;
  private final long headStart;
  private int running;
  private long nextAt;

  /**
   * A race that has not begun.
   *
   * @param addresses in the resolver's order, at least one
   * @param headStart nanoseconds
   */
  AddressRace(List<InetAddress> addresses, long headStart) {
    this.untried = new ArrayDeque<>(interleave(addresses));
    this.headStart = headStart;
  }

  /** The addresses with the families in turn, beginning with the first one's. */
  static List<InetAddress> interleave(List<InetAddress> addresses) {
    Deque<InetAddress> ofFirst = new ArrayDeque<>();
    Deque<InetAddress> ofOther = new ArrayDeque<>();
    boolean firstIsSix = addresses.get(0) instanceof Inet6Address;
    for (InetAddress address : addresses) {
      (address instanceof Inet6Address == firstIsSix ? ofFirst : ofOther).add(address);
    }
    List<InetAddress> turns = new ArrayList<>(addresses.size());
    while (!ofFirst.isEmpty() || !ofOther.isEmpty()) {
      if (!ofFirst.isEmpty()) {
        turns.add(ofFirst.remove());
      }
      if (!ofOther.isEmpty()) {
        turns.add(ofOther.remove());
      }
    }
    return turns;
  }

  /** The address to try now; null when it is not yet time, or none is left. */
  @Nullable InetAddress next(long now) {
    if (untried.isEmpty() || running > 0 && now < nextAt) {
      return null;
    }
    running++;
    nextAt = now + headStart;
    return untried.remove();
  }

  /** How long from now the next address is to be tried; negative when none is left. */
  long delay(long now) {
    return untried.isEmpty() ? -1 : Math.max(0, nextAt - now);
  }

  /** An attempt failed: the next address need not wait. */
  void failed(long now) {
    running--;
    nextAt = now;
  }

  /** Whether every address was tried in vain. */
  boolean lost() {
    return running == 0 && untried.isEmpty();
  }
}
