package dev.lariat.spring;

import dev.lariat.option.ConnectionOptions;

/**
 * A bean that changes the options of all connections: those of the client and those of the feeds.
 * Several are applied in the order of Spring's {@code @Order}.
 */
@FunctionalInterface
public interface ConnectionCustomizer {

  /**
   * {@return the options to use}
   *
   * @param options the options as the properties and earlier customizers say
   */
  ConnectionOptions customize(ConnectionOptions options);
}
