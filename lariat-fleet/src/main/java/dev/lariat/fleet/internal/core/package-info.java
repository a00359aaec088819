/** What a node of a fleet decides: pure, with time as an argument. */
package dev.lariat.fleet.internal.core;
