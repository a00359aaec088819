package dev.lariat.fleet;

import java.util.Optional;

/**
 * How the stand-by of a feed stands, as far as this node knows: another node that has the feed open
 * too, and takes it if its owner dies.
 *
 * @param node the name of the node that stands by; empty if there is none
 * @param ready whether each feed of the slot that has a stand-by was opened there, or tried
 */
public record StandByInfo(Optional<String> node, boolean ready) {
  /** There is no stand-by: the fleet has one node, or another one has not got so far. */
  public static final StandByInfo NONE = new StandByInfo(Optional.empty(), false);
}
