package dev.lariat.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Pair;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Sink;
import dev.lariat.message.Text;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meters of a fleet. */
@Timeout(30)
class FleetMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  private double counter(String name, String... tags) {
    return registry.get(name).tags(tags).counter().count();
  }

  @Test
  void theyShowHowTheFleetStandsAndCountItsEvents() throws Exception {
    CountDownLatch recovered = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    boolean[] failed = {false};
    Sink sink =
        batch -> {
          if (!failed[0]) {
            failed[0] = true;
            throw new IOException("full");
          }
        };
    try (Origin origin =
            Origin.start(
                visit -> {
                  var head = visit.head();
                  if (head == null || head.target().equals("/gone")) {
                    visit.respond(403);
                    return;
                  }
                  var socket = visit.acceptWebSocket();
                  socket.send(new Text("1"));
                  socket.receive();
                });
        Fleet fleet = Fleet.open(PositionStore.inMemory(), sink, FleetOptions.DEFAULT.slots(1))) {
      new FleetMetrics(fleet, Tags.of("app", "a")).bindTo(registry);
      fleet.listen(
          event -> {
            if (event instanceof FleetEvent.SinkRecovered) {
              recovered.countDown();
            } else if (event instanceof FleetEvent.FeedGone) {
              gone.countDown();
            }
          });
      fleet.put(Feed.webSocket("btc", origin.uri("ws", "/").toString()));
      fleet.put(Feed.webSocket("gone", origin.uri("ws", "/gone").toString()));
      recovered.await();
      gone.await();
      assertThat(gauge("lariat.fleet.feeds", "state", "open", "app", "a")).isOne();
      assertThat(gauge("lariat.fleet.feeds", "state", "gone")).isOne();
      assertThat(gauge("lariat.fleet.feeds", "state", "waiting")).isZero();
      assertThat(gauge("lariat.fleet.slots")).isOne();
      assertThat(gauge("lariat.fleet.members")).isOne();
      assertThat(registry.get("lariat.fleet.silence").timeGauge().value()).isBetween(0.0, 30.0);
      assertThat(registry.get("lariat.fleet.lag").timeGauge().value()).isBetween(0.0, 30.0);
      assertThat(counter("lariat.fleet.sessions", "app", "a")).isOne();
      assertThat(counter("lariat.fleet.ends")).isOne();
      assertThat(counter("lariat.fleet.failures", "part", "sink")).isOne();
    }
    assertThat(registry.get("lariat.fleet.events").functionCounter().count()).isOne();
    assertThat(counter("lariat.fleet.moves", "kind", "left")).isOne();
  }

  @Test
  void theyShowWhichPairsHaveBothConnectionsAndWhatWasDropped() throws Exception {
    CountDownLatch lost = new CountDownLatch(1);
    try (Origin one = Origin.start(FleetMetricsTest::sayOne);
        Origin other = Origin.start(FleetMetricsTest::sayOne);
        Fleet fleet =
            Fleet.open(PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.slots(1))) {
      new FleetMetrics(fleet).bindTo(registry);
      fleet.listen(
          event -> {
            if (event instanceof FleetEvent.ConnectionLost) {
              lost.countDown();
            }
          });
      Endpoint second = Endpoint.of(other.uri("ws", "/"));
      fleet.put(
          Feed.webSocket("btc", one.uri("ws", "/").toString())
              .position(PositionFinder.json("/seq"))
              .pair(Pair.DEFAULT.second(second)));
      while (gauge("lariat.fleet.duplicates") != 1) {
        Thread.onSpinWait();
      }
      assertThat(gauge("lariat.fleet.pairs", "sessions", "2")).isOne();
      other.refuse();
      other.drop();
      lost.await();
      while (gauge("lariat.fleet.pairs", "sessions", "1") != 1) {
        Thread.onSpinWait();
      }
      assertThat(gauge("lariat.fleet.pairs", "sessions", "2")).isZero();
      assertThat(counter("lariat.fleet.losses")).isOne();
    }
    assertThat(registry.get("lariat.fleet.events").functionCounter().count()).isOne();
  }

  @Test
  void theyShowWhichFeedsHaveNoStandBy() throws Exception {
    try (Origin origin = Origin.start(FleetMetricsTest::sayOne);
        Fleet fleet =
            Fleet.open(PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.slots(1))) {
      new FleetMetrics(fleet).bindTo(registry);
      fleet.put(
          Feed.webSocket("btc", origin.uri("ws", "/").toString())
              .position(PositionFinder.json("/seq"))
              .standBy(true));
      while (gauge("lariat.fleet.feeds", "state", "open") != 1) {
        Thread.onSpinWait();
      }
      assertThat(gauge("lariat.fleet.standbys", "ready", "false")).isOne(); // it is alone
      assertThat(gauge("lariat.fleet.standbys", "ready", "true")).isZero();
    }
  }

  private static void sayOne(Visit visit) throws IOException {
    if (visit.head() != null) {
      var socket = visit.acceptWebSocket();
      socket.send(new Text("{\"seq\":1}"));
      socket.receive();
    }
  }
}
