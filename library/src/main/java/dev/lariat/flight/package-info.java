/** Events of connections for Java Flight Recorder. */
package dev.lariat.flight;
