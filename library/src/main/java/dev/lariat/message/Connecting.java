package dev.lariat.message;

/**
 * A live connection makes an attempt to open its next session.
 *
 * @param stream the live connection
 * @param attempt how many attempts in a row before this one have failed, or 0 for the first
 * @param open whether the session before is still open, as in a rotation: then there is no gap yet
 */
public record Connecting(LiveRef stream, int attempt, boolean open) implements Message.OfLive {}
