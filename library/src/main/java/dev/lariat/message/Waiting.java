package dev.lariat.message;

import java.time.Duration;

/**
 * A live connection has no session, or could not replace the session that it has. Another attempt
 * follows.
 *
 * @param stream the live connection
 * @param attempt the number of the next attempt in a row, starting at 1; 0 if the very first
 *     attempt has to wait
 * @param delay how long until that attempt; zero if it follows at once
 * @param reason why the session was lost, or why the previous attempt failed
 * @param open whether the previous session is still open, as in a rotation; if so, there is no gap
 *     yet
 */
public record Waiting(LiveRef stream, int attempt, Duration delay, Reason reason, boolean open)
    implements Message.OfLive {}
