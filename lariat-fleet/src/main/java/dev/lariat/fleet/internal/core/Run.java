package dev.lariat.fleet.internal.core;

/** One run of a feed, from its opening until it is gone. */
final class Run {
  final long number;
  final Slot slot;
  final Feed feed;
  final long revision;
  boolean held; // until it is settled what of it is written already
  boolean closing;
  boolean closedAtOnce;

  Run(long number, Slot slot, Feed feed) {
    this.number = number;
    this.slot = slot;
    this.feed = feed;
    this.revision = feed.revision;
  }
}
