package dev.lariat.message;

import java.time.Duration;

/**
 * The connection is not established and will be tried again. Told after every failed attempt, and
 * after every {@link Down} that is followed by a reconnection.
 *
 * @param connection the connection
 * @param attempt which attempt follows, counted from 1 since the connection was last stable
 * @param delay how long until it is made; zero for at once
 * @param reason why the attempt before it failed, or why the connection was lost
 */
public record Retrying(ConnectionRef connection, int attempt, Duration delay, Reason reason)
    implements Message.OfConnection {}
