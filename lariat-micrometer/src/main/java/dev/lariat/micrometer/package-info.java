/**
 * Lariat's connections as meters of Micrometer: set a {@link
 * dev.lariat.micrometer.ConnectionMetrics} as the listener of your connections.
 */
package dev.lariat.micrometer;
