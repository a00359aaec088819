/**
 * The messages that a connection delivers, and the values in them.
 *
 * <p>{@link dev.lariat.message.Message} is sealed, so a {@code switch} over its records can handle
 * each kind, and the compiler checks it. {@link dev.lariat.message.Reason} says why something
 * failed or ended. You can match a reason as a value, or show its sentence:
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="reason"}
 *
 * <p>{@link dev.lariat.message.Headers}, {@link dev.lariat.message.Bytes} and the {@link
 * dev.lariat.message.Frame} types are the values that requests and WebSockets carry. {@link
 * dev.lariat.message.WebSocketHandler} and {@link dev.lariat.message.ContentHandler} are for your
 * own code that decodes a subprotocol or a body.
 */
@NullMarked
package dev.lariat.message;

import org.jspecify.annotations.NullMarked;
