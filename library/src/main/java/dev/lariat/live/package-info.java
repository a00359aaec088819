/**
 * Connections that heal themselves: a WebSocket or a stream of events connects again whenever its
 * session is lost, and goes on.
 */
package dev.lariat.live;
