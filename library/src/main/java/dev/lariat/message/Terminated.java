package dev.lariat.message;

/**
 * The connection has ended for good: it was closed, or its retry policy gave up, or Lariat itself
 * failed. Exactly one is delivered, and nothing follows.
 *
 * @param connection the connection
 * @param reason why: {@link Reason.OwnerClosed}, {@link Reason.GaveUp} or {@link Reason.Fault}
 */
public record Terminated(ConnectionRef connection, Reason reason) implements Message.OfConnection {}
