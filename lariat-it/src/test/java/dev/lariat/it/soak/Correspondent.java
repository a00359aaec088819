package dev.lariat.it.soak;

import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Connecting;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Proxy;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A user of a live WebSocket in the {@link Storm}, who sends numbers as fast as they go out and
 * remembers what became of each.
 */
final class Correspondent implements Runnable {
  private static final String PADDING = " " + "x".repeat(1000); // so that little waits in sockets
  private static final int LAST = 50; // messages behind the storm
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String name;
  private final boolean acknowledged;
  private final Ledger ledger;
  private final LiveWebSocket live;
  private final AtomicInteger unsettled = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger(); // sessions
  private final AtomicReference<Reason> gone = new AtomicReference<>();
  private volatile boolean finishing;

  private int sent;

  // under the lock of this, by number
  private Delivery.State[] states = new Delivery.State[1024];
  private final BitSet replied = new BitSet();

  // of the server's file
  private final BitSet arrived = new BitSet();
  private final Map<String, Integer> visits = new HashMap<>(); // the last number of each
  private boolean calmAtLast;

  Correspondent(String name, String uri, boolean acknowledged, List<Proxy> via, Ledger ledger) {
    this.name = name;
    this.acknowledged = acknowledged;
    this.ledger = ledger;
    this.live = LiveWebSocket.to(uri).options(options(acknowledged, via)).owner(this::hears).open();
    ledger.leaves(live);
  }

  private static LiveOptions options(boolean acknowledged, List<Proxy> via) {
    Outbox outbox = Outbox.DEFAULT.messages(100).sendTimeout(PATIENCE);
    return LiveOptions.DEFAULT
        .connection(
            ConnectionOptions.DEFAULT
                .timeouts(
                    Timeouts.DEFAULT
                        .connect(Duration.ofSeconds(3))
                        .upgrade(Duration.ofSeconds(3))
                        .closing(Duration.ofSeconds(10)))
                .sockets(sockets())
                .via(via))
        .webSocket(
            WebSocketOptions.DEFAULT.keepalive(
                new Keepalive(Duration.ofSeconds(1), Duration.ofSeconds(2))))
        .outbox(
            acknowledged
                ? outbox.acknowledge(
                    mine -> mine instanceof Text(var text) ? number(text, 1) : null,
                    Correspondent::reply)
                : outbox)
        .healing(
            Healing.DEFAULT
                .classifier(reason -> Verdict.RETRY)
                .spread(Duration.ZERO)
                .retry(Backoff.DEFAULT.delays(Duration.ofMillis(20), Duration.ofMillis(500))));
  }

  private static SocketOptions sockets() {
    return SocketOptions.DEFAULT.sendBuffer(32 << 10);
  }

  private static int number(String text, int word) {
    return Integer.parseInt(text.split(" ", 3)[word]);
  }

  private static Object reply(Frame frame) {
    return frame instanceof Text(var text) && text.startsWith("ok ") ? number(text, 1) : null;
  }

  /** Sends a few more, and ends when all is settled. */
  void finish() {
    finishing = true;
  }

  private void hears(Message message) {
    switch (message) {
      case WebSocketFrame(var stream, Text(var text)) -> replied(number(text, 1));
      case Open open -> ledger.count("sessions");
      case Waiting waiting -> lost.incrementAndGet();
      case Gone(var stream, var reason) -> gone.set(reason);
      case Connecting connecting -> {}
      case Notice(var stream, Notice.PingAcknowledged pong) -> {}
      default -> ledger.complain(name + ": " + message + " is told");
    }
  }

  @Override
  public void run() {
    try {
      while (!finishing) {
        send();
      }
      live.awaitOpen(PATIENCE);
      int before = lost.get();
      for (int i = 0; i < LAST; i++) {
        send();
      }
      long end = Part.in(PATIENCE);
      while (unsettled.get() > 0 && System.nanoTime() < end) {
        Part.pause(Duration.ofMillis(20));
      }
      // a goodbye that comes before the server has read all makes it drop the rest
      while (before == lost.get() && !isReplied(sent) && System.nanoTime() < end) {
        Part.pause(Duration.ofMillis(20));
      }
      calmAtLast = before == lost.get();
    } catch (Throwable e) {
      ledger.complain(name, e);
    } finally {
      shutDown();
    }
  }

  private void send() {
    int number = ++sent;
    unsettled.incrementAndGet();
    live.deliver(new Text(name + " " + number + PADDING))
        .settled()
        .thenAccept(
            delivery -> {
              settled(number, delivery.state());
              unsettled.decrementAndGet();
            });
  }

  private synchronized void replied(int number) {
    replied.set(number);
  }

  private synchronized boolean isReplied(int number) {
    return replied.get(number);
  }

  private synchronized void settled(int number, Delivery.State state) {
    if (number >= states.length) {
      states = Arrays.copyOf(states, Math.max(number + 1, 2 * states.length));
    }
    if (states[number] != null) {
      ledger.complain(name + ": " + number + " settled as " + states[number] + ", then " + state);
    }
    states[number] = state;
  }

  private void shutDown() {
    live.shutdown();
    try {
      if (!live.awaitTermination(PATIENCE)) {
        ledger.complain(name + " has not ended");
      }
    } catch (InterruptedException e) {
      ledger.complain(name, e);
    }
    live.close();
  }

  // ---- what the server has got

  /** The server got this, and notes it after all that it is told of before. */
  void arrived(String visit, int number) {
    int before = visits.getOrDefault(visit, 0);
    if (number <= before) {
      ledger.complain(name + ": in visit " + visit + " " + number + " came after " + before);
    }
    int missing = arrived.nextClearBit(before + 1);
    if (missing < number && (before > 0 || acknowledged)) {
      ledger.complain(
          name
              + ": in visit "
              + visit
              + " "
              + number
              + " follows "
              + before
              + " without "
              + missing);
    }
    if (arrived.get(number)) {
      ledger.count("twice");
      if (!acknowledged) {
        ledger.complain(name + ": " + number + " came twice");
      }
    }
    arrived.set(number);
    visits.put(visit, number);
  }

  /** Holds the fates against what has arrived. */
  synchronized void check() {
    if (!(gone.get() instanceof Reason.OwnerClosed)) {
      ledger.complain(name + " ended by " + gone);
    }
    BitSet unknown = (BitSet) replied.clone();
    unknown.andNot(arrived);
    if (!unknown.isEmpty()) {
      ledger.complain(name + ": replies to what was not sent: " + unknown);
    }
    for (int number = 1; number <= sent; number++) {
      Delivery.State state = number < states.length ? states[number] : null;
      ledger.count(state == null ? "unsettled" : state.name());
      String wrong = wrong(number, state);
      if (wrong != null) {
        ledger.complain(name + ": " + number + " of " + sent + " is " + state + ", and " + wrong);
      }
    }
  }

  private String wrong(int number, Delivery.State state) {
    boolean is = arrived.get(number);
    if (state == null || state == Delivery.State.QUEUED) {
      return "nobody tells what became of it";
    }
    return switch (state) {
      case QUEUED -> "nobody tells what became of it";
      case DROPPED -> "nothing drops it" + (is ? "; it has arrived" : "");
      case ACKNOWLEDGED -> is && replied.get(number) ? null : "the server did not get it";
      case UNKNOWN -> acknowledged ? "it is to be sent again" : null;
      case WRITTEN -> {
        if (acknowledged) {
          yield "nobody has acknowledged it";
        }
        if (!is) {
          ledger.count("written and lost with the server");
        }
        yield !is && calmAtLast && number > sent - LAST ? "its session ended well" : null;
      }
    };
  }
}
