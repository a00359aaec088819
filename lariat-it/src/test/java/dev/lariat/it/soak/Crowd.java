package dev.lariat.it.soak;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * 64 platform threads and 1,000 virtual ones send on one WebSocket. Each message arrives, those of
 * a sender in its order, and no sender starves.
 */
final class Crowd implements Part {
  private static final int PLATFORM = 64;
  private static final int VIRTUAL = 1000;
  private static final String PADDING = " " + "x".repeat(200);
  private static final int MOST = 100; // times the mean wait
  private static final Duration ALWAYS = Duration.ofSeconds(2); // what any machine may need
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean finishing;
  private int[] last; // of each sender; on the server's thread

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    last = new int[PLATFORM + VIRTUAL];
    LongAdder sent = new LongAdder();
    LongAdder waits = new LongAdder();
    LongAdder waited = new LongAdder();
    try (Origin origin = Origin.start(visit -> serve(visit, ledger));
        Connection connection =
            Lariat.open("127.0.0.1", origin.port(), message -> hears(message, ledger))) {
      WebSocket socket = connection.webSocket("/");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < PLATFORM + VIRTUAL; i++) {
        int number = i;
        Thread.Builder builder = i < PLATFORM ? Thread.ofPlatform() : Thread.ofVirtual();
        threads.add(
            builder
                .name("crowd " + i)
                .start(() -> send(socket, number, sent, waits, waited, ledger)));
      }
      Part.pause(time);
      finishing = true;
      for (Thread thread : threads) {
        if (!thread.join(PATIENCE)) {
          ledger.complain(thread.getName() + " still waits");
        }
      }
      socket.close();
      if (!over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        ledger.complain("the server did not get the close frame");
      }
    }
    ledger.count("sent", sent.sum());
    ledger.count("waits", waits.sum());
    if (sent.sum() != ledger.counted("arrived")) {
      ledger.complain("of " + sent + " messages " + ledger.counted("arrived") + " arrived");
    }
    Duration mean = Duration.ofNanos(waits.sum() == 0 ? 0 : waited.sum() / waits.sum());
    ledger.count("ms of the mean wait", mean.toMillis());
    Duration longest = ledger.longest("a wait");
    if (longest.compareTo(ALWAYS) > 0 && longest.compareTo(mean.multipliedBy(MOST)) > 0) {
      ledger.complain("one waited for " + longest + ", on average they wait for " + mean);
    }
  }

  private static void hears(Message message, Ledger ledger) {
    if (message instanceof StreamFailed failed) {
      ledger.complain(failed.toString());
    }
  }

  private void send(
      WebSocket socket,
      int sender,
      LongAdder sent,
      LongAdder waits,
      LongAdder waited,
      Ledger ledger) {
    try {
      for (int number = 1; !finishing; number++) {
        Text message = new Text(sender + " " + number + PADDING);
        if (!socket.trySend(message)) {
          long before = System.nanoTime();
          socket.send(message);
          long wait = System.nanoTime() - before;
          waits.increment();
          waited.add(wait);
          ledger.took("a wait", wait);
        }
        sent.increment();
      }
    } catch (RuntimeException e) {
      ledger.complain("sender " + sender, e);
    }
  }

  private void serve(Visit visit, Ledger ledger) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket();
    for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
      if (frame instanceof Close) {
        over.countDown();
      } else if (frame instanceof Text(var text)) {
        String[] words = text.split(" ", 3);
        int sender = Integer.parseInt(words[0]);
        int number = Integer.parseInt(words[1]);
        if (number != ++last[sender]) {
          ledger.complain("of sender " + sender + " " + number + " is the " + last[sender] + "th");
          last[sender] = number;
        }
        ledger.count("arrived");
      }
    }
  }
}
