package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.client.Client;
import dev.lariat.live.AttemptBudget;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.live.TopicsInfo;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicOptions.Overflow;
import dev.lariat.option.TopicRule;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One socket for many readers, and as many sockets as the server's cap demands. */
@Timeout(30)
class TopicsTest {
  private static final String HOST = "exchange.example";
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final TopicOptions ACKNOWLEDGED =
      TopicOptions.DEFAULT.perSocket(50).batch(20).acknowledgement(Duration.ofSeconds(10));

  private final Simulation simulation = Simulation.seeded(7);
  private final Exchange exchange = new Exchange(50);
  private final Origin origin = simulation.origin(HOST, 80, exchange);
  private final LiveOptions live =
      LiveOptions.DEFAULT
          .connection(ConnectionOptions.DEFAULT.platform(simulation.platform()))
          .webSocket(WebSocketOptions.DEFAULT.keepalive(Keepalive.OFF));
  private final Mailbox control = Mailbox.create();
  private final List<Topics> opened = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (Topics topics : opened) {
      topics.close();
      assertThat(topics.awaitTermination(SOON)).isTrue();
    }
    simulation.close();
  }

  private Topics open(TopicOptions options) {
    return open(LiveWebSocket.to("ws://" + HOST + "/").options(live), options);
  }

  private Topics open(LiveWebSocket.Plan plan, TopicOptions options) {
    Topics topics = Topics.over(plan, new Exchange.Rule()).options(options).control(control).open();
    opened.add(topics);
    return topics;
  }

  private static <T extends Message> T next(TopicReader reader, Class<T> kind) throws Exception {
    return next(reader.mailbox(), kind);
  }

  private static <T extends Message> T next(Mailbox mailbox, Class<T> kind) throws Exception {
    Message message = mailbox.take(SOON);
    assertThat(message).isInstanceOf(kind);
    return kind.cast(message);
  }

  /** The next message is one of the topic, with this value. */
  private static void hears(TopicReader reader, String value) throws Exception {
    WebSocketFrame message = next(reader, WebSocketFrame.class);
    assertThat(message.stream()).isSameAs(reader);
    assertThat(message.frame())
        .isInstanceOfSatisfying(Text.class, text -> assertThat(text.text()).endsWith(" " + value));
  }

  private static Reason gone(TopicReader reader) throws Exception {
    return next(reader, Gone.class).reason();
  }

  @Test
  void readersOfATopicShareOneSubscription() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    TopicReader one = topics.open("BTC");
    TopicReader two = topics.open("BTC");
    TopicReader other = topics.open("ETH");
    for (TopicReader reader : List.of(one, two, other)) {
      assertThat(next(reader, Open.class).session()).isEqualTo(1);
    }
    assertThat(exchange.publish("BTC", "1")).isEqualTo(1);
    hears(one, "1");
    hears(two, "1");
    exchange.publish("ETH", "2");
    hears(other, "2");
    assertThat(exchange.load()).containsExactly(2);

    one.close();
    one.close();
    assertThat(gone(one)).isEqualTo(new Reason.OwnerClosed());
    exchange.publish("BTC", "3");
    hears(two, "3");
    assertThat(one.mailbox().size()).isZero();
  }

  @Test
  void theLastReaderUnsubscribesAfterTheLinger() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    TopicReader stays = topics.open("ETH");
    TopicReader first = topics.open("BTC");
    next(stays, Open.class);
    next(first, Open.class);
    first.close();
    simulation.pause(Duration.ofSeconds(4));
    TopicReader second = topics.open("BTC");
    next(second, Open.class);
    assertThat(topics.info().lingering()).isZero();
    int said = exchange.commands.size();
    assertThat(exchange.commands).noneMatch(text -> text.startsWith("unsub"));
    second.close();
    simulation.pause(Duration.ofSeconds(6));
    assertThat(exchange.commands.subList(said, exchange.commands.size()))
        .singleElement()
        .asString()
        .startsWith("unsub ");
    assertThat(exchange.load()).containsExactly(1);
  }

  @Test
  void topicsSpreadOverAsManySocketsAsTheCapDemands() throws Exception {
    Topics topics = open(ACKNOWLEDGED.linger(Duration.ZERO));
    List<TopicReader> readers = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      readers.add(topics.open("T" + i));
    }
    for (TopicReader reader : readers) {
      next(reader, Open.class);
    }
    assertThat(exchange.load()).containsExactlyInAnyOrder(50, 50, 20);
    assertThat(topics.info().sockets())
        .extracting(TopicsInfo.Socket::subscribed)
        .containsExactly(50, 50, 20);
    for (int i = 0; i < 120; i++) {
      assertThat(exchange.publish("T" + i, "v" + i)).isEqualTo(1);
      hears(readers.get(i), "v" + i);
    }
    readers.subList(50, 100).forEach(TopicReader::close);
    simulation.pause(Duration.ofSeconds(30));
    assertThat(exchange.load()).containsExactlyInAnyOrder(50, 20);
    assertThat(topics.info().sockets()).hasSize(2);
  }

  @Test
  void aKilledServerIsATopicsGapAndEachTopicIsSubscribedAgain() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    List<TopicReader> readers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      readers.add(topics.open("T" + i));
    }
    for (TopicReader reader : readers) {
      next(reader, Open.class);
    }
    origin.refuse();
    origin.reset();
    simulation.pause(Duration.ofMinutes(1)); // some attempts fail
    assertThat(exchange.load()).isEmpty();
    TopicReader late = topics.open("T0");
    TopicReader fresh = topics.open("T60");
    origin.listen();
    for (TopicReader reader : readers) {
      assertThat(next(reader, Waiting.class).open()).isFalse();
      next(reader, Open.class);
    }
    next(late, Waiting.class);
    next(late, Open.class);
    next(fresh, Waiting.class);
    next(fresh, Open.class);
    assertThat(exchange.load()).containsExactlyInAnyOrder(50, 11);
    for (int i = 0; i < 60; i++) {
      exchange.publish("T" + i, "again");
      hears(readers.get(i), "again");
    }
  }

  @Test
  void yourOpeningStepComesBeforeTheSubscriptions() throws Exception {
    List<String> order = exchange.commands;
    Topics topics =
        open(
            LiveWebSocket.to("ws://" + HOST + "/")
                .options(live)
                .onOpen(
                    session -> {
                      assertThat(session.receive(SOON)).isEqualTo(new Text("welcome"));
                      session.send(new Text("login"));
                    }),
            ACKNOWLEDGED);
    TopicReader reader = topics.open("BTC");
    next(reader, Open.class);
    origin.reset();
    next(reader, Waiting.class);
    next(reader, Open.class);
    assertThat(order).containsExactly("login", "sub BTC", "login", "sub BTC");
  }

  @Test
  void aRotationIsNoGap() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    TopicReader reader = topics.open("BTC");
    next(reader, Open.class);
    LiveWebSocket socket = (LiveWebSocket) topics.info().sockets().getFirst().socket();
    socket.rotate();
    List<String> heard = new ArrayList<>();
    int published = 0;
    for (int sessions = 1; sessions < 2; ) {
      exchange.publish("BTC", "v" + ++published);
      simulation.pause(Duration.ofMillis(300));
      for (Message message = reader.mailbox().take(Duration.ZERO);
          message != null;
          message = reader.mailbox().take(Duration.ZERO)) {
        if (message instanceof WebSocketFrame(var stream, Text(var text))) {
          heard.add(text.substring(text.lastIndexOf(' ') + 1));
        } else {
          sessions = (int) ((Open) message).session(); // and never Waiting
        }
      }
    }
    exchange.publish("BTC", "last");
    for (Message message = next(reader, Message.class);
        !(message instanceof WebSocketFrame(var stream, Text(var text)) && text.endsWith("last"));
        message = next(reader, Message.class)) {
      if (message instanceof WebSocketFrame(var stream, Text(var text))) {
        heard.add(text.substring(text.lastIndexOf(' ') + 1));
      }
    }
    for (int i = 1; i <= published; i++) {
      assertThat(heard).contains("v" + i);
    }
    assertThat(exchange.load()).containsExactly(1);
  }

  @Test
  void aRefusedTopicEndsItsReadersAndNoOthers() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    TopicReader good = topics.open("BTC");
    TopicReader bad = topics.open("xyz");
    assertThat(gone(bad)).isEqualTo(new Reason.TopicRefused("xyz", "unknown-symbol"));
    next(good, Open.class);
    exchange.publish("BTC", "1");
    hears(good, "1");
    assertThatThrownBy(() -> topics.open("xyz").iterator().hasNext())
        .isInstanceOf(FailedException.class)
        .hasMessage("The server refused the topic xyz: unknown-symbol.");
  }

  @Test
  void aSubscriptionThatIsNotAcknowledgedEndsItsReaders() throws Exception {
    Topics topics = open(ACKNOWLEDGED.linger(Duration.ZERO));
    TopicReader reader = topics.open("mute");
    assertThat(gone(reader))
        .isEqualTo(new Reason.Timeout(Reason.Step.SUBSCRIBE, Duration.ofSeconds(10)));
  }

  /** The server sends more of one topic than all buffers hold, and then a message of another. */
  private void flood(Mailbox small, TopicReader other) throws Exception {
    next(small, Open.class);
    next(other, Open.class);
    simulation.start(
        "flood",
        () -> {
          try {
            for (int i = 0; i < 20_000; i++) {
              exchange.publish("BTC", "v" + i);
            }
            exchange.publish("ETH", "after");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    simulation.pause(Duration.ofSeconds(1));
  }

  @Test
  void aFullMailboxHoldsBackTheSocketAndLosesNothing() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    Mailbox small = Mailbox.bounded(10);
    TopicReader slow = topics.open("BTC", small);
    TopicReader other = topics.open("ETH");
    flood(small, other);
    assertThat(other.mailbox().size()).as("what comes after the messages that wait").isZero();
    assertThat(small.size()).isLessThan(20_000);
    for (int i = 0; i < 20_000; i++) {
      assertThat(((Text) next(small, WebSocketFrame.class).frame()).text()).endsWith(" v" + i);
    }
    hears(other, "after");
    slow.close();
    next(small, Gone.class);
  }

  @Test
  void aFullReaderThatClosesLetsTheOthersGoOn() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    Mailbox small = Mailbox.bounded(10);
    TopicReader slow = topics.open("BTC", small);
    TopicReader other = topics.open("ETH");
    flood(small, other);
    slow.close();
    hears(other, "after");
  }

  @Test
  void droppedMessagesAreCounted() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    Mailbox small = Mailbox.bounded(10);
    TopicReader slow = topics.open("BTC", small, Overflow.DROP);
    TopicReader other = topics.open("BTC");
    next(small, Open.class);
    next(other, Open.class);
    for (int i = 0; i < 5_000; i++) {
      exchange.publish("BTC", "v" + i);
    }
    for (int i = 0; i < 5_000; i++) {
      hears(other, "v" + i);
    }
    long heard = 0;
    long dropped = 0;
    while (heard + dropped < 5_000) {
      Message message = next(small, Message.class);
      if (message instanceof Notice(var reader, Notice.Dropped(var stream, var count))) {
        assertThat(stream).isSameAs(slow);
        dropped += count;
      } else {
        assertThat(message).isInstanceOf(WebSocketFrame.class);
        heard++;
      }
    }
    assertThat(heard + dropped).isEqualTo(5_000);
    assertThat(dropped).isPositive().isEqualTo(topics.info().dropped());
    exchange.publish("BTC", "last");
    assertThat(((Text) next(small, WebSocketFrame.class).frame()).text()).endsWith(" last");
  }

  @Test
  void subscriptionsKeepThePaceOfTheServer() throws Exception {
    Topics topics = open(ACKNOWLEDGED.batch(1).pace(AttemptBudget.perSecond(2, 1)));
    List<TopicReader> readers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      readers.add(topics.open("T" + i));
    }
    Duration start = simulation.elapsed();
    for (TopicReader reader : readers) {
      next(reader, Open.class);
    }
    assertThat(simulation.elapsed().minus(start))
        .isBetween(Duration.ofMillis(4_400), Duration.ofMillis(6_000));
    assertThat(exchange.commands).hasSize(10);
  }

  @Test
  void aSocketThatEndsForGoodEndsItsReaders() throws Exception {
    origin.script(Script.status(401));
    Topics topics = open(ACKNOWLEDGED);
    TopicReader reader = topics.open("BTC");
    assertThat(gone(reader)).isInstanceOf(Reason.Status.class);
    origin.script(exchange);
    next(topics.open("BTC"), Open.class);
  }

  @Test
  void theReceiverForControlMessagesGetsEverythingElse() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    next(topics.open("BTC"), Open.class);
    List<String> texts = new ArrayList<>();
    while (texts.size() < 2) {
      if (next(control, Message.class) instanceof WebSocketFrame(var socket, Text(var text))) {
        texts.add(text);
      }
    }
    assertThat(texts.getFirst()).isEqualTo("welcome");
    assertThat(texts.getLast()).startsWith("subscribed BTC ");
  }

  @Test
  void aReceiverIsCalledWithEachMessage() throws Exception {
    Topics topics = open(ACKNOWLEDGED);
    List<Message> all = Collections.synchronizedList(new ArrayList<>());
    TopicReader reader = topics.open("BTC", all::add);
    simulation.pause(Duration.ofSeconds(1));
    exchange.publish("BTC", "1");
    simulation.pause(Duration.ofSeconds(1));
    topics.shutdown();
    assertThat(topics.awaitTermination(SOON)).isTrue();
    assertThat(all).hasSize(3);
    assertThat(all.getFirst()).isInstanceOf(Open.class);
    assertThat(all.get(1)).isEqualTo(new WebSocketFrame(reader, new Text("# 100 1")));
    assertThat(all.getLast()).isEqualTo(new Gone(reader, new Reason.OwnerClosed()));
    assertThatThrownBy(() -> topics.open("BTC"))
        .isInstanceOf(FailedException.class)
        .hasMessage("The operation open is not possible: the topics are closed.");
  }

  @Test
  void aMailboxThatClosesClosesItsReaders() throws Exception {
    Topics topics = open(ACKNOWLEDGED.linger(Duration.ZERO));
    Mailbox mailbox = Mailbox.create();
    topics.open("BTC", mailbox);
    topics.open("ETH", mailbox);
    next(mailbox, Open.class);
    next(mailbox, Open.class);
    mailbox.close();
    simulation.pause(Duration.ofSeconds(10));
    assertThat(topics.info().readers()).isZero();
    assertThat(topics.info().sockets()).isEmpty();
  }

  @Test
  void socketsCanBeStreamsOfOneConnection() throws Exception {
    ConnectionOptions http2 =
        ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(Protocol.HTTP_2);
    SharedConnections shared = SharedConnections.create();
    Topics topics =
        open(
            LiveWebSocket.to("ws://" + HOST + "/")
                .options(live.connection(http2))
                .connections(shared),
            ACKNOWLEDGED.perSocket(50));
    TopicReader reader = topics.open("BTC");
    next(reader, Open.class);
    origin.reset();
    next(reader, Waiting.class);
    next(reader, Open.class);
    exchange.publish("BTC", "1");
    hears(reader, "1");
  }

  @Test
  void aPlanWithAnOwnerIsRefused() {
    LiveWebSocket.Plan plan = LiveWebSocket.to("ws://" + HOST + "/").owner(control);
    assertThatThrownBy(() -> Topics.over(plan, new Exchange.Rule()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("plan.owner: ");
  }

  // ---- a rule that throws

  /** A rule of the exchange that throws where it is told to. */
  private static class Throwing implements TopicRule {
    private final TopicRule rule = new Exchange.Rule();

    @Override
    public List<Frame> subscribe(List<String> topics) {
      return rule.subscribe(topics);
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      if (topics.stream().anyMatch(topic -> topic.topic().equals("throws"))) {
        throw new IllegalStateException("unsubscribe");
      }
      return rule.unsubscribe(topics);
    }

    @Override
    public Meaning read(Frame frame) {
      if (frame instanceof Text(var text) && text.endsWith(" poison")) {
        throw new IllegalStateException("read");
      }
      return rule.read(frame);
    }
  }

  private Topics openThrowing() {
    LiveWebSocket.Plan plan = LiveWebSocket.to("ws://" + HOST + "/").options(live);
    TopicOptions options = ACKNOWLEDGED.linger(Duration.ZERO);
    Topics topics = Topics.over(plan, new Throwing()).options(options).control(control).open();
    opened.add(topics);
    return topics;
  }

  private static void threw(Reason reason, String where) {
    assertThat(reason)
        .isInstanceOfSatisfying(
            Reason.HandlerThrew.class, its -> assertThat(its.cause()).hasMessage(where));
  }

  @Test
  void aRuleThatThrowsAtAFrameIsAGapOfTheSocketsReaders() throws Exception {
    Topics topics = openThrowing();
    TopicReader one = topics.open("BTC");
    TopicReader two = topics.open("ETH");
    next(one, Open.class);
    next(two, Open.class);
    exchange.publish("BTC", "1");
    exchange.publish("BTC", "poison");
    exchange.publish("BTC", "2");
    hears(one, "1");
    threw(next(one, Waiting.class).reason(), "read");
    threw(next(two, Waiting.class).reason(), "read");
    assertThat(next(one, Open.class).session()).isEqualTo(2);
    next(two, Open.class);
    exchange.publish("BTC", "3");
    hears(one, "3");
  }

  @Test
  void aRuleThatThrowsAtAnUnsubscriptionLeavesNothingSubscribed() throws Exception {
    Topics topics = openThrowing();
    TopicReader stays = topics.open("BTC");
    TopicReader leaves = topics.open("throws");
    next(stays, Open.class);
    next(leaves, Open.class);
    leaves.close();
    threw(next(stays, Waiting.class).reason(), "unsubscribe");
    next(stays, Open.class);
    simulation.pause(Duration.ofSeconds(30));
    assertThat(exchange.load()).containsExactly(1);
    assertThat(stays.mailbox().size()).isZero();
  }

  // ---- over a client

  @Test
  void theirSocketsUseTheConnectionsOfAClientAndEndWithIt() throws Exception {
    Client client =
        Client.open(
            PoolOptions.DEFAULT.connection(
                ConnectionOptions.DEFAULT.platform(simulation.platform())));
    LiveOptions its = live.connection(ConnectionOptions.DEFAULT);
    Topics topics =
        open(LiveWebSocket.to("ws://" + HOST + "/").options(its).client(client), ACKNOWLEDGED);
    TopicReader reader = topics.open("BTC");
    next(reader, Open.class);
    exchange.publish("BTC", "1");
    hears(reader, "1");
    assertThat(client.info().streams()).isEqualTo(1);
    client.shutdown();
    assertThat(gone(reader)).isInstanceOf(Reason.OwnerClosed.class);
    assertThat(topics.awaitTermination(SOON)).isTrue();
    assertThat(client.awaitTermination(SOON)).isTrue();
  }
}
