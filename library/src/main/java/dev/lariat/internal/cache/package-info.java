/**
 * The rules of an HTTP cache (RFC 9111), without a clock, a file or a thread: what may be stored,
 * what may be used, and how what is stored reads as bytes.
 */
package dev.lariat.internal.cache;
