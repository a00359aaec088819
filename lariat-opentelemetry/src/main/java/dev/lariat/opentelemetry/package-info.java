/**
 * Lariat's requests as OpenTelemetry's spans and metrics: {@link
 * dev.lariat.opentelemetry.Telemetry#on} adds them to the options of connections.
 */
@NullMarked
package dev.lariat.opentelemetry;

import org.jspecify.annotations.NullMarked;
