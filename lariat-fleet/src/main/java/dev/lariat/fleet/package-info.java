/**
 * A fleet: many feeds, each of them a live connection whose events go to a {@link
 * dev.lariat.fleet.Sink}, and whose position is kept in a {@link dev.lariat.fleet.PositionStore}.
 * {@link dev.lariat.fleet.Fleet} opens it.
 */
@NullMarked
package dev.lariat.fleet;

import org.jspecify.annotations.NullMarked;
