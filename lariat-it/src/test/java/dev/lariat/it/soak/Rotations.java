package dev.lariat.it.soak;

import dev.lariat.it.Server;
import dev.lariat.it.Servers;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Rotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Live WebSockets that are full of questions replace their sessions again and again. The server
 * drops what it has queued when it reads a close frame. Each question is answered once, and no
 * sender waits for the end of an old session.
 */
final class Rotations implements Part {
  private static final int FEEDS = 4;
  private static final int OUTSTANDING = 200;
  private static final Rotation ROTATION =
      Rotation.DEFAULT.quiet(Duration.ofSeconds(1)).settle(Duration.ofSeconds(30));
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    try (Server server = Servers.ownPython("rotations")) {
      List<Asker> askers = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < FEEDS; i++) {
        Asker asker = new Asker("ws://127.0.0.1:" + server.port(0) + "/echo", ledger);
        askers.add(asker);
        threads.add(Thread.ofVirtual().name("asker " + i).start(asker));
      }
      long end = Part.in(time);
      while (System.nanoTime() < end) {
        Part.pause(Part.moment(random, 100, 700));
        askers.get(random.nextInt(FEEDS)).live.rotate();
      }
      askers.forEach(asker -> asker.finishing = true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    if (ledger.longest("a send").compareTo(ROTATION.quiet()) > 0) {
      ledger.complain("a sender waited for " + ledger.longest("a send"));
    }
  }

  private static final class Asker implements Runnable {
    private final Ledger ledger;
    private final Semaphore room = new Semaphore(OUTSTANDING);
    private final Set<Integer> open = ConcurrentHashMap.newKeySet(); // questions
    private final AtomicInteger sessions = new AtomicInteger();
    private final LiveWebSocket live;
    private volatile boolean finishing;

    Asker(String uri, Ledger ledger) {
      this.ledger = ledger;
      this.live =
          LiveWebSocket.to(uri)
              .options(LiveOptions.DEFAULT.rotation(ROTATION))
              .owner(this::hears)
              .open();
      ledger.leaves(live);
    }

    private void hears(Message message) {
      switch (message) {
        case WebSocketFrame(var stream, Text(var text)) -> {
          if (open.remove(Integer.valueOf(text))) {
            ledger.count("answers");
            room.release();
          } else {
            ledger.complain(text + " is answered twice");
          }
        }
        case Open opened -> sessions.incrementAndGet();
        case Connecting connecting -> {}
        case Notice(var stream, Notice.PingAcknowledged pong) -> {}
        case Gone(var stream, Reason.OwnerClosed closed) -> {}
        default -> ledger.complain(message + " is told");
      }
    }

    @Override
    public void run() {
      try {
        live.awaitOpen(PATIENCE);
        for (int number = 1; !finishing; number++) {
          if (!room.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            ledger.complain("no answer in " + PATIENCE + ": " + open.size() + " are missing");
            return;
          }
          open.add(number);
          long began = System.nanoTime();
          live.send(new Text(Integer.toString(number)));
          ledger.took("a send", System.nanoTime() - began);
        }
        if (!room.tryAcquire(OUTSTANDING, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          ledger.complain("no answers at the end: " + open.size() + " are missing");
        }
      } catch (Throwable e) {
        ledger.complain("an asker", e);
      } finally {
        ledger.count("rotations", sessions.get() - 1);
        live.close();
      }
    }
  }
}
