package dev.lariat.fleet.pekko;

import dev.lariat.fleet.Placement;
import dev.lariat.fleet.contract.SharedPlacementContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** Nodes that start their own actor systems. */
class PekkoPlacementTest extends SharedPlacementContract {
  private final String seed = freeAddress();

  private boolean started;

  @Override
  protected Placement placement() {
    PekkoPlacement placement = PekkoPlacement.seeds(seed).at(started ? freeAddress() : seed);
    started = true;
    return placement.stableAfter(Duration.ofSeconds(1));
  }

  private static String freeAddress() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return "127.0.0.1:" + socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
