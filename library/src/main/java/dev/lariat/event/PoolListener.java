package dev.lariat.event;

/**
 * Receives the events of a client's pool: {@code PoolOptions.listener}. Lariat calls it on event
 * loops and on the threads of callers, on several at the same time, and outside of any lock. It
 * must not block. If it throws, events continue, and the logger {@code dev.lariat} says so once.
 */
@FunctionalInterface
public interface PoolListener {

  /**
   * Something happened.
   *
   * @param event what happened
   */
  void event(PoolEvent event);
}
