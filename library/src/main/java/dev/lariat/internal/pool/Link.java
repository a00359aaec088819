package dev.lariat.internal.pool;

import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Protocol;
import dev.lariat.option.PoolOptions;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection of a pool, as far as it is known. */
final class Link<K, W> {

  /** How far it has come. */
  enum Stage {
    /** It will be opened when the budget allows it. */
    DUE,
    /** It is being opened. */
    DIALING,
    /** It carries what it has room for. */
    OPEN,
    /** It carries on with what it has, and takes nothing more. */
    DRAINING,
    /** It was told to end. */
    LEAVING,
    /** It has ended. */
    GONE
  }

  final Site<K, W> site;
  final long number;
  private Stage stage = Stage.DUE;

  /** Why it drains, leaves or has ended; null before. */
  @Nullable Cause cause;

  /** What it speaks; null while it is being opened. */
  @Nullable Protocol protocol;

  /** When it may be opened, when it was begun to be, and when it was established. */
  long dialAt;

  long dialedAt;
  long openedAt;

  /** Whether it was told to end for another origin. */
  boolean yields;

  /** What it is connected to; null if it carries requests for its own origin only. */
  @Nullable Reached reached;

  /** The other origins whose requests it carries. */
  final Set<Site<K, W>> guests = new LinkedHashSet<>(0);

  /** How many streams it was given in all, and how many of them have left it. */
  long granted;

  long ended;

  /** How many streams it may have been given in all by now. */
  private long credit;

  /** Whether a stream has all of it. */
  private boolean taken;

  /** When it takes nothing more. */
  long ageAt = Long.MAX_VALUE;

  /** How long it may carry nothing. */
  private long idle;

  /** When it was last given a stream, or was left by one. */
  long used;

  /** Whether it is among those that have room. */
  boolean ready;

  Link(Site<K, W> site, long number) {
    this.site = site;
    this.number = number;
  }

  Stage stage() {
    return stage;
  }

  /** It comes so far. */
  void becomes(Stage next) {
    site.counts(stage, -1);
    stage = next;
    site.counts(stage, 1);
  }

  PoolOptions rules() {
    return site.rules;
  }

  /** How many streams it carries. */
  int streams() {
    return (int) (granted - ended);
  }

  boolean isMultiplexed() {
    return protocol == Protocol.HTTP_2;
  }

  boolean isTaken() {
    return taken && streams() > 0;
  }

  boolean isIdle() {
    return stage == Stage.OPEN && streams() == 0;
  }

  /** Whether it may carry more, now or when it has room. */
  boolean serves() {
    return stage == Stage.OPEN && !isTaken();
  }

  /** How many more streams it takes now. */
  long room() {
    if (stage != Stage.OPEN) {
      return 0;
    }
    long most = isMultiplexed() ? rules().streams() : 1;
    long own = most - streams();
    return Math.max(0, Math.min(Math.min(credit - granted, own), rules().uses() - granted));
  }

  /** It is given a stream, which may keep it for itself. */
  void grant(Wish wish, long now) {
    granted++;
    used = now;
    taken = wish == Wish.OWN && !isMultiplexed();
  }

  /** It tells how it stands. */
  void told(long endedNow, long creditNow, long idleLimit, long now) {
    long left = Math.min(endedNow, granted); // what was not granted has no end here
    if (left > ended) {
      ended = left;
      used = now;
    }
    credit = creditNow;
    idle = Math.min(idleLimit, rules().idle().toNanos());
  }

  /** When it has carried nothing for too long. */
  long idleAt() {
    return isIdle() ? used + idle : Long.MAX_VALUE;
  }
}
