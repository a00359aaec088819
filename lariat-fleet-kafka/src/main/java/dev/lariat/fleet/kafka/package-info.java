/** The events and positions of a fleet in Apache Kafka. */
@org.jspecify.annotations.NullMarked
package dev.lariat.fleet.kafka;
