package dev.lariat.message;

/**
 * The connection is established, TLS included, and speaks {@code protocol}. Told at the first
 * connection and at every one that follows a {@link Down}.
 *
 * @param connection the connection
 * @param protocol what is spoken on it
 */
public record Up(ConnectionRef connection, Protocol protocol) implements Message.OfConnection {}
