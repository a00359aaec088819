package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that ask again and again while others are attacked, one on each event loop at least.
 * Each answer must come in time.
 */
final class Calm {
  private static final Duration LIMIT =
      Duration.ofSeconds(10); // much, for a machine with much to do
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Ledger ledger;
  private final Origin origin = Origin.start(Calm::answers);
  private final List<Connection> connections = new ArrayList<>();
  private final Thread thread = Thread.ofPlatform().name("calm").unstarted(this::ask);
  private volatile boolean over;

  Calm(Ledger ledger) {
    this.ledger = ledger;
    int loops = Runtime.getRuntime().availableProcessors(); // at the most
    for (int i = 0; i < loops; i++) {
      connections.add(Lariat.open("127.0.0.1", origin.port()));
    }
    thread.start();
  }

  private static void answers(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      visit.respond(204);
    }
  }

  private void ask() {
    try {
      while (!over) {
        for (Connection connection : connections) {
          long began = System.nanoTime();
          connection.get("/").response(PATIENCE);
          long took = System.nanoTime() - began;
          ledger.took("an answer beside them", took);
          ledger.count("answers beside them");
          if (took > LIMIT.toNanos()) {
            ledger.complain(
                "a well-behaved connection had its answer after " + took / 1_000_000 + " ms");
          }
        }
        Part.pause(Duration.ofMillis(5));
      }
    } catch (Throwable e) {
      ledger.complain("a well-behaved connection", e);
    }
  }

  void end() throws InterruptedException {
    over = true;
    thread.join(PATIENCE);
    connections.forEach(Connection::close);
    origin.close();
  }
}
