/**
 * Pure byte work, without state machines of any protocol: WebSocket frames, deflate, UTF-8, single
 * HTTP fields.
 */
package dev.lariat.internal.codec;
