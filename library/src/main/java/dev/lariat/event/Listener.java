package dev.lariat.event;

/**
 * Receives an event for every step of a connection, for traces, metrics and logs. A listener only
 * observes. Your program acts on messages.
 *
 * <p>Lariat calls it on the connection's event loop, in the order of what happens, so it must not
 * block. Calls for one connection never overlap. One listener can serve any number of connections,
 * which can have different event loops. If it throws, the connection and the events continue. For
 * each connection, the log and a {@code Notice.ListenerThrew} to the owner report the first
 * exception.
 *
 * @see dev.lariat.option.ConnectionOptions#listener
 */
@FunctionalInterface
public interface Listener {

  /**
   * Receives one event. Must not block.
   *
   * @param event the event
   */
  void event(Event event);
}
