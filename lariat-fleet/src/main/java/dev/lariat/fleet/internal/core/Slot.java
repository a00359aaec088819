package dev.lariat.fleet.internal.core;

import java.util.HashMap;
import java.util.Map;

/** A slot that is not away, from the point of view of one node. */
final class Slot {

  /** As {@link FleetCore} explains. */
  enum Phase {
    COMING,
    CLAIMING,
    RUNNING,
    ENDING
  }

  final int number;
  Phase phase = Phase.CLAIMING;
  long grant;
  boolean standing; // in COMING: only feeds that have a stand-by are open
  boolean reading; // in COMING: whether a Read has not been answered
  boolean rereads; // and must wait for the next one until "readAt"
  long readAt;
  boolean holds; // whether runs of it were opened before it was taken
  boolean placed = true; // whether the placement says that this node has it
  boolean returning; // whether it goes back to the placement when the tenure has ended
  boolean orderly; // in ENDING: what arrived is still written and stored, until "leaveBy"
  long leaveBy;
  boolean asked; // whether a Claim has not been answered
  boolean pausing; // whether the next claim must wait until "claimAt"
  long claimAt;
  long epoch; // 0 until it is claimed
  final Map<String, String> positions = new HashMap<>(); // what the sink has
  final Map<String, String> unsaved = new HashMap<>(); // what of them the store does not have
  Map<String, String> saving = Map.of(); // what of them is on its way to the store
  int running; // how many of its runs are not gone

  Slot(int number, long grant) {
    this.number = number;
    this.grant = grant;
  }

  boolean writes() {
    return phase == Phase.RUNNING || (phase == Phase.ENDING && orderly);
  }
}
