/** The feeds of a fleet in a file of YAML, which can change while the fleet runs. */
@NullMarked
package dev.lariat.fleet.yaml;

import org.jspecify.annotations.NullMarked;
