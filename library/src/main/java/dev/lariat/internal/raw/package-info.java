/** Bytes as they are, behind an HTTP upgrade to a protocol that the user speaks. */
package dev.lariat.internal.raw;
