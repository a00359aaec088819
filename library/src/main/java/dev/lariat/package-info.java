/**
 * The HTTP and WebSocket client that stays connected.
 *
 * <p>{@link dev.lariat.Lariat} opens a {@link dev.lariat.Connection}, which connects, reconnects
 * and keeps itself alive. Everything that happens arrives as a {@linkplain dev.lariat.message
 * message} in a {@link dev.lariat.Mailbox}:
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="messages"}
 *
 * <p>Where to go next:
 *
 * <ul>
 *   <li>{@link dev.lariat.client} sends a request and waits for the whole response.
 *   <li>{@link dev.lariat.live} has WebSockets and event streams that reconnect and continue.
 *   <li>{@link dev.lariat.option} has everything that you can set. Start with {@link
 *       dev.lariat.option.ConnectionOptions}.
 *   <li>{@link dev.lariat.Exchange} reads a response part by part, and {@link dev.lariat.WebSocket}
 *       sends frames.
 * </ul>
 *
 * <p>{@link dev.lariat.Connection#shutdown} ends a connection cleanly, and {@link
 * dev.lariat.Connection#close} at once.
 */
@NullMarked
package dev.lariat;

import org.jspecify.annotations.NullMarked;
