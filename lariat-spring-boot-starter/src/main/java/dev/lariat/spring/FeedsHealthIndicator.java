package dev.lariat.spring;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** The feeds are down if one of them has had no open session for too long, or has ended. */
final class FeedsHealthIndicator extends AbstractHealthIndicator {
  private final Feeds feeds;
  private final Duration downAfter;
  private final Clock clock;

  FeedsHealthIndicator(Feeds feeds, Duration downAfter, Clock clock) {
    super("The feeds could not be asked");
    this.feeds = feeds;
    this.downAfter = downAfter;
    this.clock = clock;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder.up();
    for (FeedInfo feed : feeds.info()) {
      if (feed.state() != FeedInfo.State.UNUSED) {
        if (isDown(feed)) {
          builder.down();
        }
        builder.withDetail(feed.name(), details(feed));
      }
    }
  }

  private boolean isDown(FeedInfo feed) {
    Duration so = Duration.between(feed.since(), clock.instant());
    return feed.state() == FeedInfo.State.GONE
        || feed.state() == FeedInfo.State.CONNECTING && so.compareTo(downAfter) > 0;
  }

  private static Map<String, Object> details(FeedInfo feed) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("state", feed.state());
    details.put("since", feed.since());
    feed.reason().ifPresent(reason -> details.put("reason", reason));
    return details;
  }
}
