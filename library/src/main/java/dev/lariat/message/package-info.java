/** What a connection tells: messages, WebSocket frames, reasons, and the plain values in them. */
package dev.lariat.message;
