package dev.lariat.spring;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;

/**
 * A bean that changes how feeds are opened, where properties do not reach. Several are applied in
 * the order of Spring's {@code @Order}.
 */
public interface FeedCustomizer {

  /**
   * {@return the plan to open} By default it is the one that is passed.
   *
   * @param name the name of the feed
   * @param plan the plan as the properties and earlier customizers say
   */
  default LiveWebSocket.Plan webSocket(String name, LiveWebSocket.Plan plan) {
    return plan;
  }

  /**
   * {@return the plan to open} By default it is the one that is passed.
   *
   * @param name the name of the feed
   * @param plan the plan as the properties and earlier customizers say
   */
  default LiveEvents.Plan events(String name, LiveEvents.Plan plan) {
    return plan;
  }
}
