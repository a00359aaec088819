/** Bytes as they are, of a protocol that the user speaks: from the first, or behind an upgrade. */
package dev.lariat.internal.raw;
