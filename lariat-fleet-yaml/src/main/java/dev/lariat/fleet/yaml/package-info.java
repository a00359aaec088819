/** The feeds of a fleet in a file of YAML, which can change while the fleet runs. */
package dev.lariat.fleet.yaml;
