/**
 * The HTTP and WebSocket client that stays connected: its entrance. {@link dev.lariat.Lariat} opens
 * connections.
 */
package dev.lariat;
