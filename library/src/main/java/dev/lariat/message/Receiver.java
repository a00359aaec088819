package dev.lariat.message;

/**
 * Where messages go: an interface with one method, called on the connection's event loop.
 *
 * <p>The method must not block: while it runs, nothing else on that event loop does, and no other
 * connection of the loop is read or written. If it does not return for a second, Lariat logs a
 * warning with the stack of the loop's thread, and reports {@code Event.LoopStalled} to listeners
 * once it returns. What it throws is reported (to the log, and to the owner as a {@link
 * Notice.ReceiverThrew} when another's receiver threw) and harms neither the connection nor the
 * messages that follow. Calls for one connection never overlap and keep the order of its messages.
 *
 * <p>Code that wants to block reads a {@code dev.lariat.Mailbox} instead, which is a receiver too.
 */
@FunctionalInterface
public interface Receiver {

  /**
   * Takes one message; must not block.
   *
   * @param message the message
   */
  void receive(Message message);
}
