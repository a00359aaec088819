/** How nodes share slots by leases in a store: pure, with time as an argument. */
package dev.lariat.fleet.internal.lease;
