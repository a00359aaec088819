/** WebSocket (RFC 6455) as an engine. */
package dev.lariat.internal.websocket;
