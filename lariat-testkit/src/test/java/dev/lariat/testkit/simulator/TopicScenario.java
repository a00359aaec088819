package dev.lariat.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicOptions.Overflow;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Exchange;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Topics through everything that can happen to them: readers come and go, fast and slow ones, while
 * sockets are lost. Between its {@code Open} and the next change of state, a reader gets every
 * message in order, except for those that it is told were dropped. No socket has more topics than
 * the cap, none twice, and what nobody reads is unsubscribed.
 */
final class TopicScenario {
  private static final String HOST = "exchange.example";
  private static final Duration LONG = Duration.ofMinutes(30);
  private static final int TOPICS = 12;

  private final Simulation simulation;
  private final Chance chance;
  private final Weather weather;
  private final Mischief mischief;
  private final Optional<Client> client; // whose connections the sockets use
  private final Topics topics;
  private final int cap;
  private final List<Seen> readers = new ArrayList<>();

  // the server's side
  private boolean kind; // every visit is a good one
  private int channels; // made so far
  private final Map<WebSocketVisit, Map<String, Channel>> subscribed = new HashMap<>();

  /** A topic of a connection. */
  private static final class Channel {
    final int id;
    int said;

    Channel(int id) {
      this.id = id;
    }
  }

  /** What a reader has seen. */
  private static final class Seen {
    final TopicReader reader;
    boolean open;
    boolean gone;
    String channel = ""; // of the newest message since it opened
    long last;
    long dropped; // since the newest message
    int messages;

    Seen(TopicReader reader) {
      this.reader = reader;
    }

    void sees(Message message) {
      assertThat(gone).as("nothing follows Gone").isFalse();
      switch (message) {
        case Open its -> changes(true);
        case Waiting its -> {
          assertThat(open || messages == 0 || !its.open()).isTrue();
          changes(false);
        }
        case Gone(var stream, var reason) -> {
          gone = true;
          assertThat(reason).isInstanceOf(Reason.OwnerClosed.class);
        }
        case Notice(var ref, Notice.Dropped(var stream, var count)) -> dropped += count;
        case WebSocketFrame(var stream, Text(var text)) -> hears(text.split(" "));
        default -> throw new AssertionError(message);
      }
    }

    private void changes(boolean opens) {
      open = opens;
      channel = "";
      dropped = 0;
    }

    private void hears(String[] words) {
      assertThat(open).as("a message comes between Open and the next change").isTrue();
      assertThat(words[2]).isEqualTo(reader.topic());
      long number = Long.parseLong(words[3]);
      if (!channel.isEmpty()) {
        assertThat(words[1]).isEqualTo(channel);
        assertThat(number).as("none is missing untold").isEqualTo(last + 1 + dropped);
      }
      channel = words[1];
      last = number;
      dropped = 0;
      messages++;
    }
  }

  TopicScenario(Simulation simulation, long seed) {
    this.simulation = simulation;
    this.chance = new Chance(seed);
    this.mischief = new Mischief(chance);
    Origin origin = simulation.origin(HOST, 80, this::serve);
    this.weather = new Weather(chance, simulation.host(HOST), origin);
    this.cap = chance.number(1, 5);
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT
            .platform(simulation.platform())
            .protocols(Chance.protocol(seed))
            .timeouts(chance.timeouts());
    LiveOptions live =
        LiveOptions.DEFAULT
            .healing(chance.healing().classifier(reason -> Verdict.RETRY))
            .webSocket(
                WebSocketOptions.DEFAULT.keepalive(
                    new Keepalive(chance.millis(500, 20_000), chance.millis(200, 5000))));
    LiveWebSocket.Plan plan = LiveWebSocket.to("ws://" + HOST + "/");
    this.client = Chance.client(seed, connection);
    plan =
        client
            .map(plan::client)
            .orElse(plan)
            .options(client.isPresent() ? live : live.connection(connection));
    TopicOptions options =
        TopicOptions.DEFAULT
            .perSocket(cap)
            .batch(chance.number(1, 4))
            .linger(chance.oneOf(Duration.ZERO, chance.millis(10, 10_000)))
            .acknowledgement(Duration.ofDays(1));
    this.topics = Topics.over(plan, new Exchange.Rule()).options(options).open();
  }

  // ---- the server

  private void serve(Visit visit) throws Exception {
    if (!kind && mischief.atTheDoor(visit) || visit.request() == null) {
      return;
    }
    WebSocketVisit socket = visit.acceptWebSocket();
    Map<String, Channel> its = new LinkedHashMap<>();
    subscribed.put(socket, its);
    try {
      while (!visit.clientGone()) {
        Frame frame = socket.receive(chance.millis(10, 400)); // less than between pings
        if (frame instanceof Text(var text)) {
          subscribed.put(socket, its);
          commanded(socket, its, text.split(" "));
        } else if (frame != null) {
          return;
        } else if (!visit.clientGone()) {
          publish(socket, its);
          if (!kind && misbehaves(visit, socket)) {
            return;
          }
        }
      }
    } finally {
      subscribed.remove(socket);
    }
  }

  private void commanded(WebSocketVisit socket, Map<String, Channel> its, String[] words)
      throws Exception {
    for (int i = 1; i < words.length; i++) {
      String topic = words[i];
      if (words[0].equals("sub")) {
        assertThat(its).as("subscribed once").doesNotContainKey(topic);
        Channel channel = new Channel(++channels);
        its.put(topic, channel);
        assertThat(its.size()).as("the cap of a socket").isLessThanOrEqualTo(cap);
        socket.send(new Text("subscribed " + topic + " " + channel.id));
      } else {
        assertThat(its.values().removeIf(channel -> topic.equals("" + channel.id))).isTrue();
      }
    }
  }

  private void publish(WebSocketVisit socket, Map<String, Channel> its) throws Exception {
    for (Map.Entry<String, Channel> each : its.entrySet()) {
      Channel channel = each.getValue();
      for (int burst = chance.number(kind ? 1 : 0, 10); burst > 0; burst--) {
        channel.said++;
        String text = "# " + channel.id + " " + each.getKey() + " " + channel.said;
        socket.send(new Text(text));
      }
    }
  }

  private boolean misbehaves(Visit visit, WebSocketVisit socket) throws Exception {
    switch (chance.number(0, 29)) {
      case 0 -> {
        socket.close(chance.oneOf(1000, 1001, 1012, 1013), "by chance");
        return true;
      }
      case 1 -> visit.reset();
      case 2 -> {
        subscribed.remove(socket); // it never learns of the end
        visit.halfOpen();
      }
      case 3 -> {
        subscribed.remove(socket);
        visit.cutAfter(chance.number(0, 200));
      }
      case 4 -> {
        return true;
      }
      default -> {}
    }
    return false;
  }

  // ---- the readers

  void play() throws Exception {
    for (int step = chance.number(10, 60); step > 0; step--) {
      switch (chance.number(0, 9)) {
        case 0, 1, 2 -> open();
        case 3 -> close();
        case 4 -> weather.change();
        case 5, 6 -> simulation.pause(chance.millis(1, 20_000));
        default -> readSome();
      }
    }
    kind = true;
    weather.clear();
    subscribed.clear(); // who is not heard again may never have learnt of the end
    comeBack();
    topicsAreLetGo();
    topics.close();
    assertThat(topics.awaitTermination(LONG)).isTrue();
    client.ifPresent(Chance::endsWithNothingLeft);
  }

  private void open() {
    Mailbox mailbox = chance.half() ? Mailbox.create() : Mailbox.bounded(chance.number(2, 20));
    Overflow overflow = chance.oneOf(Overflow.values());
    readers.add(new Seen(topics.open("T" + chance.number(1, TOPICS), mailbox, overflow)));
  }

  private void close() {
    if (!readers.isEmpty()) {
      readers.get(chance.number(0, readers.size() - 1)).reader.close();
    }
  }

  private void readSome() throws InterruptedException {
    for (Seen seen : readers) {
      if (chance.half()) {
        read(seen);
      }
    }
  }

  private static void read(Seen seen) throws InterruptedException {
    Message message = seen.reader.mailbox().take(Duration.ZERO);
    while (message != null) {
      seen.sees(message);
      message = seen.reader.mailbox().take(Duration.ZERO);
    }
  }

  /** Everybody who has not closed hears something again. */
  private void comeBack() throws InterruptedException {
    Map<Seen, Integer> before = new HashMap<>();
    readers.forEach(seen -> before.put(seen, -1));
    Duration end = simulation.elapsed().plus(LONG);
    boolean all = false;
    while (!all && simulation.elapsed().compareTo(end) < 0) {
      simulation.pause(Duration.ofSeconds(1));
      all = true;
      for (Seen seen : readers) {
        read(seen);
        int first = before.get(seen);
        if (first < 0 && seen.open) {
          before.put(seen, seen.messages);
        }
        all &= seen.gone || first >= 0 && seen.messages > first;
      }
    }
    assertThat(all).as("who has not closed hears something again").isTrue();
  }

  private void topicsAreLetGo() throws InterruptedException {
    readers.forEach(seen -> seen.reader.close());
    simulation.pause(LONG);
    for (Seen seen : readers) {
      read(seen);
      assertThat(seen.gone).as("each reader ends when it is closed").isTrue();
    }
    assertThat(topics.info().topics()).isZero();
    assertThat(topics.info().sockets()).isEmpty();
    assertThat(subscribed.values()).as("what nobody reads is unsubscribed").allMatch(Map::isEmpty);
  }
}
