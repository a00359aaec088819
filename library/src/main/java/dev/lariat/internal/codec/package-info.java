/**
 * Pure byte work, without state machines of any protocol: HTTP responses, WebSocket frames,
 * deflate, UTF-8, single HTTP fields.
 */
package dev.lariat.internal.codec;
