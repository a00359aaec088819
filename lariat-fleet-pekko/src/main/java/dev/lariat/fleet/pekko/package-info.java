/** A fleet's slots on the nodes of an Apache Pekko cluster. */
@org.jspecify.annotations.NullMarked
package dev.lariat.fleet.pekko;
