/** Stores that keep cookies: one in memory, and one that also writes them to a file. */
package dev.lariat.cookie.store;
