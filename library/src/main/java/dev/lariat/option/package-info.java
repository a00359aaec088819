/**
 * Everything that you can set: immutable values, which are checked when they are made.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="options"}
 *
 * <p>A class of options has its defaults in a constant, such as {@code Timeouts.DEFAULT}. A method
 * that takes a value returns a copy with that value. The method of the same name without a
 * parameter returns the value. If a value is not allowed, the method throws an {@code
 * IllegalArgumentException} that names the option, the value and the allowed range. Options are
 * equal if all their values are, and any thread may share them.
 *
 * <p>Values with few parts, such as {@code Keepalive} and {@code Form}, are records.
 *
 * <p>Begin with {@link dev.lariat.option.ConnectionOptions} for a connection, {@link
 * dev.lariat.option.WebSocketOptions} for a WebSocket, {@link dev.lariat.option.Request} for a
 * request, and {@link dev.lariat.option.LiveOptions} and {@link dev.lariat.option.EventOptions} for
 * live connections.
 */
@NullMarked
package dev.lariat.option;

import org.jspecify.annotations.NullMarked;
