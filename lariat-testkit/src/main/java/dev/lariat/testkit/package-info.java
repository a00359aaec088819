/**
 * Tests for programs that use Lariat: a scripted {@link dev.lariat.testkit.Origin}, which can
 * misbehave, and a {@link dev.lariat.testkit.Simulation} of the network and the time.
 *
 * <p>An origin is a real server on the loopback interface. It plays one {@link
 * dev.lariat.testkit.Script} for each network connection:
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="origin"}
 *
 * <p>In a simulation, the same scripts run without sockets, and a day passes in milliseconds. A
 * seed decides everything that is random, so a failed test fails in the same way each time:
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="simulation"}
 *
 * <p>{@link dev.lariat.testkit.Visit} has everything that a script can do. {@link
 * dev.lariat.testkit.Host} changes the network of a simulation: latency, partitions, lost
 * connections. {@link dev.lariat.testkit.EchoServer} is a server for a first try.
 */
@NullMarked
package dev.lariat.testkit;

import org.jspecify.annotations.NullMarked;
