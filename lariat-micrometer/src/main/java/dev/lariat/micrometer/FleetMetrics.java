package dev.lariat.micrometer;

import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetInfo;
import dev.lariat.fleet.PairInfo;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Shows how a {@link Fleet} stands on this node, and counts its events: {@code new
 * FleetMetrics(fleet).bindTo(registry)}. It needs the artifact {@code lariat-fleet}.
 *
 * <ul>
 *   <li>{@code lariat.fleet.feeds}: a gauge, by {@code state}, the lowercase name of a {@link
 *       FeedInfo.State}
 *   <li>{@code lariat.fleet.slots}, {@code lariat.fleet.members}: gauges of the slots that this
 *       node has, and of the nodes that live
 *   <li>{@code lariat.fleet.lag}: a gauge of how far the sink is behind; {@code
 *       lariat.fleet.silence}: a gauge of the longest time for which a feed with a session has had
 *       no event
 *   <li>{@code lariat.fleet.events}: a counter of events that the sink has taken
 *   <li>{@code lariat.fleet.sessions}, {@code lariat.fleet.waits}, {@code lariat.fleet.ends}:
 *       counters of sessions that feeds got, of waits for another attempt, and of feeds that ended
 *       for good
 *   <li>{@code lariat.fleet.pairs}: a gauge of feeds that are collected twice and open on this
 *       node, by {@code sessions}: {@code 0}, {@code 1}, {@code 2}; {@code lariat.fleet.losses}: a
 *       counter of the sessions that their connections have lost; {@code lariat.fleet.duplicates}:
 *       a gauge of the events that were dropped, since the other connection had brought them
 *   <li>{@code lariat.fleet.standbys}: a gauge of the feeds on this node that are to have a
 *       stand-by, by {@code ready}: {@code true}, {@code false}. Those of {@code false} have none,
 *       or one that is not ready yet
 *   <li>{@code lariat.fleet.skips}: a counter of sessions that a server began elsewhere than it was
 *       asked to
 *   <li>{@code lariat.fleet.moves}: a counter of slots, by {@code kind}: {@code taken}, {@code
 *       left}, {@code lost}
 *   <li>{@code lariat.fleet.failures}: a counter, by {@code part}: {@code store}, {@code sink},
 *       {@code position}, {@code standby}
 * </ul>
 */
public final class FleetMetrics implements MeterBinder {
  private final Fleet fleet;
  private final Tags tags;

  /**
   * Meters of this fleet.
   *
   * @param fleet the fleet
   */
  public FleetMetrics(Fleet fleet) {
    this(fleet, Tags.empty());
  }

  /**
   * Meters of this fleet with these tags.
   *
   * @param fleet the fleet
   * @param tags the additional tags of each meter
   */
  public FleetMetrics(Fleet fleet, Iterable<Tag> tags) {
    this.fleet = fleet;
    this.tags = Tags.of(tags);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (FeedInfo.State state : FeedInfo.State.values()) {
      Tags its = tags.and("state", state.name().toLowerCase(Locale.ROOT));
      gauge(registry, "feeds", its, info -> info.states().getOrDefault(state, 0L));
    }
    gauge(registry, "slots", tags, info -> info.slots().size());
    gauge(registry, "members", tags, FleetInfo::members);
    time(registry, "lag", FleetInfo::unwritten);
    time(registry, "silence", info -> info.oldestEvent().flatMap(FeedInfo::lastEvent));
    FunctionCounter.builder("lariat.fleet.events", fleet, its -> its.info().written())
        .tags(tags)
        .register(registry);
    for (int sessions = 0; sessions <= 2; sessions++) {
      int open = sessions;
      Tags its = tags.and("sessions", Integer.toString(sessions));
      gauge(registry, "pairs", its, info -> pairs(info).filter(p -> p.open() == open).count());
    }
    for (boolean ready : new boolean[] {true, false}) {
      Tags its = tags.and("ready", Boolean.toString(ready));
      gauge(registry, "standbys", its, info -> standBys(info, ready));
    }
    gauge(registry, "duplicates", tags, info -> pairs(info).mapToLong(PairInfo::duplicates).sum());
    fleet.listen(event -> count(registry, event));
  }

  private static Stream<PairInfo> pairs(FleetInfo info) {
    return info.feeds().stream()
        .filter(feed -> feed.state() != FeedInfo.State.ELSEWHERE)
        .flatMap(feed -> feed.pair().stream());
  }

  private static long standBys(FleetInfo info, boolean ready) {
    return info.feeds().stream()
        .filter(feed -> feed.state() != FeedInfo.State.ELSEWHERE)
        .filter(feed -> feed.standBy().isPresent() && feed.standBy().get().ready() == ready)
        .count();
  }

  private void gauge(
      MeterRegistry registry, String name, Tags its, ToDoubleFunction<FleetInfo> value) {
    Gauge.builder("lariat.fleet." + name, fleet, of -> value.applyAsDouble(of.info()))
        .tags(its)
        .register(registry);
  }

  /** How long ago something was. */
  private void time(
      MeterRegistry registry, String name, Function<FleetInfo, Optional<Instant>> value) {
    TimeGauge.builder(
            "lariat.fleet." + name,
            fleet,
            TimeUnit.MILLISECONDS,
            of -> value.apply(of.info()).map(FleetMetrics::since).orElse(0L))
        .tags(tags)
        .register(registry);
  }

  private static long since(Instant at) {
    return Math.max(0, Duration.between(at, Instant.now()).toMillis());
  }

  private void count(MeterRegistry registry, FleetEvent event) {
    switch (event) {
      case FleetEvent.SlotComing coming -> {} // it counts when it is taken
      case FleetEvent.SlotStandBy standBy -> {} // the owner shows it
      case FleetEvent.StandByEnded ended ->
          counted(registry, "failures", tags.and("part", "standby"));
      case FleetEvent.SlotTaken taken -> counted(registry, "moves", tags.and("kind", "taken"));
      case FleetEvent.SlotLeft left -> counted(registry, "moves", tags.and("kind", "left"));
      case FleetEvent.SlotLost lost -> counted(registry, "moves", tags.and("kind", "lost"));
      case FleetEvent.NodeEnded ended -> {} // the gauge of the members is 0
      case FleetEvent.FeedOpen open -> counted(registry, "sessions", tags);
      case FleetEvent.FeedWaiting waiting -> counted(registry, "waits", tags);
      case FleetEvent.FeedGone gone -> counted(registry, "ends", tags);
      case FleetEvent.StoreFailed failed ->
          counted(registry, "failures", tags.and("part", "store"));
      case FleetEvent.SinkFailed failed -> counted(registry, "failures", tags.and("part", "sink"));
      case FleetEvent.PositionUnreadable unreadable ->
          counted(registry, "failures", tags.and("part", "position"));
      case FleetEvent.PositionSkipped skipped -> counted(registry, "skips", tags);
      case FleetEvent.ConnectionLost lost -> counted(registry, "losses", tags);
      case FleetEvent.ConnectionOpen open -> {} // the gauge shows it
      case FleetEvent.StoreRecovered recovered -> {}
      case FleetEvent.SinkRecovered recovered -> {}
    }
  }

  private static void counted(MeterRegistry registry, String name, Tags its) {
    Counter.builder("lariat.fleet." + name).tags(its).register(registry).increment();
  }
}
