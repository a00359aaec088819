/** What becomes of a response's body before it is told: decompressed, handled, cut into events. */
package dev.lariat.internal.content;
