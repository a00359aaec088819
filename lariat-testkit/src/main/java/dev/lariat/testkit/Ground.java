package dev.lariat.testkit;

import dev.lariat.testkit.internal.wire.Wire;
import java.util.function.Consumer;

/** Where an origin stands: what brings it connections. */
interface Ground {

  /** The host by which clients find it. */
  String host();

  /** The port that it has: 1 to 65535. */
  int port();

  /** Lets connections in from now on. */
  void listen(Consumer<Wire> accepted);

  /** Lets none in any more. */
  void refuse();

  /** Starts a thread for a script. */
  Thread start(String name, Runnable task);

  /** Where it is, for messages; in a simulation with the seed. */
  @Override
  String toString();
}
