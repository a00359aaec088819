package dev.lariat.message;

/**
 * A live connection begins an attempt to open its next session.
 *
 * @param stream the live connection
 * @param attempt how many attempts in a row have failed before this one; 0 for the first
 * @param open whether the previous session is still open, as in a rotation; if so, there is no gap
 *     yet
 */
public record Connecting(LiveRef stream, int attempt, boolean open) implements Message.OfLive {}
