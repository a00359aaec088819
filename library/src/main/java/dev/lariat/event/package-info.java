/**
 * What you can observe: a {@link dev.lariat.event.Listener} receives each {@link
 * dev.lariat.event.Event} of a connection, for metrics and traces.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="listener"}
 *
 * <p>{@link dev.lariat.event.ConnectionInfo} and {@link dev.lariat.event.StreamInfo} are the state
 * of a connection and of a stream at one moment. {@link dev.lariat.flight} has a listener for Java
 * Flight Recorder.
 */
@NullMarked
package dev.lariat.event;

import org.jspecify.annotations.NullMarked;
