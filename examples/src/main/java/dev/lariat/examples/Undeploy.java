package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import java.net.URI;
import java.time.Duration;

/** What an application does at its end, if the server that it runs in goes on. */
final class Undeploy {
  private final Connection connection;

  Undeploy(URI uri) {
    connection = Lariat.open(uri);
  }

  String page() {
    return connection.get("/").text(Duration.ofSeconds(5));
  }

  /** At the end: whether nothing of Lariat runs any more. */
  boolean destroyed(Duration patience) throws InterruptedException {
    connection.close();
    return Lariat.awaitTermination(patience);
  }
}
