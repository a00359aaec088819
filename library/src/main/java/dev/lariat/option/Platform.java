package dev.lariat.option;

/**
 * Where connections live: a network, the clocks and the threads that wait. Without one it is the
 * machine. The test kit has another, whose network and time are simulated. It is nothing for users
 * to make themselves.
 */
public interface Platform {}
