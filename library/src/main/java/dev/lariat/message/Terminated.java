package dev.lariat.message;

/**
 * The connection has ended for good: you closed it, its retry policy gave up, or Lariat itself
 * failed. It arrives exactly once, and nothing follows.
 *
 * @param connection the connection
 * @param reason why it ended: {@link Reason.OwnerClosed}, {@link Reason.GaveUp} or {@link
 *     Reason.Fault}
 */
public record Terminated(ConnectionRef connection, Reason reason) implements Message.OfConnection {}
