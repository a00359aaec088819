/**
 * Live connections: a {@link dev.lariat.live.LiveWebSocket} and a {@link
 * dev.lariat.live.LiveEvents} open a new session whenever the current one is lost, and restore what
 * was on it.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="feed"}
 *
 * <p>{@link dev.lariat.option.LiveOptions} and {@link dev.lariat.option.EventOptions} set the
 * delays, the outbox and the rotation of sessions. {@link dev.lariat.live.AttemptBudget} limits the
 * attempts of many live connections together.
 */
@NullMarked
package dev.lariat.live;

import org.jspecify.annotations.NullMarked;
