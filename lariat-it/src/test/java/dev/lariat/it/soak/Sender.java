package dev.lariat.it.soak;

import dev.lariat.Mailbox;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Connecting;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A user of a live WebSocket who wants each of his errands done at least once: he sends it again,
 * under a new number, when a session has ended before it was acknowledged. Runs on a thread of its
 * own.
 */
final class Sender implements Runnable {
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final int MOST = 10; // errands at a time

  /** A message by which an errand was sent. */
  private record Sent(int errand, Delivery delivery) {}

  private final String name;
  private final Protocol protocol;
  private final Feed feed;
  private final Ledger ledger;
  private final Mailbox mailbox = Mailbox.bounded(100);
  private final LiveWebSocket live;
  private final List<Sent> sent = new ArrayList<>(); // the first has the number 1
  private final Map<Integer, Integer> undone = new HashMap<>(); // errands, by which number at last
  private int errands;
  private int acknowledged;
  private long sessions;
  private boolean open;
  private int told; // in this session
  private volatile boolean finishing;
  private volatile boolean done;
  private @Nullable Reason gone;

  Sender(String name, int port, Protocol protocol, List<Proxy> via, Feed feed, Ledger ledger) {
    this.name = name;
    this.protocol = protocol;
    this.feed = feed;
    this.ledger = ledger;
    this.live =
        LiveWebSocket.to("ws://127.0.0.1:" + port + "/")
            .options(Cuts.options(protocol, via))
            .owner(mailbox)
            .open();
  }

  LiveWebSocket live() {
    return live;
  }

  /** Has no further errands, and stops when those that there are were done. */
  void finish() {
    finishing = true;
  }

  @Override
  public void run() {
    try {
      long next = System.nanoTime();
      while (gone == null) {
        Message message = mailbox.take(Duration.ofNanos(Math.max(1, next - System.nanoTime())));
        if (message != null) {
          sees(message);
        } else {
          next += BEAT.toNanos();
          beat();
        }
      }
      mailbox.close();
      check();
    } catch (Throwable e) {
      complain(e.toString());
      live.close();
    }
  }

  private void beat() {
    if (!finishing && undone.size() < MOST) {
      send(++errands);
    } else if (finishing && undone.isEmpty() && !done) {
      done = true;
      if (name.hashCode() % 2 == 0) {
        live.shutdown();
      } else {
        live.close();
      }
    }
    if (open) {
      sendAgain(Delivery.State.DROPPED);
    }
  }

  private void send(int errand) {
    int number = sent.size() + 1;
    Text text = new Text(name + " " + number + " " + "x".repeat(number * 37 % 300));
    sent.add(new Sent(errand, live.deliver(text)));
    undone.put(errand, number);
  }

  /** Those errands whose last message has come to this. */
  private void sendAgain(Delivery.State... states) {
    for (Map.Entry<Integer, Integer> errand : List.copyOf(undone.entrySet())) {
      Delivery.State state = sent.get(errand.getValue() - 1).delivery().state();
      if (List.of(states).contains(state)) {
        send(errand.getKey());
      }
    }
  }

  private void sees(Message message) {
    switch (message) {
      case Connecting connecting -> {}
      case Waiting waiting -> open = waiting.open();
      case Open(var stream, var session, var subprotocol, var headers) -> {
        if (session != ++sessions) {
          complain("session " + session + " is told as the " + sessions + "th");
        }
        open = true;
        told = 0;
        sendAgain(Delivery.State.WRITTEN, Delivery.State.UNKNOWN);
      }
      case WebSocketFrame(var stream, Text(var text)) -> hears(text);
      case Gone(var stream, var reason) -> gone = reason;
      case Notice(var stream, Notice.PingAcknowledged pong) -> {} // on a machine that is busy
      default -> complain(message + " is told");
    }
  }

  private void hears(String text) {
    if (!open) {
      complain("\"" + text + "\" is told while no session is open");
    }
    int number = Integer.parseInt(text.substring(text.indexOf(' ') + 1));
    if (text.startsWith("ack ")) {
      acknowledged++;
      undone.remove(sent.get(number - 1).errand());
      if (!feed.has(name, number)) {
        complain(number + " is acknowledged and was not seen");
      }
    } else if (number != ++told) {
      complain("tell " + number + " comes as the " + told + "th");
    }
  }

  private void check() {
    if (!(gone instanceof Reason.OwnerClosed)) {
      complain("it ended by " + gone);
    }
    if (!undone.isEmpty()) {
      complain(undone.size() + " errands were not done");
    }
    for (int number = 1; number <= sent.size(); number++) {
      Delivery delivery = sent.get(number - 1).delivery();
      if (delivery.state() == Delivery.State.QUEUED) {
        complain("what became of " + number + " is not known");
      }
      if (delivery.state() == Delivery.State.DROPPED && feed.has(name, number)) {
        complain(number + " was dropped and has arrived");
      }
    }
  }

  private void complain(String what) {
    ledger.complain(name + ": " + what);
  }

  // ---- figures

  Protocol protocol() {
    return protocol;
  }

  int errands() {
    return errands;
  }

  int acknowledged() {
    return acknowledged;
  }

  long sessions() {
    return sessions;
  }

  long count(Delivery.State state) {
    return sent.stream().filter(one -> one.delivery().state() == state).count();
  }
}
