package dev.lariat.internal.pool;

import dev.lariat.event.PoolEvent.Need;
import dev.lariat.event.PoolInfo;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.PoolOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a pool knows of one origin. */
final class Site<K, W> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /** A request that waits. */
  record Waiter(long since, long deadline, Wish wish) {}

  final K origin;
  PoolOptions rules;

  /** Its connections, the oldest first, until they are gone. */
  final List<Link<K, W>> links = new ArrayList<>();

  /** How many of them are at each stage. */
  private final Map<Link.Stage, Integer> stages = new EnumMap<>(Link.Stage.class);

  /** Those with room, the one that was used last first. */
  private final Deque<Link<K, W>> ready = new ArrayDeque<>();

  /** Who waits, the first to come first. */
  final SequencedMap<W, Waiter> waiting = new LinkedHashMap<>();

  /** How many of those want a connection that carried nothing before. */
  int fresh;

  /** What its last connection spoke; null before the first. */
  @Nullable Protocol protocol;

  /** Why no connection could be opened last; empty if one could. */
  Optional<Reason> failure = Optional.empty();

  /** When the next connection may be opened. */
  long dialAt = Long.MIN_VALUE;

  /** When the next connection may be opened for which no request waits. */
  long keepAt = Long.MIN_VALUE;

  /** When it was last asked for. */
  long asked;

  /** How many connections were asked for before any request. */
  int warm;

  /** The connection to another origin that carries its requests; null if there is none. */
  private @Nullable Link<K, W> lender;

  /** Whether it waits to learn where it is, and opens no connection meanwhile. */
  boolean seeking;

  /** The origins whose connections were the wrong ones for it. */
  private final Set<K> wrong = new HashSet<>(0);

  Site(K origin, PoolOptions rules, long now) {
    this.origin = origin;
    this.rules = rules;
    this.asked = now;
  }

  /** How many connections are being opened, or will be. */
  int coming() {
    return count(Link.Stage.DUE) + count(Link.Stage.DIALING);
  }

  /** How many of its connections are at this stage; asked several times for each request. */
  int count(Link.Stage stage) {
    return stages.getOrDefault(stage, 0);
  }

  /** So many more of them are at this stage. */
  void counts(Link.Stage stage, int more) {
    stages.merge(stage, more, Integer::sum);
  }

  /** It has another connection, which is due. */
  void adds(Link<K, W> link) {
    links.add(link);
    counts(link.stage(), 1);
  }

  boolean anyServes() {
    if (lender != null && lender.serves()) {
      return true;
    }
    for (Link<K, W> link : links) {
      if (link.serves()) {
        return true;
      }
    }
    return false;
  }

  boolean isUsed(long now) {
    return now - asked < rules.forget().toNanos();
  }

  /** Whether nothing is left to know of it. */
  boolean isForgotten(long now) {
    return links.isEmpty() && waiting.isEmpty() && !isUsed(now);
  }

  // ---- who waits

  /** Whether nobody waits for a connection that may be used already. */
  boolean isQueueEmpty() {
    return waiting.size() == fresh;
  }

  void waits(W want, Waiter waiter) {
    waiting.put(want, waiter);
    fresh += waiter.wish() == Wish.FRESH ? 1 : 0;
  }

  /** Comes before all others. */
  void waitsFirst(W want, Waiter waiter) {
    waits(want, waiter);
    waiting.putFirst(want, waiter);
  }

  /** Waits no more; null if it did not wait. */
  @Nullable Waiter leaves(W want) {
    Waiter waiter = waiting.remove(want);
    fresh -= waiter != null && waiter.wish() == Wish.FRESH ? 1 : 0;
    return waiter;
  }

  /** Who is next for a connection that carried nothing before, or for any other one. */
  Optional<W> first(boolean unused) {
    for (Map.Entry<W, Waiter> each : waiting.entrySet()) {
      if ((each.getValue().wish() == Wish.FRESH) == unused) {
        return Optional.of(each.getKey());
      }
    }
    return Optional.empty();
  }

  // ---- which connection is next

  /** One with room that carried nothing before; null if there is none. */
  @Nullable Link<K, W> unused() {
    for (Link<K, W> link : links) {
      if (link.granted == 0 && link.room() > 0) {
        return link;
      }
    }
    return null;
  }

  /** The one for the next stream; null if none has room. */
  @Nullable Link<K, W> next() {
    return switch (rules.choice()) {
      case RECENT -> recent();
      case SPREAD -> leastBusy();
    };
  }

  private @Nullable Link<K, W> recent() {
    for (Link<K, W> link = ready.peek(); link != null; link = ready.peek()) {
      if (link.room() > 0) {
        return link;
      }
      ready.remove();
      link.ready = false;
    }
    return null;
  }

  private @Nullable Link<K, W> leastBusy() {
    Link<K, W> least = null;
    for (Link<K, W> link : links) {
      boolean better =
          least == null
              || link.streams() < least.streams()
              || link.streams() == least.streams() && link.used < least.used;
      if (link.room() > 0 && better) {
        least = link;
      }
    }
    return least;
  }

  /** This one may have room. */
  void offers(Link<K, W> link) {
    if (!link.ready && link.room() > 0) {
      link.ready = true;
      ready.addFirst(link);
    }
  }

  /** This one has no room any more, and never will. */
  void withdraws(Link<K, W> link) {
    if (link.ready) {
      link.ready = false;
      ready.removeFirstOccurrence(link);
    }
  }

  // ---- connections to other origins

  /** Whether it could do without connections of its own. */
  boolean mayBorrow() {
    return rules.coalesce() && links.isEmpty() && lender == null && !seeking;
  }

  /** Whether this connection could be the right one, as far as is known. */
  boolean mayBorrow(Link<K, W> link) {
    return link.reached != null && link.serves() && !wrong.contains(link.site.origin);
  }

  /** Whether this connection is the right one. */
  boolean mayBorrow(Link<K, W> link, Reached.Sought where) {
    return mayBorrow(link) && link.reached != null && link.reached.serves(where);
  }

  /** This connection carries its requests, too; or none does any more. */
  void borrows(@Nullable Link<K, W> link) {
    if (lender != null) {
      lender.guests.remove(this);
    }
    lender = link;
    if (link != null) {
      link.guests.add(this);
    }
  }

  /** The server has refused its requests on this connection. */
  void mustNotBorrow(Link<K, W> link) {
    wrong.add(link.site.origin);
    borrows(null);
  }

  /** The one for the next stream with this wish; null if none has room. */
  @Nullable Link<K, W> next(Wish wish) {
    Link<K, W> own = next();
    boolean lent = own == null && wish == Wish.ANYWHERE && lender != null && lender.room() > 0;
    return lent ? lender : own;
  }

  /** The one for the first that waits, and not for one that carried nothing; null if none. */
  @Nullable Link<K, W> nextForFirst() {
    for (Waiter waiter : waiting.values()) {
      if (waiter.wish() != Wish.FRESH) {
        return next(waiter.wish());
      }
    }
    return null;
  }

  // ---- how many connections are missing

  /** How many more connections it could use now, whatever the limits of the pool are. */
  int missing(long now) {
    if (now < dialAt || seeking) {
      return 0;
    }
    int dialing = coming();
    int alive = dialing + count(Link.Stage.OPEN);
    int each = protocol == Protocol.HTTP_2 ? rules.streams() : 1;
    int needed = (waiting.size() - fresh + each - 1) / each + fresh - dialing;
    int kept = now < keepAt ? 0 : Math.max(least(now), warm) - alive;
    int most = (protocol == null ? 1 : rules.openings()) - dialing;
    int left = rules.connections() - links.size();
    return Math.max(0, Math.min(Math.max(needed, kept), Math.min(most, left)));
  }

  /** When it is tried again to open a connection; never if nothing has failed. */
  long triesAt(long now) {
    long kept = least(now) > 0 && keepAt > now ? keepAt : Long.MAX_VALUE;
    return dialAt > now ? Math.min(dialAt, kept) : kept;
  }

  /** How many nanoseconds the next connection has to wait before it is opened. */
  long waitForBudget(long now) {
    try {
      return rules.budget().map(budget -> budget.take(now)).orElse(0L);
    } catch (Throwable e) { // a user's code
      LOG.log(Level.ERROR, "The budget threw. The connection is opened.", e);
      return 0;
    }
  }

  /**
   * How many of those that wait have a place on a connection that is or can be opened.
   *
   * @param free how many connections the pool can open
   */
  long places(int free, long now) {
    int each = protocol == Protocol.HTTP_2 ? rules.streams() : 1;
    int more = Math.min(free, rules.connections() - links.size());
    return (long) each * (coming() + (now < dialAt ? 0 : Math.max(0, more)));
  }

  private int least(long now) {
    return isUsed(now) ? rules.least() : 0;
  }

  /** For what another connection is opened now. */
  Need need(long now) {
    if (!waiting.isEmpty()) {
      return Need.REQUEST;
    }
    return coming() + count(Link.Stage.OPEN) < least(now) ? Need.LEAST : Need.WARM;
  }

  /** Whether a connection that is due is still good for something. */
  boolean needsWhatComes(long now) {
    int others = coming() + count(Link.Stage.OPEN) - 1;
    return !waiting.isEmpty() || others < Math.max(least(now), warm);
  }

  // ---- how it stands

  /** The first of the connections that are being opened, if there are no others. */
  @Nullable Link<K, W> onlyOpening() {
    boolean others = links.stream().anyMatch(link -> link.stage() != Link.Stage.DIALING);
    return others || links.isEmpty() ? null : links.getFirst();
  }

  /** Why a request waits. */
  Reason whyWaiting(long now) {
    PoolInfo.Origin info = info(now);
    return new Reason.Unprocessed(
        "no connection to "
            + origin
            + " has room: "
            + (info.busy() + info.taken())
            + " busy, "
            + info.dialing()
            + " being opened, "
            + (info.idle() + info.draining())
            + " idle or ending (pool.connections); "
            + info.waiting()
            + " waiting, the longest for "
            + info.longestWait().toMillis()
            + " ms (pool.waiting)");
  }

  PoolInfo.Origin info(long now) {
    int idle = 0;
    int busy = 0;
    int draining = 0;
    int taken = 0;
    int streams = 0;
    for (Link<K, W> link : links) {
      streams += link.streams();
      switch (link.stage()) {
        case DUE, DIALING, GONE -> {}
        case DRAINING, LEAVING -> draining++;
        case OPEN -> {
          if (link.isTaken()) {
            taken++;
          } else if (link.isIdle()) {
            idle++;
          } else {
            busy++;
          }
        }
      }
    }
    long wait = waiting.isEmpty() ? 0 : now - waiting.values().iterator().next().since();
    return new PoolInfo.Origin(
        origin.toString(),
        Optional.ofNullable(protocol),
        coming(),
        idle,
        busy,
        draining,
        taken,
        streams,
        waiting.size(),
        Duration.ofNanos(wait));
  }
}
