package dev.lariat.event;

/**
 * Receives every step of a connection, for traces, metrics and logs. What a program acts upon are
 * messages; a listener changes nothing.
 *
 * <p>It is called on the connection's event loop, in the order in which things happen, and must not
 * block. Calls for one connection never overlap; one listener may serve any number of connections,
 * which have different loops. What it throws harms nothing: the first time for each connection it
 * is reported, in the log and to the owner as {@code Notice.ListenerThrew}, and the events
 * continue.
 *
 * @see dev.lariat.option.ConnectionOptions#listener
 */
@FunctionalInterface
public interface Listener {

  /**
   * Takes one event; must not block.
   *
   * @param event the event
   */
  void event(Event event);
}
