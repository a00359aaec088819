/** A fleet of feeds: what happens in it. */
package dev.lariat.fleet;
