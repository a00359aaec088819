package dev.lariat.spring;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** Shows the feeds at {@code /actuator/lariatfeeds}, or one of them by its name. */
@Endpoint(id = "lariatfeeds")
public final class FeedsEndpoint {
  private final Feeds feeds;

  FeedsEndpoint(Feeds feeds) {
    this.feeds = feeds;
  }

  /** {@return how each feed stands} */
  @ReadOperation
  public List<FeedInfo> feeds() {
    return feeds.info();
  }

  /**
   * {@return how a feed stands; null if there is none of this name}
   *
   * @param name the name of the feed
   */
  @ReadOperation
  public @org.jspecify.annotations.Nullable FeedInfo feed(@Selector String name) {
    return feeds.names().contains(name) ? feeds.info(name) : null;
  }
}
