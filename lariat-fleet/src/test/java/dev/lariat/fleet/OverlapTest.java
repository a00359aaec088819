package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.contract.SharedPositions;
import dev.lariat.message.Text;
import dev.lariat.option.Budget;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The next owner of a slot. The test is its placement, and the last owner. */
@Timeout(60)
class OverlapTest {
  private final SharedPositions positions = new SharedPositions();
  private final BlockingQueue<FeedEvent> written = new LinkedBlockingQueue<>();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final Announced placement = new Announced();
  private final Numbered server = new Numbered();
  private final FleetOptions options =
      FleetOptions.DEFAULT.slots(1).placement(placement).listener(happened::add);

  /** A placement of one slot, which the test announces, gives and takes. */
  private static final class Announced implements Placement, Placement.Membership {
    private final BlockingQueue<Integer> prepared = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> ready = new LinkedBlockingQueue<>();
    private Node node;

    @Override
    public Membership join(int slots, Node its) {
      node = its;
      node.members(2);
      return this;
    }

    @Override
    public boolean shared() {
      return true;
    }

    @Override
    public boolean holds(int slot, long grant) {
      return true;
    }

    @Override
    public void prepared(int slot) {
      prepared.add(slot);
    }

    @Override
    public void ready(int slot, long grant) {
      ready.add(slot);
    }

    @Override
    public void left(int slot, long grant) {}

    @Override
    public String node() {
      return "next";
    }

    @Override
    public Optional<String> owner(int slot) {
      return Optional.empty();
    }

    @Override
    public void close() {}

    void prepare() throws InterruptedException {
      node.coming(0);
      assertThat(prepared.poll(20, TimeUnit.SECONDS)).isZero();
    }
  }

  /** A server that cannot resume: the test says what it sends. */
  private static final class Puppet {
    private final BlockingQueue<WebSocketVisit> sessions = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private WebSocketVisit session;

    Script script() {
      return visit -> {
        if (visit.head() != null) {
          WebSocketVisit socket = visit.acceptWebSocket();
          sessions.add(socket);
          socket.receive(); // until it is closed
          ended.countDown();
        }
      };
    }

    void awaitSession() throws InterruptedException {
      session = sessions.poll(20, TimeUnit.SECONDS);
      assertThat(session).isNotNull();
    }

    void send(long from, long to) throws IOException {
      for (long number = from; number <= to; number++) {
        session.send(new Text("{\"seq\":" + number + "}"));
      }
    }
  }

  @BeforeEach
  void theLastOwnerHasTheSlot() throws Exception {
    positions.claim(Set.of(0));
  }

  private Fleet open() throws IOException {
    return open(options);
  }

  private Fleet open(FleetOptions options) throws IOException {
    return Fleet.open(positions, batch -> written.addAll(batch.events()), options);
  }

  private static Feed plain(Origin origin) {
    return Feed.webSocket("a", "ws://127.0.0.1:" + origin.port() + "/a")
        .position(PositionFinder.json("/seq"))
        .overlap(true);
  }

  private static Feed feed(Origin origin) {
    return plain(origin).resume(Resume.query("after"));
  }

  @Test
  void theNextOwnerHoldsWhatItReceivesAndWritesWhatTheLastOneHasNotWritten() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open()) {
      lastOwnerWrote(2);
      fleet.put(feed(origin));
      server.publish(4);
      placement.prepare();
      assertThat(server.asked()).containsExactly("/a?after=2");
      assertThat(fleet.info().feeds().getFirst().state()).isEqualTo(FeedInfo.State.ELSEWHERE);
      lastOwnerWrote(4);
      server.publish(6);
      assertThat(written).isEmpty();
      placement.node.taken(0, 1);
      await(5, 6);
      server.publish(7);
      await(7, 7);
      assertThat(server.asked()).hasSize(1);
      assertThat(fleet.info().feeds().getFirst().state()).isEqualTo(FeedInfo.State.OPEN);
    }
    assertThat(happened.stream().map(Object::getClass).toList())
        .startsWith(
            FleetEvent.SlotComing.class, FleetEvent.SlotTaken.class, FleetEvent.FeedOpen.class);
    assertThat(positions.positions(Set.of(0)).get(0)).containsEntry("a", "7");
  }

  @Test
  void aFeedThatWaitsForTheBudgetIsNotPreparedYet() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open(options.budget(new Later()))) {
      fleet.put(feed(origin));
      placement.prepare();
      assertThat(server.asked()).hasSize(1);
    }
  }

  @Test
  void aSlotWhoseFeedWaitsForTheBudgetIsNotReadyYet() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open(options.budget(new Later()))) {
      fleet.put(feed(origin));
      placement.node.taken(0, 1);
      assertThat(placement.ready.poll(20, TimeUnit.SECONDS)).isZero();
      assertThat(server.asked()).hasSize(1);
    }
  }

  /** A budget whose first attempt has to wait. */
  private static final class Later implements Budget {
    private final AtomicBoolean waited = new AtomicBoolean();

    @Override
    public long take(long nanos) {
      return waited.getAndSet(true) ? 0 : TimeUnit.MILLISECONDS.toNanos(300);
    }
  }

  @Test
  void aFeedThatReceivesNothingMeanwhileGoesOnAtOnce() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open()) {
      server.publish(2);
      lastOwnerWrote(2);
      fleet.put(feed(origin));
      placement.prepare();
      placement.node.taken(0, 1);
      told(FleetEvent.FeedOpen.class);
      server.publish(3);
      await(3, 3);
      assertThat(server.asked()).hasSize(1);
    }
  }

  @Test
  void aFeedThatDoesNotFindThePositionIsOpenedAgainThere() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open()) {
      lastOwnerWrote(2);
      fleet.put(feed(origin));
      server.publish(4);
      placement.prepare();
      lastOwnerWrote(7); // of which this session knows nothing
      placement.node.taken(0, 1);
      server.awaitAsked(2);
      assertThat(server.asked()).containsExactly("/a?after=2", "/a?after=7");
      server.publish(8);
      await(8, 8);
    }
  }

  @Test
  void aFeedThatCannotResumeWritesAllThatItHoldsRatherThanLoseIt() throws Exception {
    Puppet puppet = new Puppet();
    try (Origin origin = Origin.start(puppet.script());
        Fleet fleet = open()) {
      fleet.put(plain(origin));
      placement.prepare();
      puppet.awaitSession();
      puppet.send(5, 6);
      lastOwnerWrote(3);
      placement.node.taken(0, 1);
      await(5, 6);
      puppet.send(7, 7);
      await(7, 7);
      assertThat(puppet.sessions).isEmpty();
    }
  }

  @Test
  void aPairThatOverlapsWritesEachEventOnce() throws Exception {
    Puppet first = new Puppet();
    Puppet second = new Puppet();
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      Endpoint its = Endpoint.of("ws://127.0.0.1:" + other.port() + "/a");
      fleet.put(plain(one).pair(Pair.DEFAULT.second(its)));
      placement.prepare();
      first.awaitSession();
      second.awaitSession();
      first.send(1, 4);
      second.send(1, 5);
      lastOwnerWrote(3);
      placement.node.taken(0, 1);
      await(4, 5);
      first.send(5, 6);
      second.send(6, 6);
      await(6, 6);
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aSlotThatDoesNotComeClosesWhatWasOpenedForItAndWritesNothing() throws Exception {
    Puppet puppet = new Puppet();
    try (Origin origin = Origin.start(puppet.script());
        Fleet fleet = open()) {
      fleet.put(plain(origin));
      placement.prepare();
      puppet.awaitSession();
      puppet.send(1, 2);
      placement.node.notComing(0);
      assertThat(puppet.ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(fleet.info().feeds().getFirst().state()).isEqualTo(FeedInfo.State.ELSEWHERE);
      assertThat(written).isEmpty();
    }
    assertThat(happened).containsExactly(new FleetEvent.SlotComing(0));
  }

  @Test
  void aServerThatRefusesASecondSessionIsAskedAgainWhenTheSlotIsHere() throws Exception {
    try (Origin origin = Origin.start(server.webSockets());
        Fleet fleet = open()) {
      origin.refuse();
      lastOwnerWrote(2);
      fleet.put(feed(origin));
      placement.prepare();
      origin.listen();
      server.publish(3);
      placement.node.taken(0, 1);
      await(3, 3);
    }
  }

  @Test
  void anOverlapWithoutAPositionIsRefused() throws Exception {
    try (Fleet fleet = open()) {
      assertThatThrownBy(() -> fleet.put(Feed.webSocket("a", "ws://a.example/").overlap(true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "feed.overlap: one of a, whose events have no position, allowed one with a position");
      assertThatThrownBy(() -> fleet.put(Feed.webSocket("a", "ws://a.example/").standBy(true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "feed.standBy: one of a, whose events have no position, allowed one with a position");
    }
  }

  private void lastOwnerWrote(long number) throws Exception {
    assertThat(positions.save(List.of(new Saving(0, 1, Map.of("a", Long.toString(number))))))
        .isEmpty();
  }

  private void await(long from, long to) throws InterruptedException {
    for (long number : LongStream.rangeClosed(from, to).toArray()) {
      FeedEvent event = written.poll(20, TimeUnit.SECONDS);
      assertThat(event).isNotNull();
      assertThat(event.position()).contains(Long.toString(number));
    }
  }

  private void told(Class<? extends FleetEvent> type) throws InterruptedException {
    FleetEvent event = happened.poll(20, TimeUnit.SECONDS);
    while (event != null && !type.isInstance(event)) {
      event = happened.poll(20, TimeUnit.SECONDS);
    }
    assertThat(event).isNotNull();
  }
}
