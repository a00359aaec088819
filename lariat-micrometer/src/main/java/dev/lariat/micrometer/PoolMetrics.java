package dev.lariat.micrometer;

import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolEvent.PoolClosed;
import dev.lariat.event.PoolEvent.PoolOpened;
import dev.lariat.event.PoolEvent.PoolOpening;
import dev.lariat.event.PoolEvent.PoolRepeat;
import dev.lariat.event.PoolEvent.PoolWait;
import dev.lariat.event.PoolListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/**
 * Counts and times what the pool of a client does. Set it as a listener of the pool: {@code
 * PoolOptions.DEFAULT.listener(new PoolMetrics(registry))}. One object can serve any number of
 * clients. {@link ClientMetrics} shows how a pool stands.
 *
 * <p>Every meter has the tag {@code origin}, such as {@code https://example.com}, and the tags in
 * this list. Their values are the names of {@link PoolEvent}'s constants, a cause's in lower case.
 *
 * <ul>
 *   <li>{@code lariat.pool.waits}: a timer of how long requests waited for a connection, by {@code
 *       outcome}
 *   <li>{@code lariat.pool.openings}: a counter of connections that the pool began to open, by
 *       {@code cause}; {@code lariat.pool.opening}: a timer of how long that took, by {@code
 *       outcome}: {@code SUCCESS}, {@code FAILURE} or {@code GIVEN_UP}
 *   <li>{@code lariat.pool.lifetimes}: a timer of how long connections were open, by the {@code
 *       cause} of their end
 *   <li>{@code lariat.pool.repeats}: a counter of requests that were sent again at once
 * </ul>
 *
 * <p>A client of very many origins makes very many meters. Then use only {@link ClientMetrics}.
 */
public final class PoolMetrics implements PoolListener {
  private final MeterRegistry registry;
  private final Tags tags;

  /**
   * Makes meters in this registry.
   *
   * @param registry the registry of the meters
   */
  public PoolMetrics(MeterRegistry registry) {
    this(registry, Tags.empty());
  }

  /**
   * Makes meters with these tags in this registry.
   *
   * @param registry the registry of the meters
   * @param tags the additional tags of each meter
   */
  public PoolMetrics(MeterRegistry registry, Iterable<Tag> tags) {
    this.registry = registry;
    this.tags = Tags.of(tags);
  }

  @Override
  public void event(PoolEvent event) {
    Tags its = tags.and("origin", event.origin());
    switch (event) {
      case PoolWait wait ->
          timed(
              "lariat.pool.waits",
              "How long requests waited for a connection",
              its.and("outcome", wait.outcome().name()),
              wait.took());
      case PoolOpening opening ->
          counted(
              "lariat.pool.openings",
              "Connections that the pool began to open",
              its.and("cause", cause(opening.cause())));
      case PoolOpened opened ->
          timed(
              "lariat.pool.opening",
              "How long it took to open connections",
              its.and("outcome", outcome(opened)),
              opened.took());
      case PoolClosed closed ->
          timed(
              "lariat.pool.lifetimes",
              "How long connections were open",
              its.and("cause", cause(closed.cause())),
              closed.took());
      case PoolRepeat repeat ->
          counted("lariat.pool.repeats", "Requests that were sent again at once", its);
    }
  }

  private static String outcome(PoolOpened opened) {
    if (opened.protocol().isPresent()) {
      return "SUCCESS";
    }
    return opened.failure().isPresent() ? "FAILURE" : "GIVEN_UP";
  }

  private static String cause(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void timed(String name, String description, Tags its, Duration took) {
    Timer.builder(name).description(description).tags(its).register(registry).record(took);
  }

  private void counted(String name, String description, Tags its) {
    Counter.builder(name).description(description).tags(its).register(registry).increment();
  }
}
