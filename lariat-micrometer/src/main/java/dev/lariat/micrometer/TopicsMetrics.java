package dev.lariat.micrometer;

import dev.lariat.live.Topics;
import dev.lariat.live.TopicsInfo;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToLongFunction;

/**
 * Shows how {@link Topics} stand: {@code new TopicsMetrics(topics).bindTo(registry)}. The meters
 * ask {@link Topics#info} when they are read, and cost nothing else.
 *
 * <ul>
 *   <li>{@code lariat.topics.sockets}: a gauge, by {@code state}: {@code open}, {@code waiting}
 *   <li>{@code lariat.topics.topics}: a gauge, by {@code state}: {@code subscribed}, and {@code
 *       pending} for those that are not subscribed in an open session
 *   <li>{@code lariat.topics.lingering} and {@code lariat.topics.readers}: gauges
 *   <li>{@code lariat.topics.dropped}, {@code lariat.topics.unread}: counters of messages that were
 *       dropped because a reader was full, and of those that nobody reads
 * </ul>
 */
public final class TopicsMetrics implements MeterBinder {
  private final Topics topics;
  private final Tags tags;

  /**
   * Meters of these topics.
   *
   * @param topics the topics
   */
  public TopicsMetrics(Topics topics) {
    this(topics, Tags.empty());
  }

  /**
   * Meters of these topics with these tags.
   *
   * @param topics the topics
   * @param tags the additional tags of each meter
   */
  public TopicsMetrics(Topics topics, Iterable<Tag> tags) {
    this.topics = topics;
    this.tags = Tags.of(tags);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "sockets", tags.and("state", "open"), TopicsMetrics::open);
    gauge(
        registry,
        "sockets",
        tags.and("state", "waiting"),
        info -> info.sockets().size() - open(info));
    gauge(registry, "topics", tags.and("state", "subscribed"), TopicsMetrics::subscribed);
    gauge(
        registry, "topics", tags.and("state", "pending"), info -> info.topics() - subscribed(info));
    gauge(registry, "lingering", tags, TopicsInfo::lingering);
    gauge(registry, "readers", tags, TopicsInfo::readers);
    counter(registry, "dropped", TopicsInfo::dropped);
    counter(registry, "unread", TopicsInfo::unread);
  }

  private static long open(TopicsInfo info) {
    return info.sockets().stream().filter(socket -> socket.session() > 0).count();
  }

  private static long subscribed(TopicsInfo info) {
    return info.sockets().stream().mapToLong(TopicsInfo.Socket::subscribed).sum();
  }

  private void gauge(
      MeterRegistry registry, String name, Tags its, ToLongFunction<TopicsInfo> value) {
    Gauge.builder("lariat.topics." + name, topics, of -> value.applyAsLong(of.info()))
        .tags(its)
        .register(registry);
  }

  private void counter(MeterRegistry registry, String name, ToLongFunction<TopicsInfo> value) {
    FunctionCounter.builder("lariat.topics." + name, topics, of -> value.applyAsLong(of.info()))
        .tags(tags)
        .register(registry);
  }
}
