package dev.lariat.fleet.internal.core;

import org.jspecify.annotations.Nullable;

/** A feed of the configuration, or one that was removed and whose run is not gone. */
final class Feed {
  final String id;
  boolean configured;
  boolean overlaps;
  boolean standsBy; // and so also while no move is planned
  long revision; // of its configuration
  long goneRevision; // the one with which it ended for good; 0 if it did not
  @Nullable Run run;

  Feed(String id) {
    this.id = id;
  }
}
