package dev.lariat.testkit.internal.simulation;

/**
 * What a thread or a task threw, and nobody caught.
 *
 * @param who its name
 * @param thrown what
 */
public record Failure(String who, Throwable thrown) {}
