package dev.lariat.testkit;

import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Where a server stands: what brings it connections, and from where it makes some. */
interface Ground {

  /** The host by which clients find it. */
  String host();

  /** The port that it has: 1 to 65535. */
  int port();

  /** Lets connections in from now on. */
  void listen(Consumer<Wire> accepted);

  /** Lets none in any more. */
  void refuse();

  /**
   * Connects to another server.
   *
   * @param patience how long that may take
   * @throws java.net.UnknownHostException if the name has no address
   * @throws java.net.SocketTimeoutException if it takes longer
   * @throws IOException if nobody is there
   */
  Wire connect(String host, int port, Duration patience) throws IOException;

  /** Starts a thread for a script. */
  Thread start(String name, Runnable task);

  /** Where it is, for messages; in a simulation with the seed. */
  @Override
  String toString();
}
