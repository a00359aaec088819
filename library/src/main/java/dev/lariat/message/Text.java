package dev.lariat.message;

/**
 * A text message (RFC 6455 section 5.6).
 *
 * @param text the message; to be sent, it must be encodable in UTF-8, so it must have no unpaired
 *     surrogate
 */
public record Text(String text) implements Frame {}
