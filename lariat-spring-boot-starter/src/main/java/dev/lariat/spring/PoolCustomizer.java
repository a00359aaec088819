package dev.lariat.spring;

import dev.lariat.option.PoolOptions;

/**
 * A bean that changes the options of the client's pool. Several are applied in the order of
 * Spring's {@code @Order}.
 */
@FunctionalInterface
public interface PoolCustomizer {

  /**
   * {@return the options to use}
   *
   * @param options the options as the properties and earlier customizers say
   */
  PoolOptions customize(PoolOptions options);
}
