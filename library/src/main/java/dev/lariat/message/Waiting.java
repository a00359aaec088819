package dev.lariat.message;

import java.time.Duration;

/**
 * A live connection has no session, or has failed to replace the one that it has, and will make
 * another attempt.
 *
 * @param stream the live connection
 * @param attempt which attempt in a row follows, from 1; 0 where the very first is held back
 * @param delay how long until it is made; zero for at once
 * @param reason why the session was lost, or why the attempt before failed
 * @param open whether the session before is still open, as in a rotation: then there is no gap yet
 */
public record Waiting(LiveRef stream, int attempt, Duration delay, Reason reason, boolean open)
    implements Message.OfLive {}
