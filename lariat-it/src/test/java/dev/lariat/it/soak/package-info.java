/**
 * Loads and attacks for as long as one likes, one after the other: what is promised is held against
 * what the servers have seen. {@code docs/SOAK.md} says what each part does and which laws it
 * holds.
 */
package dev.lariat.it.soak;
