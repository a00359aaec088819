package dev.lariat.it.soak;

import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server of the soak. Each message that it is sent has a number of the client's, in the order
 * in which the client sent them; it notes that it has come and acknowledges it, and tells the
 * visitor something when it has heard nothing for a second. It sees with its own eyes that nothing
 * comes twice and that what comes in a visit is in order.
 */
final class Feed implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Ledger ledger;
  private final Map<String, BitSet> seen = new ConcurrentHashMap<>(); // of each client
  private final Origin origin = Origin.start(this::serve);

  Feed(Ledger ledger) {
    this.ledger = ledger;
  }

  int port() {
    return origin.port();
  }

  /** Whether it has seen this message. */
  boolean has(String client, int number) {
    BitSet its = seen.getOrDefault(client, new BitSet());
    synchronized (its) {
      return its.get(number);
    }
  }

  private void serve(Visit visit) throws Exception {
    if (visit.request() == null) {
      return;
    }
    WebSocketVisit socket = visit.acceptWebSocket(Headers.of("x-visit", "" + visit.number()));
    int told = 0;
    int last = 0;
    while (!visit.clientGone()) {
      Frame frame = socket.receive(PAUSE);
      if (frame instanceof Text(var text)) {
        last = heard(text, last, socket);
      } else if (frame instanceof Close) {
        return;
      } else if (frame == null && !visit.clientGone()) {
        socket.send(new Text("tell " + ++told));
      }
    }
  }

  private int heard(String text, int last, WebSocketVisit socket) throws IOException {
    String[] words = text.split(" ");
    int number = Integer.parseInt(words[1]);
    if (number <= last) {
      ledger.complain(words[0] + ": " + number + " came behind " + last);
    }
    BitSet its = seen.computeIfAbsent(words[0], client -> new BitSet());
    synchronized (its) { // two visits of a client may overlap
      if (its.get(number)) {
        ledger.complain(words[0] + ": " + number + " came twice");
      }
      its.set(number);
    }
    socket.send(new Text("ack " + number));
    return number;
  }

  @Override
  public void close() {
    origin.close();
  }
}
