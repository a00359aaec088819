package dev.lariat.fleet.internal.core;

import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetEvent.Loss;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.internal.core.Slot.Phase;
import dev.lariat.message.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * What one node of a fleet decides. It has no socket, no thread and no clock: facts and times go
 * in, and {@link Act}s come out, to be carried out in their order. All facts come from one thread.
 *
 * <p>Every feed belongs to one slot. A placement says which slots this node has. Each of them goes
 * through these phases:
 *
 * <pre>
 *            taken             claimed
 *   (away) ─────────► CLAIMING ────────► RUNNING
 *      ▲                 │ leave, lost      │ leave, lost, refused by the store
 *      │                 ▼                  ▼
 *      └───────────────────────────────── ENDING
 *          when the claim is answered, all runs are gone, and the positions are stored
 * </pre>
 *
 * <p>A slot that is about to move to this node as planned is COMING before it is taken, if feeds of
 * it overlap: they are opened while the last owner still has them, and what they receive is held.
 * In RUNNING, it is settled what of that is written already. A slot that does not come after all is
 * ENDING. A node that stands by for a slot has it COMING all the time, with those feeds only that
 * have a stand-by.
 *
 * <p>A <em>tenure</em>, from a claim to the end of ENDING, has one epoch. A slot that is left in
 * good order ends when everything that arrived is written and stored. After {@code lost}, nothing
 * is written any more: the next owner may have begun already. A slot that is taken again while its
 * last tenure is ENDING is claimed when that has ended, so no feed is open twice on one node.
 *
 * <p>Times are nanoseconds of a monotonic clock, which may overflow: they are only subtracted.
 */
public final class FleetCore {
  /** How long to wait before the store is asked again after a failure. */
  private static final long PAUSE = 1_000_000_000;

  private final int slotCount;
  private final long saveInterval;
  private final long leaveLimit;
  private final Grants grants;

  private final Map<Integer, Map<String, Feed>> feeds = new HashMap<>(); // by slot and id
  private final TreeMap<Integer, Slot> slots = new TreeMap<>(); // those that are not away
  private final Map<Long, Run> runs = new HashMap<>(); // those that are not gone
  private final Map<Integer, Boolean> expected = new HashMap<>(); // and whether it only stands by

  private List<Act> acts = new ArrayList<>();
  private long lastRun;
  private boolean saving; // whether a Save has not been answered
  private boolean unsaved; // whether there may be positions to store, at "saveAt"
  private long saveAt;
  private boolean storeFailed; // and listeners know it
  private boolean shutDown;
  private boolean ended; // and the Ended was said

  /** What a placement has granted to this node. */
  @FunctionalInterface
  public interface Grants {

    /**
     * Whether this grant still holds, at this moment. If it does not, {@link #lost} follows. A
     * process that wakes after a long sleep learns it here first.
     */
    boolean holds(int slot, long grant);
  }

  /**
   * A node without feeds and slots.
   *
   * @param slotCount how many slots the fleet has
   * @param saveInterval how long positions may wait before they are stored
   * @param leaveLimit how long a slot that is left may wait for its last events and positions
   * @param grants asked before a feed is opened
   */
  public FleetCore(int slotCount, long saveInterval, long leaveLimit, Grants grants) {
    this.slotCount = slotCount;
    this.saveInterval = saveInterval;
    this.leaveLimit = leaveLimit;
    this.grants = grants;
  }

  /**
   * The slot of a feed: the CRC-32 of its id in UTF-8, modulo the number of slots. It is the same
   * on every node and in every version, since positions are stored by it.
   */
  public static int slotOf(String id, int slotCount) {
    CRC32 sum = new CRC32();
    sum.update(id.getBytes(StandardCharsets.UTF_8));
    return (int) (sum.getValue() % slotCount);
  }

  // ---- the configuration

  /**
   * This feed is new, or its configuration has changed.
   *
   * @param overlaps whether it may be open on two nodes while it moves as planned
   * @param standsBy whether it may be open on two nodes all the time
   */
  public List<Act> put(String id, boolean overlaps, boolean standsBy) {
    Feed feed = ofSlot(id).computeIfAbsent(id, Feed::new);
    feed.configured = true;
    feed.overlaps = overlaps || standsBy;
    feed.standsBy = standsBy;
    feed.revision++;
    if (feed.run == null) {
      open(feed);
    } else {
      close(feed.run, false); // and opens again when it is gone
    }
    return acts();
  }

  /** This feed is not wanted any more. Its position stays in the store. */
  public List<Act> remove(String id) {
    Feed feed = ofSlot(id).get(id);
    if (feed != null) {
      feed.configured = false;
      if (feed.run == null) {
        ofSlot(id).remove(id);
      } else {
        close(feed.run, false);
      }
    }
    return acts();
  }

  private Map<String, Feed> ofSlot(String id) {
    return feeds.computeIfAbsent(slotOf(id, slotCount), slot -> new LinkedHashMap<>());
  }

  // ---- the placement

  /**
   * This node will soon get this slot: its feeds that overlap are opened, and what they receive is
   * held.
   */
  public List<Act> coming(int number) {
    expected.put(number, false);
    Slot slot = slots.get(number);
    if (slot == null) {
      come(number, false);
    } else if (slot.phase == Phase.COMING && slot.standing) {
      slot.standing = false;
      slot.reading = false;
      read(slot); // others than those that are open must not begin where it was long ago
    }
    return acts();
  }

  /**
   * This node gets this slot if its owner dies: its feeds that have a stand-by are opened, and what
   * they receive is held, until something else is said of the slot.
   */
  public List<Act> standBy(int number) {
    expected.put(number, true);
    Slot slot = slots.get(number);
    if (slot == null) {
      come(number, true);
    } else if (slot.phase == Phase.COMING && !slot.standing) {
      slot.standing = true;
      for (Feed feed : feeds.getOrDefault(number, Map.of()).values()) {
        if (feed.run != null && !feed.standsBy) {
          close(feed.run, false);
        } else if (slot.holds && feed.standsBy && isWanted(feed)) {
          read(slot); // it could not be opened before
        }
      }
    } // or it begins when its last tenure has ended
    return acts();
  }

  private void come(int number, boolean standing) {
    if (!shutDown) {
      Slot slot = add(number, 0);
      slot.phase = Phase.COMING;
      slot.placed = false;
      slot.standing = standing;
      read(slot);
    }
  }

  private void read(Slot slot) {
    if (!slot.reading) {
      slot.reading = true;
      acts.add(new Act.Read(slot.number));
    }
  }

  /** The slot does not come after all, or not soon, and this node does not stand by for it. */
  public List<Act> notComing(int number) {
    expected.remove(number);
    Slot slot = slots.get(number);
    if (slot != null && slot.phase == Phase.COMING) {
      slot.phase = Phase.ENDING;
      closeAll(slot, false);
      endIfDone(slot);
    }
    return acts();
  }

  /**
   * The placement has given this slot to this node.
   *
   * @param grant the placement's number for that, by which it knows which {@link Act.Left} is meant
   */
  public List<Act> taken(int number, long grant) {
    expected.remove(number);
    Slot slot = slots.get(number);
    if (shutDown) {
      acts.add(new Act.Left(number, grant));
    } else if (slot != null) {
      slot.placed = true; // and is claimed when the last tenure has ended
      slot.returning = false;
      slot.grant = grant;
      if (slot.phase == Phase.COMING) {
        claim(slot);
      }
    } else {
      claim(add(number, grant));
    }
    return acts();
  }

  private Slot add(int number, long grant) {
    Slot slot = new Slot(number, grant);
    slots.put(number, slot);
    return slot;
  }

  /** The placement wants this slot back, in good order. Answered by {@link Act.Left}. */
  public List<Act> leave(int number, long now) {
    Slot slot = slots.get(number);
    if (slot != null && slot.placed) {
      leave(slot, now);
    }
    return acts();
  }

  /** The placement has taken this slot away, and another node may have it. */
  public List<Act> lost(int number) {
    Slot slot = slots.get(number);
    if (slot != null && slot.placed) {
      slot.placed = false;
      lose(slot, Loss.PLACEMENT);
    }
    return acts();
  }

  /** Leaves all slots. {@link Act.Ended} says when that is done. */
  public List<Act> shutDown(long now) {
    if (!shutDown) {
      shutDown = true;
      expected.clear();
      List.copyOf(slots.values()).forEach(slot -> leave(slot, now));
      endIfShutDown();
    }
    return acts();
  }

  private void leave(Slot slot, long now) {
    slot.returning = true;
    switch (slot.phase) {
      case COMING, CLAIMING -> {
        slot.phase = Phase.ENDING;
        closeAll(slot, false);
      }
      case RUNNING -> {
        slot.phase = Phase.ENDING;
        slot.orderly = true;
        slot.leaveBy = now + leaveLimit;
        closeAll(slot, false);
        saveIfDue(now);
      }
      case ENDING -> {}
    }
    endIfDone(slot);
  }

  private void lose(Slot slot, Loss loss) {
    if (slot.writes()) {
      acts.add(new Act.Stop(slot.number, slot.epoch));
      acts.add(new Act.Tell(new FleetEvent.SlotLost(slot.number, slot.epoch, loss)));
    }
    closeAll(slot, true);
    slot.phase = Phase.ENDING;
    slot.orderly = false;
    slot.unsaved.clear();
    endIfDone(slot);
  }

  // ---- the store

  /** The store has these positions of a slot that is coming. */
  public List<Act> read(int number, Map<String, String> positions) {
    hold(number, positions, true);
    return acts();
  }

  /** The store has not answered: the slot moves without an overlap. A stand-by asks again. */
  public List<Act> readFailed(int number, long now) {
    Slot slot = slots.get(number);
    if (slot != null && slot.phase == Phase.COMING && slot.reading && slot.standing) {
      slot.rereads = true;
      slot.readAt = now + PAUSE;
    } else {
      hold(number, Map.of(), false);
    }
    return acts();
  }

  private void hold(int number, Map<String, String> positions, boolean opens) {
    Slot slot = slots.get(number);
    if (slot == null || slot.phase != Phase.COMING || !slot.reading) {
      return; // it was taken meanwhile, or does not come
    }
    slot.reading = false;
    slot.rereads = false;
    slot.positions.putAll(positions);
    acts.add(new Act.Hold(number));
    if (!slot.standing) {
      acts.add(new Act.Tell(new FleetEvent.SlotComing(number)));
    } else if (!slot.holds) {
      acts.add(new Act.Tell(new FleetEvent.SlotStandBy(number)));
    }
    slot.holds = true;
    if (opens) {
      for (Feed feed : feeds.getOrDefault(number, Map.of()).values()) {
        if (isWanted(feed) && (slot.standing ? feed.standsBy : feed.overlaps)) {
          open(feed, slot);
        }
      }
    }
  }

  private void claim(Slot slot) {
    slot.phase = Phase.CLAIMING;
    slot.asked = true;
    acts.add(new Act.Claim(slot.number));
  }

  /** The store has drawn this epoch for a claim, and has these positions. */
  public List<Act> claimed(int number, long epoch, Map<String, String> positions) {
    Slot slot = answered(number);
    recovered();
    if (slot.phase == Phase.ENDING) {
      acts.add(new Act.Release(number, epoch));
      endIfDone(slot); // it was left or lost meanwhile, so others may have a newer epoch
      return acts();
    }
    slot.phase = Phase.RUNNING;
    slot.epoch = epoch;
    slot.positions.putAll(positions);
    acts.add(new Act.Begin(number, epoch, slot.grant));
    acts.add(new Act.Tell(new FleetEvent.SlotTaken(number, epoch)));
    for (Feed feed : feeds.getOrDefault(number, Map.of()).values()) {
      Run run = feed.run;
      if (run == null) {
        open(feed);
      } else if (!run.closing) {
        acts.add(new Act.Settle(number, run.number, slot.positions.get(feed.id)));
      }
    }
    return acts();
  }

  /**
   * It is settled what a run had held.
   *
   * @param found whether it goes on after the position that is written; if not, it is opened again
   *     there
   */
  public List<Act> settled(long number, boolean found) {
    Run run = runs.get(number);
    if (run != null && found) {
      run.held = false;
    } else if (run != null) {
      close(run, false);
    }
    return acts();
  }

  /** The store has not answered a claim. */
  public List<Act> claimFailed(int number, Throwable cause, long now) {
    Slot slot = answered(number);
    failed(cause);
    slot.pausing = true;
    slot.claimAt = now + PAUSE;
    endIfDone(slot);
    return acts();
  }

  private Slot answered(int number) {
    Slot slot = Objects.requireNonNull(slots.get(number), "a slot that is claimed is not away");
    slot.asked = false;
    return slot;
  }

  /**
   * The store has answered a {@link Act.Save}.
   *
   * @param refused the slots whose positions it has refused, since they have a newer epoch
   */
  public List<Act> saved(Set<Integer> refused, long now) {
    saving = false;
    recovered();
    for (Slot slot : List.copyOf(slots.values())) {
      boolean sent = !slot.saving.isEmpty();
      slot.saving = Map.of();
      if (sent && slot.writes() && refused.contains(slot.number)) {
        refused(slot, now);
      }
      endIfDone(slot);
    }
    saveIfDue(now);
    endIfShutDown();
    return acts();
  }

  /** The sink has refused a batch of this tenure, since the slot has a newer epoch. */
  public List<Act> refused(int number, long epoch, long now) {
    Slot slot = slots.get(number);
    if (slot != null && writes(number, epoch)) {
      refused(slot, now);
    }
    return acts();
  }

  private void refused(Slot slot, long now) {
    slot.pausing = true; // two nodes that refuse each other must not do so without a pause
    slot.claimAt = now + PAUSE;
    lose(slot, Loss.REFUSED);
  }

  /** The store has not taken the positions of a {@link Act.Save}, as far as is known. */
  public List<Act> saveFailed(Throwable cause, long now) {
    saving = false;
    failed(cause);
    for (Slot slot : List.copyOf(slots.values())) {
      if (slot.writes()) {
        slot.saving.forEach(slot.unsaved::putIfAbsent);
      }
      slot.saving = Map.of();
      endIfDone(slot);
    }
    unsaved = true;
    saveAt = now + PAUSE;
    endIfShutDown();
    return acts();
  }

  /** Stores what is due. A slot that only waits for this does so at once. */
  private void saveIfDue(long now) {
    if (saving || !unsaved) {
      return;
    }
    boolean hurry = !storeFailed && slots.values().stream().anyMatch(FleetCore::waitsForStore);
    if (now - saveAt < 0 && !hurry) {
      return;
    }
    unsaved = false;
    List<Saving> all = new ArrayList<>();
    for (Slot slot : slots.values()) {
      if (slot.writes() && !slot.unsaved.isEmpty()) {
        slot.saving = Map.copyOf(slot.unsaved);
        slot.unsaved.clear();
        all.add(new Saving(slot.number, slot.epoch, slot.saving));
      }
    }
    if (!all.isEmpty()) {
      saving = true;
      acts.add(new Act.Save(all));
    }
  }

  private static boolean waitsForStore(Slot slot) {
    return slot.phase == Phase.ENDING
        && slot.orderly
        && slot.running == 0
        && !slot.unsaved.isEmpty();
  }

  private void failed(Throwable cause) {
    if (!storeFailed) {
      storeFailed = true;
      acts.add(new Act.Tell(new FleetEvent.StoreFailed(cause)));
    }
  }

  private void recovered() {
    if (storeFailed) {
      storeFailed = false;
      acts.add(new Act.Tell(new FleetEvent.StoreRecovered()));
    }
  }

  // ---- the feeds

  private void open(Feed feed) {
    Slot slot = slots.get(slotOf(feed.id, slotCount));
    if (slot == null || !isWanted(feed)) {
      return;
    }
    if (slot.phase == Phase.COMING && slot.holds && feed.overlaps) {
      read(slot); // its positions may be those of long ago
    } else if (slot.phase == Phase.RUNNING && grants.holds(slot.number, slot.grant)) {
      open(feed, slot);
    } // or its loss is on the way
  }

  private static boolean isWanted(Feed feed) {
    return feed.configured && feed.run == null && feed.goneRevision != feed.revision;
  }

  private void open(Feed feed, Slot slot) {
    Run run = new Run(++lastRun, slot, feed);
    run.held = slot.phase == Phase.COMING;
    feed.run = run;
    runs.put(run.number, run);
    slot.running++;
    String position = slot.positions.get(feed.id);
    acts.add(new Act.Open(slot.number, slot.epoch, run.number, feed.id, position));
  }

  private void close(Run run, boolean atOnce) {
    if (!run.closing || (atOnce && !run.closedAtOnce)) {
      run.closing = true;
      run.closedAtOnce = atOnce;
      acts.add(new Act.Close(run.slot.number, run.number, atOnce));
    }
  }

  private void closeAll(Slot slot, boolean atOnce) {
    for (Feed feed : feeds.getOrDefault(slot.number, Map.of()).values()) {
      if (feed.run != null) {
        close(feed.run, atOnce);
      }
    }
  }

  /** Whether what the feeds of this slot receive may be written. */
  public boolean writes(int number, long epoch) {
    Slot slot = slots.get(number);
    return slot != null && slot.epoch == epoch && slot.writes();
  }

  /** The sink has everything up to these positions. */
  public List<Act> written(int number, long epoch, Map<String, String> positions, long now) {
    Slot slot = slots.get(number);
    if (slot == null || !writes(number, epoch)) {
      return acts(); // it was lost meanwhile
    }
    slot.positions.putAll(positions);
    slot.unsaved.putAll(positions);
    if (!unsaved) {
      unsaved = true;
      saveAt = now + saveInterval;
    }
    saveIfDue(now);
    return acts();
  }

  /** A run has ended, and everything that it received is written or dropped. */
  public List<Act> gone(long number, Reason reason, long now) {
    Run run = Objects.requireNonNull(runs.remove(number), "a run is gone once");
    Feed feed = run.feed;
    feed.run = null;
    run.slot.running--;
    boolean early = run.held && !run.closing;
    if (early && run.slot.phase == Phase.COMING && run.slot.standing) {
      acts.add(new Act.Tell(new FleetEvent.StandByEnded(feed.id, reason)));
    } else if (!run.closing && !early) {
      feed.goneRevision = run.revision;
      acts.add(new Act.Tell(new FleetEvent.FeedGone(feed.id, reason)));
    }
    if (feed.configured) {
      if (!early || run.slot.phase != Phase.COMING) { // a second session may not be allowed
        open(feed);
      }
    } else {
      ofSlot(feed.id).remove(feed.id);
    }
    saveIfDue(now);
    endIfDone(run.slot);
    return acts();
  }

  // ---- the end of a tenure

  private void endIfDone(Slot slot) {
    boolean waits =
        slot.phase != Phase.ENDING
            || slot.asked
            || slot.running > 0
            || !slot.saving.isEmpty()
            || (slot.orderly && !slot.unsaved.isEmpty());
    if (waits || slots.get(slot.number) != slot) {
      return;
    }
    if (slot.epoch > 0 || slot.holds) {
      acts.add(new Act.Finish(slot.number, slot.epoch));
    }
    if (slot.epoch > 0) {
      acts.add(new Act.Release(slot.number, slot.epoch));
      if (slot.orderly) {
        acts.add(new Act.Tell(new FleetEvent.SlotLeft(slot.number, slot.epoch)));
      }
    }
    slots.remove(slot.number);
    if (slot.placed && slot.returning) {
      acts.add(new Act.Left(slot.number, slot.grant));
    } else if (slot.placed) {
      claimAgain(slot);
    } else if (expected.containsKey(slot.number)) {
      come(slot.number, expected.get(slot.number));
    }
    endIfShutDown();
  }

  private void claimAgain(Slot last) {
    Slot slot = add(last.number, last.grant);
    if (last.pausing) {
      slot.pausing = true;
      slot.claimAt = last.claimAt;
    } else {
      claim(slot);
    }
  }

  private void endIfShutDown() {
    if (shutDown && slots.isEmpty() && !saving && !ended) {
      ended = true;
      acts.add(new Act.Ended());
    }
  }

  // ---- time

  /** How long until {@link #passed} has something to do; {@link Long#MAX_VALUE} for never. */
  public long delay(long now) {
    long least = unsaved && !saving ? saveAt - now : Long.MAX_VALUE;
    for (Slot slot : slots.values()) {
      if (slot.phase == Phase.CLAIMING && !slot.asked) {
        least = Math.min(least, slot.claimAt - now);
      } else if (slot.phase == Phase.ENDING && slot.orderly) {
        least = Math.min(least, slot.leaveBy - now);
      } else if (slot.phase == Phase.COMING && slot.rereads) {
        least = Math.min(least, slot.readAt - now);
      }
    }
    return Math.max(0, least);
  }

  /** It is now so late. */
  public List<Act> passed(long now) {
    for (Slot slot : List.copyOf(slots.values())) {
      if (slot.phase == Phase.CLAIMING && !slot.asked && now - slot.claimAt >= 0) {
        claim(slot);
      } else if (slot.phase == Phase.ENDING && slot.orderly && now - slot.leaveBy >= 0) {
        lose(slot, Loss.UNSAVED);
      } else if (slot.phase == Phase.COMING && slot.rereads && now - slot.readAt >= 0) {
        slot.rereads = false;
        acts.add(new Act.Read(slot.number));
      }
    }
    saveIfDue(now);
    return acts();
  }

  // ---- how it stands

  /** Whether this slot is coming, or a tenure of it is claimed, runs or ends. */
  public boolean has(int number) {
    return slots.containsKey(number);
  }

  private List<Act> acts() {
    List<Act> all = acts;
    acts = new ArrayList<>();
    return all;
  }
}
