package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import java.net.URI;
import java.time.Duration;

/** Stops Lariat when an application is removed from a server that continues to run. */
final class Undeploy {
  private final Connection connection;

  Undeploy(URI uri) {
    connection = Lariat.open(uri);
  }

  String page() {
    return connection.get("/").text(Duration.ofSeconds(5));
  }

  /** Returns whether nothing of Lariat runs any more. */
  boolean destroyed(Duration patience) throws InterruptedException {
    connection.close();
    return Lariat.awaitTermination(patience);
  }
}
