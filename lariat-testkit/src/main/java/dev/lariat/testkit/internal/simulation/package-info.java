/** A machine that is simulated: its clock, its event loops, its threads and its network. */
package dev.lariat.testkit.internal.simulation;
