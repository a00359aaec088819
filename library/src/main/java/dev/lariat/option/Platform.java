package dev.lariat.option;

/**
 * The environment of connections: a network, clocks, and threads that wait. By default it is the
 * machine. The test kit has a platform with a simulated network and a virtual clock. You cannot
 * implement your own.
 */
public interface Platform {}
