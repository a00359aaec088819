/**
 * Events for Java Flight Recorder: set {@link dev.lariat.flight.JfrListener} as the listener of a
 * connection, and a recording shows its attempts, requests and WebSockets.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="flight"}
 *
 * <p>If you do not record, the listener costs almost nothing. For your own metrics, see {@link
 * dev.lariat.event}.
 */
@NullMarked
package dev.lariat.flight;

import org.jspecify.annotations.NullMarked;
