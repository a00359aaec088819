/** The byte work of an origin: its end of a connection, HTTP/1.1 and WebSocket frames on it. */
package dev.lariat.testkit.internal.wire;
