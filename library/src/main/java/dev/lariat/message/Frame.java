package dev.lariat.message;

/**
 * What a WebSocket carries in either direction (RFC 6455 section 5): whole messages and control
 * frames.
 */
public sealed interface Frame permits Text, Binary, Ping, Pong, Close {}
