package dev.lariat.message;

/**
 * A live connection has ended for good: its owner closed it, or its policy says that to try again
 * is of no use.
 *
 * @param stream the live connection
 * @param reason why
 */
public record Gone(LiveRef stream, Reason reason) implements Message.OfLive {}
