package dev.lariat.internal.pool;

import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolEvent.Need;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.PoolOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool of connections decides: which request gets which connection, when one is opened, and
 * when one is ended. What happens goes in with the time, and what is to be done comes out of {@link
 * #take}. There is no socket, thread, lock or clock in here.
 *
 * <p>A pool gives out streams, not connections. A stream leaves its connection when the connection
 * says so, and nobody has to give anything back. A connection tells two numbers ({@link #told}):
 * how many of the streams that it was given have <em>ended</em>, and its <em>credit</em>: how many
 * it may have been given in all by now. Both count from the beginning of the connection. So it does
 * not matter how many grants are on their way to it: its room is the credit less the grants.
 *
 * <p>A connection by its {@link Link.Stage}:
 *
 * <pre>
 * DUE      → DIALING   the budget allows it
 *          → GONE      nobody needs it any more
 * DIALING  → OPEN      it tells something for the first time
 *          → GONE      it could not be opened
 * OPEN     → DRAINING  by age or uses, or since the server takes nothing more
 *          → LEAVING   it is idle and retired: for time, for another origin, or at the end
 * DRAINING → LEAVING   its last stream has left
 * OPEN, DRAINING, LEAVING → GONE
 * </pre>
 *
 * <p>It counts for the limits until it is GONE.
 *
 * <p>Times are in nanoseconds. Deadlines are looked for at the earliest one, or before it ({@link
 * #deadline}), since most of them move away before they come.
 *
 * @param <K> what names an origin
 * @param <W> a request that wants a connection
 */
public final class PoolCore<K, W> {
  private static final double SPREAD = 0.1; // of the age, both ways

  private final int total;
  private final RandomGenerator random;
  private final Map<Long, Link<K, W>> links = new LinkedHashMap<>();

  /** Those that could use another connection, and for which the pool has no place. */
  private final Set<Site<K, W>> starved = new LinkedHashSet<>();

  private final Sites<K, W> sites = new Sites<>(this::forgotten);

  private List<Act<K, W>> acts = new ArrayList<>();
  private long lastLink;
  private int leaving; // connections that were told to end for another origin, and have not
  private long due = Long.MAX_VALUE;
  private boolean closed;

  private final Tally tally;

  /**
   * An empty pool.
   *
   * @param total how many connections there may be
   * @param tells whether anybody listens to what happens
   */
  public PoolCore(int total, RandomGenerator random, boolean tells) {
    this.total = total;
    this.random = random;
    this.tally = new Tally(tells ? this::tell : null);
  }

  private void tell(PoolEvent event) {
    acts.add(new Act.Tell<>(event));
  }

  /** Takes what is to be done since the last call, in order. */
  public List<Act<K, W>> take() {
    if (acts.isEmpty()) {
      return List.of();
    }
    List<Act<K, W>> all = acts;
    acts = new ArrayList<>(4);
    return all;
  }

  // ---- what is wanted

  /**
   * A request wants a connection.
   *
   * @param rules of the origin
   * @param deadline when it wants none any more
   * @param wish which one it wants
   */
  public void want(K origin, PoolOptions rules, W want, long deadline, Wish wish, long now) {
    if (closed) {
      refuse(origin, want, Act.Why.CLOSED, Optional.empty(), 0);
      return;
    }
    Site<K, W> site = sites.asked(origin, rules, now);
    boolean fresh = wish == Wish.FRESH;
    Link<K, W> link = fresh ? site.unused() : site.isQueueEmpty() ? site.next(wish) : null;
    if (link != null) {
      tally.granted(origin, false, 0);
      grant(link, want, wish, 0, now);
      return;
    }
    int waiting = site.waiting.size();
    if (waiting >= rules.waiting()
        && waiting - site.places(Math.max(total - links.size(), hasIdle() ? 1 : 0), now)
            >= rules.waiting()) {
      refuse(origin, want, Act.Why.FULL, Optional.of(site.whyWaiting(now)), 0);
      return;
    }
    site.waits(want, new Site.Waiter(now, deadline, wish));
    due = Math.min(due, deadline);
    seek(site, wish);
    serve(site, now);
  }

  /** What was granted found its connection ended, and wants another one, before all others. */
  public void again(
      K origin, PoolOptions rules, W want, long deadline, Wish wish, long link, long now) {
    broken(link);
    if (closed) {
      refuse(origin, want, Act.Why.CLOSED, Optional.empty(), 0);
      return;
    }
    Site<K, W> site = sites.asked(origin, rules, now);
    site.waitsFirst(want, new Site.Waiter(now, deadline, wish));
    due = Math.min(due, deadline);
    serve(site, now);
  }

  /** A request that waits wants none any more; does nothing if it does not wait. */
  public void cancel(K origin, W want, long now) {
    Site<K, W> site = sites.of(origin);
    Site.Waiter waiter = site == null ? null : site.leaves(want);
    if (site != null && waiter != null) {
      tally.cancelled(origin, now - waiter.since());
      fed(site, now);
    }
  }

  /** Opens connections to an origin until there are this many, or one ends or cannot be opened. */
  public void warm(K origin, PoolOptions rules, int connections, long now) {
    if (closed) {
      return;
    }
    Site<K, W> site = sites.asked(origin, rules, now);
    site.warm = connections;
    dial(site, now);
  }

  /** A request was sent again at once, since its connection had failed it or was the wrong one. */
  public void repeated(K origin) {
    tally.repeated(origin);
  }

  private void forgotten(Site<K, W> site) {
    starved.remove(site);
    site.borrows(null);
  }

  private void grant(Link<K, W> link, W want, Wish wish, long wait, long now) {
    boolean reused = link.granted > 0 || link.openedAt < now;
    link.grant(wish, now);
    acts.add(new Act.Grant<>(want, link.number, reused, wait));
    if (link.granted >= link.rules().uses()) {
      drain(link, Cause.USES);
    }
  }

  private void refuse(K origin, W want, Act.Why why, Optional<Reason> last, long wait) {
    tally.refused(origin, why, wait, last);
    acts.add(new Act.Refuse<>(want, why, last, wait));
  }

  // ---- connections

  /**
   * A connection tells how it stands, for the first time when it is established.
   *
   * @param ended how many streams that it was given have left it
   * @param credit how many it may have been given in all
   * @param last whether it takes no more, ever
   * @param idle how many nanoseconds it may be idle, as far as the server has said so
   */
  public void told(
      long number, Protocol protocol, long ended, long credit, boolean last, long idle, long now) {
    Link<K, W> link = links.get(number);
    if (link == null) {
      return;
    }
    Site<K, W> site = link.site;
    if (link.protocol == null) {
      established(link, protocol, now);
    }
    link.told(ended, credit, idle, now);
    if (closed && link.stage() == Link.Stage.OPEN) {
      retire(link, Cause.SHUTDOWN);
    } else if (last && link.stage() == Link.Stage.OPEN) {
      drain(link, Cause.PEER);
    } else if (link.stage() == Link.Stage.DRAINING) {
      leaveIfQuiet(link);
    }
    site.offers(link);
    serve(site, now);
    link.guests.forEach(guest -> serve(guest, now));
    if (link.isIdle()) {
      due = Math.min(due, Math.min(link.idleAt(), link.ageAt));
      makeRoom();
    } else if (link.stage() == Link.Stage.OPEN) {
      due = Math.min(due, link.ageAt);
    }
  }

  private void established(Link<K, W> link, Protocol protocol, long now) {
    Site<K, W> site = link.site;
    link.protocol = protocol;
    link.used = now;
    link.ageAt = now + age(site.rules);
    if (link.stage() == Link.Stage.DIALING) { // otherwise it was told to end meanwhile
      link.becomes(Link.Stage.OPEN);
    }
    site.protocol = protocol;
    site.failure = Optional.empty();
    site.dialAt = Long.MIN_VALUE;
    site.keepAt = Long.MIN_VALUE;
    site.warm = site.count(Link.Stage.OPEN) < site.warm ? site.warm : 0;
    link.openedAt = now;
    tally.opened(link, now);
  }

  private long age(PoolOptions rules) {
    double spread = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
    return (long) (rules.age().toNanos() * spread);
  }

  /**
   * A connection has ended, or could not be opened.
   *
   * @param reason why
   * @param failure whether that is a failure
   * @param delay how many nanoseconds to wait before the next one is opened, if this one could not
   *     be, or was closed before it carried anything
   */
  public void gone(long number, Reason reason, boolean failure, long delay, long now) {
    Link<K, W> link = links.remove(number);
    if (link == null) {
      return;
    }
    Site<K, W> site = link.site;
    site.links.remove(link);
    site.withdraws(link);
    site.warm = 0;
    Link.Stage stage = link.stage();
    if (link.yields) {
      leaving--;
    }
    link.becomes(Link.Stage.GONE);
    if (stage == Link.Stage.DIALING) {
      tally.failed(link, reason, now);
      couldNotOpen(site, reason, delay, now);
    } else if (link.protocol == null) {
      tally.abandoned(link, now);
    } else {
      if (link.cause == null && link.granted == 0) {
        site.keepAt = now + delay; // a server may close whatever it accepts
        due = Math.min(due, site.keepAt);
      }
      tally.closed(link, cause(link, reason, failure), reason, now);
    }
    feed(now); // whoever has waited for a place comes before whoever had it
    serve(site, now);
    for (Site<K, W> guest : List.copyOf(link.guests)) {
      guest.borrows(null);
      serve(guest, now);
    }
  }

  private static Cause cause(Link<?, ?> link, Reason reason, boolean failure) {
    Cause known = link.cause;
    if (known != null && known != Cause.PEER) {
      return known;
    }
    if (failure) {
      return Cause.FAILED;
    }
    return reason instanceof Reason.Cancelled ? Cause.CANCELLED : Cause.PEER;
  }

  /** What was granted last on a connection did not begin there: its user's mistake. */
  public void unused(long number, long now) {
    Link<K, W> link = links.get(number);
    if (link != null && link.streams() > 0) {
      link.granted--;
      tally.left();
      link.used = now;
      leaveIfQuiet(link);
      link.site.offers(link);
      serve(link.site, now);
    }
  }

  /** A connection took nothing any more, and its end is still to be told. */
  public void broken(long number) {
    Link<K, W> link = links.get(number);
    if (link != null && link.stage() == Link.Stage.OPEN) {
      drain(link, Cause.PEER);
    }
  }

  /** Nothing new shall begin on a connection: it is to be replaced by another one. */
  public void renew(long number) {
    Link<K, W> link = links.get(number);
    if (link != null && link.stage() == Link.Stage.OPEN) {
      drain(link, Cause.REPLACED);
    }
  }

  private void couldNotOpen(Site<K, W> site, Reason reason, long delay, long now) {
    site.failure = Optional.of(reason);
    site.keepAt = now + delay;
    boolean others = site.anyServes() || site.count(Link.Stage.DIALING) > 0;
    if (site.rules.failFast() && !others && !closed) {
      site.dialAt = Long.MIN_VALUE; // whoever comes next tries again
      refuseAll(site, Act.Why.FAILED, Optional.of(reason), now);
      List.copyOf(site.links).forEach(this::dropIfDue);
      fed(site, now);
    } else {
      site.dialAt = now + delay;
    }
    due = Math.min(due, site.triesAt(now));
  }

  private void refuseAll(Site<K, W> site, Act.Why why, Optional<Reason> last, long now) {
    for (Map.Entry<W, Site.Waiter> each : List.copyOf(site.waiting.entrySet())) {
      site.leaves(each.getKey());
      refuse(site.origin, each.getKey(), why, last, now - each.getValue().since());
    }
  }

  /** The server says that a connection is the wrong one (RFC 9110 section 15.5.20). */
  public void misdirected(K origin, long number) {
    Link<K, W> link = links.get(number);
    Site<K, W> site = sites.of(origin);
    if (link != null && site != null && link.site != site) {
      site.mustNotBorrow(link);
    } else {
      broken(number);
    }
  }

  // ---- connections that carry requests for other origins

  /** A connection that is established is connected to this, and may carry others' requests. */
  public void reached(long number, Reached what) {
    Optional.ofNullable(links.get(number)).ifPresent(link -> link.reached = what);
  }

  /** Asks where an origin is, if a connection to another one could be the right one. */
  private void seek(Site<K, W> site, Wish wish) {
    boolean may = wish == Wish.ANYWHERE && site.mayBorrow();
    if (may && links.values().stream().anyMatch(site::mayBorrow)) {
      site.seeking = true;
      acts.add(new Act.Seek<>(site.origin));
    }
  }

  /** Where an origin is; empty if it must have connections of its own. */
  public void sought(K origin, Optional<Reached.Sought> where, long now) {
    Site<K, W> site = sites.of(origin);
    if (site == null || !site.seeking) {
      return;
    }
    site.seeking = false;
    links.values().stream()
        .filter(link -> where.isPresent() && site.mayBorrow(link, where.get()))
        .findFirst()
        .ifPresent(site::borrows);
    serve(site, now);
  }

  /** Gives it nothing more, and ends it when the last stream has left. */
  private void drain(Link<K, W> link, Cause cause) {
    link.becomes(Link.Stage.DRAINING);
    link.cause = cause;
    link.site.withdraws(link);
    leaveIfQuiet(link);
  }

  private void leaveIfQuiet(Link<K, W> link) {
    Cause cause = link.cause;
    if (link.streams() == 0 && cause != null) {
      retire(link, cause);
    }
  }

  private void retire(Link<K, W> link, Cause cause) {
    if (link.stage() != Link.Stage.LEAVING) {
      link.becomes(Link.Stage.LEAVING);
      link.cause = cause;
      link.site.withdraws(link);
      acts.add(new Act.Retire<>(link.number, cause));
    }
  }

  // ---- who is served

  /** Gives those that wait what there is, and opens what is missing. */
  private void serve(Site<K, W> site, long now) {
    while (site.fresh > 0 && serve(site, site.unused(), true, now)) {}
    clearPlaces(site);
    while (!site.isQueueEmpty() && serve(site, site.nextForFirst(), false, now)) {}
    dial(site, now);
  }

  /** Gives this connection to the first that waits for its kind; false if there is none. */
  private boolean serve(Site<K, W> site, @Nullable Link<K, W> link, boolean fresh, long now) {
    W want = link == null ? null : site.first(fresh).orElse(null);
    Site.Waiter waiter = want == null ? null : site.leaves(want);
    if (link == null || want == null || waiter == null) {
      return false;
    }
    long wait = now - waiter.since();
    tally.granted(site.origin, true, wait);
    grant(link, want, waiter.wish(), wait, now);
    return true;
  }

  /** Where there is no place for another connection, used ones go for those that want a new one. */
  private void clearPlaces(Site<K, W> site) {
    boolean full = site.links.size() >= site.rules.connections() || links.size() >= total;
    int ending = site.count(Link.Stage.DRAINING) + site.count(Link.Stage.LEAVING);
    for (int missing = site.fresh - site.coming() - ending; full && missing > 0; missing--) {
      Link<K, W> link = site.next();
      if (link == null) {
        return;
      }
      drain(link, Cause.EXCESS);
    }
  }

  private void dial(Site<K, W> site, long now) {
    if (closed) {
      return;
    }
    int missing = site.missing(now);
    for (; missing > 0 && links.size() < total; missing--) {
      Need need = site.need(now);
      Link<K, W> link = new Link<>(site, ++lastLink);
      links.put(link.number, link);
      site.adds(link);
      long wait = site.waitForBudget(now);
      if (wait > 0) {
        link.dialAt = now + wait;
        due = Math.min(due, link.dialAt);
      } else {
        open(link, need, now);
      }
    }
    if (missing > 0 && !site.waiting.isEmpty()) {
      starved.add(site);
      makeRoom();
    } else {
      starved.remove(site);
    }
  }

  private void open(Link<K, W> link, Need need, long now) {
    link.becomes(Link.Stage.DIALING);
    link.dialedAt = now;
    tally.opening(link, need);
    acts.add(new Act.Dial<>(link.site.origin, link.number));
  }

  /** Forgets a connection that was not begun to be opened. */
  private void dropIfDue(Link<K, W> link) {
    if (link.stage() == Link.Stage.DUE) {
      link.becomes(Link.Stage.GONE);
      links.remove(link.number);
      link.site.links.remove(link);
    }
  }

  /** It wants less than before. */
  private void fed(Site<K, W> site, long now) {
    if (starved.contains(site)) {
      dial(site, now);
    }
  }

  /** There is a place for another connection. */
  private void feed(long now) {
    while (!starved.isEmpty() && links.size() < total) {
      dial(starved.iterator().next(), now); // fed by it, or the pool is full again
    }
  }

  /** Ends idle connections for those that are starved, the one unused for longest first. */
  private void makeRoom() {
    while (leaving < starved.size()) {
      Link<K, W> oldest = null;
      for (Link<K, W> link : links.values()) {
        if (isSpare(link) && (oldest == null || link.used < oldest.used)) {
          oldest = link;
        }
      }
      if (oldest == null) {
        return;
      }
      leaving++;
      oldest.yields = true;
      retire(oldest, Cause.EXCESS);
    }
  }

  private boolean hasIdle() {
    return links.values().stream().anyMatch(this::isSpare);
  }

  /** Whether it may go for another origin. */
  private boolean isSpare(Link<K, W> link) {
    return link.isIdle() && link.site.waiting.isEmpty();
  }

  // ---- time

  /** When to call {@link #elapsed}: at the earliest deadline, or before it. */
  public long deadline() {
    return due;
  }

  /** The time has come, or an earlier one. */
  public void elapsed(long now) {
    if (now < due) {
      return;
    }
    due = Long.MAX_VALUE;
    for (Link<K, W> link : List.copyOf(links.values())) {
      elapsed(link, now);
    }
    for (Site<K, W> site : sites.values()) {
      if (!site.waiting.isEmpty()) {
        giveUpLate(site, now);
      }
      dial(site, now); // its delay may be over, or it has less than it keeps
      due = Math.min(due, site.triesAt(now));
    }
  }

  private void elapsed(Link<K, W> link, long now) {
    if (link.stage() == Link.Stage.DUE) {
      elapsedDue(link, now);
      return;
    }
    if (link.stage() != Link.Stage.OPEN) {
      return;
    }
    if (now >= link.ageAt) {
      drain(link, Cause.AGE);
    } else if (now >= link.idleAt() && !isKept(link, now)) {
      retire(link, Cause.IDLE);
    } else {
      long next = now >= link.idleAt() ? link.ageAt : Math.min(link.ageAt, link.idleAt());
      due = Math.min(due, next);
      if (now >= link.idleAt()) {
        long unused = link.site.asked + link.rules().forget().toNanos();
        due = Math.min(due, Math.max(unused, now + 1)); // it is kept until then
      }
    }
  }

  private void elapsedDue(Link<K, W> link, long now) {
    if (now < link.dialAt) {
      due = Math.min(due, link.dialAt);
    } else if (link.site.needsWhatComes(now)) {
      open(link, link.site.need(now), now);
    } else {
      dropIfDue(link);
      feed(now);
    }
  }

  /** Whether it stays although it is idle. */
  private boolean isKept(Link<K, W> link, long now) {
    Site<K, W> site = link.site;
    return site.isUsed(now) && site.count(Link.Stage.OPEN) <= site.rules.least();
  }

  private void giveUpLate(Site<K, W> site, long now) {
    for (Map.Entry<W, Site.Waiter> each : List.copyOf(site.waiting.entrySet())) {
      Site.Waiter waiter = each.getValue();
      if (now >= waiter.deadline()) {
        late(site, each.getKey(), now - waiter.since(), now);
      } else {
        due = Math.min(due, waiter.deadline());
      }
    }
  }

  /** If all that there is are connections that are being opened, the first of them is to blame. */
  private void late(Site<K, W> site, W want, long wait, long now) {
    Reason why = site.failure.orElseGet(() -> site.whyWaiting(now)); // it waits, too
    site.leaves(want);
    Link<K, W> opening = site.failure.isPresent() ? null : site.onlyOpening();
    if (opening == null) {
      refuse(site.origin, want, Act.Why.LATE, Optional.of(why), wait);
    } else {
      tally.refused(site.origin, Act.Why.LATE, wait, Optional.of(why));
      acts.add(new Act.Late<>(want, opening.number, why, wait));
    }
  }

  // ---- the end

  /** Refuses what waits and what comes, and ends each connection when its streams have left. */
  public void refuse(long now) {
    refuseAll(now);
    for (Link<K, W> link : links.values()) {
      if (link.stage() == Link.Stage.OPEN) {
        drain(link, Cause.SHUTDOWN);
      } else if (link.stage() == Link.Stage.DIALING) {
        retire(link, Cause.SHUTDOWN);
      }
    }
  }

  private void refuseAll(long now) {
    closed = true;
    starved.clear();
    for (Site<K, W> site : sites.values()) {
      refuseAll(site, Act.Why.CLOSED, Optional.empty(), now);
    }
    List.copyOf(links.values()).forEach(this::dropIfDue);
  }

  /** Refuses what waits and what comes, and tells each connection to end in good order. */
  public void close(long now) {
    refuseAll(now);
    for (Link<K, W> link : links.values()) {
      retire(link, Cause.SHUTDOWN);
    }
  }

  /** Whether it is closed, and no connection is left. */
  public boolean isOver() {
    return closed && links.isEmpty();
  }

  // ---- how it stands

  /** What is known now. */
  public PoolInfo info(long now) {
    long ended = links.values().stream().mapToLong(link -> link.ended).sum();
    return tally.info(sites.values().stream().map(site -> site.info(now)).toList(), ended);
  }

  /** Whether this connection is to be opened, or to stay. */
  public boolean isWanted(long number) {
    Link<K, W> link = links.get(number);
    return link != null && link.stage() != Link.Stage.LEAVING;
  }

  /** Whether this connection was established. */
  public boolean isEstablished(long number) {
    Link<K, W> link = links.get(number);
    return link != null && link.protocol != null;
  }

  /** How many origins are known. */
  public int origins() {
    return sites.values().size();
  }

  /** Whether anything is known of this origin. */
  public boolean knows(K origin) {
    return sites.of(origin) != null;
  }

  /** The connection of this number; null if there is none. */
  @Nullable Link<K, W> link(long number) {
    return links.get(number);
  }
}
