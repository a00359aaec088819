package dev.lariat.message;

/**
 * A live connection has ended for good: you closed it, or no further attempt follows by its policy.
 *
 * @param stream the live connection
 * @param reason why it ended
 */
public record Gone(LiveRef stream, Reason reason) implements Message.OfLive {}
