package dev.lariat.fleet.pekko;

import java.util.BitSet;

/**
 * What a node says of itself. Nobody changes the sets.
 *
 * @param leaves whether it leaves the fleet
 * @param slots those that it has
 * @param unsettled those of them whose feeds are still to be opened
 * @param prepared slots of others for which it is prepared
 */
record Word(boolean leaves, BitSet slots, BitSet unsettled, BitSet prepared) {

  Word prepared(BitSet its) {
    return new Word(leaves, slots, unsettled, its);
  }
}
