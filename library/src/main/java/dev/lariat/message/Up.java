package dev.lariat.message;

/**
 * The connection is established, including TLS, and speaks {@code protocol}. It arrives after the
 * first connect, and after each later one.
 *
 * @param connection the connection
 * @param protocol the protocol that it speaks
 */
public record Up(ConnectionRef connection, Protocol protocol) implements Message.OfConnection {}
