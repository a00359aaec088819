package dev.lariat.message;

/**
 * Code that receives messages: one method, which Lariat calls on the connection's event loop.
 *
 * <p>The method must not block. While it runs, the event loop reads and writes no other connection.
 * If it does not return within a second, Lariat logs a warning with the stack of the loop's thread,
 * and reports {@code Event.LoopStalled} to listeners once it returns. If it throws an exception,
 * the connection continues and later messages still arrive. The log reports the exception. If the
 * receiver is not the owner's, the owner also receives a {@link Notice.ReceiverThrew}. Calls for
 * one connection never overlap, and they keep the order of its messages.
 *
 * <p>If your code blocks, read a {@code dev.lariat.Mailbox} instead, which is a receiver too.
 */
@FunctionalInterface
public interface Receiver {

  /**
   * Receives one message. Must not block.
   *
   * @param message the message
   */
  void receive(Message message);
}
