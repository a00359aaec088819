package dev.lariat.it.soak;

import dev.lariat.live.Delivery;
import dev.lariat.message.Protocol;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Proxy;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * So many live WebSockets send a message each second through a {@link CuttingProxy}, every other
 * one over HTTP/2, every fourth one through {@link Detours}; then it is calm, and everything must
 * come to a good end: each errand done, and each promise kept.
 */
final class Cuts implements Part {
  private static final Duration CALM = Duration.ofMinutes(2); // for the end, at the most

  private final int sockets;
  private final Duration mean;

  /**
   * Cuts for so many live WebSockets.
   *
   * @param mean how long a connection lives on average
   */
  Cuts(int sockets, Duration mean) {
    this.sockets = sockets;
    this.mean = mean;
  }

  /** The options of a live WebSocket that speaks this protocol, through these proxies. */
  static LiveOptions options(Protocol protocol, List<Proxy> via) {
    Keepalive keepalive = new Keepalive(Duration.ofSeconds(2), Duration.ofSeconds(2));
    Timeouts timeouts =
        Timeouts.DEFAULT
            .connect(Duration.ofSeconds(5))
            .upgrade(Duration.ofSeconds(5))
            .closing(Duration.ofSeconds(5));
    return LiveOptions.DEFAULT
        .connection(ConnectionOptions.DEFAULT.timeouts(timeouts).protocols(protocol).via(via))
        .webSocket(WebSocketOptions.DEFAULT.keepalive(keepalive))
        .outbox(Outbox.DEFAULT.messages(3).overflow(Outbox.Overflow.DROP_OLDEST))
        .healing(
            Healing.DEFAULT
                .spread(Duration.ofMillis(500))
                .retry(Backoff.DEFAULT.delays(Duration.ofMillis(100), Duration.ofSeconds(2))));
  }

  @Override
  public void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception {
    List<Sender> senders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (Feed feed = new Feed(ledger);
        CuttingProxy proxy = new CuttingProxy(feed.port(), mean, random.nextLong());
        Detours detours = new Detours("cuts", random.split(), ledger)) {
      for (int i = 0; i < sockets; i++) {
        Protocol protocol = i / 2 % 2 == 0 ? Protocol.HTTP_1_1 : Protocol.HTTP_2;
        Sender sender = new Sender("s" + i, proxy.port(), protocol, detours.of(i), feed, ledger);
        senders.add(sender);
        ledger.leaves(sender.live());
        threads.add(Thread.ofVirtual().name("sender " + i).start(sender));
      }
      Part.pause(time);
      detours.calm();
      proxy.calm();
      senders.forEach(Sender::finish);
      long end = Part.in(CALM);
      for (Thread thread : threads) {
        if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
          ledger.complain(thread.getName() + " has not come to its end in " + CALM);
        }
      }
      proxy.cuts().forEach((cut, number) -> ledger.count("cuts by " + cut, number.sum()));
    }
    for (Sender sender : senders) {
      ledger.count("sessions", sender.sessions());
      ledger.count("sessions over " + sender.protocol(), sender.sessions());
      ledger.count("errands", sender.errands());
      ledger.count("acknowledgements", sender.acknowledged());
      for (Delivery.State state : Delivery.State.values()) {
        ledger.count(state.name(), sender.count(state));
      }
    }
  }
}
