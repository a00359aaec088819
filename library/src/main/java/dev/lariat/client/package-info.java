/**
 * Calls over any number of connections: a {@link dev.lariat.client.Client} sends requests to whole
 * URLs, and pools its connections.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="client"}
 *
 * <p>Calls on one connection: a {@link dev.lariat.client.Caller} sends a request and returns the
 * whole response as an {@link dev.lariat.client.Answer}, while your thread waits.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="call"}
 *
 * <p>On request, a caller also follows redirects, answers challenges with credentials, and sends
 * failed requests again. To read a response part by part, use {@link dev.lariat.Exchange}.
 */
@NullMarked
package dev.lariat.client;

import org.jspecify.annotations.NullMarked;
