package dev.lariat.micrometer;

import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.event.PoolInfo.Origin;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * Shows how the pool of a {@link Client} stands: {@code new
 * ClientMetrics(client).bindTo(registry)}. The meters ask {@link Client#info} when they are read,
 * and cost nothing else. They are sums over all origins. {@link PoolMetrics} times waits, as a
 * listener of the pool.
 *
 * <ul>
 *   <li>{@code lariat.pool.connections}: a gauge, by {@code state}: {@code dialing}, {@code idle},
 *       {@code busy}, {@code draining}, {@code taken}
 *   <li>{@code lariat.pool.streams} and {@code lariat.pool.waiting}: gauges of the requests that
 *       the connections carry, and of those that wait; {@code lariat.pool.wait}: a gauge of how
 *       long the first of them has waited
 *   <li>{@code lariat.pool.opened}, {@code lariat.pool.failed}: counters of connections that were
 *       established, and of those that could not be; {@code lariat.pool.closed}: a counter, by
 *       {@code cause}, the lowercase name of a {@link Cause}
 *   <li>{@code lariat.pool.requests}: a counter, by {@code outcome}: {@code GRANTED}, {@code
 *       WAITED}, which is a part of these, {@code REFUSED}, {@code REPEATED}
 * </ul>
 */
public final class ClientMetrics implements MeterBinder {
  private final Client client;
  private final Tags tags;

  /**
   * Meters of this client.
   *
   * @param client the client
   */
  public ClientMetrics(Client client) {
    this(client, Tags.empty());
  }

  /**
   * Meters of this client with these tags.
   *
   * @param client the client
   * @param tags the additional tags of each meter
   */
  public ClientMetrics(Client client, Iterable<Tag> tags) {
    this.client = client;
    this.tags = Tags.of(tags);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    connections(registry, "dialing", Origin::dialing);
    connections(registry, "idle", Origin::idle);
    connections(registry, "busy", Origin::busy);
    connections(registry, "draining", Origin::draining);
    connections(registry, "taken", Origin::taken);
    Gauge.builder("lariat.pool.streams", client, its -> its.info().streams())
        .description("Requests and WebSockets that the connections carry")
        .tags(tags)
        .register(registry);
    Gauge.builder("lariat.pool.waiting", client, its -> its.info().waiting())
        .description("Requests that wait for a connection")
        .tags(tags)
        .register(registry);
    TimeGauge.builder("lariat.pool.wait", client, TimeUnit.NANOSECONDS, ClientMetrics::longestWait)
        .description("How long the first request has waited")
        .tags(tags)
        .register(registry);
    counter(registry, "lariat.pool.opened", tags, PoolInfo::opened);
    counter(registry, "lariat.pool.failed", tags, PoolInfo::failed);
    for (Cause cause : Cause.values()) {
      Tags its = tags.and("cause", cause.name().toLowerCase(Locale.ROOT));
      counter(registry, "lariat.pool.closed", its, info -> info.closed().getOrDefault(cause, 0L));
    }
    requests(registry, "GRANTED", PoolInfo::granted);
    requests(registry, "WAITED", PoolInfo::waited);
    requests(registry, "REFUSED", PoolInfo::refused);
    requests(registry, "REPEATED", PoolInfo::repeated);
  }

  private void connections(MeterRegistry registry, String state, ToLongFunction<Origin> count) {
    Gauge.builder(
            "lariat.pool.connections",
            client,
            its -> its.info().origins().stream().mapToLong(count).sum())
        .description("Connections of the pool")
        .tags(tags.and("state", state))
        .register(registry);
  }

  private void requests(MeterRegistry registry, String outcome, ToLongFunction<PoolInfo> count) {
    counter(registry, "lariat.pool.requests", tags.and("outcome", outcome), count);
  }

  private void counter(
      MeterRegistry registry, String name, Tags its, ToLongFunction<PoolInfo> count) {
    FunctionCounter.builder(name, client, of -> count.applyAsLong(of.info()))
        .tags(its)
        .register(registry);
  }

  private static double longestWait(Client client) {
    return client.info().origins().stream()
        .mapToLong(origin -> origin.longestWait().toNanos())
        .max()
        .orElse(0);
  }
}
