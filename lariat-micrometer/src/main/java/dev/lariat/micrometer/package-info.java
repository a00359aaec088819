/**
 * Lariat's connections as meters of Micrometer: set a {@link
 * dev.lariat.micrometer.ConnectionMetrics} as the listener of your connections. {@link
 * dev.lariat.micrometer.ClientMetrics} and {@link dev.lariat.micrometer.PoolMetrics} show the pool
 * of a client.
 */
@NullMarked
package dev.lariat.micrometer;

import org.jspecify.annotations.NullMarked;
