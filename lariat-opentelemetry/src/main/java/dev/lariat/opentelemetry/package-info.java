/**
 * Lariat's requests as OpenTelemetry's spans and metrics: {@link
 * dev.lariat.opentelemetry.Telemetry#on} adds them to the options of connections.
 */
package dev.lariat.opentelemetry;
