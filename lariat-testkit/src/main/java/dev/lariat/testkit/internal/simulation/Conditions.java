package dev.lariat.testkit.internal.simulation;

/** How good a way through the network is; of a host, and of each of its connections. */
final class Conditions {
  /** How long something is on its way at least, in nanoseconds, in one direction. */
  long latency;

  /** How much longer than {@code latency} it may be on its way, by chance, in nanoseconds. */
  long spread;

  /** How many bytes pass in a second, in each direction; 0 for no limit. */
  long bytesPerSecond;

  /** Whether what is sent at once may arrive in pieces. */
  boolean split;

  /** Whether what the client sends is lost. */
  boolean upLost;

  /** Whether what the origin sends is lost. */
  boolean downLost;

  Conditions(long latency) {
    this.latency = latency;
  }

  void set(Conditions other) {
    latency = other.latency;
    spread = other.spread;
    bytesPerSecond = other.bytesPerSecond;
    split = other.split;
    upLost = other.upLost;
    downLost = other.downLost;
  }

  boolean lost(boolean up) {
    return up ? upLost : downLost;
  }
}
