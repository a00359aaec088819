/**
 * Shares the feeds of a fleet among machines by leases in a database, which also keeps their
 * positions. {@link dev.lariat.fleet.jdbc.JdbcPlacement} and {@link
 * dev.lariat.fleet.jdbc.JdbcPositionStore} are the entry points.
 */
@NullMarked
package dev.lariat.fleet.jdbc;

import org.jspecify.annotations.NullMarked;
