package dev.lariat.internal.pool;

import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolEvent.Outcome;
import dev.lariat.event.PoolEvent.PoolClosed;
import dev.lariat.event.PoolEvent.PoolOpened;
import dev.lariat.event.PoolEvent.PoolOpening;
import dev.lariat.event.PoolEvent.PoolRepeat;
import dev.lariat.event.PoolEvent.PoolWait;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts a pool's events. Each opening must have one end, and each connection one as well. */
final class PoolCount {
  private final Map<Outcome, Long> waits = new EnumMap<>(Outcome.class);
  private final Map<Cause, Long> closings = new EnumMap<>(Cause.class);
  private final Set<Long> dialing = new HashSet<>();
  private final Map<Long, String> alive = new HashMap<>();
  private long opened;
  private long failed;
  private long repeated;

  void event(PoolEvent event) {
    switch (event) {
      case PoolWait wait -> waits.merge(wait.outcome(), 1L, Long::sum);
      case PoolOpening opening -> require(dialing.add(opening.connection()), event);
      case PoolOpened end -> {
        require(dialing.remove(end.connection()), event);
        opened += end.protocol().isPresent() ? 1 : 0;
        failed += end.failure().isPresent() ? 1 : 0;
        end.protocol().ifPresent(spoken -> alive.put(end.connection(), end.origin()));
      }
      case PoolClosed closed -> {
        require(closed.origin().equals(alive.remove(closed.connection())), event);
        closings.merge(closed.cause(), 1L, Long::sum);
      }
      case PoolRepeat repeat -> repeated++;
    }
  }

  private static void require(boolean holds, PoolEvent event) {
    if (!holds) {
      throw new AssertionError("an end without a beginning, or a second one: " + event);
    }
  }

  private long ended(Outcome... outcomes) {
    long sum = 0;
    for (Outcome outcome : outcomes) {
      sum += waits.getOrDefault(outcome, 0L);
    }
    return sum;
  }

  @Override
  public String toString() {
    return line(
        opened,
        closings,
        failed,
        ended(Outcome.AT_ONCE, Outcome.WAITED),
        ended(Outcome.WAITED),
        ended(Outcome.FULL, Outcome.LATE, Outcome.FAILED, Outcome.CLOSED),
        repeated);
  }

  /** What it must say by these numbers. */
  static String of(PoolInfo info) {
    return line(
        info.opened(),
        info.closed(),
        info.failed(),
        info.granted(),
        info.waited(),
        info.refused(),
        info.repeated());
  }

  private static String line(
      long opened,
      Map<Cause, Long> closed,
      long failed,
      long granted,
      long waited,
      long refused,
      long repeated) {
    Map<Cause, Long> ordered = new EnumMap<>(Cause.class);
    ordered.putAll(closed);
    return "opened "
        + opened
        + ", closed "
        + ordered
        + ", failed "
        + failed
        + ", granted "
        + granted
        + ", waited "
        + waited
        + ", refused "
        + refused
        + ", repeated "
        + repeated;
  }
}
