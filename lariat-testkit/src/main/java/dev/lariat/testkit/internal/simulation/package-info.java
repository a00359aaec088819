/**
 * A machine that is simulated: its clock, its event loops, its threads and its network.
 *
 * <p>Read {@code Scheduler} first, which decides what happens next, then {@code Roster} and {@code
 * Turns}. The network is {@code Network}, its hosts and cables, and the two {@code End}s of a
 * cable.
 */
package dev.lariat.testkit.internal.simulation;
