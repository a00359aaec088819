package dev.lariat.it.soak;

import dev.lariat.it.Server;
import dev.lariat.it.Servers;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A server, which is another process, is killed and frozen again and again, while live WebSockets
 * send as fast as it takes, every fourth one through {@link Detours}. What becomes of each message
 * is held against the file in which the server notes what it gets: a message is not sent twice,
 * what was dropped has not arrived, what was written is missing only at the end of a session, and
 * what is to be acknowledged arrives.
 */
final class Storm implements Part {
  private static final int FEEDS = 12; // every other one with acknowledgements
  private static final Duration QUIET = Duration.ofSeconds(5); // for what is still broken
  private static final Duration PATIENCE = Duration.ofMinutes(3); // for the end, at the most

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    Path file = Files.createTempFile("storm", ".txt").toAbsolutePath();
    try (Server server = Servers.ownPython("storm");
        Detours detours = new Detours("storm", random.split(), ledger)) {
      String uri =
          "ws://127.0.0.1:"
              + server.port(0)
              + "/ledger?file="
              + URLEncoder.encode(file.toString(), StandardCharsets.UTF_8);
      Map<String, Correspondent> all = new HashMap<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < FEEDS; i++) {
        Correspondent one = new Correspondent("c" + i, uri, i / 2 % 2 == 0, detours.of(i), ledger);
        all.put("c" + i, one);
        threads.add(Thread.ofVirtual().name("correspondent " + i).start(one));
      }
      strike(server, Part.in(time), random, ledger);
      detours.calm();
      Part.pause(QUIET);
      all.values().forEach(Correspondent::finish);
      long end = Part.in(PATIENCE);
      for (Thread thread : threads) {
        if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
          ledger.complain(thread.getName() + " has not come to its end in " + PATIENCE);
        }
      }
      read(file, all, ledger);
      all.values().forEach(Correspondent::check);
    } finally {
      Files.delete(file);
    }
  }

  private static void strike(Server server, long end, SplittableRandom random, Ledger ledger)
      throws InterruptedException {
    while (System.nanoTime() < end) {
      Part.pause(Part.moment(random, 200, 1500));
      if (random.nextInt(3) == 0) {
        server.freeze();
        Part.pause(Part.moment(random, 100, 4000)); // longer than a dead peer lives, at times
        server.thaw();
        ledger.count("freezes");
      } else {
        server.kill();
        Part.pause(Part.moment(random, 0, 300));
        server.restart();
        ledger.count("kills");
      }
    }
  }

  /** Each line is a visit, a name and a number, in the order in which the server got them. */
  private static void read(Path file, Map<String, Correspondent> all, Ledger ledger)
      throws IOException {
    try (var lines = Files.lines(file)) {
      lines.forEach(
          line -> {
            String[] words = line.split(" ");
            all.get(words[1]).arrived(words[0], Integer.parseInt(words[2]));
            ledger.count("arrived");
          });
    }
  }
}
