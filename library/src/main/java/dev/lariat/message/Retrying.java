package dev.lariat.message;

import java.time.Duration;

/**
 * The connection is not established, and another attempt follows. It arrives after each failed
 * attempt, and after each {@link Down} that leads to a reconnect.
 *
 * @param connection the connection
 * @param attempt the number of the next attempt, counted from 1 since the connection was last
 *     stable
 * @param delay how long until that attempt; zero if it follows at once
 * @param reason why the previous attempt failed, or why the connection was lost
 */
public record Retrying(ConnectionRef connection, int attempt, Duration delay, Reason reason)
    implements Message.OfConnection {}
