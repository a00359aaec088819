package dev.lariat.testkit.internal.simulation;

/** How good a way through the network is; of a host, and of each of its connections. */
final class Conditions {
  long latency; // nanoseconds, one way, at least
  long spread; // and so much more at the most
  long bytesPerSecond; // each way; 0 for no limit
  boolean split; // what is sent at once may arrive in pieces
  boolean upLost; // what the client sends does not arrive
  boolean downLost; // what the origin sends does not arrive

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
