/** The connection itself: its states, its retries, and the carrying out of what engines ask. */
package dev.lariat.internal.connection;
